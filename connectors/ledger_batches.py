"""Batches in the ledger: planned once, held by one worker at a time, checked once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Row, delete, insert, select, update

from connectors.ledger_flows import flow_of
from connectors.ledger_tables import batch, batch_partner, batch_slice, flow
from connectors.ledger_transactions import Transactions, next_numbers, queue_up
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import Batch, Claim, Flow, FlowStatus, Slice
from data_contracts.limits import BATCH_ATTEMPTS_MAX, BATCH_LEASE_SECONDS

_KEYS_A_QUERY = 500


class BatchLedger(Transactions):
    """Who works on what.

    A claim's token grows with every claim of its batch, so that a worker that was thought dead and comes back late
    is told so, and changes nothing.
    """

    def unplanned(self) -> Sequence[Flow]:
        """Admitted flows of invoices whose members are in no batch yet, in order of landing."""
        of_invoices = flow.c.interface_code.not_in(sorted(STATUS_CODES))
        waiting = select(flow).where(flow.c.status == FlowStatus.ADMITTED.value, flow.c.planned.is_(False), of_invoices)
        with self._read() as connection:
            return [flow_of(row) for row in connection.execute(waiting.order_by(flow.c.ordinal))]

    def plan(self, batches: Sequence[Batch]) -> None:
        """Nothing; the batches are recorded, those already there left as they are.

        Errors   LedgerConflict when another planner put one of the flows into other batches meanwhile; IntegrityBroken
                 when a flow's slices are not exactly its members.
        """
        with self._write() as connection:
            queue_up(connection, batch.name)
            recorded = _recorded(connection, [planned.batch_id for planned in batches])
            new = [planned for planned in batches if planned.batch_id not in recorded]
            if not new:
                return
            flow_keys = sorted({piece.flow_key for planned in new for piece in planned.slices})
            _check_whole(connection, flow_keys, batches)
            _record(connection, new)
            for keys in _chunks(flow_keys):
                connection.execute(update(flow).where(flow.c.flow_key.in_(keys)).values(planned=True))

    def claim(self, batch_id: str, worker: str) -> Claim | None:
        """A hold on a batch, its attempt already counted; None if it is checked.

        The same worker may claim again at once: it was restarted.
        Errors   LedgerConflict if another worker's lease still runs.
        """
        with self._write() as connection:
            row = _held(connection, batch_id)
            if row.checked:
                return None
            now = self._time()
            if row.worker not in ("", worker) and row.lease_until_seconds > now:
                raise LedgerConflict(
                    "another worker holds the batch",
                    where=f"batch {batch_id}",
                    value=row.worker,
                    remedy=f"try again in {row.lease_until_seconds - now:.0f} s",
                )
            return hold(connection, row, worker, now)

    def renew(self, claim: Claim) -> None:
        """Nothing; the lease runs anew. LedgerConflict if the claim was lost to a later one."""
        with self._write() as connection:
            if not _fenced(connection, claim).checked:
                lease = {"lease_until_seconds": self._time() + BATCH_LEASE_SECONDS}
                _change(connection, claim.batch.batch_id, lease)

    def checked(self, claim: Claim, document_count: int) -> None:
        """Nothing; the batch is done. LedgerConflict if the claim was lost to a later one."""
        with self._write() as connection:
            row = _fenced(connection, claim)
            if row.checked and row.document_count != document_count:
                raise IntegrityBroken(
                    "a batch was checked before with another number of documents",
                    where=f"batch {claim.batch.batch_id}",
                    value=f"{document_count} for {row.document_count}",
                )
            if not row.checked:
                done = {"checked": True, "document_count": document_count, "lease_until_seconds": 0.0}
                _change(connection, claim.batch.batch_id, done)

    def release(self, claim: Claim) -> None:
        """Nothing; the batch is free. A no-op when the claim was already lost.

        The attempt is given back too: attempts count the workers that a batch took down, and this one lives.
        """
        with self._write() as connection:
            row = _held(connection, claim.batch.batch_id)
            if row.token == claim.token and row.worker and not row.checked:
                free = {"worker": "", "lease_until_seconds": 0.0, "attempt": row.attempt - 1}
                _change(connection, claim.batch.batch_id, free)

    def halve(self, claim: Claim, halves: Sequence[Batch]) -> None:
        """Nothing; these batches stand for the claimed one, which is done and empty. A no-op when they do already.

        Shape    a half of several documents gets one chance before it is halved again; a document alone gets all.
        Errors   LedgerConflict if the claim was lost to a later one; IntegrityBroken when the halves are not exactly
                 the members of the batch.
        """
        batch_id = claim.batch.batch_id
        with self._write() as connection:
            recorded = _recorded(connection, [half.batch_id for half in halves])
            if recorded and len(recorded) == len(halves) and _held(connection, batch_id).checked:
                return
            _fenced(connection, claim)
            if not halves or _members([claim.batch]) != _members(halves):
                raise IntegrityBroken("the halves of a batch are not its members", where=f"batch {batch_id}")
            for table in (batch_slice, batch_partner):
                connection.execute(delete(table).where(table.c.batch_id == batch_id))
            _record(connection, halves)
            for half in halves:
                if sum(piece.count for piece in half.slices) > 1:
                    _change(connection, half.batch_id, {"attempt": BATCH_ATTEMPTS_MAX - 1})
            done = {"checked": True, "document_count": 0, "worker": "", "lease_until_seconds": 0.0}
            _change(connection, batch_id, done)
            for flow_key in sorted({piece.flow_key for piece in claim.batch.slices}):
                self._note(connection, flow_key, f"halved batch {batch_id} stops={claim.attempt - 1}")

    def batches_of(self, flow_key: str) -> Sequence[Batch]:
        """The batches that hold members of a flow, in order of planning, each with all its slices."""
        of_flow = select(batch_slice.c.batch_id).where(batch_slice.c.flow_key == flow_key).distinct()
        with self._read() as connection:
            return _batches(connection, list(connection.execute(of_flow).scalars()))


def _recorded(connection: Connection, batch_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for ids in _chunks(batch_ids):
        found.update(connection.execute(select(batch.c.batch_id).where(batch.c.batch_id.in_(ids))).scalars())
    return found


def hold(connection: Connection, row: Row[tuple[object, ...]], worker: str, now: float) -> Claim:
    """The claim of a worker on a batch whose row the transaction holds."""
    held = row._mapping
    batch_id, token, attempt = held["batch_id"], held["token"] + 1, held["attempt"] + 1
    lease = {"worker": worker, "lease_until_seconds": now + BATCH_LEASE_SECONDS}
    _change(connection, batch_id, lease | {"token": token, "attempt": attempt})
    return Claim(_batches(connection, [batch_id])[0], token, attempt)


def _record(connection: Connection, batches: Sequence[Batch]) -> None:
    first = next_numbers(connection, batch.name, len(batches))
    rows = [_new_row(one.batch_id, first + place) for place, one in enumerate(batches)]
    connection.execute(insert(batch), rows)
    connection.execute(insert(batch_slice), [row for one in batches for row in _slice_rows(one)])
    pairs = select(batch_slice.c.batch_id, flow.c.partner_code).join(flow, flow.c.flow_key == batch_slice.c.flow_key)
    for ids in _chunks([one.batch_id for one in batches]):
        partners = pairs.where(batch_slice.c.batch_id.in_(ids)).distinct()
        connection.execute(insert(batch_partner).from_select(["batch_id", "partner_code"], partners))


def _members(batches: Iterable[Batch]) -> list[tuple[str, int]]:
    pieces = [piece for one in batches for piece in one.slices]
    return sorted((piece.flow_key, position) for piece in pieces for position in _positions(piece))


def _positions(piece: Slice) -> range:
    return range(piece.first, piece.first + piece.count)


def _check_whole(connection: Connection, flow_keys: Sequence[str], batches: Sequence[Batch]) -> None:
    """Each flow is admitted, in no batch yet, and sliced into exactly its members."""
    pieces: dict[str, list[Slice]] = defaultdict(list)
    for planned in batches:
        for piece in planned.slices:
            pieces[piece.flow_key].append(piece)
    rows = {}
    for keys in _chunks(flow_keys):
        statement = select(flow.c.flow_key, flow.c.status, flow.c.planned, flow.c.member_count)
        found = connection.execute(statement.where(flow.c.flow_key.in_(keys)).with_for_update())
        rows.update({row.flow_key: row for row in found})
    for flow_key in flow_keys:
        row = rows.get(flow_key)
        if row is None or row.member_count is None:
            raise IntegrityBroken("a batch holds a flow that was not admitted", where=f"flow {flow_key}")
        if row.planned or row.status != FlowStatus.ADMITTED:
            raise LedgerConflict(
                "the flow's members are already in other batches",
                where=f"flow {flow_key}",
                remedy="read the unplanned flows again",
            )
        if not _cover(pieces[flow_key], row.member_count):
            raise IntegrityBroken("a flow's slices are not its members", where=f"flow {flow_key}")


def _cover(pieces: Iterable[Slice], member_count: int) -> bool:
    reached = 0
    for piece in sorted(pieces, key=lambda piece: piece.first):
        if piece.first != reached or piece.count < 1:
            return False
        reached += piece.count
    return reached == member_count


def _new_row(batch_id: str, ordinal: int) -> dict[str, object]:
    idle = {"checked": False, "worker": "", "lease_until_seconds": 0.0, "token": 0, "attempt": 0}
    return {"batch_id": batch_id, "ordinal": ordinal} | idle


def _slice_rows(planned: Batch) -> list[dict[str, object]]:
    return [
        {"batch_id": planned.batch_id, "place": place, "flow_key": piece.flow_key} | _span(piece)
        for place, piece in enumerate(planned.slices)
    ]


def _span(piece: Slice) -> dict[str, object]:
    return {"first": piece.first, "count": piece.count}


def _batches(connection: Connection, batch_ids: Sequence[str]) -> list[Batch]:
    slices: dict[str, list[Slice]] = defaultdict(list)
    ordinals: Counter[str] = Counter()
    for ids in _chunks(batch_ids):
        statement = select(batch_slice, batch.c.ordinal).join(batch, batch.c.batch_id == batch_slice.c.batch_id)
        rows = connection.execute(
            statement.where(batch.c.batch_id.in_(ids)).order_by(batch.c.ordinal, batch_slice.c.place)
        )
        for row in rows.mappings():
            slices[row["batch_id"]].append(Slice(row["flow_key"], row["first"], row["count"]))
            ordinals[row["batch_id"]] = row["ordinal"]
    return [Batch(batch_id, tuple(slices[batch_id])) for batch_id in sorted(slices, key=ordinals.__getitem__)]


def _held(connection: Connection, batch_id: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(batch).where(batch.c.batch_id == batch_id).with_for_update()).first()
    if row is None:
        raise IntegrityBroken("the ledger knows no such batch", where="batch", value=batch_id)
    return row


def _fenced(connection: Connection, claim: Claim) -> Row[tuple[object, ...]]:
    row = _held(connection, claim.batch.batch_id)
    if row.token != claim.token or not row.worker:
        raise LedgerConflict(
            "the batch was claimed again meanwhile",
            where=f"batch {claim.batch.batch_id}",
            value=f"token {claim.token} for {row.token}",
            remedy="drop this work; the later worker does it",
        )
    return row


def _change(connection: Connection, batch_id: str, values: Mapping[str, object]) -> None:
    connection.execute(update(batch).where(batch.c.batch_id == batch_id).values(values))


def _chunks(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + _KEYS_A_QUERY] for start in range(0, len(keys), _KEYS_A_QUERY))
