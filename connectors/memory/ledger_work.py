"""The first half of the ledger in memory: flows, and the batches made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.ledger_flows import flow_key_of
from connectors.memory.ledger_outbox import MemoryOutbox
from connectors.memory.ledger_rows import BatchRow, FlowRow
from data_contracts import envelope
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.ledger import Answer, Batch, Claim, Flow, FlowStatus, Landing, Slice
from data_contracts.limits import BATCH_ATTEMPTS_MAX, BATCH_LEASE_SECONDS
from data_contracts.ports import Deposit, Stored
from data_contracts.refusals import FlowRefused


class MemoryWork(MemoryOutbox):
    """Flows and batches: what each method promises stands in `data_contracts.ledger.Ledger`."""

    # flows
    def seen(self, deposit: Deposit) -> bool:
        return (deposit.partner_code, deposit.name, deposit.identity) in self._rows.deposits

    def land(self, deposit: Deposit, stored: Stored, received_at: datetime) -> tuple[Landing, str]:
        rows, partner_code = self._rows, deposit.partner_code
        file = (partner_code, deposit.name, deposit.identity)
        if file in rows.deposits:
            return Landing.SEEN, rows.deposits[file]
        name = deposit.name.encode("utf-8", "backslashreplace").decode()
        flow_key = flow_key_of(partner_code, name, stored.sha256)
        same = [
            row.flow for row in rows.flows.values() if (row.flow.partner_code, row.flow.name) == (partner_code, name)
        ]
        rows.deposits[file] = flow_key
        if flow_key in rows.flows:
            row = rows.flows[flow_key]
            row.resent_count += 1
            if row.flow.status in (FlowStatus.REFUSED, FlowStatus.SETTLED):
                self._owe_again(flow_key, row.resent_count)
            return Landing.RESENT, flow_key
        first = same[0].flow_key if same else ""
        flow = Flow(
            flow_key, rows.next_number("flow"), partner_code, name, _interface_code(name), stored.sha256,
            stored.size_bytes, received_at, FlowStatus.LANDED, first,
        )  # fmt: skip
        rows.flows[flow_key] = FlowRow(flow, rows.time())
        rows.ranks.setdefault(partner_code, len(rows.ranks))
        return Landing.CONFLICTING if first else Landing.NEW, flow_key

    def flows(self, status: FlowStatus) -> Sequence[Flow]:
        return [row.flow for row in self._rows.of_status(status)]

    def flow(self, flow_key: str) -> Flow:
        return self._rows.held(flow_key).flow

    def admit(self, flow_key: str, member_count: int, members_root: str = "") -> None:
        row = self._rows.held(flow_key)
        if row.flow.status is FlowStatus.LANDED:
            row.planned = not member_count
            row.flow = replace(row.flow, status=FlowStatus.ADMITTED, member_count=member_count)
        elif row.flow.status is FlowStatus.REFUSED or row.flow.member_count != member_count:
            raise IntegrityBroken(f"a flow that is already {row.flow.status} cannot be admitted", where=flow_key)

    def refuse(
        self, flow_key: str, motive: str, detail: str, acknowledgment_code: str, answers: Sequence[Answer]
    ) -> None:
        row = self._rows.held(flow_key)
        if row.flow.status is FlowStatus.LANDED:
            self._owe(flow_key, answers)
            row.motive = motive
            row.flow = replace(row.flow, status=FlowStatus.REFUSED, acknowledgment_code=acknowledgment_code)
        elif row.flow.status is not FlowStatus.REFUSED or row.motive != motive:
            raise IntegrityBroken(f"a flow that is already {row.flow.status} cannot be refused", where=flow_key)

    # batches
    def unplanned(self) -> Sequence[Flow]:
        return [row.flow for row in self._rows.of_status(FlowStatus.ADMITTED) if not row.planned]

    def plan(self, batches: Sequence[Batch]) -> None:
        new = [batch for batch in batches if batch.batch_id not in self._rows.batches]
        flow_keys = sorted({piece.flow_key for batch in new for piece in batch.slices})
        pieces: dict[str, list[Slice]] = defaultdict(list)
        for batch in batches:
            for piece in batch.slices:
                pieces[piece.flow_key].append(piece)
        for flow_key in flow_keys:
            row = self._rows.flows.get(flow_key)
            if row is None or row.flow.member_count is None:
                raise IntegrityBroken("a batch holds a flow that was not admitted", where=f"flow {flow_key}")
            if row.planned or row.flow.status is not FlowStatus.ADMITTED:
                raise LedgerConflict("the flow's members are already in other batches", where=f"flow {flow_key}")
            if not _cover(pieces[flow_key], row.flow.member_count):
                raise IntegrityBroken("a flow's slices are not its members", where=f"flow {flow_key}")
        self._record(new)
        for flow_key in flow_keys:
            self._rows.flows[flow_key].planned = True

    def open_batches(self) -> Sequence[str]:
        return [batch_id for batch_id, _ in self._turns()]

    def claim(self, batch_id: str, worker: str) -> Claim | None:
        row = self._batch(batch_id)
        if row.checked:
            return None
        if row.worker != worker and row.held(self._rows.time()):
            raise LedgerConflict("another worker holds the batch", where=f"batch {batch_id}", value=row.worker)
        return self._hold(row, worker)

    def claim_next(self, worker: str, in_flight_max: int | None = None) -> Claim | None:
        now = self._rows.time()
        for batch_id, place in self._turns():
            row = self._rows.batches[batch_id]
            if not row.held(now) and (in_flight_max is None or place <= in_flight_max):
                return self._hold(row, worker)
        return None

    def renew(self, claim: Claim) -> None:
        row = self._fenced(claim)
        if not row.checked:
            row.lease_until_seconds = self._rows.time() + BATCH_LEASE_SECONDS

    def checked(self, claim: Claim, document_count: int) -> None:
        row = self._fenced(claim)
        if row.checked and row.document_count != document_count:
            raise IntegrityBroken(
                "a batch was checked before with another number of documents", where=claim.batch.batch_id
            )
        row.checked, row.document_count, row.lease_until_seconds = True, document_count, 0.0

    def release(self, claim: Claim) -> None:
        row = self._batch(claim.batch.batch_id)
        if row.token == claim.token and row.worker and not row.checked:
            row.worker, row.lease_until_seconds, row.attempt = "", 0.0, row.attempt - 1

    def halve(self, claim: Claim, halves: Sequence[Batch]) -> None:
        if (
            halves
            and all(half.batch_id in self._rows.batches for half in halves)
            and self._batch(claim.batch.batch_id).checked
        ):
            return
        row = self._fenced(claim)
        if not halves or _members([claim.batch]) != _members(halves):
            raise IntegrityBroken("the halves of a batch are not its members", where=f"batch {claim.batch.batch_id}")
        self._record(halves)
        for half in halves:
            if sum(piece.count for piece in half.slices) > 1:
                self._rows.batches[half.batch_id].attempt = BATCH_ATTEMPTS_MAX - 1
        row.checked, row.document_count, row.worker, row.lease_until_seconds = True, 0, "", 0.0
        row.empty = True

    def batches_of(self, flow_key: str) -> Sequence[Batch]:
        of_flow = (
            row.batch
            for row in self._rows.batches.values()
            if not row.empty and any(piece.flow_key == flow_key for piece in row.batch.slices)
        )
        return list(of_flow)

    def _record(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            partners = frozenset(self._rows.flows[piece.flow_key].flow.partner_code for piece in batch.slices)
            self._rows.batches[batch.batch_id] = BatchRow(batch, self._rows.next_number("batch"), partners)

    def _turns(self) -> list[tuple[str, int]]:
        """Ids of open batches with their best place, in turn."""
        now = self._rows.time()
        rows = [row for row in self._rows.batches.values() if not row.checked]
        places: dict[str, list[tuple[float, int]]] = {}
        for partner_code in sorted({code for row in rows for code in row.partner_codes}):
            mine = sorted(
                (not row.held(now), row.ordinal, row.batch.batch_id)
                for row in rows
                if partner_code in row.partner_codes
            )
            for place, (_, _, batch_id) in enumerate(mine, start=1):
                turn = place * 1.0 / self._rows.weights.get(partner_code, 1)
                places.setdefault(batch_id, []).append((turn, place))
        turns = sorted(
            (min(turn for turn, _ in places[row.batch.batch_id]), row.ordinal, row.batch.batch_id) for row in rows
        )
        return [(batch_id, min(place for _, place in places[batch_id])) for _, _, batch_id in turns]

    def _hold(self, row: BatchRow, worker: str) -> Claim:
        row.token, row.attempt, row.worker = row.token + 1, row.attempt + 1, worker
        row.lease_until_seconds = self._rows.time() + BATCH_LEASE_SECONDS
        return Claim(row.batch, row.token, row.attempt)

    def _batch(self, batch_id: str) -> BatchRow:
        row = self._rows.batches.get(batch_id)
        if row is None:
            raise IntegrityBroken("the ledger knows no such batch", where="batch", value=batch_id)
        return row

    def _fenced(self, claim: Claim) -> BatchRow:
        row = self._batch(claim.batch.batch_id)
        if row.token != claim.token or not row.worker:
            raise LedgerConflict("the batch was claimed again meanwhile", where=f"batch {claim.batch.batch_id}")
        return row


def _interface_code(name: str) -> str:
    try:
        return envelope.parsed(name).interface_code
    except FlowRefused:
        return ""


def _members(batches: Iterable[Batch]) -> list[tuple[str, int]]:
    pieces = [piece for batch in batches for piece in batch.slices]
    return sorted((piece.flow_key, piece.first + rank) for piece in pieces for rank in range(piece.count))


def _cover(pieces: Iterable[Slice], member_count: int) -> bool:
    reached = 0
    for piece in sorted(pieces, key=lambda piece: piece.first):
        if piece.first != reached or piece.count < 1:
            return False
        reached += piece.count
    return reached == member_count
