"""Where deposited invoices lie: asked for many flows at once, the answer is that of each flow by itself."""

from __future__ import annotations

from dataclasses import replace

from connectors.ledger import SqlLedger
from data_contracts.history_ledger import Link, LinkKind
from data_contracts.late_ledger import Bonds
from data_contracts.ledger import Batch, Owner, Slice
from data_contracts.quarantine import Order, QuarantineState, SetAside, Verb
from data_contracts.tables import Outcome
from tests.connectors.scenes import NOON, admitted, answer, checked
from tests.connectors.test_ledger_history import KEY, settled_with

MANY = [f"{number:024x}" for number in range(1_200)]
"""Flow keys that the ledger does not know: more than one query asks for."""


def test_batches_are_told_with_the_slices_of_the_flows_alone(database: SqlLedger) -> None:
    first, second, third = (admitted(database, sequence) for sequence in (1, 2, 3))
    shared = Batch("shared", (Slice(first, 0, 2), Slice(second, 0, 1)))
    database.plan([shared, Batch("later", (Slice(second, 1, 1), Slice(third, 0, 2)))])
    assert database.batches_holding([]) == []
    assert database.batches_holding([*MANY, first]) == [Batch("shared", (Slice(first, 0, 2),))]
    assert database.batches_holding([third, second, *MANY]) == [
        Batch("shared", (Slice(second, 0, 1),)),
        Batch("later", (Slice(second, 1, 1), Slice(third, 0, 2))),
    ]


def test_entries_that_left_quarantine_are_told_for_many_flows(database: SqlLedger) -> None:
    order = Order(Verb.REJECT, "anna", "looked at it", "", NOON, NOON.date())
    flow_keys = []
    for sequence in (1, 2):
        flow_key = checked(database, sequence)
        aside = [SetAside(at, f"{at}.xml", "0" * 64, 9, "a rule crashed", (), "1.0") for at in (0, 1)]
        database.claim_invoices(flow_key, [], NOON)
        database.settle(
            flow_key, accepted_count=0, rejected_count=0, quarantined_count=2, acknowledgment_code="96", events=[],
            answers=[answer(flow_key, sequence)], set_aside=aside,
        )  # fmt: skip
        flow_keys.append(flow_key)
    assert database.left_quarantine(flow_keys) == []
    for flow_key, position in ((flow_keys[1], 0), (flow_keys[0], 1)):
        database.order(flow_key, position, order)
        attempt = database.take_up(flow_key, position)
        database.settle_late(
            flow_key, position, attempt, outcome=Outcome.REJECTED, events=[], answers=[], bonds=Bonds()
        )
    gone = database.left_quarantine([*MANY, *reversed(flow_keys)])
    assert gone == database.quarantine(QuarantineState.REJECTED)
    assert [(one.flow_key, one.position) for one in gone] == [(flow_keys[0], 1), (flow_keys[1], 0)]
    assert database.left_quarantine(flow_keys[1:]) == gone[1:]


def test_lines_are_those_of_the_standings(database: SqlLedger) -> None:
    first = settled_with(database, 1)
    link = Link(Owner("", 0), Owner(first, 0), LinkKind.RECYCLES)
    second = settled_with(database, 2, links=[link])
    alone = settled_with(database, 3, key=replace(KEY, number="F-2"))
    owners = [Owner(first, 0), Owner(alone, 0)]
    assert database.lines(owners) == {
        Owner(first, 0): (Owner(first, 0), Owner(second, 0)),
        Owner(alone, 0): (Owner(alone, 0),),
    }
    standings = database.standings(owners)
    assert {owner: standings[owner].line for owner in owners} == database.lines(owners)
