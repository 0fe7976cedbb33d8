"""Drafts: which answers a settled flow owes, to whom, under which interface, and how each is written. Pure.

An answer's content is fixed by the flow alone; its number is bound to the flow by the ledger, so a rerun writes the
same bytes. Which writer serves an interface is looked up by the syntax of its catalogue row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from data_contracts.answers import DiffusedInvoice, FlowAnswer, Header, InvoiceRow, InvoiceStatus
from data_contracts.interfaces import CATALOGUE, DIFFUSION, DIGESTS, Interface, Syntax
from data_contracts.ledger import Flow, StatusEvent
from data_contracts.limits import PIVOT_BYTES_MAX, PIVOT_INVOICES_MAX
from data_contracts.messages import Sentences
from data_contracts.partners import NOBODY, Partners
from data_contracts.statuses import PLATFORM_STATUSES
from data_contracts.tables import Outcome
from pipelines.acknowledgment.cdar_flow_status import cdar_flow_status
from pipelines.acknowledgment.cpp_flow_status import cpp_flow_status_parts
from pipelines.acknowledgment.flow_answer import flow_answer
from pipelines.acknowledgment.flow_code import flow_code
from pipelines.acknowledgment.lines import ErrorLines
from pipelines.acknowledgment.rule_counts import flow_comment
from pipelines.delivery.digest import DIGEST_WRITERS, Digested
from pipelines.delivery.packing import member_name, packed_parts
from pipelines.delivery.pieces import pieces_of
from pipelines.delivery.pivot import pivot_parts
from pipelines.lifecycle.cdar_invoice_status import cdar_invoice_status
from pipelines.lifecycle.cpp_invoice_status import cpp_invoice_status_parts, expressible
from pipelines.owed import Draft
from pipelines.settlement.acceptance import DUPLICATE, Decision
from pipelines.validation.control_date import control_date

MEDIA_TYPES = {Syntax.FACTURX: "application/pdf"}
XML_MEDIA_TYPE = "application/xml"

LifecycleWriter = Callable[[Header, Sequence[InvoiceStatus]], Iterable[bytes]]


def acknowledgment(
    flow: Flow, interface: Interface, decisions: Sequence[Decision], warned: Sentences | None = None
) -> tuple[str, Draft]:
    """The flow's status code and the draft of its acknowledgment: what rejects how many, then a line for each error.

    `warned` is what rejects nothing and is to be known all the same; it stands at the end of the comment.
    """
    counts = {outcome: sum(d.outcome is outcome for d in decisions) for outcome in Outcome}
    code = flow_code(interface, len(decisions), counts[Outcome.ACCEPTED])
    lines = _lines(decisions)
    comment = flow_comment(
        received=len(decisions),
        accepted=counts[Outcome.ACCEPTED],
        rejected=counts[Outcome.REJECTED],
        aside=counts[Outcome.QUARANTINED],
        findings=lines.findings,
        rules=len(lines.rules),
    )
    if warned is not None:
        comment = Sentences(f"{comment.fr} {warned.fr}", f"{comment.en} {warned.en}")
    return code, _told_of_flow(flow, interface, code, comment, lines)


def told_of_flow(
    flow: Flow, interface: Interface, code: str, comment_fr: str, comment_en: str, decisions: Sequence[Decision]
) -> Draft:
    """The draft of an answer on the flow as a whole, with one line for each error of these invoices."""
    return _told_of_flow(flow, interface, code, Sentences(comment_fr, comment_en), _lines(decisions))


def _lines(decisions: Sequence[Decision]) -> ErrorLines:
    return ErrorLines([(decision.judged.invoice, decision.fatal) for decision in decisions if decision.fatal])


def _told_of_flow(flow: Flow, interface: Interface, code: str, comment: Sentences, lines: ErrorLines) -> Draft:
    def written(header: Header) -> Iterable[bytes]:
        answer = flow_answer(flow, header, code, comment, lines)
        return _FLOW_WRITERS[CATALOGUE[interface.acknowledgment].syntax](answer)

    return Draft((interface.acknowledgment, flow.partner_code, 0), written)


_FLOW_WRITERS: dict[Syntax, Callable[[FlowAnswer], Iterable[bytes]]] = {
    Syntax.CPP_STATUS: cpp_flow_status_parts,
    Syntax.CDAR: lambda answer: [cdar_flow_status(answer)],
}


def statuses(
    flow: Flow, interface: Interface, decisions: Sequence[Decision], settled_at: datetime
) -> list[tuple[str, InvoiceStatus]]:
    """Every status set on the flow's invoices with the interface that carries it, in order of position.

    An accepted invoice is received, then made available; a rejected one is rejected; one in quarantine is received.
    """
    codes = PLATFORM_STATUSES[interface.circuit]
    listed: list[tuple[str, InvoiceStatus]] = []
    for decision in decisions:
        invoice = decision.judged.invoice
        if decision.outcome is Outcome.REJECTED:
            rejected = InvoiceStatus(
                invoice, codes.rejected, settled_at, flow.received_at,
                decision.motive, decision.detail_fr, decision.detail_en, decision.fatal,
            )  # fmt: skip
            listed.append((interface.lifecycle, rejected))
            continue
        # Of an accepted invoice there is only to say which one it follows.
        said = (decision.detail_fr, decision.detail_en) if decision.outcome is Outcome.ACCEPTED else ("", "")
        received = InvoiceStatus(invoice, codes.received, flow.received_at, flow.received_at, "", *said)
        listed.append((interface.lifecycle, received))
        if decision.outcome is Outcome.ACCEPTED:
            available = InvoiceStatus(invoice, codes.made_available, settled_at, flow.received_at)
            listed.append((interface.made_available, available))
    return listed


def events(listed: Iterable[tuple[str, InvoiceStatus]]) -> Iterator[StatusEvent]:
    """The same statuses as the ledger keeps them, one at a time."""
    for interface_code, s in listed:
        yield StatusEvent(s.invoice["flow_key"], s.invoice["position"], interface_code, s.code, s.at, s.motive)


def tells(interface_code: str, status: InvoiceStatus) -> bool:
    """Whether the syntax of a lifecycle interface can carry a status."""
    _, keeps = _LIFECYCLE_WRITERS[CATALOGUE[interface_code].syntax]
    return keeps(status)


def lifecycles(flow: Flow, listed: Sequence[tuple[str, InvoiceStatus]]) -> list[Draft]:
    """One draft for each lifecycle interface that has something to say."""
    grouped: dict[str, list[InvoiceStatus]] = {}
    for interface_code, status in listed:
        grouped.setdefault(interface_code, []).append(status)
    drafts = []
    for interface_code, group in grouped.items():
        writer, _ = _LIFECYCLE_WRITERS[CATALOGUE[interface_code].syntax]
        kept = [status for status in group if tells(interface_code, status)]
        if kept:
            drafts.append(Draft((interface_code, flow.partner_code, 0), _bound(writer, kept)))
    return drafts


def _bound(writer: LifecycleWriter, kept: Sequence[InvoiceStatus]) -> Callable[[Header], Iterable[bytes]]:
    return lambda header: writer(header, kept)


def _cdar_pack(header: Header, group: Sequence[InvoiceStatus]) -> Iterator[bytes]:
    """CDAR holds one status a file; one file travels bare, several as one archive."""
    files = (
        (member_name(header.name, number), cdar_invoice_status(header, status))
        for number, status in enumerate(group, start=1)
    )
    return iter((next(files)[1],)) if len(group) == 1 else packed_parts(files)


def _in_cpp_status(status: InvoiceStatus) -> bool:
    """CPPStatut demands a number and both parties: an invoice without them is told in the acknowledgment alone.

    So is a duplicate: CPPStatut names an invoice by its number, and would reject the first one, which stands.
    """
    return expressible(status.invoice) and status.motive != DUPLICATE


_LIFECYCLE_WRITERS: dict[Syntax, tuple[LifecycleWriter, Callable[[InvoiceStatus], bool]]] = {
    Syntax.CPP_STATUS: (cpp_invoice_status_parts, _in_cpp_status),
    Syntax.CDAR: (_cdar_pack, lambda status: True),
}


def diffusions(
    flow: Flow,
    decisions: Sequence[Decision],
    sizes: Sequence[int],
    original: Callable[[int], bytes],
    partners: Partners = NOBODY,
) -> list[Draft]:
    """One draft for each recipient, cut at the limits of a diffusion flow, and the digests that it subscribes to.

    Shape    `sizes` are the members' bytes by position; `original` reads one member's bytes, when the draft is written.
    """
    parts: dict[str, list[list[Decision]]] = {}
    weights: dict[str, int] = {}
    for decision in decisions:
        if decision.outcome is not Outcome.ACCEPTED:
            continue
        partner_code, size = decision.route.partner_code, sizes[decision.judged.invoice["position"]]
        groups = parts.setdefault(partner_code, [[]])
        full = len(groups[-1]) == PIVOT_INVOICES_MAX or weights.get(partner_code, 0) + size > PIVOT_BYTES_MAX
        if groups[-1] and full:
            groups.append([])
            weights[partner_code] = 0
        groups[-1].append(decision)
        weights[partner_code] = weights.get(partner_code, 0) + size
    drafts = []
    for partner_code in sorted(parts):
        recipient = partners.rows.get(partner_code)
        wanted = [code for code in DIGESTS if recipient is not None and code in recipient.interfaces]
        for part, group in enumerate(parts[partner_code]):
            drafts.append(Draft((DIFFUSION, partner_code, part), _diffused(flow, group, original)))
            drafts += [Draft((code, partner_code, part), _digested(flow, group, code)) for code in wanted]
    return drafts


def _digested(flow: Flow, group: Sequence[Decision], code: str) -> Callable[[Header], Iterable[bytes]]:
    def written(header: Header) -> Iterable[bytes]:
        rows = [
            Digested(
                invoice=decision.judged.invoice,
                service_name=decision.route.service_name,
                received_on=control_date(flow.received_at),
                original_media_type=_media_type(decision.judged.invoice),
                resend=decision.resend,
            )
            for decision in group
        ]
        return DIGEST_WRITERS[CATALOGUE[code].syntax](header, rows)

    return written


def _media_type(invoice: InvoiceRow) -> str:
    assert invoice["syntax"] is not None, "an accepted invoice was read"
    return MEDIA_TYPES.get(Syntax(invoice["syntax"]), XML_MEDIA_TYPE)


def _diffused(
    flow: Flow, group: Sequence[Decision], original: Callable[[int], bytes]
) -> Callable[[Header], Iterable[bytes]]:
    def written(header: Header) -> Iterable[bytes]:
        return pivot_parts(header, len(group), (_invoice(flow, decision, original) for decision in group))

    return written


def _invoice(flow: Flow, decision: Decision, original: Callable[[int], bytes]) -> DiffusedInvoice:
    judged = decision.judged
    syntax = judged.invoice["syntax"]
    assert syntax is not None, "an accepted invoice was read"
    document = original(judged.invoice["position"])
    return DiffusedInvoice(
        invoice=judged.invoice,
        lines=judged.lines,
        vat=judged.vat,
        service_name=decision.route.service_name,
        received_on=control_date(flow.received_at),
        original=document,
        original_name=judged.invoice["member_name"],
        original_media_type=_media_type(judged.invoice),
        pieces=pieces_of(document, Syntax(syntax)),
        resend=decision.resend,
    )
