"""Quarantine and operators' actions in the ledger, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from connectors.ledger import SqlLedger
from data_contracts.envelope import FIRST_SENDER_SERIES, LATE_SERIES, SERIES_SPAN
from data_contracts.errors import ConfigurationError, IntegrityBroken, LedgerConflict, RelaisError
from data_contracts.late_ledger import Bonds
from data_contracts.ledger import InvoiceKey, Owner, StatusEvent
from data_contracts.operations import Action
from data_contracts.quarantine import LATE_PARTS, Order, QuarantineState, SetAside, Verb
from data_contracts.tables import Outcome
from tests.connectors.scenes import NOON, PARTNER, answer, checked, landed

ORDER = Order(Verb.RELEASE, "anna", "looked at it", "", NOON, NOON.date())
ASIDE = (
    SetAside(0, "a.xml", "0" * 64, 9, "a rule crashed", ("set:1@ab",), "1.0"),
    SetAside(1, "b.xml", "1" * 64, 9, "batch stopped its worker 3 times", (), "1.0"),
)
KEY = InvoiceKey(2026, "123456789", "F1")


def settled(database: SqlLedger, sequence: int = 1) -> str:
    """A flow of three invoices, two of which wait."""
    flow_key = checked(database, sequence, members=3)
    database.claim_invoices(flow_key, [], NOON)
    database.settle(
        flow_key, accepted_count=1, rejected_count=0, quarantined_count=2, acknowledgment_code="96", events=[],
        answers=[answer(flow_key, sequence)], set_aside=ASIDE,
    )  # fmt: skip
    return flow_key


def test_what_a_flow_sets_aside_waits_with_cause_and_versions(database: SqlLedger) -> None:
    flow_key = settled(database)
    first, second = database.quarantine(QuarantineState.WAITING)
    assert (first.id, first.name, first.cause) == (f"{flow_key}/0", "a.xml", "a rule crashed")
    assert (first.rule_sets, first.relais_version, first.since) == (("set:1@ab",), "1.0", NOON)
    assert (first.partner_code, first.attempts, first.order) == (PARTNER, 0, None)
    assert (second.position, second.state) == (1, QuarantineState.WAITING)
    assert database.quarantine(flow_key="another") == []


def test_every_invoice_set_aside_has_its_row(database: SqlLedger) -> None:
    flow_key = checked(database, members=2)
    database.claim_invoices(flow_key, [], NOON)
    with pytest.raises(IntegrityBroken, match="quarantine does not hold"):
        database.settle(
            flow_key, accepted_count=0, rejected_count=0, quarantined_count=2, acknowledgment_code="93", events=[],
            answers=[], set_aside=ASIDE[:1],
        )  # fmt: skip


def test_an_order_is_carried_out_once_and_the_sums_follow(database: SqlLedger) -> None:
    flow_key = settled(database)
    assert database.order(flow_key, 0, ORDER).order == ORDER
    assert database.order(flow_key, 0, replace(ORDER, who="bert")).order == ORDER
    attempt = database.take_up(flow_key, 0)
    assert database.claim_late(flow_key, 0, attempt, KEY) == Owner(flow_key, 0)
    late = replace(answer(flow_key, 7, interface_code="FEN1200A"), delivery_id="late")
    events = [StatusEvent(flow_key, 0, "FEN1200A", "03", NOON)]
    database.settle_late(flow_key, 0, attempt, outcome=Outcome.ACCEPTED, events=events, answers=[late], bonds=Bonds())
    told = database.reconciliation()
    assert (told.invoices_accepted, told.invoices_rejected, told.invoices_quarantined, told.gap) == (2, 0, 1, 0)
    assert [delivery.answer.delivery_id for delivery in database.owed()][-1] == "late"
    with pytest.raises(LedgerConflict, match="decided meanwhile"):
        database.settle_late(flow_key, 0, attempt, outcome=Outcome.REJECTED, events=[], answers=[], bonds=Bonds())
    with pytest.raises(ConfigurationError, match="any more"):
        database.order(flow_key, 0, ORDER)
    # The settlement of the flow itself, done again by a late worker, still finds what it recorded.
    database.settle(
        flow_key, accepted_count=1, rejected_count=0, quarantined_count=2, acknowledgment_code="96", events=[],
        answers=[], set_aside=ASIDE,
    )  # fmt: skip


def test_late_answers_do_not_count_as_time(database: SqlLedger) -> None:
    flow_key = settled(database)
    database.delivered(answer(flow_key).delivery_id)
    seconds = database.reports()[0].seconds
    assert seconds is not None
    database.order(flow_key, 1, replace(ORDER, verb=Verb.REJECT))
    attempt = database.take_up(flow_key, 1)
    late = replace(answer(flow_key, 7), delivery_id="late")
    database.settle_late(flow_key, 1, attempt, outcome=Outcome.REJECTED, events=[], answers=[late], bonds=Bonds())
    report = database.reports()[0]
    assert (report.answers_owed, report.answers_delivered, report.seconds) == (2, 1, seconds)


def test_a_worker_thought_dead_changes_nothing(database: SqlLedger) -> None:
    flow_key = settled(database)
    database.order(flow_key, 0, ORDER)
    first, second = database.take_up(flow_key, 0), database.take_up(flow_key, 0)
    assert (first, second) == (1, 2)
    for work in (
        lambda: database.claim_late(flow_key, 0, first, KEY),
        lambda: database.put_back(flow_key, 0, first, cause="late", rule_sets=None, version="1"),
        lambda: database.settle_late(
            flow_key, 0, first, outcome=Outcome.ACCEPTED, events=[], answers=[], bonds=Bonds()
        ),
    ):
        with pytest.raises(LedgerConflict, match="attempt 1 for 2"):
            work()
    database.put_back(flow_key, 0, second, cause="still nobody knows", rule_sets=("set:2@cd",), version="1.1")
    entry = database.quarantine()[0]
    assert (entry.state, entry.cause, entry.rule_sets) == (QuarantineState.WAITING, "still nobody knows", ("set:2@cd",))
    assert (entry.attempts, entry.tries, entry.checked_attempt, entry.relais_version) == (2, 2, 2, "1.1")
    assert database.order(flow_key, 0, replace(ORDER, verb=Verb.REJECT)).tries == 0


def test_an_attempt_that_ended_in_an_error_is_no_try(database: SqlLedger) -> None:
    flow_key = settled(database)
    database.order(flow_key, 0, ORDER)
    first, second = database.take_up(flow_key, 0), database.take_up(flow_key, 0)
    database.excuse(flow_key, 0, first)
    assert database.quarantine()[0].tries == 2, "a later attempt is under way"
    database.excuse(flow_key, 0, second)
    assert (database.quarantine()[0].tries, database.quarantine()[0].attempts) == (1, 2)
    third = database.take_up(flow_key, 0)
    database.put_back(flow_key, 0, third, cause="nobody knows", rule_sets=None, version="1")
    database.excuse(flow_key, 0, third)
    assert (database.quarantine()[0].state, database.quarantine()[0].tries) == (QuarantineState.WAITING, 2)


def test_a_number_accepted_meanwhile_belongs_to_the_other(database: SqlLedger) -> None:
    flow_key, other = settled(database), checked(database, 2)
    database.claim_invoices(other, [(KEY, 1)], NOON)
    database.order(flow_key, 0, ORDER)
    attempt = database.take_up(flow_key, 0)
    assert database.claim_late(flow_key, 0, attempt, KEY) == Owner(other, 1)
    free = replace(KEY, number="F2")
    assert database.claim_late(flow_key, 0, attempt, free) == Owner(flow_key, 0)
    assert database.claim_late(flow_key, 0, attempt, None) is None
    assert database.claim_invoices(other, [(free, 0)], NOON).owners == {free: Owner(other, 0)}


def test_only_what_waits_can_be_ordered(database: SqlLedger) -> None:
    flow_key = settled(database)
    with pytest.raises(ConfigurationError, match="no such invoice"):
        database.order(flow_key, 2, ORDER)
    with pytest.raises(LedgerConflict):
        database.take_up(flow_key, 0)
    database.order(flow_key, 0, ORDER)
    with pytest.raises(ConfigurationError, match="any more"):
        database.order(flow_key, 0, replace(ORDER, verb=Verb.REJECT))


def test_late_answers_are_numbered_in_series_of_their_own(database: SqlLedger) -> None:
    flow_key = settled(database)
    own, other = ("FEN1200A", PARTNER, LATE_PARTS + 1), ("FEN0036A", "REC001", LATE_PARTS + 1)
    first = ("FEN1200A", PARTNER, 0)
    numbers = database.number(flow_key, [own, other, first])
    assert numbers[own] == LATE_SERIES * SERIES_SPAN + 1
    assert numbers[other] == (LATE_SERIES + FIRST_SENDER_SERIES) * SERIES_SPAN + 1
    assert numbers[first] == 1
    assert database.number(flow_key, [own])[own] == numbers[own]


def test_actions_only_grow(database: SqlLedger) -> None:
    landed(database)
    action = Action(0, NOON, "anna", "quarantine release", '{"ids": []}', "why")
    first = database.begin_action(action)
    second = database.begin_action(replace(action, who="bert"))
    database.end_action(first, NOON + timedelta(seconds=1), "done")
    database.end_action(first, NOON + timedelta(seconds=2), "other")
    newest, oldest = database.actions(limit=10)
    assert (newest.number, newest.who, newest.outcome, newest.ended_at) == (second, "bert", "", None)
    assert oldest == replace(action, number=first, ended_at=NOON + timedelta(seconds=1), outcome="done")
    assert len(database.actions(limit=1)) == 1
    for change in ("UPDATE operator_action SET who = 'x'", "DELETE FROM operator_outcome"):
        with pytest.raises(RelaisError), database._write() as connection:
            connection.execute(text(change))
    assert database.actions(limit=10) == [newest, oldest]
