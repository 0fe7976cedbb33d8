"""The record of messages sent: ready, sent until a receipt settles them. One row keeps one Message-ID."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from connectors.as2.limits import RECEIPT_WAIT_SECONDS, SEND_ATTEMPTS_MAX, SEND_LEASE_SECONDS
from connectors.as2.sending_pause import pause_seconds
from connectors.as2.tables import as2_attempt, as2_sent, as2_staged
from connectors.ledger_transactions import Transactions
from data_contracts.errors import IntegrityBroken
from data_contracts.ports import Stored


class Sending(StrEnum):
    """ready -> (waiting for an asynchronous receipt ->) delivered or failed."""

    READY = "ready"
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


UNDER_WAY = (Sending.READY, Sending.WAITING)


@dataclass(frozen=True)
class Message:
    """A message of ours. `headers` (JSON), `wire_key` and `mic` are empty until it was built; a resend is the same
    bytes. `mic` is as a receipt repeats it: base64, comma, digest."""

    id: int
    partner_code: str
    name: str
    message_id: str
    object_key: str
    sha256: str
    state: Sending
    headers: str
    wire_key: str
    mic: str
    attempts: int
    published_at: datetime | None
    settled_at: datetime | None
    receipt: bytes | None
    outcome: str


class SentRecords(Transactions):
    """Messages sent, in the ledger's database. Each method is one transaction."""

    def stage(self, partner_code: str, part_name: str, stored: Stored) -> None:
        """Nothing; these bytes lie ready under the name of a part. Bytes staged before under that name are replaced."""
        place = {"partner_code": partner_code, "part_name": part_name}
        content = {"object_key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes}
        with self._write() as connection:
            connection.execute(delete(as2_staged).where(_staged(partner_code, part_name)))
            connection.execute(insert(as2_staged), place | content)

    def publish(self, partner_code: str, name: str, part_name: str, at: datetime) -> None:
        """Nothing; what was staged as a part is ready to be sent. A no-op if it is gone, as it is once published; while
        the same bytes are on their way, they are not sent twice.

        Errors   IntegrityBroken if other bytes of that name are on their way.
        """
        with self._write() as connection:
            # Taken by whoever comes first: another one waits here for its end, and then finds nothing.
            part = connection.execute(
                delete(as2_staged).where(_staged(partner_code, part_name)).returning(as2_staged)
            ).first()
            if part is None:
                return
            last = _last(connection, partner_code, name)
            if last is None or last.state not in UNDER_WAY:
                again = 0 if last is None else last.again + 1
                row = {"name": name, "again": again, "published_at": at, "next_seconds": self._time()}
                connection.execute(insert(as2_sent), row | _ready(part, name, again))
            elif last.sha256 != part.sha256:
                raise IntegrityBroken(
                    "another answer of the same name still waits for the partner",
                    where=f"AS2, {partner_code}",
                    value=name,
                    remedy="find out which ledger wrote it; wait for its receipt if it is of an earlier trial",
                )

    def discard(self, partner_code: str, part_name: str) -> None:
        """Nothing; what was staged as a part is gone."""
        with self._write() as connection:
            connection.execute(delete(as2_staged).where(_staged(partner_code, part_name)))

    def last(self, partner_code: str, name: str) -> Message | None:
        """The newest message of a name."""
        with self._read() as connection:
            row = _last(connection, partner_code, name)
            return None if row is None else _message(row)

    def by_message_id(self, partner_code: str, message_id: str) -> Message | None:
        """The message to a partner that bears a Message-ID."""
        with self._read() as connection:
            row = connection.execute(
                select(as2_sent).where(as2_sent.c.message_id == message_id, as2_sent.c.partner_code == partner_code)
            ).first()
            return None if row is None else _message(row)

    def claim(self, partners: Collection[str]) -> Message | None:
        """One message to one of these partners whose time has come, its attempt counted; nobody else gets it for a
        while. None if there is none."""
        with self._write() as connection:
            row = connection.execute(
                select(as2_sent)
                .where(
                    as2_sent.c.state.in_(UNDER_WAY),
                    as2_sent.c.next_seconds <= self._time(),
                    as2_sent.c.partner_code.in_(sorted(partners)),
                )
                .order_by(as2_sent.c.next_seconds, as2_sent.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return None
            held = {"attempts": row.attempts + 1, "next_seconds": self._time() + SEND_LEASE_SECONDS}
            claimed = update(as2_sent).where(as2_sent.c.id == row.id).values(held).returning(as2_sent)
            return _message(connection.execute(claimed).one())

    def built(self, message: Message, headers: str, wire_key: str, mic: str) -> Message:
        """The message with what it looks like on the wire; the first to say so is heard."""
        with self._write() as connection:
            connection.execute(
                update(as2_sent)
                .where(as2_sent.c.id == message.id, as2_sent.c.wire_key == "")
                .values(headers=headers, wire_key=wire_key, mic=mic)
            )
            return _message(connection.execute(select(as2_sent).where(as2_sent.c.id == message.id)).one())

    def awaits(self, message: Message, at: datetime) -> None:
        """Nothing; the partner has the message and posts its receipt, or gets the message again after a time."""
        later = self._time() + RECEIPT_WAIT_SECONDS
        self._attempted(message, at, "sent, receipt awaited", Sending.WAITING, later)

    def failed_attempt(self, message: Message, at: datetime, outcome: str) -> None:
        """Nothing; the message is sent again later, or given up after `SEND_ATTEMPTS_MAX`."""
        if message.attempts >= SEND_ATTEMPTS_MAX:
            self.settle(message, at, Sending.FAILED, f"given up after {message.attempts} attempts: {outcome}", None)
            return
        self._attempted(message, at, outcome, message.state, self._time() + pause_seconds(message.attempts))

    def settle(self, message: Message, at: datetime, state: Sending, outcome: str, receipt: bytes | None) -> None:
        """Nothing; the message is delivered or failed, with the receipt that says so. What was delivered stays so."""
        with self._write() as connection:
            connection.execute(
                update(as2_sent)
                .where(as2_sent.c.id == message.id, as2_sent.c.state != Sending.DELIVERED)
                .values(state=state, settled_at=at, outcome=outcome, receipt=receipt)
            )
            _note(connection, message, at, outcome)

    def resend(self, partner_code: str, name: str) -> bool:
        """Whether a failed message is ready again, the same bytes under the same Message-ID."""
        with self._write() as connection:
            row = _last(connection, partner_code, name)
            if row is None or row.state != Sending.FAILED:
                return False
            ready = {"state": Sending.READY, "next_seconds": self._time(), "settled_at": None, "attempts": 0}
            connection.execute(delete(as2_attempt).where(as2_attempt.c.sent_id == row.id))
            connection.execute(update(as2_sent).where(as2_sent.c.id == row.id).values(ready))
            return True

    def counts(self) -> dict[tuple[str, str], int]:
        """How many messages there are of each partner and state."""
        columns = as2_sent.c.partner_code, as2_sent.c.state
        with self._read() as connection:
            rows = connection.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns)).all()
        return {(row[0], row[1]): row[2] for row in rows}

    def unsettled(self) -> Sequence[Message]:
        """Messages failed or on their way after a failed attempt, oldest first."""
        troubled = (as2_sent.c.state == Sending.FAILED) | (as2_sent.c.state.in_(UNDER_WAY) & (as2_sent.c.outcome != ""))
        with self._read() as connection:
            rows = connection.execute(select(as2_sent).where(troubled).order_by(as2_sent.c.id)).all()
        return [_message(row) for row in rows]

    def _attempted(self, message: Message, at: datetime, outcome: str, state: Sending, next_seconds: float) -> None:
        with self._write() as connection:
            connection.execute(
                update(as2_sent)
                .where(as2_sent.c.id == message.id, as2_sent.c.state.in_(UNDER_WAY))
                .values(state=state, next_seconds=next_seconds, outcome=outcome)
            )
            _note(connection, message, at, outcome)


def _note(connection: Connection, message: Message, at: datetime, outcome: str) -> None:
    key = and_(as2_attempt.c.sent_id == message.id, as2_attempt.c.attempt == message.attempts)
    connection.execute(delete(as2_attempt).where(key))
    values = {"sent_id": message.id, "attempt": message.attempts, "at": at, "outcome": outcome}
    connection.execute(insert(as2_attempt), values)


def _staged(partner_code: str, part_name: str) -> ColumnElement[bool]:
    return and_(as2_staged.c.partner_code == partner_code, as2_staged.c.part_name == part_name)


def _ready(part: Row[tuple[object, ...]], name: str, again: int) -> dict[str, object]:
    """A message that nobody tried to send yet. Its Message-ID follows from what it is, so it is the same at a rerun."""
    mark = hashlib.sha256(f"{part.partner_code}|{name}|{again}|{part.sha256}".encode()).hexdigest()
    return {
        "partner_code": part.partner_code,
        "message_id": f"<{mark[:40]}@relais>",
        "object_key": part.object_key,
        "sha256": part.sha256,
        "size_bytes": part.size_bytes,
        "state": Sending.READY,
        "headers": "",
        "wire_key": "",
        "mic": "",
        "attempts": 0,
        "outcome": "",
    }


def _named(partner_code: str, name: str) -> ColumnElement[bool]:
    return and_(as2_sent.c.partner_code == partner_code, as2_sent.c.name == name)


def _last(connection: Connection, partner_code: str, name: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(as2_sent).where(_named(partner_code, name)).order_by(as2_sent.c.again.desc()).limit(1)
    ).first()


def _message(row: Row[tuple[object, ...]]) -> Message:
    values = {name: getattr(row, name) for name in Message.__dataclass_fields__}
    return Message(**{**values, "state": Sending(values["state"])})
