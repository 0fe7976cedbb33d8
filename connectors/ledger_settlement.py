"""Settlement in the ledger: who owns an invoice, which number an answer bears, how a flow ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, func, insert, select, update

from connectors.ledger_bulk import insert_rows
from connectors.ledger_flows import flow_of, held
from connectors.ledger_invoices import claim, fitted, give_up, make_room, rooms
from connectors.ledger_outbox import owe
from connectors.ledger_quarantine_rows import decided_late, set_apart
from connectors.ledger_tables import (
    answer_number,
    batch,
    batch_slice,
    counter,
    flow,
    sender,
    status_event,
    succession,
    unkeyed_invoice,
)
from connectors.ledger_transactions import Transactions, next_numbers
from data_contracts.envelope import (
    FIRST_SENDER_SERIES,
    LATE_SERIES,
    REFUSED_SERIES,
    RELAY_SERIES,
    SERIES_SPAN,
    SETTLED_SERIES,
    parsed,
)
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.interfaces import CATALOGUE, STATUS_CODES, Content
from data_contracts.ledger import Answer, Flow, FlowStatus, InvoiceKey, Named, Settlement, StatusEvent
from data_contracts.quarantine import LATE_PARTS, SetAside

_EVENT = tuple(StatusEvent.__dataclass_fields__)
_event: Callable[[StatusEvent], tuple[object, ...]] = attrgetter(*_EVENT)
UNKEYED_COLUMNS = ("flow_key", "position", "seller", "number", "year", "replaceable")
_PENDING = (FlowStatus.LANDED.value, FlowStatus.ADMITTED.value)

Slot = tuple[str, str, int]


class SettlementLedger(Transactions):
    """The last word on each flow, one partner's flows in their order of landing."""

    def settleable(self) -> Sequence[Flow]:
        """Admitted flows with all batches checked, in order of landing: of each partner only its first pending flow.

        Settling a flow may make its partner's next one settleable: ask again until none is left.
        Cost     grows with the flows that are pending, not with those that are done.
        """
        unchecked = exists().where(
            batch_slice.c.flow_key == flow.c.flow_key,
            batch.c.batch_id == batch_slice.c.batch_id,
            batch.c.checked.is_(False),
        )
        statement = select(flow).where(
            flow.c.ordinal.in_(first_pending(of_statuses=False)),
            flow.c.status == FlowStatus.ADMITTED.value,
            flow.c.planned,
            ~unchecked,
        )
        with self._read() as connection:
            return [flow_of(row) for row in connection.execute(statement.order_by(flow.c.ordinal))]

    def claim_invoices(self, flow_key: str, keys: Sequence[tuple[InvoiceKey, int]], at: datetime) -> Settlement:
        """Who owns each key, and the instant that the flow's settlement is bound to.

        Within a flow, the first in the sequence comes first. Until the flow is settled, a call gives up what an earlier
        one claimed and this one does not: a rerun under other registers must not keep the number of an invoice that it
        rejects.
        Errors   LedgerConflict while an earlier flow of the partner is pending: it may hold the same invoice.
        Cost     one transaction; about 20 us a key, on PostgreSQL whatever it already holds (`relais bench ledger`).
        """
        wanted: dict[InvoiceKey, int] = {}
        asked: dict[InvoiceKey, InvoiceKey] = {}
        for key, position in keys:
            kept = fitted(key)
            wanted.setdefault(kept, position)
            asked[kept] = key
        self._make_rooms(wanted)
        with self._write() as connection:
            row = held(connection, flow_key)
            settled_at = row.settled_at
            if settled_at is None:
                in_turn(connection, row)
                connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(settled_at=at))
                settled_at = at
            elif row.status != FlowStatus.SETTLED:
                give_up(connection, flow_key, wanted)
                connection.execute(delete(succession).where(succession.c.flow_key == flow_key))
            owners = claim(connection, flow_key, wanted)
        return Settlement(settled_at, {asked[kept]: owner for kept, owner in owners.items()})

    def _make_rooms(self, keys: Iterable[InvoiceKey]) -> None:
        """Partitions are made before the claim, in transactions of their own: making one waits for every claim."""
        if not self._partitions:
            return
        for year in sorted(rooms({key.year for key in keys}) - self._years_with_room):
            with self._write() as connection:
                make_room(connection, year)
            self._years_with_room.add(year)

    def number(self, flow_key: str, slots: Sequence[Slot]) -> dict[Slot, int]:
        """Sequence numbers by slot, bound to the flow, from 1 without gap in each series.

        Until the flow is settled the last call counts: a rerun that owes less gives numbers back, which nobody saw.
        Errors   IntegrityBroken when there are more senders than series, or a series is full.
        """
        with self._write() as connection:
            row = held(connection, flow_key)
            statement = select(answer_number).where(answer_number.c.flow_key == flow_key)
            numbers: dict[Slot, int] = {
                (row.interface_code, row.partner_code, row.part): row.sequence for row in connection.execute(statement)
            }
            if row.status in _PENDING:
                give_back(connection, flow_key, {slot: numbers[slot] for slot in numbers.keys() - set(slots)})
            missing = sorted(set(slots) - numbers.keys())  # everyone takes counters in one order: no deadlock
            for slot in missing:
                interface_code, partner_code, part = slot
                series = _series(connection, row, interface_code, partner_code) + (
                    LATE_SERIES if part >= LATE_PARTS else 0
                )
                place = next_numbers(connection, _counter(interface_code, partner_code, series))
                if place >= SERIES_SPAN:
                    where = f"{interface_code} to {partner_code}, series {series}"
                    raise IntegrityBroken(
                        "a series of answer numbers is full", where=where, remedy="open a new emitter"
                    )
                numbers[slot] = series * SERIES_SPAN + place
            if missing:
                rows = [_number_row(flow_key, slot, numbers[slot]) for slot in missing]
                connection.execute(insert(answer_number), rows)
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
        """Nothing; the flow is settled, with its statuses, answers and quarantine, in one transaction.

        Errors   IntegrityBroken if it was settled otherwise before, or if the counts are not its members or not what
                 is set aside;
                 LedgerConflict while an earlier flow of the partner is pending.
        Cost     about 20 us an event, and one chunk of them in memory; others cannot write while events are drawn.
        """
        counts = {
            "accepted_count": accepted_count,
            "rejected_count": rejected_count,
            "quarantined_count": quarantined_count,
        }
        with self._write() as connection:
            row = held(connection, flow_key)
            _check_counts(row, counts, decided_late(connection, flow_key))
            if row.status == FlowStatus.SETTLED:
                return
            in_turn(connection, row)
            as_numbered(connection, flow_key, answers)
            values = counts | {"status": FlowStatus.SETTLED.value, "acknowledgment_code": acknowledgment_code}
            connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(values))
            insert_rows(connection, status_event, _EVENT, (_event(one) for one in events))
            insert_rows(connection, unkeyed_invoice, UNKEYED_COLUMNS, (unkeyed_row(flow_key, one) for one in unkeyed))
            owe(connection, flow_key, answers, self._time())
            set_apart(connection, row, quarantined_count, set_aside)
            spelled = " ".join(f"{name.removesuffix('_count')}={count}" for name, count in counts.items())
            self._note(connection, flow_key, f"settled {spelled} root={outcomes_root}")


