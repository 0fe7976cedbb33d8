"""The attachments of invoices: looked through, with what is wrong with each, and ready to be passed on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from data_contracts.attachments import EXTENSIONS, Attachment, AttachmentKind
from data_contracts.interfaces import Syntax
from data_contracts.limits import ATTACHMENT_NAME_CHARACTERS_MAX, ATTACHMENTS_BYTES_MAX, ATTACHMENTS_MAX
from data_contracts.refusals import DocumentUnreadable
from data_contracts.tables import Flag
from pipelines.admission.refusals import shown
from pipelines.parsing.attachment_content import LARGE, UNFIT, Unreadable, decoded, proved, unpacked
from pipelines.parsing.attachment_names import chosen, extension_of, forbidden_in, kept
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.media_types import EXTENSION_OF, PROMISES, family_of, media_type_of
from pipelines.parsing.path_tables import Batch
from pipelines.parsing.reader import Tabled, tabled
from pipelines.parsing.scanner.automaton import no_schemas
from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.parsing.sent_attachments import Sent
from pipelines.parsing.written_attachments import Written, holds_attachments, text_of, written_attachments

UNNAMED = "IRR_NOM_PJ"
CUT_NAME, OTHER_TYPE = "RLS-PJ-01", "RLS-PJ-02"
"""Our own warnings: a name that goes on cut, a declared media type that the content denies."""

INVOICE_KINDS = frozenset({"01", "LISIBLE"})
"""What senders write of an attachment that shows the invoice itself: TypePJ, and BT-123 in France (BR-FR-17)."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with an attachment: a motive, a message of the catalogue with its values, and what was met."""

    rule: str
    message: str
    values: Mapping[str, str]
    flag: Flag = Flag.FATAL
    expected: str | None = None


@dataclass(frozen=True)
class LookedThrough:
    """An attachment after every check; `spent_bytes` were unpacked for it.

    Nulls    `attachment` is None where its bytes cannot be had.
    """

    sent: Sent
    attachment: Attachment | None
    problems: tuple[Problem, ...]
    spent_bytes: int = 0


def attachments_of(document: bytes, syntax: Syntax) -> Sequence[Attachment]:
    """The attachments of one accepted document, in document order; of a PDF, the files beside its invoice come first.

    Shape    what cannot be read is left out; an accepted document holds nothing such. A file that a PDF embeds and its
             XML repeats comes once.
    Nulls    empty for a document that cannot be read.
    Cost     one parse of the document; each attachment is unpacked once, and again when it is read.
    """
    found: list[Sent] = []
    xml = document
    if syntax is Syntax.FACTURX:
        # The reader of PDF is loaded where a PDF comes.
        from pipelines.parsing.facturx_pdf import facturx, other_files

        try:
            pdf = facturx(document)
            found += other_files(document) if pdf.others else ()
        except DocumentUnreadable:
            return []
        xml = pdf.xml
    # No tree is made of a large document; which schema it keeps to is of no matter here.
    scanner = standing_scanner(no_schemas()) if is_large(xml) else None
    for part in tabled([xml], scanner):
        if not isinstance(part, Tabled):
            return []
        found += sent_in(part.batch).get(0, ())
    readable = [one.attachment for one in looked_through(found) if one.attachment is not None]
    return _once(readable) if syntax is Syntax.FACTURX else readable


def _once(attachments: Sequence[Attachment]) -> list[Attachment]:
    """Files of one name and content, once each. Cost   each is read once."""
    first: dict[tuple[str, bytes], Attachment] = {}
    for one in attachments:
        first.setdefault((one.name, hashlib.sha256(one.read()).digest()), one)
    return list(first.values())


def sent_in(batch: Batch) -> dict[int, list[Sent]]:
    """The attachments of each document of a batch that has any, in document order.

    Cost     three look-ups for a batch without attachments.
    """
    if not holds_attachments(batch):
        return {}
    ordered = sorted(written_attachments(batch), key=lambda one: (one.document, int(batch.orders[one.path][one.row])))
    sent: dict[int, list[Sent]] = {}
    for one in ordered:
        data = partial(_of_text, batch, one)
        sent.setdefault(one.document, []).append(Sent(one.names, one.kind, one.media_type, data, (one.path, one.row)))
    return sent


