"""The record of messages received: accepted once, answered for good with the first receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from connectors.as2.limits import RETENTION_DAYS, SEND_ATTEMPTS_MAX, SEND_LEASE_SECONDS
from connectors.as2.sending_pause import pause_seconds
from connectors.as2.tables import as2_receipt_owed, as2_received
from connectors.ledger_transactions import Transactions, insert_new
from data_contracts.ports import Deposit, Stored

PAGE_ROWS = 1_000
"""Deposits read at a time."""


@dataclass(frozen=True)
class Accepted:
    """An accepted message and the receipt that answers it, always."""

    partner_code: str
    message_id: str
    name: str
    stored: Stored
    mic: str
    signer: str
    received_at: datetime
    receipt: bytes


@dataclass(frozen=True)
class OwedReceipt:
    """An asynchronous receipt to be posted; its attempt is counted."""

    received_id: int
    partner_code: str
    receipt: bytes
    attempts: int


class ReceivedRecords(Transactions):
    """Messages received, in the ledger's database. Each method is one transaction."""

    def accepted(self, partner_code: str, message_id: str) -> Accepted | None:
        """The message of this Message-ID, if it was accepted before."""
        with self._read() as connection:
            return _found(connection, partner_code, message_id)

    def accept(self, message: Accepted, *, asynchronous: bool) -> Accepted:
        """The accepted message: this one, or the one that came first under its Message-ID. An asynchronous receipt is
        owed from now on, again if it was posted before."""
        values = {
            "partner_code": message.partner_code,
            "message_id": message.message_id,
            "name": message.name,
            "object_key": message.stored.key,
            "sha256": message.stored.sha256,
            "size_bytes": message.stored.size_bytes,
            "mic": message.mic,
            "signer": message.signer,
            "received_at": message.received_at,
            "receipt": message.receipt,
            "taken": False,
            "repeats": 0,
        }
        with self._write() as connection:
            made = connection.execute(
                insert_new(connection, as2_received).values(values).returning(as2_received.c.id)
            ).first()
            found = _found(connection, message.partner_code, message.message_id)
            assert found is not None, "an accepted message is not there"
            is_same = found.stored.sha256 == message.stored.sha256
            if made is None and is_same:
                seen = update(as2_received).values(repeats=as2_received.c.repeats + 1)
                connection.execute(seen.where(_is(message.partner_code, message.message_id)))
            if asynchronous and is_same:
                self._owe(connection, message)
        return found

    def owed_receipt(self, url_known: frozenset[str]) -> OwedReceipt | None:
        """One asynchronous receipt whose time has come, of these partners; None if there is none."""
        due = select(
            as2_receipt_owed.c.received_id, as2_receipt_owed.c.partner_code, as2_receipt_owed.c.attempts
        ).where(
            as2_receipt_owed.c.next_seconds <= self._time(),
            as2_receipt_owed.c.attempts < SEND_ATTEMPTS_MAX,
            as2_receipt_owed.c.partner_code.in_(sorted(url_known)),
        )
        with self._write() as connection:
            found = connection.execute(
                due.order_by(as2_receipt_owed.c.next_seconds, as2_receipt_owed.c.received_id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if found is None:
                return None
            held = update(as2_receipt_owed).where(as2_receipt_owed.c.received_id == found.received_id)
            # Until the attempt is over: a killed sender's receipt is posted by another after that.
            connection.execute(held.values(attempts=found.attempts + 1, next_seconds=self._time() + SEND_LEASE_SECONDS))
            receipt = connection.execute(
                select(as2_received.c.receipt).where(as2_received.c.id == found.received_id)
            ).scalar_one()
        return OwedReceipt(found.received_id, found.partner_code, receipt, found.attempts + 1)

    def receipt_posted(self, owed: OwedReceipt) -> None:
        """Nothing; the receipt is owed no more."""
        with self._write() as connection:
            connection.execute(delete(as2_receipt_owed).where(as2_receipt_owed.c.received_id == owed.received_id))

    def receipt_failed(self, owed: OwedReceipt) -> None:
        """Nothing; it is tried again after a pause."""
        with self._write() as connection:
            connection.execute(
                update(as2_receipt_owed)
                .where(as2_receipt_owed.c.received_id == owed.received_id)
                .values(next_seconds=self._time() + pause_seconds(owed.attempts))
            )

    def waiting(self) -> Iterator[tuple[Deposit, str]]:
        """Deposits not taken yet with the keys of their bytes, by partner code, then name, then order of arrival.

        Cost     memory for one page.
        """
        rows = as2_received.c
        after = ("", "", 0)
        while True:
            query = select(rows.id, rows.partner_code, rows.name, rows.size_bytes, rows.object_key).where(
                rows.taken.is_(False),
                (rows.partner_code > after[0])
                | ((rows.partner_code == after[0]) & (rows.name > after[1]))
                | ((rows.partner_code == after[0]) & (rows.name == after[1]) & (rows.id > after[2])),
            )
            with self._read() as connection:
                page = connection.execute(query.order_by(rows.partner_code, rows.name, rows.id).limit(PAGE_ROWS)).all()
            for row in page:
                yield Deposit(row.partner_code, row.name, row.size_bytes, f"as2:{row.id}"), row.object_key
            if len(page) < PAGE_ROWS:
                return
            after = (page[-1].partner_code, page[-1].name, page[-1].id)

    def key_of(self, received_id: int) -> str | None:
        """The key of a deposit's bytes; None once it is taken."""
        with self._read() as connection:
            return connection.execute(
                select(as2_received.c.object_key).where(
                    as2_received.c.id == received_id, as2_received.c.taken.is_(False)
                )
            ).scalar()

    def take(self, received_id: int) -> None:
        """Nothing; the deposit is listed no more."""
        with self._write() as connection:
            connection.execute(update(as2_received).where(as2_received.c.id == received_id).values(taken=True))

    def forget(self, at: datetime) -> int:
        """How many messages were past their retention and are forgotten; those not yet taken are kept."""
        old = select(as2_received.c.id).where(
            as2_received.c.received_at < at - timedelta(days=RETENTION_DAYS), as2_received.c.taken.is_(True)
        )
        with self._write() as connection:
            connection.execute(delete(as2_receipt_owed).where(as2_receipt_owed.c.received_id.in_(old)))
            return connection.execute(delete(as2_received).where(as2_received.c.id.in_(old))).rowcount

    def _owe(self, connection: Connection, message: Accepted) -> None:
        received_id = connection.execute(
            select(as2_received.c.id).where(_is(message.partner_code, message.message_id))
        ).scalar_one()
        connection.execute(delete(as2_receipt_owed).where(as2_receipt_owed.c.received_id == received_id))
        values = {"received_id": received_id, "partner_code": message.partner_code, "attempts": 0}
        connection.execute(insert(as2_receipt_owed), {**values, "next_seconds": self._time()})


def _is(partner_code: str, message_id: str) -> ColumnElement[bool]:
    return and_(as2_received.c.partner_code == partner_code, as2_received.c.message_id == message_id)


def _found(connection: Connection, partner_code: str, message_id: str) -> Accepted | None:
    row = connection.execute(select(as2_received).where(_is(partner_code, message_id))).first()
    if row is None:
        return None
    stored = Stored(row.object_key, row.sha256, row.size_bytes)
    return Accepted(
        row.partner_code, row.message_id, row.name, stored, row.mic, row.signer, row.received_at, row.receipt
    )