def first_pending(*, of_statuses: bool) -> Select[tuple[int]]:
    """Ordinals: of each partner its first pending flow, of status flows or of all others."""
    firsts = select(func.min(flow.c.ordinal)).where(flow.c.status.in_(_PENDING), _of_kind(of_statuses))
    return firsts.group_by(flow.c.partner_code)


def _of_kind(of_statuses: bool) -> ColumnElement[bool]:
    codes = sorted(STATUS_CODES)
    return flow.c.interface_code.in_(codes) if of_statuses else flow.c.interface_code.not_in(codes)


def in_turn(connection: Connection, row: Row[Any]) -> None:
    """Nothing, when no earlier flow of the partner is pending; invoices do not wait for statuses, nor these for them.

    Errors   LedgerConflict naming the earlier flow.
    """
    earlier = select(flow.c.flow_key).where(
        flow.c.partner_code == row.partner_code,
        flow.c.status.in_(_PENDING),
        flow.c.ordinal < row.ordinal,
        _of_kind(row.interface_code in STATUS_CODES),
    )
    first = connection.execute(earlier.order_by(flow.c.ordinal).limit(1)).scalar()
    if first is not None:
        raise LedgerConflict(
            "an earlier flow of the partner is not settled yet",
            where=f"flow {row.flow_key}",
            value=first,
            remedy="settle the earlier flow first",
        )


