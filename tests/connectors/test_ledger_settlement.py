"""Settlement: a partner's flows in order, invoices owned once, numbers without gap, all or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.ledger import SqlLedger
from data_contracts.envelope import FIRST_SENDER_SERIES, REFUSED_SERIES, SERIES_SPAN
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.ledger import DeliveryState, FlowStatus, InvoiceKey, Leftovers, Owner, StatusEvent
from data_contracts.limits import DELIVERY_ATTEMPT_SECONDS_MAX, DELIVERY_BACKOFF_SECONDS_MAX
from data_contracts.quarantine import SetAside
from tests.connectors.scenes import NOON, Machine, admitted, answer, checked, landed, planned, settle

SELLER = "123456782"


def _key(number: int) -> InvoiceKey:
    return InvoiceKey(2026, SELLER, f"F-{number}")


def test_a_flow_is_settleable_once_all_its_batches_are_checked(ledger: SqlLedger) -> None:
    flow_key, batch_id = planned(ledger)
    assert ledger.settleable() == []
    claim = ledger.claim(batch_id, "one")
    assert claim is not None
    ledger.checked(claim, 2)
    assert [flow.flow_key for flow in ledger.settleable()] == [flow_key]


def test_a_flow_waits_for_its_partners_earlier_ones_only(ledger: SqlLedger) -> None:
    _, early = landed(ledger, 1)
    late = checked(ledger, 2)
    other = checked(ledger, 3, partner_code="BBB222")
    assert [flow.flow_key for flow in ledger.settleable()] == [other]
    with pytest.raises(LedgerConflict, match="earlier flow"):
        ledger.claim_invoices(late, [], NOON)
    with pytest.raises(LedgerConflict, match="earlier flow"):
        settle(ledger, late, answers=())
    ledger.refuse(early, "IRR_VIDE", "", "91", [])
    assert [flow.flow_key for flow in ledger.settleable()] == [late, other]
    settle(ledger, late, answers=())
    assert [flow.flow_key for flow in ledger.settleable()] == [other]


def test_ready_flows_of_one_partner_come_one_by_one(ledger: SqlLedger) -> None:
    keys = [checked(ledger, sequence) for sequence in (1, 2)]
    blocked = admitted(ledger, 3)
    behind = checked(ledger, 4)
    told = []
    while ready := ledger.settleable():
        told.append([flow.flow_key for flow in ready])
        settle(ledger, ready[0].flow_key, answers=())
    assert told == [keys[:1], keys[1:]]
    assert [flow.flow_key for flow in ledger.flows(FlowStatus.ADMITTED)] == [blocked, behind]


def test_an_invoice_belongs_to_the_first_that_claims_it(ledger: SqlLedger) -> None:
    first, second = checked(ledger, 1), checked(ledger, 2, partner_code="BBB222")
    wanted = [(_key(1), 0), (_key(2), 1), (_key(1), 2)]
    for at in (NOON, NOON + timedelta(hours=1)):
        settlement = ledger.claim_invoices(first, wanted, at)
        assert settlement.settled_at == NOON
        assert settlement.owners == {_key(1): Owner(first, 0), _key(2): Owner(first, 1)}
    later = ledger.claim_invoices(second, [(_key(2), 0), (_key(3), 1)], NOON + timedelta(hours=2))
    assert later.owners == {_key(2): Owner(first, 1), _key(3): Owner(second, 1)}
    assert later.settled_at == NOON + timedelta(hours=2)


def test_the_last_claim_before_settling_counts(ledger: SqlLedger) -> None:
    first, second = checked(ledger, 1), checked(ledger, 2, partner_code="BBB222")
    ledger.claim_invoices(first, [(_key(1), 0), (_key(2), 1)], NOON)
    again = ledger.claim_invoices(first, [(_key(2), 1)], NOON)
    assert again.owners == {_key(2): Owner(first, 1)}
    others = ledger.claim_invoices(second, [(_key(1), 0), (_key(2), 1)], NOON)
    assert others.owners == {_key(1): Owner(second, 0), _key(2): Owner(first, 1)}


def test_a_settled_flow_gives_up_nothing(ledger: SqlLedger) -> None:
    flow_key = checked(ledger)
    ledger.claim_invoices(flow_key, [(_key(1), 0)], NOON)
    settle(ledger, flow_key, answers=(answer(flow_key),))
    assert ledger.claim_invoices(flow_key, [], NOON).owners == {}
    other = checked(ledger, 2, partner_code="BBB222")
    assert ledger.claim_invoices(other, [(_key(1), 0)], NOON).owners == {_key(1): Owner(flow_key, 0)}


def test_twenty_thousand_keys_are_owned_by_the_first(ledger: SqlLedger) -> None:
    first, second = checked(ledger, 1), checked(ledger, 2, partner_code="BBB222")
    keys = [(_key(number), number) for number in range(20_000)]
    for flow_key in (first, second):
        owners = ledger.claim_invoices(flow_key, keys, NOON).owners
        assert all(owners[key] == Owner(first, position) for key, position in keys)


def test_numbers_run_from_one_in_each_series(ledger: SqlLedger) -> None:
    one, two = checked(ledger, 1), checked(ledger, 2)
    slots = [("FEN0036A", "CCC333", 1), ("FEN0036A", "CCC333", 0), ("CSO1100A", "AAA111", 0)]
    from_first_sender = FIRST_SENDER_SERIES * SERIES_SPAN
    first = ledger.number(one, slots)
    assert first == {slots[0]: from_first_sender + 2, slots[1]: from_first_sender + 1, slots[2]: 1}
    assert ledger.number(two, slots[:1]) == {slots[0]: from_first_sender + 3}
    assert ledger.number(one, slots) == first
    more = ("FEN0036A", "CCC333", 2)
    assert ledger.number(one, [more, slots[0]]) == {more: from_first_sender + 4, slots[0]: from_first_sender + 2}
    assert ledger.number(one, []) == {}


def test_a_rerun_that_owes_less_leaves_no_gap(ledger: SqlLedger) -> None:
    one, two = checked(ledger, 1), checked(ledger, 2)
    slots = [("FEN0036A", "CCC333", 0), ("FEN0036A", "CCC333", 1), ("FEN0036A", "DDD444", 0)]
    first = ledger.number(one, slots)
    assert ledger.number(one, slots[:1]) == {slots[0]: first[slots[0]]}
    kept, late = (answer(one, first[slot], interface_code="FEN0036A", partner_code="CCC333") for slot in slots[:2])
    # A run that was thought dead must not bring out a number that was given back.
    with pytest.raises(LedgerConflict, match="otherwise meanwhile"):
        settle(ledger, one, answers=(kept, late))
    settle(ledger, one, answers=(kept,))
    assert ledger.number(two, slots) == {
        slots[0]: first[slots[1]], slots[1]: first[slots[1]] + 1, slots[2]: first[slots[2]],
    }  # fmt: skip
    # What is settled stays.
    assert ledger.number(one, []) == {}
    assert ledger.number(one, slots[:1]) == {slots[0]: first[slots[0]]}


def test_numbers_do_not_depend_on_who_settles_first(ledger: SqlLedger) -> None:
    first, second = checked(ledger, 1), checked(ledger, 2, partner_code="BBB222")
    slot = ("FEN0036A", "CCC333", 0)
    assert ledger.number(second, [slot]) == {slot: (FIRST_SENDER_SERIES + 1) * SERIES_SPAN + 1}
    assert ledger.number(first, [slot]) == {slot: FIRST_SENDER_SERIES * SERIES_SPAN + 1}


def test_a_refusal_overtakes_without_disturbing_the_numbers_of_settled_flows(ledger: SqlLedger) -> None:
    admitted = checked(ledger, 1)
    _, refused = landed(ledger, 2)
    slot = ("CSO1100A", "AAA111", 0)
    assert ledger.number(refused, [slot]) == {slot: REFUSED_SERIES * SERIES_SPAN + 1}
    assert ledger.number(admitted, [slot]) == {slot: 1}


def test_settlement_is_done_once(ledger: SqlLedger) -> None:
    flow_key = checked(ledger)
    for _ in range(2):
        settle(ledger, flow_key, accepted=1, rejected=1, answers=(answer(flow_key),))
    flow = ledger.flow(flow_key)
    assert (flow.status, flow.acknowledgment_code) == (FlowStatus.SETTLED, "90")
    assert (flow.member_count, flow.accepted_count, flow.rejected_count, flow.quarantined_count) == (2, 1, 1, 0)
    assert len(ledger.owed()) == 1
    with pytest.raises(IntegrityBroken, match="other counts"):
        settle(ledger, flow_key, accepted=2, answers=())
    ledger.admit(flow_key, 2)


def test_counts_must_account_for_every_member(ledger: SqlLedger) -> None:
    flow_key = checked(ledger, members=2)
    with pytest.raises(IntegrityBroken, match="every member"):
        settle(ledger, flow_key, accepted=1, answers=())
    _, only_landed = landed(ledger, 2, partner_code="BBB222")
    with pytest.raises(IntegrityBroken, match="cannot be settled"):
        settle(ledger, only_landed, accepted=0, answers=())


def test_a_settlement_that_fails_halfway_leaves_nothing(ledger: SqlLedger) -> None:
    flow_key = checked(ledger)

    def events() -> object:
        for position in range(1_200):
            yield StatusEvent(flow_key, position, "FEN1200A", "200", NOON)
        raise OSError("the disk with the outcomes is gone")

    arguments = {"accepted_count": 2, "rejected_count": 0, "quarantined_count": 0, "acknowledgment_code": "90"}
    with pytest.raises(OSError, match="is gone"):
        ledger.settle(flow_key, **arguments, events=events(), answers=[answer(flow_key)])  # type: ignore[arg-type]
    with pytest.raises(IntegrityBroken, match="another flow"):
        ledger.settle(flow_key, **arguments, events=[], answers=[answer("other")])  # type: ignore[arg-type]
    assert ledger.flow(flow_key).status is FlowStatus.ADMITTED
    assert ledger.owed() == []


def test_acknowledgments_are_owed_first_then_in_order_of_landing(ledger: SqlLedger) -> None:
    one, two = checked(ledger, 1), checked(ledger, 2, partner_code="BBB222")
    settle(ledger, two, answers=(answer(two, 2, interface_code="FEN1200A"), answer(two, 2)))
    settle(ledger, one, answers=(answer(one, 1, interface_code="FEN1200A"), answer(one, 1)))
    owed = [(delivery.answer.flow_key, delivery.answer.interface_code) for delivery in ledger.owed()]
    assert owed == [(one, "CSO1100A"), (two, "CSO1100A"), (one, "FEN1200A"), (two, "FEN1200A")]
    assert ledger.owed()[0].answer == answer(one, 1)


def test_a_delivery_goes_forward_only(ledger: SqlLedger, machine: Machine) -> None:
    flow_key = checked(ledger)
    owed = answer(flow_key)
    settle(ledger, flow_key, answers=(owed,))
    attempts = [ledger.attempt(owed.delivery_id) for _ in range(3)]
    assert [attempt.number for attempt in attempts] == [1, 2, 3]
    assert len({attempt.part for attempt in attempts}) == 3
    assert set(attempts[2].earlier) == {attempts[0].part, attempts[1].part}
    assert ledger.staged(owed.delivery_id, attempts[1].part) == attempts[1].part
    assert ledger.staged(owed.delivery_id, attempts[0].part) == attempts[1].part, "the first to have staged publishes"
    late = ledger.attempt(owed.delivery_id)
    assert (late.state, late.staged) == (DeliveryState.STAGED, attempts[1].part)
    machine.seconds += DELIVERY_BACKOFF_SECONDS_MAX
    assert [(delivery.state.value, delivery.attempts) for delivery in ledger.owed()] == [("staged", 4)]
    for _ in range(2):
        ledger.delivered(owed.delivery_id)
    assert ledger.staged(owed.delivery_id, late.part) == attempts[1].part
    assert ledger.owed() == []
    for call in (ledger.attempt, lambda unknown: ledger.staged(unknown, "1-1"), ledger.delivered):
        with pytest.raises(IntegrityBroken, match="no such delivery"):
            call("unknown")


def test_what_attempts_left_is_told_once_all_of_them_are_over(ledger: SqlLedger, machine: Machine) -> None:
    flow_key = checked(ledger)
    one, two = answer(flow_key, 1), answer(flow_key, 2)
    settle(ledger, flow_key, answers=(one, two))
    first, second = (ledger.attempt(one.delivery_id) for _ in range(2))
    ledger.staged(one.delivery_id, second.part)
    ledger.staged(two.delivery_id, ledger.attempt(two.delivery_id).part)
    for each in (one, two):
        ledger.delivered(each.delivery_id)
    assert ledger.leftovers() == []
    machine.seconds += DELIVERY_ATTEMPT_SECONDS_MAX
    for _ in range(2):
        assert ledger.leftovers() == [Leftovers(one.delivery_id, one.partner_code, one.name, (first.part,))]
    for _ in range(2):
        ledger.cleared(one.delivery_id)
        assert ledger.leftovers() == []


def test_reports_say_how_long_the_answers_took(ledger: SqlLedger, machine: Machine) -> None:
    flow_key = checked(ledger)
    answers = (answer(flow_key, 1), answer(flow_key, 1, interface_code="FEN1200A"))
    settle(ledger, flow_key, answers=answers)
    machine.seconds += 5
    ledger.delivered(answers[0].delivery_id)
    report = ledger.reports()[0]
    assert (report.answers_owed, report.answers_delivered, report.seconds) == (2, 1, None)
    machine.seconds += 2
    ledger.delivered(answers[1].delivery_id)
    machine.seconds += 1_000
    landed(ledger, 1, identity="sent again")
    report = ledger.reports()[0]
    assert (report.answers_owed, report.answers_delivered, report.resent_count, report.seconds) == (3, 2, 1, 7.0)
    assert report.answers_repeated == 1


def test_all_is_accounted_for_at_every_stage(ledger: SqlLedger) -> None:
    assert ledger.reconciliation().gap == 0
    settled = checked(ledger, 1, members=5)
    ledger.claim_invoices(settled, [], NOON)
    ledger.settle(
        settled, accepted_count=3, rejected_count=1, quarantined_count=1, acknowledgment_code="90",
        events=[StatusEvent(settled, 0, "FEN1200A", "200", NOON)], answers=[answer(settled)],
        set_aside=[SetAside(4, "e.xml", "0" * 64, 9, "cause", (), "1")],
    )  # fmt: skip
    _, refused = landed(ledger, 2)
    ledger.refuse(refused, "IRR_VIDE", "", "91", [answer(refused, 2)])
    ledger.delivered(answer(refused, 2).delivery_id)
    admitted(ledger, 3, members=7)
    landed(ledger, 4)
    told = ledger.reconciliation()
    assert (told.flows_received, told.flows_settled, told.flows_refused, told.flows_pending) == (4, 1, 1, 2)
    assert (told.invoices_received, told.invoices_accepted, told.invoices_rejected) == (12, 3, 1)
    assert (told.invoices_quarantined, told.invoices_pending, told.gap) == (1, 7, 0)
    assert (told.answers_owed, told.answers_delivered) == (2, 1)
    assert [report.motive for report in ledger.reports()] == ["", "IRR_VIDE", "", ""]
