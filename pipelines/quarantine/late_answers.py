"""Late answers: what is owed on one invoice that left quarantine, after its flow was answered. Pure.

Its status goes to the supplier, and the invoice to its recipient when it is accepted. The flow is not acknowledged
again, unless the lifecycle syntax cannot speak of the invoice, or there is something to warn of that only an
acknowledgment tells: then a complement of the acknowledgment does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from data_contracts.answers import InvoiceStatus
from data_contracts.interfaces import Interface
from data_contracts.ledger import Flow, StatusEvent
from data_contracts.messages import Sentences, both
from data_contracts.partners import NOBODY, Partners
from data_contracts.quarantine import LATE_PARTS, Order
from data_contracts.statuses import PLATFORM_STATUSES
from data_contracts.tables import Outcome
from pipelines.owed import Draft
from pipelines.routing.route import Route
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision, Judged, own_finding

RULE_SET = "relais.quarantine:1"
RULE = "RLS-QUAR-01"


def rejected_by_order(judged: Judged, order: Order) -> Decision:
    """The outcome of an invoice that a person rejects: their reason is its one finding."""
    said = both("settlement-examined", reason=order.reason)
    finding = own_finding(judged.invoice, RULE_SET, RULE, [], said)
    return Decision(judged, Outcome.REJECTED, order.motive, said.fr, said.en, Route("", "", "", ()), (finding,))


def late_answers(
    flow: Flow, interface: Interface, decision: Decision, first: Judged, order: Order,
    sizes: Sequence[int], original: Callable[[int], bytes], partners: Partners = NOBODY,
    *, warned: Sentences | None = None,
) -> tuple[list[StatusEvent], list[Draft]]:  # fmt: skip
    """The new statuses of one invoice, and the drafts of its answers, in slots of their own.

    Shape    `first` is what was known when the flow was settled: that the invoice is received is told again only where
             it could not be told then. `warned` is what rejects nothing and is to be known all the same.
    """
    received = PLATFORM_STATUSES[interface.circuit].received
    told_then = drafts.tells(
        interface.lifecycle, InvoiceStatus(first.invoice, received, flow.received_at, flow.received_at)
    )
    listed = drafts.statuses(flow, interface, [decision], order.at)
    new = [row for row in listed if row[1].code != received]
    owed = drafts.lifecycles(flow, [_saying(row, decision) for row in new] if told_then else listed)
    if not owed or warned is not None:
        owed.append(_complement(flow, interface, decision, warned))
    owed += drafts.diffusions(flow, [decision], sizes, original, partners)
    part = LATE_PARTS + decision.judged.invoice["position"]
    return list(drafts.events(new)), [replace(draft, slot=(*draft.slot[:2], part)) for draft in owed]


def _saying(row: tuple[str, InvoiceStatus], decision: Decision) -> tuple[str, InvoiceStatus]:
    """Which one an accepted invoice follows is said as it is received; where that was told before, as it is available.
    A rejection says its own."""
    code, status = row
    if decision.outcome is not Outcome.ACCEPTED:
        return row
    return code, replace(status, comment_fr=decision.detail_fr, comment_en=decision.detail_en)


def _complement(flow: Flow, interface: Interface, decision: Decision, warned: Sentences | None) -> Draft:
    said = both("settlement-late", member=decision.judged.invoice["member_name"], outcome=decision.outcome.value)
    if warned is not None:
        said = Sentences(f"{said.fr} {warned.fr}", f"{said.en} {warned.en}")
    return drafts.told_of_flow(flow, interface, flow.acknowledgment_code, said.fr, said.en, [decision])