def as_numbered(connection: Connection, flow_key: str, answers: Sequence[Answer]) -> None:
    """Nothing, when the answers bear the numbers that the flow is bound to.

    Errors   LedgerConflict when another run numbered the flow's answers otherwise meanwhile.
    """
    statement = select(answer_number).where(answer_number.c.flow_key == flow_key)
    bound = {(row.interface_code, row.partner_code, row.sequence) for row in connection.execute(statement)}
    for one in answers:
        if bound and (one.interface_code, one.partner_code, parsed(one.name).sequence) not in bound:
            raise LedgerConflict(
                "another run numbered the flow's answers otherwise meanwhile",
                where=f"flow {flow_key}",
                value=one.name,
                remedy="run again",
            )


def give_back(connection: Connection, flow_key: str, stale: dict[Slot, int]) -> None:
    """Nothing; numbers of slots that the flow does not use any more are free, the last ones of their series first: what
    was numbered since keeps its place, and the gap."""
    for (interface_code, partner_code, part), sequence in sorted(
        stale.items(), key=lambda item: (*item[0][:2], -item[1])
    ):
        series, place = divmod(sequence, SERIES_SPAN)
        name = _counter(interface_code, partner_code, series)
        last = update(counter).where(counter.c.name == name, counter.c.value == place)
        if connection.execute(last.values(value=place - 1)).rowcount:
            ours = {"flow_key": flow_key, "interface_code": interface_code, "partner_code": partner_code, "part": part}
            connection.execute(delete(answer_number).filter_by(**ours))


def _counter(interface_code: str, partner_code: str, series: int) -> str:
    return f"answer {interface_code} {partner_code} {series}"


def _check_counts(row: Row[tuple[object, ...]], counts: dict[str, int], late: dict[str, int]) -> None:
    """`late` are the counts of invoices that left quarantine since the flow was settled."""
    if row.status not in (FlowStatus.ADMITTED, FlowStatus.SETTLED):
        raise IntegrityBroken(f"a flow that is {row.status} cannot be settled", where=f"flow {row.flow_key}")
    told = {name: row._mapping[name] for name in counts}
    now = {name: count + late.get(name, 0) for name, count in counts.items()}
    if row.status == FlowStatus.SETTLED and told != now:
        raise IntegrityBroken(
            "the flow was settled before with other counts",
            where=f"flow {row.flow_key}",
            value=f"{now} for {told}",
            remedy="a rerun must decide as the first run did; compare the versions of the two",
        )
    if sum(counts.values()) != row.member_count:
        raise IntegrityBroken(
            "the counts do not account for every member of the flow",
            where=f"flow {row.flow_key}",
            value=f"{counts} for {row.member_count} members",
        )


def unkeyed_row(flow_key: str, named: Named) -> tuple[object, ...]:
    """The row of an invoice that holds no key, in the order of UNKEYED_COLUMNS."""
    key = fitted(InvoiceKey(named.year or 0, named.seller, named.number))
    return flow_key, named.position, key.seller, key.number, named.year, named.replaceable


def _series(connection: Connection, row: Row[Any], interface_code: str, partner_code: str) -> int:
    if row.interface_code in STATUS_CODES and not _acknowledges(interface_code):
        return RELAY_SERIES + _sender_rank(connection, row)
    if partner_code == row.partner_code:
        return REFUSED_SERIES if row.status in (FlowStatus.LANDED, FlowStatus.REFUSED) else SETTLED_SERIES
    return FIRST_SENDER_SERIES + _sender_rank(connection, row)


def _sender_rank(connection: Connection, row: Row[Any]) -> int:
    rank: int = connection.execute(select(sender.c.rank).where(sender.c.partner_code == row.partner_code)).scalar_one()
    if FIRST_SENDER_SERIES + rank >= RELAY_SERIES:
        raise IntegrityBroken(
            "there are more senders than series of answer numbers",
            where=f"sender {row.partner_code}",
            value=str(rank),
            remedy="widen SERIES_DIGITS",
        )
    return rank


def _acknowledges(interface_code: str) -> bool:
    interface = CATALOGUE.get(interface_code)
    return interface is None or interface.content is Content.FLOW_ACKNOWLEDGMENT


def _number_row(flow_key: str, slot: Slot, sequence: int) -> dict[str, object]:
    interface_code, partner_code, part = slot
    place = {"interface_code": interface_code, "partner_code": partner_code, "part": part}
    return {"flow_key": flow_key, "sequence": sequence} | place
