"""Mails in the ledger: windows of events, digests claimed once, counts of what is in progress. On every database."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from connectors.ledger import SqlLedger
from connectors.ledger_digests import DEFERRED_SECONDS, DIGEST_LEASE_SECONDS
from data_contracts.errors import LedgerConflict
from data_contracts.history import Actor, Event, Phase
from data_contracts.ledger import Owner, StatusEvent
from data_contracts.notifications import (
    START,
    Count,
    Digest,
    DigestState,
    Frequency,
    InProgress,
    Reminder,
    Window,
)
from data_contracts.ports import Deposit
from data_contracts.statuses import StatusFormat
from tests.connectors import servers
from tests.connectors.scenes import NOON, Machine, checked, stored

LATER = NOON + timedelta(hours=1)


def settled(ledger: SqlLedger, sequence: int, *, at: timedelta = timedelta(0), events: int = 2) -> str:
    flow_key = checked(ledger, sequence)
    said = [StatusEvent(flow_key, place % 2, "FEN1200A", "01", NOON + at) for place in range(events)]
    ledger.claim_invoices(flow_key, [], NOON)
    ledger.settle(
        flow_key, accepted_count=2, rejected_count=0, quarantined_count=0, acknowledgment_code="90",
        events=said, answers=[],
    )  # fmt: skip
    return flow_key


def digest(name: str) -> Digest:
    return Digest(name.ljust(32, "0"), f"{name}@ville.example", f"<{name}@relais>", f"notifications/{name}", "0" * 64)


def told(ledger: SqlLedger, window: Window) -> list[tuple[str, int]]:
    events, cursor = [], START
    while page := ledger.events_since(window, cursor, 3):
        cursor = page[-1][0]
        events += [(event.flow_key, event.position) for _, event in page]
    return events


def test_each_event_is_in_one_window(database: SqlLedger) -> None:
    first = [settled(database, sequence) for sequence in (1, 2)]
    peeked = database.peek_window(Frequency.DAILY, NOON)
    window = database.open_window(Frequency.DAILY, NOON)
    assert peeked == window
    later = settled(database, 3)
    assert database.open_window(Frequency.DAILY, LATER) == window, "bound by the first call"
    assert sorted(told(database, window)) == sorted((key, place) for key in first for place in range(2))
    database.owe_digests(window, [digest("a")])
    database.owe_digests(window, [digest("a")])
    assert len(database.digests()) == 1
    second = database.open_window(Frequency.DAILY, LATER)
    assert told(database, second) == [(later, 0), (later, 1)]
    assert second.after == window.upto
    assert database.last_window(Frequency.DAILY) == second
    assert database.last_window(Frequency.AT_ONCE) is None
    with pytest.raises(LedgerConflict):
        database.owe_digests(Window(Frequency.DAILY, second.after, second.upto + 1, LATER), [])


def test_an_empty_window_closes_and_a_first_one_reaches_back_a_day(database: SqlLedger) -> None:
    settled(database, 1, at=timedelta(days=-3))
    recent = settled(database, 2)
    window = database.open_window(Frequency.AT_ONCE, NOON)
    assert told(database, window) == [(recent, 0), (recent, 1)]
    database.owe_digests(window, [])
    empty = database.open_window(Frequency.AT_ONCE, LATER)
    assert (empty.after, told(database, empty)) == (empty.upto, [])
    database.owe_digests(empty, [])
    fresh = settled(database, 3)
    assert told(database, database.open_window(Frequency.AT_ONCE, LATER)) == [(fresh, 0), (fresh, 1)]


def test_a_digest_is_claimed_once_until_its_lease_runs_out(database: SqlLedger, machine: Machine) -> None:
    window = database.open_window(Frequency.DAILY, NOON)
    database.owe_digests(window, [digest("a")])
    claim = database.claim_digest()
    assert claim is not None
    assert (claim.digest, claim.attempt) == (digest("a"), 1)
    assert database.claim_digest() is None
    machine.seconds += DIGEST_LEASE_SECONDS
    again = database.claim_digest()
    assert again is not None
    assert again.attempt == 2
    database.digest_done(claim, DigestState.OWED, "the first one's word comes late")
    assert [row.state for row in database.digests()] == [DigestState.CLAIMED]
    database.digest_done(claim, DigestState.SENT, "250 it did arrive")
    database.digest_done(again, DigestState.OWED, "451")
    assert [(row.state, row.detail) for row in database.digests(DigestState.SENT)] == [
        (DigestState.SENT, "250 it did arrive")
    ]
    assert database.claim_digest() is None


def test_a_deferred_digest_waits_and_the_next_goes_before_it(database: SqlLedger, machine: Machine) -> None:
    database.owe_digests(database.open_window(Frequency.DAILY, NOON), [digest("a"), digest("b")])
    first = database.claim_digest()
    assert first is not None
    database.digest_done(first, DigestState.OWED, "452 full")
    second = database.claim_digest()
    assert second is not None
    assert second.digest == digest("b")
    database.digest_done(second, DigestState.REFUSED, "550")
    assert database.claim_digest() is None
    machine.seconds += DEFERRED_SECONDS
    third = database.claim_digest()
    assert third is not None
    assert (third.digest, third.attempt) == (digest("a"), 2)
    assert [row.digest for row in database.digests(DigestState.REFUSED)] == [digest("b")]


def test_reminders_are_recorded_with_their_mail_or_not_at_all(database: SqlLedger) -> None:
    database.remind([Reminder("x", 1)], [digest("a")], NOON)
    with pytest.raises(LedgerConflict):
        database.remind([Reminder("y", 1), Reminder("x", 1)], [digest("b")], NOON)
    database.remind([Reminder("x", 2)], [], LATER)
    assert database.reminded(["x", "y", "z"]) == {"x": (2, LATER)}
    assert [row.digest for row in database.digests()] == [digest("a")]


def test_what_is_in_progress_is_counted_and_forgotten_at_its_end(database: SqlLedger) -> None:
    def row(position: int, phase: Phase, service: str = "") -> InProgress:
        return InProgress(Owner("f", position), "21750001600019", service, "AAA111", phase)

    database.stand([row(0, Phase.DEPOSITED), row(1, Phase.DEPOSITED), row(2, Phase.SUSPENDED, "S1")], [])
    database.stand([row(0, Phase.MADE_AVAILABLE)], [Owner("f", 1), Owner("never", 7)])
    expected = [
        Count("21750001600019", "", "AAA111", Phase.MADE_AVAILABLE, 1),
        Count("21750001600019", "S1", "AAA111", Phase.SUSPENDED, 1),
    ]
    assert database.standing(["21750001600019"], []) == expected
    assert database.standing([], ["AAA111"]) == expected
    assert database.standing(["21750001600019"], ["AAA111"]) == expected
    assert database.standing(["1" * 14], ["BBB222"]) == []


def test_statuses_that_may_still_be_taken_back_wait_for_the_next_window(database: SqlLedger) -> None:
    told_first = settled(database, 1)
    deposit = Deposit("CCC333", "FSO1301A_CCC333_CCC3331301000000000000007", 3, "one")
    _, status_flow = database.land(deposit, stored(b"one"), NOON)
    database.admit(status_flow, 1)
    event = Event(
        "k" * 32, told_first, 0, StatusFormat.CPP_INVOICE, "06", NOON, NOON, Actor.RECIPIENT, "CCC333",
        source_flow_key=status_flow, source_name="FSO1301A",
    )  # fmt: skip
    database.bind_statuses(status_flow, [event], NOON)
    behind = settled(database, 2)
    window = database.open_window(Frequency.AT_ONCE, NOON)
    assert told(database, window) == [(told_first, 0), (told_first, 1)]
    database.owe_digests(window, [])
    database.settle_statuses(
        status_flow, integrated_count=1, refused_count=0, acknowledgment_code="90", receipts=[], answers=[]
    )
    second = database.open_window(Frequency.AT_ONCE, LATER)
    assert sorted(told(database, second)) == sorted([(told_first, 0), (behind, 0), (behind, 1)])


def test_no_event_comes_in_behind_a_window() -> None:
    """PostgreSQL gives numbers before transactions end: a slow one must not write below the cut."""
    ledgers = [SqlLedger(url := servers.new_database(), lock_wait_seconds=20)]
    ledgers += [SqlLedger(url) for _ in range(2)]
    slow, other, teller = ledgers
    slow.create_tables()
    flow_key = settled(slow, 1)
    teller.owe_digests(teller.open_window(Frequency.AT_ONCE, NOON), [])
    insert = text(
        "INSERT INTO status_event (flow_key, position, interface_code, code, at, motive) "
        "VALUES (:flow_key, 7, 'FEN1200A', '03', now(), '')"
    )
    windows: list[Window] = []
    with slow._write() as connection:
        connection.execute(insert, {"flow_key": flow_key})
        later = settled(other, 2)
        thread = Thread(target=lambda: windows.append(teller.open_window(Frequency.AT_ONCE, LATER)))
        thread.start()
        thread.join(0.5)
        assert windows == [], "it waits for the one that writes"
    thread.join()
    assert sorted(told(teller, windows[0])) == sorted([(flow_key, 7), (later, 0), (later, 1)])
    for ledger in ledgers:
        ledger.close()
