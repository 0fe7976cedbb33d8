"""The bytes of an attachment: out of base64, and out of the zip that mixed flows put around one file.

A mixed flow zips each file alone and still declares the file's own type (official samples of FSO1116A and FSO1113A), so
what decides is the content: a zip under a name that promises none is a wrapping.
Source   DSE-CP 5.4.1 (sizes); PKWARE APPNOTE 6.3, by the readers of admission.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from data_contracts.limits import ATTACHMENT_BYTES_MAX
from data_contracts.refusals import FlowRefused
from pipelines.admission.member import Allowance, Member
from pipelines.admission.zip_archive import zip_members
from pipelines.admission.zip_directory import directory_of, entries_of
from pipelines.parsing.attachment_names import extension_of
from pipelines.parsing.media_types import HEAD_BYTES, PROMISES, ZIP, family_of

BROKEN, EMPTY, LARGE, UNFIT = "IRR_SYNTAX", "IRR_VID_PJ", "IRR_TAILLE_PJ", "IRR_EXT_DOC"

_ZIP_MOTIVES = {
    "IRR_VIDE_F": (EMPTY, "attachment-empty"),
    "IRR_VIDE": (EMPTY, "attachment-empty"),
    "IRR_TAILLE_F": (LARGE, "attachment-large"),
    "IRR_TAILLE": (LARGE, "attachment-large"),
}
"""What the reader of zips refuses, as a motive and a message of attachments; anything else is a broken zip."""


class Unreadable(Exception):
    """The bytes of an attachment cannot be had. `message` is an id of the catalogue; `found` names what was met."""

    spent_bytes = 0
    """Bytes that were unpacked before it was known."""

    def __init__(self, motive: str, message: str, found: str = "") -> None:
        super().__init__(motive, message, found)
        self.motive = motive
        self.message = message
        self.found = found


@dataclass(frozen=True)
class Proved:
    """A file whose bytes were read to the end once: its size and its first bytes."""

    size_bytes: int
    head: bytes


def decoded(text: str) -> bytes:
    """The bytes of a base64 text; white space is left out.

    Errors   Unreadable with IRR_SYNTAX when the text is no base64 or is cut.
    """
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(BROKEN, "attachment-base64", text.strip()[:40]) from error


def proved(sent: bytes, name: str) -> Proved:
    """Size and beginning of the file in the bytes as sent, after it was unpacked to its end, piece by piece.

    Errors   Unreadable with IRR_VID_PJ (no byte), IRR_TAILLE_PJ (beyond the limit, or unpacking without measure),
             IRR_SYNTAX (a broken zip), IRR_EXT_DOC (several files in one zip).
    Cost     time of unpacking; memory of one chunk beside the bytes as sent.
    """
    size_bytes, head = 0, b""
    try:
        for chunk in _chunks(sent, name):
            size_bytes += len(chunk)
            if len(head) < HEAD_BYTES:
                head = (head + chunk)[:HEAD_BYTES]
    except Unreadable as error:
        error.spent_bytes = size_bytes
        raise
    if not size_bytes:
        raise Unreadable(EMPTY, "attachment-empty")
    return Proved(size_bytes, head)


def unpacked(sent: bytes, name: str) -> bytes:
    """The bytes of the file itself. Errors as of `proved`."""
    return b"".join(_chunks(sent, name))


def _chunks(sent: bytes, name: str) -> Iterator[bytes]:
    stream = io.BytesIO(sent)
    if not _wrapped(sent, stream, extension_of(name)):
        if len(sent) > ATTACHMENT_BYTES_MAX:
            raise Unreadable(LARGE, "attachment-large", str(len(sent)))
        yield sent
        return
    try:
        for number, member in enumerate(_members(stream, len(sent))):
            if number:
                raise Unreadable(UNFIT, "attachment-several", member.name)
            yield from member.chunks
    except FlowRefused as refusal:
        _refuse(refusal)


def _members(stream: BinaryIO, size_bytes: int) -> Iterator[Member]:
    return zip_members(stream, size_bytes, Allowance())


def _wrapped(sent: bytes, stream: BinaryIO, extension: str) -> bool:
    """Whether a zip is put around the file. A file that is a zip by its own format may be wrapped in one more: then the
    only entry bears its extension."""
    if family_of(sent[:HEAD_BYTES]) != ZIP:
        return False
    promise = PROMISES.get(extension)
    if promise is None or ZIP not in promise.families:
        return True
    try:
        names = [entry.name for entry in entries_of(stream, directory_of(stream, len(sent)))]
    except FlowRefused:
        # A broken zip under the name of one is handed over as it is: office programs read more than we do.
        return False
    return len(names) == 1 and extension_of(names[0]) == extension


def _refuse(refusal: FlowRefused) -> NoReturn:
    motive, message = _ZIP_MOTIVES.get(refusal.motive, (BROKEN, "attachment-zip"))
    raise Unreadable(motive, message, "" if motive == EMPTY else refusal.value[:40]) from refusal
