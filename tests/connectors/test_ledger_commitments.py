"""Commitments and deadlines in the ledger, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.ledger import SqlLedger
from data_contracts.commitments import Commitment, CommitmentLine, CommitmentState, Draw, Held
from data_contracts.deadlines import Duty
from data_contracts.errors import LedgerConflict
from data_contracts.history import Actor
from data_contracts.history_ledger import Link, LinkKind
from data_contracts.ledger import Owner
from tests.connectors.scenes import NOON, PARTNER, Machine, answer, checked, envelope, landed, settle
from tests.connectors.test_ledger_history import event, finish, status_flow

STRUCTURE = "21750001600019"
ORDER = Commitment(
    STRUCTURE, "1501966748", "S1", "55208131766522", Decimal("1200.10"), "EUR", date(2026, 9, 1), None,
    date(2027, 1, 31), CommitmentState.OPEN, (CommitmentLine(1, "Encre, « noire »", Decimal("1000.0834")),),
)  # fmt: skip
KEY = (STRUCTURE, "1501966748")


def said(ledger: SqlLedger, sequence: int, *commitments: Commitment, done: bool = True) -> str:
    _, flow_key = landed(ledger, sequence)
    ledger.admit(flow_key, 0)
    ledger.commit(flow_key, commitments)
    if done:
        ledger.claim_invoices(flow_key, [], NOON)
        settle(ledger, flow_key, accepted=0, answers=())
    return flow_key


def test_the_last_word_of_a_settled_flow_stands(database: SqlLedger) -> None:
    first = said(database, 1, ORDER)
    assert database.commitments([KEY, (STRUCTURE, "unknown")]) == {KEY: Held(ORDER, Decimal(0), first)}
    closed = replace(ORDER, state=CommitmentState.CLOSED, lines=())
    second = said(database, 2, closed)
    database.commit(second, [ORDER])
    assert database.commitments([KEY])[KEY] == Held(closed, Decimal(0), second), "a settled flow's word is final"
    pending = said(database, 3, ORDER, done=False)
    assert database.commitments([KEY])[KEY].flow_key == second
    database.commit(pending, [replace(ORDER, number="2")])
    database.claim_invoices(pending, [], NOON)
    settle(database, pending, accepted=0, answers=())
    assert [held.commitment.number for held in database.all_commitments()] == ["1501966748", "2"]
    assert database.commitments([KEY])[KEY].flow_key == second


def test_draws_are_summed_without_the_flow_that_asks(database: SqlLedger) -> None:
    said(database, 1, ORDER)
    one, two = checked(database, 2), checked(database, 3, partner_code="BBB222")
    database.draw(one, [Draw(0, *KEY, Decimal("0.1")), Draw(1, *KEY, Decimal("0.2"))])
    database.draw(one, [Draw(0, *KEY, Decimal("0.3"))])
    database.draw(two, [Draw(0, *KEY, Decimal("-0.1"))])
    assert database.commitments([KEY])[KEY].drawn == Decimal("0.2")
    assert database.commitments([KEY], besides=one)[KEY].drawn == Decimal("-0.1")
    settle(database, one, answers=())
    database.draw(one, [])
    assert database.commitments([KEY])[KEY].drawn == Decimal("0.2")


def test_only_the_recipients_standing_word_gives_back_what_was_drawn(database: SqlLedger) -> None:
    said(database, 1, ORDER)
    invoices = checked(database, 2)
    database.draw(invoices, [Draw(0, *KEY, Decimal("1000.00"))])
    settle(database, invoices, answers=())

    def drawn_after(number: int, code: str, minutes: int, done: bool = True, **changes: object) -> Decimal:
        source = status_flow(database, number)
        database.bind_statuses(source, [event(invoices, source, code, minutes, **changes)], NOON)
        if done:
            finish(database, source)
        return database.commitments([KEY])[KEY].drawn

    assert drawn_after(1, "210", 1, actor=Actor.SUPPLIER) == Decimal("1000.00")
    assert drawn_after(2, "05", 2) == 0
    assert drawn_after(3, "07", 3) == Decimal("1000.00"), "the recipient took its rejection back"
    assert drawn_after(4, "05", 4, done=False) == Decimal("1000.00"), "nothing counts before its flow is settled"


def test_a_structure_announces_once_its_flow_is_settled(database: SqlLedger) -> None:
    flow_key = said(database, 1, ORDER, done=False)
    assert database.announcing([STRUCTURE]) == frozenset()
    database.claim_invoices(flow_key, [], NOON)
    settle(database, flow_key, accepted=0, answers=())
    assert database.announcing([STRUCTURE]) == {STRUCTURE}


def test_of_two_flows_at_once_the_second_sees_what_the_first_took(database: SqlLedger) -> None:
    said(database, 1, ORDER)
    one, two = checked(database, 2), checked(database, 3, partner_code="BBB222")
    seen = {KEY: database.commitments([KEY], besides=one)[KEY].drawn}
    database.draw(one, [Draw(0, *KEY, Decimal("1000.00"))], seen=seen)
    with pytest.raises(LedgerConflict, match="drew on the commitment"):
        database.draw(two, [Draw(0, *KEY, Decimal("1000.00"))], seen=seen)
    assert database.commitments([KEY])[KEY].drawn == Decimal("1000.00")
    again = {KEY: database.commitments([KEY], besides=two)[KEY].drawn}
    database.draw(two, [Draw(0, *KEY, Decimal("200.10"))], seen=again)
    database.draw(one, [Draw(0, *KEY, Decimal("999.00"))], seen={KEY: Decimal("200.10")})
    assert database.commitments([KEY])[KEY].drawn == Decimal("1199.10")


def test_a_draw_is_taken_over_when_the_flow_of_the_recycled_invoice_settles(database: SqlLedger) -> None:
    said(database, 1, ORDER)
    first, again = checked(database, 2), checked(database, 3)
    database.draw(first, [Draw(0, *KEY, Decimal("800.00")), Draw(1, *KEY, Decimal("1.00"))])
    settle(database, first, answers=())
    earlier = Owner(first, 0)
    link = Link(Owner(again, 1), earlier, LinkKind.RECYCLES)
    assert database.link(again, [link]) == [link]
    database.draw(again, [Draw(1, *KEY, Decimal("800.00"))], [earlier], seen={KEY: Decimal("1.00")})
    assert database.commitments([KEY])[KEY].drawn == Decimal("801.00"), "once, while it is not settled"
    # A rerun that rejects the invoice takes nothing over.
    database.link(again, [])
    database.draw(again, [], seen={})
    assert database.commitments([KEY])[KEY].drawn == Decimal("801.00")
    database.link(again, [link])
    database.draw(again, [Draw(1, *KEY, Decimal("800.00"))], [earlier], seen={KEY: Decimal("1.00")})
    settle(database, again, answers=())
    assert database.commitments([KEY])[KEY].drawn == Decimal("801.00")
    assert database.commitments([KEY], without=[Owner(again, 1)])[KEY].drawn == Decimal("1.00")


def test_commitments_are_listed_by_structure_and_by_who_has_them_now(database: SqlLedger) -> None:
    other = replace(ORDER, structure="1" * 14)
    said(database, 1, ORDER, other)
    said(database, 2, replace(ORDER, supplier="2" * 14))
    assert [held.commitment.structure for held in database.all_commitments()] == ["1" * 14, STRUCTURE]
    assert [held.commitment for held in database.all_commitments(structure="1" * 14)] == [other]
    assert [held.commitment for held in database.all_commitments(supplier=ORDER.supplier)] == [other]


def test_what_is_owed_since_when_and_when_it_was_done(database: SqlLedger, machine: Machine) -> None:
    landed(database, 9, partner_code="BBB222")
    machine.seconds += 60
    flow_key = checked(database, 1)
    acknowledgment, status = answer(flow_key, 1), answer(flow_key, 1, interface_code="FEN1200A")
    settle(database, flow_key, answers=(acknowledgment, status, answer(flow_key, 2, interface_code="FEN0036A")))
    machine.seconds += 30
    database.delivered(acknowledgment.delivery_id)

    def at(seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC)

    rows = database.owed_since(at(0))
    assert [(row.duty, row.partner_code, row.name, row.since, row.done_at) for row in rows] == [
        (Duty.ACKNOWLEDGMENT, "BBB222", envelope(9, "BBB222"), at(1_000), None),
        (Duty.STATUS, "BBB222", envelope(9, "BBB222"), at(1_000), None),
        (Duty.ACKNOWLEDGMENT, PARTNER, envelope(1), at(1_060), at(1_090)),
        (Duty.STATUS, PARTNER, status.name, at(1_060), None),
    ]
    machine.seconds += 10_000
    assert [row.name for row in database.owed_since(at(machine.seconds))] == [
        envelope(9, "BBB222"), envelope(9, "BBB222"), status.name,
    ]  # fmt: skip
