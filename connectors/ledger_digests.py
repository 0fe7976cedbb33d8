"""Notifications in the ledger: which events a round of mails is about, and each mail until it is sent.

A window is cut where no event can come in between later: on PostgreSQL numbers are given before transactions end, so
the cut waits for those that write events now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, select, text, tuple_, update

from connectors.ledger_bulk import chunks, insert_rows
from connectors.ledger_history_rows import event_of
from connectors.ledger_tables import flow, status_event
from connectors.ledger_transactions import Transactions, insert_new, next_numbers
from connectors.people_tables import digest, digest_window, invoice_in_progress, reminder
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.history import Event, Phase
from data_contracts.ledger import FlowStatus, Owner
from data_contracts.notifications import (
    Count,
    Cursor,
    Digest,
    DigestClaim,
    DigestRow,
    DigestState,
    Frequency,
    InProgress,
    Reminder,
    Window,
)

DIGEST_LEASE_SECONDS = 900.0
"""Seconds that a digest stays with its sender. Longer than any mail server takes to answer: after it, a mail whose fate
nobody knows is sent again, under the same Message-ID."""

DEFERRED_SECONDS = 300.0
"""Seconds before a mail that the server put off is tried again; doubled with each further attempt."""

DEFERRED_SECONDS_MAX = 6 * 3600.0

FIRST_WINDOW = timedelta(days=1)
"""How far back the first window ever reaches: whoever turns notifications on is not told of years."""

_DIGEST = tuple(Digest.__dataclass_fields__)
_PLACE = (status_event.c.flow_key, status_event.c.position, status_event.c.id)
_PENDING = (FlowStatus.LANDED.value, FlowStatus.ADMITTED.value)


class DigestLedger(Transactions):
    """`data_contracts.notifications.DigestLedger` on a database."""

    def peek_window(self, frequency: Frequency, at: datetime) -> Window:
        """The window that `open_window` would give; nothing is bound."""
        with self._read() as connection:
            row = _window_row(connection, frequency)
            if row is not None and row.upto_id is not None:
                return Window(frequency, row.after_id, row.upto_id, row.at)
            return _next_window(connection, frequency, row, at)

    def open_window(self, frequency: Frequency, at: datetime) -> Window:
        """The window that is open, else a new one; bound by the first call.

        Cost     on PostgreSQL waits for the transactions that write events now, and holds up new ones as long.
        """
        with self._write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"LOCK TABLE {status_event.name} IN SHARE ROW EXCLUSIVE MODE"))
            row = _window_row(connection, frequency)
            if row is not None and row.upto_id is not None:
                return Window(frequency, row.after_id, row.upto_id, row.at)
            window = _next_window(connection, frequency, row, at)
            values = {"after_id": window.after, "upto_id": window.upto, "at": at}
            if row is None:
                connection.execute(insert(digest_window), {"frequency": frequency.value} | values)
            else:
                ours = digest_window.c.frequency == frequency.value
                connection.execute(update(digest_window).where(ours).values(values))
            return window

    def last_window(self, frequency: Frequency) -> Window | None:
        """The newest window, open or closed; None before the first."""
        with self._read() as connection:
            row = _window_row(connection, frequency)
            if row is None:
                return None
            return Window(frequency, row.after_id, row.after_id if row.upto_id is None else row.upto_id, row.at)

    def events_since(self, window: Window, cursor: Cursor, limit: int) -> Sequence[tuple[Cursor, Event]]:
        """The next events of a window, those of one invoice together, and those of one flow.

        Cost     sorts what is left of the window: call it with limits of thousands.
        """
        statement = (
            select(status_event, flow.c.settled_at.label("told"))
            .join(flow, flow.c.flow_key == status_event.c.flow_key)
            .where(status_event.c.id > window.after, status_event.c.id <= window.upto)
            .where(tuple_(*_PLACE) > cursor)
            .order_by(*_PLACE)
            .limit(limit)
        )
        with self._read() as connection:
            rows = connection.execute(statement)
            return [((row.flow_key, row.position, row.id), event_of(row, row.told)) for row in rows]

    def owe_digests(self, window: Window, digests: Sequence[Digest]) -> None:
        """Nothing; the window is closed and its digests are owed, in one transaction.

        Errors   LedgerConflict if another window is open.
        """
        with self._write() as connection:
            ours = digest_window.c.frequency == window.frequency.value
            row = connection.execute(select(digest_window).where(ours).with_for_update()).one()
            if row.upto_id is None and row.after_id >= window.upto:
                return
            if (row.after_id, row.upto_id) != (window.after, window.upto):
                raise LedgerConflict(
                    "another window of notifications is open",
                    where=f"frequency {window.frequency.value}",
                    value=f"{row.after_id} to {row.upto_id}",
                    remedy="run again",
                )
            self._owe(connection, digests, window.at)
            connection.execute(update(digest_window).where(ours).values(after_id=window.upto, upto_id=None))

    def remind(self, reminders: Sequence[Reminder], digests: Sequence[Digest], at: datetime) -> None:
        """Nothing; the reminders are recorded and their mails owed, in one transaction."""
        with self._write() as connection:
            for one in reminders:
                row = {"delivery_id": one.delivery_id, "rank": one.rank, "at": at}
                new = insert_new(connection, reminder).returning(reminder.c.rank)
                if connection.execute(new, row).first() is None:
                    raise LedgerConflict("a reminder was recorded meanwhile", where=one.delivery_id, remedy="run again")
            self._owe(connection, digests, at)

    def reminded(self, delivery_ids: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        """The rank and the time of the last reminder of each delivery that has one."""
        last: dict[str, tuple[int, datetime]] = {}
        with self._read() as connection:
            for ids in chunks(delivery_ids):
                ours = select(reminder).where(reminder.c.delivery_id.in_(ids)).order_by(reminder.c.rank)
                last |= {row.delivery_id: (row.rank, row.at) for row in connection.execute(ours)}
        return last

    def stand(self, rows: Sequence[InProgress], ended: Sequence[Owner]) -> None:
        """Nothing; these invoices are in progress, and those ended are not any more."""
        places = [(owner.flow_key, owner.position) for owner in ended]
        places += [(row.owner.flow_key, row.owner.position) for row in rows]
        table = invoice_in_progress
        with self._write() as connection:
            for chunk in chunks(sorted(places)):
                ours = tuple_(table.c.flow_key, table.c.position).in_(chunk)
                connection.execute(delete(table).where(ours))
            columns = ("flow_key", "position", "structure", "service", "partner_code", "phase")
            insert_rows(connection, table, columns, (_in_progress(row) for row in rows))

    def standing(self, structures: Sequence[str], partner_codes: Sequence[str]) -> Sequence[Count]:
        """How many invoices of these structures and partners are in progress, by structure, service, partner, phase."""
        table = invoice_in_progress
        by = (table.c.structure, table.c.service, table.c.partner_code, table.c.phase)
        counts: dict[tuple[Any, ...], int] = {}
        with self._read() as connection:
            for column, wanted in ((table.c.structure, structures), (table.c.partner_code, partner_codes)):
                for chunk in chunks(wanted):
                    counted = select(*by, func.count().label("many")).where(column.in_(chunk)).group_by(*by)
                    counts |= {tuple(row[:4]): row.many for row in connection.execute(counted)}
        return [Count(key[0], key[1], key[2], Phase(key[3]), count) for key, count in sorted(counts.items())]

    def claim_digest(self) -> DigestClaim | None:
        """The next digest to send; None if none is free. Counted before the mail is sent."""
        now = self._time()
        with self._write() as connection:
            free = select(digest).where(_free(now)).order_by(digest.c.ordinal).limit(1)
            row = connection.execute(free.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            values = {
                "state": DigestState.CLAIMED.value,
                "attempts": row.attempts + 1,
                "free_from_seconds": now + DIGEST_LEASE_SECONDS,
            }
            connection.execute(update(digest).where(digest.c.digest_key == row.digest_key).values(values))
            return DigestClaim(_digest_of(row), row.attempts + 1)

    def digest_done(self, claim: DigestClaim, state: DigestState, detail: str, *, made: bool = True) -> None:
        """Nothing; the attempt has ended so. A word of an attempt that lost its lease counts only if the mail went out.

        Errors   IntegrityBroken if there is no such digest.
        """
        with self._write() as connection:
            ours = digest.c.digest_key == claim.digest.digest_key
            row = connection.execute(select(digest).where(ours).with_for_update()).first()
            if row is None:
                raise IntegrityBroken("the ledger knows no such digest", where="digest", value=claim.digest.digest_key)
            if row.state == DigestState.SENT or (row.attempts != claim.attempt and state is not DigestState.SENT):
                return
            values: dict[str, Any] = {"state": state.value, "detail": detail}
            if state is DigestState.OWED:
                pause = min(DEFERRED_SECONDS * 2.0 ** min(claim.attempt - 1, 30), DEFERRED_SECONDS_MAX)
                values |= {"free_from_seconds": self._time() + pause, "attempts": row.attempts - (not made)}
            connection.execute(update(digest).where(ours).values(values))

    def digests(self, *states: DigestState) -> Sequence[DigestRow]:
        """Digests in these states, all without any, oldest first."""
        statement: Select[Any] = select(digest).order_by(digest.c.ordinal)
        if states:
            statement = statement.where(digest.c.state.in_([state.value for state in states]))
        with self._read() as connection:
            return [
                DigestRow(_digest_of(row), DigestState(row.state), row.attempts, row.owed_at, row.detail)
                for row in connection.execute(statement)
            ]

    def _owe(self, connection: Connection, digests: Sequence[Digest], at: datetime) -> None:
        if not digests:
            return
        first = next_numbers(connection, "digest", len(digests))
        fresh = (DigestState.OWED.value, 0, 0.0, at, "")
        columns = ("ordinal", *_DIGEST, "state", "attempts", "free_from_seconds", "owed_at", "detail")
        rows: Iterable[tuple[object, ...]] = (
            (first + place, *(getattr(one, name) for name in _DIGEST), *fresh) for place, one in enumerate(digests)
        )
        insert_rows(connection, digest, columns, rows)


def _window_row(connection: Connection, frequency: Frequency) -> Any:
    return connection.execute(select(digest_window).where(digest_window.c.frequency == frequency.value)).first()


def _next_window(connection: Connection, frequency: Frequency, row: Any, at: datetime) -> Window:
    upto = connection.execute(select(func.max(status_event.c.id))).scalar() or 0
    # Events of a status flow that is not settled may still be taken back.
    held_up = (
        select(func.min(status_event.c.id))
        .join(flow, flow.c.flow_key == status_event.c.source_flow_key)
        .where(flow.c.status.in_(_PENDING))
    )
    open_from = connection.execute(held_up).scalar()
    if open_from is not None:
        upto = min(upto, open_from - 1)
    if row is not None:
        return Window(frequency, row.after_id, max(upto, row.after_id), at)
    old = select(func.max(status_event.c.id)).where(status_event.c.at < at - FIRST_WINDOW)
    after = connection.execute(old).scalar() or 0
    return Window(frequency, after, max(upto, after), at)


def _free(now: float) -> ColumnElement[bool]:
    waiting = digest.c.state.in_((DigestState.OWED.value, DigestState.CLAIMED.value))
    return and_(waiting, digest.c.free_from_seconds <= now)


def _digest_of(row: Any) -> Digest:
    return Digest(**{name: getattr(row, name) for name in _DIGEST})


def _in_progress(row: InProgress) -> tuple[object, ...]:
    place = (row.owner.flow_key, row.owner.position)
    return (*place, row.structure, row.service, row.partner_code, row.phase.value)
