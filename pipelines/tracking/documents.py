"""The documents of a status flow, read one by one: what each says, and why one could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from data_contracts.answers import FindingRow
from data_contracts.history import StatusMessage
from data_contracts.interfaces import Interface, Syntax
from data_contracts.ledger import Flow, Slice
from data_contracts.messages import both
from data_contracts.ports import ObjectStore
from data_contracts.refusals import DocumentUnreadable
from data_contracts.tables import Flag
from pipelines.acknowledgment.elements import quoted
from pipelines.parsing.documents import Document
from pipelines.parsing.xml_gate import line_of
from pipelines.planning.batches import slices
from pipelines.tracking.official import Judgement
from pipelines.tracking.reading import read_status
from pipelines.validation.batch_documents import documents, members

RULE_SET = "relais.history:1"


@dataclass(frozen=True)
class ReadDocument:
    """One document: its message, or else the finding that says why there is none."""

    position: int
    name: str
    sha256: str
    message: StatusMessage | None
    unreadable: FindingRow | None


def read_documents(
    flow: Flow, interface: Interface, store: ObjectStore, judgement: Judgement
) -> Iterator[ReadDocument]:
    """Every document of an admitted status flow, in its order; the bytes of a bounded slice in memory at a time.

    Shape    `judgement` holds the official rules, which judge a slice's CDARs at once.
    """
    sizes = [row["size_bytes"] for row in members(store, Slice(flow.flow_key, 0, flow.member_count or 0))]
    for part, _ in slices(flow.flow_key, sizes):
        read = [_read(document, interface) for document in documents(store, part)]
        if interface.syntax is Syntax.CDAR:
            messages = iter(judgement([(document, one.message) for document, one in read if one.message is not None]))
            read = [
                (document, one if one.message is None else replace(one, message=next(messages)))
                for document, one in read
            ]
        yield from (one for _, one in read)


def _read(document: Document, interface: Interface) -> tuple[Document, ReadDocument]:
    message, unreadable = None, None
    try:
        message = read_status(document.data, interface.syntax)
        if not message.invoices and not message.flows and not message.findings:
            unreadable = own_finding("RLS-HIST-03", document=document.member_name)
    except DocumentUnreadable as refusal:
        unreadable = _unreadable(document.member_name, refusal)
    return document, ReadDocument(document.position, document.member_name, document.sha256, message, unreadable)


def own_finding(
    rule: str, *, found: str = "", expected: str = "", line: int | None = None, **values: str
) -> FindingRow:
    """A finding of the history's own rules. `values` fill the sentence; whoever knows the flow fills in the rest."""
    sentences = both(f"history-{rule}", **{name: quoted(value) for name, value in values.items()})
    return _row(rule, sentences.fr, sentences.en, found=found, line=line)


def _unreadable(name: str, refusal: DocumentUnreadable) -> FindingRow:
    said = both("history-unreadable", document=quoted(name), what=refusal.said, remedy=refusal.to_do)
    return _row(refusal.motive, said.fr, said.en, found=refusal.value, line=line_of(refusal.where))


def _row(rule: str, fr: str, en: str, *, found: str, line: int | None) -> FindingRow:
    return FindingRow(
        flow_key="",
        position=-1,
        rule_set=RULE_SET,
        rule=rule,
        flag=Flag.FATAL.value,
        terms=[],
        location=None,  # The place of a document that could not be read is a line.
        line=line,
        found=quoted(found) if found else None,
        expected=None,
        message_fr=fr,
        message_en=en,
    )