def looked_through(sent: Sequence[Sent], *, named: bool = False) -> Iterator[LookedThrough]:
    """Each attachment of one document after every check; those beyond the limits of a document are not opened.

    Shape    `named` says that a name must bear its extension as sent; else one is added from the declared media type.
    Cost     decoding and unpacking of each, ATTACHMENTS_BYTES_MAX in all; memory of one.
    """
    left_bytes = ATTACHMENTS_BYTES_MAX
    for number, one in enumerate(sent):
        if number >= ATTACHMENTS_MAX:
            values = {"most": str(ATTACHMENTS_MAX), "count": str(len(sent))}
            yield LookedThrough(one, None, (Problem(LARGE, "attachment-many", values),))
            return
        if left_bytes < 0:
            values = {"most": str(ATTACHMENTS_BYTES_MAX)}
            yield LookedThrough(one, None, (Problem(LARGE, "attachment-together", values),))
            return
        found = _looked_through(one, named=named)
        left_bytes -= found.spent_bytes
        yield found


def _looked_through(one: Sent, *, named: bool) -> LookedThrough:
    sent_name = chosen(one.names)
    name = kept(sent_name, "" if named else one.media_type)
    problems = list(_of_name(sent_name, name))
    values = {"name": shown(sent_name)}
    try:
        proof = proved(one.data(), name)
    except Unreadable as error:
        problems.append(Problem(error.motive, error.message, {**values, "found": shown(error.found)}))
        return LookedThrough(one, None, tuple(problems), error.spent_bytes)
    extension, family = extension_of(name), family_of(proof.head)
    problems += _of_content(one, extension, family, values)
    attachment = Attachment(
        name=name,
        name_as_sent=sent_name,
        kind=AttachmentKind.INVOICE if one.kind.upper() in INVOICE_KINDS else AttachmentKind.COMPLEMENT,
        kind_as_sent=one.kind,
        declared_media_type=one.media_type,
        media_type=media_type_of(family, extension),
        size_bytes=proof.size_bytes,
        read=partial(_read, one, name),
    )
    return LookedThrough(one, attachment, tuple(problems), proof.size_bytes)


def _of_name(sent_name: str, name: str) -> Iterator[Problem]:
    """What is wrong with a name. A name without extension is told once, by its extension."""
    if not sent_name:
        yield Problem(UNNAMED, "attachment-unnamed", {})
        return
    values = {"name": shown(sent_name)}
    forbidden = forbidden_in(sent_name)
    if forbidden:
        yield Problem(UNNAMED, "attachment-character", {**values, "found": shown(forbidden)})
    extension = extension_of(name)
    if not extension:
        yield Problem(UNFIT, "attachment-extension-missing", values, expected=_LISTED)
    elif extension not in EXTENSIONS:
        yield Problem(UNFIT, "attachment-extension", {**values, "found": extension}, expected=_LISTED)
    if len(sent_name) > ATTACHMENT_NAME_CHARACTERS_MAX:
        told = {**values, "kept": shown(name), "most": str(ATTACHMENT_NAME_CHARACTERS_MAX)}
        yield Problem(CUT_NAME, "attachment-name-cut", told, Flag.WARNING, f"<= {ATTACHMENT_NAME_CHARACTERS_MAX}")


def _of_content(one: Sent, extension: str, family: str, values: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong between a file's content, its extension and its declared media type."""
    promise = PROMISES.get(extension)
    if promise is not None and family not in promise.families:
        told = {**values, "extension": extension, "found": family or "?"}
        yield Problem(UNFIT, "attachment-content", told, expected=extension)
        return
    declared = PROMISES.get(EXTENSION_OF.get(one.media_type, "").upper())
    if declared is not None and family not in declared.families:
        told = {**values, "declared": one.media_type, "found": media_type_of(family, extension)}
        yield Problem(OTHER_TYPE, "attachment-declared", told, Flag.WARNING, media_type_of(family, extension))


def _of_text(batch: Batch, one: Written) -> bytes:
    return decoded(text_of(batch, one))


def _read(one: Sent, name: str) -> bytes:
    return unpacked(one.data(), name)


_LISTED = ", ".join(sorted(EXTENSIONS))
