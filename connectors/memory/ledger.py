"""The ledger in memory: the semantics of the one on a database, without its cost. For simulations and tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from connectors.ledger_invoices import fitted
from connectors.memory.ledger_history import MemoryHistory
from connectors.memory.ledger_rows import FlowRow, OutboxRow
from data_contracts.commitments import NOTHING_SEEN, CommitmentKey, Draw, Held
from data_contracts.envelope import FIRST_SENDER_SERIES, REFUSED_SERIES, SERIES_MAX, SERIES_SPAN, SETTLED_SERIES, parsed
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.ledger import (
    Answer,
    DeliveryState,
    Flow,
    FlowReport,
    FlowStatus,
    InvoiceKey,
    Named,
    Owner,
    Reconciliation,
    Settlement,
    StatusEvent,
)
from data_contracts.quarantine import SetAside

_PENDING = (FlowStatus.LANDED, FlowStatus.ADMITTED)

Slot = tuple[str, str, int]


class MemoryLedger(MemoryHistory):
    """`data_contracts.ledger.Ledger` that lives as long as the process. Not for threads at once.

    It has no quarantine, and of the history what settlement asks: status flows are none of its flows.
    """

    # settle
    def settleable(self) -> Sequence[Flow]:
        unchecked = {
            piece.flow_key for row in self._rows.batches.values() if not row.checked for piece in row.batch.slices
        }
        firsts: dict[str, FlowRow] = {}
        for row in self._rows.of_status(*_PENDING):
            firsts.setdefault(row.flow.partner_code, row)
        ready = (row for row in firsts.values() if row.planned and row.flow.status is FlowStatus.ADMITTED)
        return sorted((row.flow for row in ready if row.flow.flow_key not in unchecked), key=lambda flow: flow.ordinal)

    def claim_invoices(self, flow_key: str, keys: Sequence[tuple[InvoiceKey, int]], at: datetime) -> Settlement:
        wanted: dict[InvoiceKey, int] = {}
        for key, position in keys:
            wanted.setdefault(fitted(key), position)
        row, held = self._rows.held(flow_key), self._rows.keys
        if row.settled_at is None:
            self._in_turn(row)
            row.settled_at = at
        elif row.flow.status is not FlowStatus.SETTLED:
            for key in [key for key, owner in held.items() if owner.flow_key == flow_key]:
                if wanted.get(key) != held[key].position:
                    del held[key]
            self._rows.links.pop(flow_key, None)
        for key, position in wanted.items():
            held.setdefault(key, Owner(flow_key, position))
        return Settlement(row.settled_at, {key: held[fitted(key)] for key, _ in keys})

    def number(self, flow_key: str, slots: Sequence[Slot]) -> dict[Slot, int]:
        row = self._rows.held(flow_key)
        numbers = self._rows.numbers.setdefault(flow_key, {})
        if row.flow.status in _PENDING:
            for slot, number in sorted(numbers.items(), key=lambda item: -item[1]):
                if slot not in slots and self._rows.given_back(
                    _counter(slot, number // SERIES_SPAN), number % SERIES_SPAN
                ):
                    del numbers[slot]
        for slot in sorted(set(slots) - numbers.keys()):
            series = self._series(row.flow, slot[1])
            numbers[slot] = series * SERIES_SPAN + self._rows.next_number(_counter(slot, series))
        return {slot: numbers[slot] for slot in slots}

    def settle(
        self,
        flow_key: str,
        *,
        accepted_count: int,
        rejected_count: int,
        quarantined_count: int,
        acknowledgment_code: str,
        events: Iterable[StatusEvent],
        answers: Sequence[Answer],
        set_aside: Sequence[SetAside] = (),
        outcomes_root: str = "",
        unkeyed: Sequence[Named] = (),
    ) -> None:
        row, flow = self._rows.held(flow_key), self._rows.held(flow_key).flow
        counts = (accepted_count, rejected_count, quarantined_count)
        if flow.status not in (FlowStatus.ADMITTED, FlowStatus.SETTLED):
            raise IntegrityBroken(f"a flow that is {flow.status} cannot be settled", where=f"flow {flow_key}")
        told = (flow.accepted_count, flow.rejected_count, flow.quarantined_count)
        if flow.status is FlowStatus.SETTLED and told != counts:
            raise IntegrityBroken("the flow was settled before with other counts", where=f"flow {flow_key}")
        if sum(counts) != flow.member_count:
            raise IntegrityBroken("the counts do not account for every member of the flow", where=f"flow {flow_key}")
        if flow.status is FlowStatus.SETTLED:
            return
        self._in_turn(row)
        self._as_numbered(flow_key, answers)
        listed = list(events)
        self._owe(flow_key, answers)
        self._rows.events += listed
        self._rows.unkeyed[flow_key] = tuple(unkeyed)
        row.flow = replace(
            flow, status=FlowStatus.SETTLED, accepted_count=accepted_count, rejected_count=rejected_count,
            quarantined_count=quarantined_count, acknowledgment_code=acknowledgment_code,
        )  # fmt: skip

    def _as_numbered(self, flow_key: str, answers: Sequence[Answer]) -> None:
        numbers = self._rows.numbers.get(flow_key, {})
        bound = {(slot[0], slot[1], number) for slot, number in numbers.items()}
        if bound and any(
            (one.interface_code, one.partner_code, parsed(one.name).sequence) not in bound for one in answers
        ):
            raise LedgerConflict(
                "another run numbered the flow's answers otherwise meanwhile", where=f"flow {flow_key}"
            )

    # commitments: none of its flows holds any
    def commitments(
        self, keys: Collection[CommitmentKey], besides: str = "", without: Collection[Owner] = ()
    ) -> Mapping[CommitmentKey, Held]:
        return {}

    def announcing(self, structures: Collection[str]) -> frozenset[str]:
        return frozenset()

    def draw(
        self,
        flow_key: str,
        draws: Sequence[Draw],
        instead_of: Collection[Owner] = (),
        seen: Mapping[CommitmentKey, Decimal] = NOTHING_SEEN,
    ) -> None:
        return

    # report
    def reports(self) -> Sequence[FlowReport]:
        return [self._report(row) for row in self._rows.flows.values()]

    def reconciliation(self) -> Reconciliation:
        flows = [row.flow for row in self._rows.flows.values()]
        owed = self._rows.outbox.values()

        def many(*statuses: FlowStatus) -> int:
            return sum(flow.status in statuses for flow in flows)

        return Reconciliation(
            flows_received=len(flows),
            flows_settled=many(FlowStatus.SETTLED),
            flows_refused=many(FlowStatus.REFUSED),
            flows_pending=many(*_PENDING),
            invoices_received=sum(flow.member_count or 0 for flow in flows),
            invoices_accepted=sum(flow.accepted_count or 0 for flow in flows),
            invoices_rejected=sum(flow.rejected_count or 0 for flow in flows),
            invoices_quarantined=sum(flow.quarantined_count or 0 for flow in flows),
            invoices_pending=sum(flow.member_count or 0 for flow in flows if flow.status is FlowStatus.ADMITTED),
            answers_owed=len(owed),
            answers_delivered=sum(row.state is DeliveryState.DELIVERED for row in owed),
        )

    def _report(self, row: FlowRow) -> FlowReport:
        answers = [owed for owed in self._rows.outbox.values() if owed.answer.flow_key == row.flow.flow_key]
        return FlowReport(
            flow=row.flow,
            resent_count=row.resent_count,
            motive=row.motive,
            answers_owed=len(answers),
            answers_delivered=sum(owed.state is DeliveryState.DELIVERED for owed in answers),
            seconds=_seconds(row, [owed for owed in answers if not owed.again]),
            answers_repeated=sum(owed.again > 0 for owed in answers),
        )

    def _in_turn(self, row: FlowRow) -> None:
        for other in self._rows.of_status(*_PENDING):
            if other.flow.partner_code == row.flow.partner_code and other.flow.ordinal < row.flow.ordinal:
                raise LedgerConflict("an earlier flow of the partner is not settled yet", where=row.flow.flow_key)

    def _series(self, flow: Flow, partner_code: str) -> int:
        if partner_code == flow.partner_code:
            return REFUSED_SERIES if flow.status in (FlowStatus.LANDED, FlowStatus.REFUSED) else SETTLED_SERIES
        series = FIRST_SENDER_SERIES + self._rows.ranks[flow.partner_code]
        if series > SERIES_MAX:
            raise IntegrityBroken("there are more senders than series of answer numbers", where=flow.partner_code)
        return series


def _counter(slot: Slot, series: int) -> str:
    return f"answer {slot[0]} {slot[1]} {series}"


def _seconds(row: FlowRow, answers: Sequence[OutboxRow]) -> float | None:
    done = [owed.delivered_seconds for owed in answers if owed.delivered_seconds is not None]
    return max(done) - row.picked_up_seconds if done and len(done) == len(answers) else None
