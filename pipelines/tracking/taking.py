"""What is taken on of a status flow: the events of invoices, the receipts of flows, and what is refused and why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace

from data_contracts.answers import FindingRow
from data_contracts.evidence import canonical
from data_contracts.history import MESSAGE, Event, ReceivedFlowStatus, ReceivedStatus
from data_contracts.history_ledger import FlowReceipt, HistoryLedger
from data_contracts.ledger import Flow
from data_contracts.limits import STATUSES_PER_FLOW_MAX
from data_contracts.tables import Flag
from pipelines.tracking.deposited import Deposited, Deposits
from pipelines.tracking.documents import ReadDocument, own_finding
from pipelines.tracking.matching import EVENT_KEY_CHARACTERS, Match, Told, concerned, event_of, matches, spoken_of
from pipelines.tracking.rights import Sides, actor, rights


@dataclass(frozen=True)
class Refused:
    """One finding that keeps a status out, or a whole document. `subject` is the invoice's number or the flow's id,
    empty where the finding concerns the document."""

    position: int
    document: str
    subject: str
    finding: FindingRow


@dataclass(frozen=True)
class TakenEvent:
    """One status taken on, and the invoice it speaks of."""

    position: int
    status: ReceivedStatus
    event: Event
    invoice: Deposited


@dataclass
class Taken:
    """All that a status flow brings. `documents` are its documents by position, without their messages."""

    documents: list[ReadDocument] = field(default_factory=list)
    events: list[TakenEvent] = field(default_factory=list)
    receipts: list[tuple[int, FlowReceipt]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    told: int = 0

    @property
    def unreadable(self) -> int:
        """Documents that could not be read."""
        return sum(one.unreadable is not None for one in self.documents)

    def integrated(self) -> frozenset[int]:
        """Positions of the documents of which something was taken on."""
        return frozenset([one.position for one in self.events] + [position for position, _ in self.receipts])


def taken(flow: Flow, documents: Iterable[ReadDocument], *, ledger: HistoryLedger, deposits: Deposits) -> Taken:
    """What a status flow brings, in the order of its documents.

    Shape    a document with which the flow passes `STATUSES_PER_FLOW_MAX` is left out whole, and told.
    Cost     memory of its statuses; look-ups in bulk.
    """
    made = Taken()
    invoices: list[Told] = []
    flows: list[tuple[ReadDocument, ReceivedFlowStatus]] = []
    for document in map(_bounded(STATUSES_PER_FLOW_MAX), documents):
        made.documents.append(
            ReadDocument(document.position, document.name, document.sha256, None, document.unreadable)
        )
        if document.message is None:
            assert document.unreadable is not None
            made.refused.append(Refused(document.position, document.name, "", document.unreadable))
            continue
        message, out = document.message, document.message.refused()
        made.told += len(message.invoices) + len(message.flows)
        made.refused += _wrong(document)
        invoices += [Told(document.position, document.name, one) for one in message.sound()]
        flows += [(document, one) for one in message.flows if one.ordinal not in out]
    for match in matches(invoices, ledger=ledger, deposits=deposits):
        made_of = _event(match, flow)
        if isinstance(made_of, TakenEvent):
            made.events.append(made_of)
        else:
            made.refused.append(made_of)
    _receipts(made, flows, flow, ledger)
    made.refused.sort(key=lambda one: one.position)
    return made


def _bounded(statuses_max: int) -> Callable[[ReadDocument], ReadDocument]:
    """Puts a finding in the place of a document's message once there were so many statuses."""
    count = 0

    def bounded(document: ReadDocument) -> ReadDocument:
        nonlocal count
        message = document.message
        if message is None:
            return document
        told = len(message.invoices) + len(message.flows)
        if count + told > statuses_max:
            wrong = own_finding("RLS-HIST-04", found=str(told), document=document.name, most=str(statuses_max))
            return replace(document, message=None, unreadable=wrong)
        count += told
        return document

    return bounded


def _wrong(document: ReadDocument) -> list[Refused]:
    """What is wrong with a message by itself, as far as it takes statuses out."""
    message = document.message
    assert message is not None
    subjects = {one.ordinal: one.number for one in message.invoices}
    subjects |= {one.ordinal: one.flow_id for one in message.flows}
    return [
        Refused(document.position, document.name, "" if ordinal == MESSAGE else subjects.get(ordinal, ""), finding)
        for ordinal, finding in message.findings
        if finding["flag"] == Flag.FATAL
    ]


def _event(match: Match, flow: Flow) -> TakenEvent | Refused:
    told, status, sender = match.told, match.told.status, flow.partner_code
    lines = concerned(match, sender)
    if len(lines) > 1:
        return Refused(told.position, told.document, status.number, _ambiguous(status, lines))
    assert status.at is not None, "a status without a time is refused before"
    line = lines[0] if lines else ()
    invoice = spoken_of(line, sender, status.at) if line else None
    sides = None
    if invoice is not None:
        sides = Sides(invoice.flow.partner_code, invoice.partner_code, invoice.invoice["buyer_siret"] or "")
    wrong = rights(status, sides, sender)
    if wrong is not None and wrong[1]["flag"] == Flag.FATAL:
        return Refused(told.position, told.document, status.number, wrong[1])
    assert invoice is not None and sides is not None, "a status without an invoice was taken for one with the right"
    setter = actor(status, sides, sender)
    assert setter is not None, "a status without the right was taken for one with it"
    return TakenEvent(told.position, status, event_of(status, line, invoice, setter, flow), invoice)


def _ambiguous(status: ReceivedStatus, lines: Sequence[Sequence[Deposited]]) -> FindingRow:
    days = sorted(day.isoformat() for line in lines if (day := line[0].invoice["issue_date"]) is not None)
    return own_finding(
        "RLS-HIST-01",
        found=status.number,
        line=status.line,
        count=str(len(lines)),
        number=status.number,
        seller=status.seller_id or status.seller_siren,
        years=", ".join(days),
    )


def _receipts(
    made: Taken, told: Sequence[tuple[ReadDocument, ReceivedFlowStatus]], flow: Flow, ledger: HistoryLedger
) -> None:
    sent = ledger.sent(flow.partner_code, sorted({one.flow_id for _, one in told}))
    for document, one in told:
        answer = sent.get(one.flow_id)
        if answer is None or one.at is None:
            wrong = own_finding("RLS-HIST-02", found=one.flow_id, line=one.line, flow=one.flow_id)
            made.refused.append(Refused(document.position, document.name, one.flow_id, wrong))
            continue
        said = [answer.name, one.code, one.at.isoformat(), [asdict(reason) for reason in one.reasons], one.comment]
        receipt = FlowReceipt(
            event_key=hashlib.sha256(canonical(said)).hexdigest()[:EVENT_KEY_CHARACTERS],
            partner_code=flow.partner_code,
            name=answer.name,
            code=one.code,
            at=one.at,
            recorded_at=flow.received_at,
            reasons=one.reasons,
            comment=one.comment,
            source_flow_key=flow.flow_key,
            source_name=flow.name,
        )
        made.receipts.append((document.position, receipt))
