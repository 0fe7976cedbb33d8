"""Flows in the ledger: landing, admission, refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from connectors.ledger_outbox import owe, owe_again
from connectors.ledger_tables import deposit, flow, sender
from connectors.ledger_transactions import Transactions, next_numbers, queue_up
from data_contracts import envelope
from data_contracts.errors import IntegrityBroken
from data_contracts.evidence import flow_key_of, instant
from data_contracts.ledger import Answer, Flow, FlowStatus, Landing
from data_contracts.ports import Deposit, Stored
from data_contracts.refusals import FlowRefused


class FlowLedger(Transactions):
    """What has been received, and whether it may go on."""

    def seen(self, deposit: Deposit) -> bool:
        """Whether this very file was already recorded."""
        with self._read() as connection:
            return _recorded(connection, deposit) is not None

    def land(self, deposit: Deposit, stored: Stored, received_at: datetime) -> tuple[Landing, str]:
        """What a deposit is, and its flow key; recorded once for each deposit.

        Cost     one transaction with one write to disk.
        """
        name = _storable(deposit.name)
        flow_key = flow_key_of(deposit.partner_code, name, stored.sha256)
        with self._write() as connection:
            queue_up(connection, flow.name)
            recorded = _recorded(connection, deposit)
            if recorded is not None:
                return Landing.SEEN, recorded
            known = select(flow.c.flow_key).where(flow.c.partner_code == deposit.partner_code, flow.c.name == name)
            if connection.execute(known.where(flow.c.flow_key == flow_key)).first() is not None:
                landing = Landing.RESENT
                self._resend(connection, flow_key)
            else:
                first = connection.execute(known.order_by(flow.c.ordinal).limit(1)).scalar() or ""
                landing = Landing.CONFLICTING if first else Landing.NEW
                row = _new_row(deposit.partner_code, name, stored, received_at)
                row |= {"flow_key": flow_key, "conflicts_with": first, "picked_up_seconds": self._time()}
                connection.execute(insert(flow), row | {"ordinal": next_numbers(connection, flow.name)})
                _rank(connection, deposit.partner_code)
            _record(connection, deposit, flow_key, landing, received_at)
            landed = f"landed {landing.value} sha256={stored.sha256} bytes={stored.size_bytes}"
            self._note(connection, flow_key, f"{landed} received={instant(received_at)}")
            return landing, flow_key

    def flows(self, status: FlowStatus) -> Sequence[Flow]:
        """Flows of a status, in order of landing."""
        with self._read() as connection:
            rows = connection.execute(select(flow).where(flow.c.status == status.value).order_by(flow.c.ordinal))
            return [flow_of(row) for row in rows]

    def flow(self, flow_key: str) -> Flow:
        """One flow. IntegrityBroken if unknown."""
        with self._read() as connection:
            return flow_of(held(connection, flow_key))

    def admit(self, flow_key: str, member_count: int, members_root: str = "") -> None:
        """Nothing; the flow goes on with its members. IntegrityBroken if it was decided otherwise before."""
        with self._write() as connection:
            row = held(connection, flow_key)
            if row.status == FlowStatus.LANDED:
                # A flow without members has nothing to plan, and is ready to be settled at once.
                values = {
                    "status": FlowStatus.ADMITTED.value,
                    "member_count": member_count,
                    "planned": not member_count,
                }
                connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(values))
                self._note(connection, flow_key, f"admitted members={member_count} root={members_root}")
            elif row.status == FlowStatus.REFUSED or row.member_count != member_count:
                raise _contradiction(row, f"admitted with {member_count} members")

    def refuse(
        self, flow_key: str, motive: str, detail: str, acknowledgment_code: str, answers: Sequence[Answer]
    ) -> None:
        """Nothing; the flow is refused and its answers are owed. IntegrityBroken if it was decided otherwise before."""
        with self._write() as connection:
            row = held(connection, flow_key)
            if row.status == FlowStatus.LANDED:
                values = {
                    "status": FlowStatus.REFUSED.value,
                    "motive": motive,
                    "detail": _storable(detail),
                    "acknowledgment_code": acknowledgment_code,
                }
                connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(values))
                owe(connection, flow_key, answers, self._time())
                self._note(connection, flow_key, f"refused {motive}")
            elif row.status != FlowStatus.REFUSED or row.motive != motive:
                raise _contradiction(row, f"refused under {motive}")

    def _resend(self, connection: Connection, flow_key: str) -> None:
        row = held(connection, flow_key)
        again = row.resent_count + 1
        connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(resent_count=again))
        if row.status in (FlowStatus.REFUSED, FlowStatus.SETTLED):
            owe_again(connection, flow_key, again, self._time())


def held(connection: Connection, flow_key: str) -> Row[tuple[object, ...]]:
    """A flow's row, held until the transaction ends. IntegrityBroken if unknown."""
    row = connection.execute(select(flow).where(flow.c.flow_key == flow_key).with_for_update()).first()
    if row is None:
        raise IntegrityBroken("the ledger knows no such flow", where="flow", value=flow_key)
    return row


def flow_of(row: Row[tuple[object, ...]]) -> Flow:
    """The flow that a row of its table holds."""
    known = row._mapping
    return Flow(
        **{name: known[name] for name in Flow.__dataclass_fields__ if name != "status"},
        status=FlowStatus(known["status"]),
    )


def _rank(connection: Connection, partner_code: str) -> None:
    """A sender's rank is given once, with its first flow."""
    if connection.execute(select(sender.c.rank).where(sender.c.partner_code == partner_code)).first() is None:
        rank = next_numbers(connection, sender.name) - 1
        connection.execute(insert(sender), {"partner_code": partner_code, "rank": rank})


def _recorded(connection: Connection, found: Deposit) -> str | None:
    same = select(deposit.c.flow_key).where(
        deposit.c.partner_code == found.partner_code,
        deposit.c.name == _storable(found.name),
        deposit.c.identity == found.identity,
    )
    return connection.execute(same).scalar()


def _record(connection: Connection, found: Deposit, flow_key: str, landing: Landing, at: datetime) -> None:
    row = {"partner_code": found.partner_code, "name": _storable(found.name), "identity": found.identity}
    connection.execute(insert(deposit), row | {"flow_key": flow_key, "landing": landing.value, "at": at})


def _storable(name: str) -> str:
    """A text that every database takes: bytes that are not UTF-8 are spelled out, and NUL, which PostgreSQL refuses."""
    return name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _new_row(partner_code: str, name: str, stored: Stored, received_at: datetime) -> dict[str, object]:
    return {
        "partner_code": partner_code,
        "name": name,
        "interface_code": _interface_code(name),
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "received_at": received_at,
        "status": FlowStatus.LANDED.value,
        "planned": False,
        "resent_count": 0,
        "motive": "",
        "detail": "",
        "acknowledgment_code": "",
    }


def _interface_code(name: str) -> str:
    try:
        return envelope.parsed(name).interface_code
    except FlowRefused:
        return ""  # admission reads the name again, and answers


def _contradiction(row: Row[tuple[object, ...]], wanted: str) -> IntegrityBroken:
    return IntegrityBroken(
        f"a flow that is already {row.status} cannot be {wanted}",
        where=f"flow {row.flow_key}",
        value=f"members {row.member_count}, motive {row.motive!r}",
        remedy="a rerun must decide as the first run did; compare the versions of the two",
    )
