"""What a late invoice is bound to, in the ledger, on both databases: all of it with its outcome, or nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.ledger import SqlLedger
from data_contracts.commitments import Draw
from data_contracts.envelope import LATE_SERIES, SERIES_SPAN
from data_contracts.errors import LedgerConflict
from data_contracts.history_ledger import Link, LinkKind
from data_contracts.late_ledger import Bonds
from data_contracts.ledger import Answer, InvoiceKey, Named, Owner, StatusEvent
from data_contracts.quarantine import LATE_PARTS, QuarantineState
from data_contracts.tables import Outcome
from tests.connectors.scenes import NOON, PARTNER, answer, checked, settle
from tests.connectors.test_ledger_commitments import KEY, ORDER, said
from tests.connectors.test_ledger_quarantine import ORDER as RELEASE
from tests.connectors.test_ledger_quarantine import settled

NAME = Named(0, "123456789", "F1", 2026, replaceable=True)


def taken_up(database: SqlLedger, flow_key: str) -> int:
    database.order(flow_key, 0, RELEASE)
    return database.take_up(flow_key, 0)


def first(database: SqlLedger, sequence: int) -> Owner:
    """An accepted invoice of another flow."""
    flow_key = checked(database, sequence, partner_code="BBB222")
    settle(database, flow_key, answers=())
    return Owner(flow_key, 0)


def late(database: SqlLedger, flow_key: str, attempt: int, bonds: Bonds, *answers: Answer) -> None:
    events = [StatusEvent(flow_key, 0, "FEN1200A", "03", NOON)]
    database.settle_late(
        flow_key, 0, attempt, outcome=Outcome.ACCEPTED, events=events, answers=list(answers), bonds=bonds
    )


def test_link_draw_and_name_come_with_the_outcome(database: SqlLedger) -> None:
    said(database, 1, ORDER)
    flow_key, earlier = settled(database, 2), first(database, 3)
    attempt = taken_up(database, flow_key)
    link = Link(Owner(flow_key, 0), earlier, LinkKind.RECYCLES)
    assert database.unfollowed([link]) == [link]
    assert database.links([earlier]) == []
    bonds = Bonds([link], [Draw(0, *KEY, Decimal("10.00"))], [earlier], {KEY: Decimal(0)}, [NAME])
    late(database, flow_key, attempt, bonds)
    assert database.links([earlier]) == [link]
    assert database.standings([earlier])[earlier].line == (earlier, link.later)
    assert database.commitments([KEY])[KEY].drawn == Decimal("10.00")
    assert database.named([NAME.seller], NAME.number) == [Owner(flow_key, 0)]


def test_only_one_invoice_follows_under_a_number(database: SqlLedger) -> None:
    flow_key, earlier, pending = settled(database, 1), first(database, 2), checked(database, 3, partner_code="CCC333")
    attempt = taken_up(database, flow_key)
    link = Link(Owner(flow_key, 0), earlier, LinkKind.RECYCLES)
    other = Link(Owner(pending, 0), earlier, LinkKind.COMPLETES)
    database.link(pending, [other])
    assert database.unfollowed([link]) == [], "a flow that is being settled counts"
    assert database.unfollowed([replace(link, kind=LinkKind.REPLACES)]) == [replace(link, kind=LinkKind.REPLACES)]
    before = database.reconciliation()
    with pytest.raises(LedgerConflict, match="took up the same number"):
        late(database, flow_key, attempt, Bonds([link], [Draw(0, *KEY, Decimal("1.00"))], unkeyed=[NAME]))
    assert database.reconciliation() == before
    assert database.quarantine()[0].state is QuarantineState.ORDERED
    assert database.named([NAME.seller], NAME.number) == []
    assert database.events([Owner(flow_key, 0)]).get(Owner(flow_key, 0), []) == []
    database.link(pending, [])
    late(database, flow_key, attempt, Bonds([link]))
    assert database.link(pending, [other]) == []


def test_what_others_drew_meanwhile_is_not_drawn_twice(database: SqlLedger) -> None:
    said(database, 1, ORDER)
    flow_key, other = settled(database, 2), checked(database, 3, partner_code="BBB222")
    attempt = taken_up(database, flow_key)
    bonds = Bonds(draws=[Draw(0, *KEY, Decimal("1000.00"))], seen={KEY: Decimal(0)})
    database.draw(other, [Draw(0, *KEY, Decimal("500.00"))])
    with pytest.raises(LedgerConflict, match="drew on the commitment"):
        late(database, flow_key, attempt, bonds)
    assert database.commitments([KEY])[KEY].drawn == Decimal("500.00")
    late(database, flow_key, attempt, replace(bonds, seen={KEY: Decimal("500.00")}))
    assert database.commitments([KEY])[KEY].drawn == Decimal("1500.00")
    # Once it is settled, its flow's own settlement, done again by a late worker, leaves it as it is.
    database.draw(flow_key, [])
    assert database.commitments([KEY])[KEY].drawn == Decimal("1500.00")


def test_numbers_that_no_answer_bears_and_keys_of_what_waits_on_are_given_back(database: SqlLedger) -> None:
    flow_key, key = settled(database), InvoiceKey(2026, "123456789", "F1")
    first_number = LATE_SERIES * SERIES_SPAN + 1
    told, diffused = ("FEN1200A", PARTNER, LATE_PARTS), ("FEN0036A", PARTNER, LATE_PARTS)
    attempt = taken_up(database, flow_key)
    assert database.claim_late(flow_key, 0, attempt, key) == Owner(flow_key, 0)
    assert set(database.number(flow_key, [told, diffused]).values()) == {first_number}
    database.put_back(flow_key, 0, attempt, cause="still nobody knows", rule_sets=None, version="1")
    assert database.owners_of([key]) == {}, "what waits is accepted from nobody: another may bear its number"
    elsewhere = ("FEN1200A", PARTNER, LATE_PARTS + 1)
    assert database.number(flow_key, [elsewhere]) == {elsewhere: first_number}
    attempt = taken_up(database, flow_key)
    numbers = database.number(flow_key, [told, diffused])
    assert numbers == {told: first_number + 1, diffused: first_number}
    bearing = replace(answer(flow_key, numbers[told], interface_code="FEN1200A"), delivery_id="told")
    late(database, flow_key, attempt, Bonds(), bearing)
    other = settled(database, 2)
    again = ("FEN0036A", PARTNER, LATE_PARTS)
    assert database.number(other, [again]) == {again: first_number}, "no gap in what the recipient gets"
