"""An invoice that leaves quarantine late is decided as one that was never in it: it recycles, completes, replaces or
repeats an earlier one, draws on a commitment, or is refused for want of one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts.errors import LedgerConflict
from data_contracts.history import Phase
from data_contracts.history_ledger import Link, LinkKind
from data_contracts.interfaces import Circuit
from data_contracts.ledger import InvoiceKey, Owner
from data_contracts.limits import BATCH_ATTEMPTS_MAX
from data_contracts.quarantine import LATE_PARTS, QuarantineState, Verb
from data_contracts.statuses import RECYCLED, SUCCEEDED
from data_contracts.tables import Outcome
from pipelines.tracking.fold import situation
from relais.samples.invoices import readdressed
from tests.end_to_end.released import ENGAGEMENT, INTERFACE, KEY, Waiting, completed, demanding, first_life, quoting
from tests.end_to_end.test_status_flows import LATER, deposit, invoices
from tests.end_to_end.year import COMMUNE, SUPPLIER


@pytest.fixture
def world(tmp_path: Path) -> Waiting:
    return Waiting(tmp_path)


def owner_of(world: Waiting, number: str) -> Owner:
    key = InvoiceKey(2026, SUPPLIER.siren, number)
    return world.house.ledger.owners_of([key])[key]  # type: ignore[attr-defined, no-any-return]


def states(world: Waiting) -> list[QuarantineState]:
    return [one.state for one in world.house.ledger.quarantine()]  # type: ignore[attr-defined]


def codes(world: Waiting, owner: Owner) -> list[str]:
    ledger: Any = world.house.ledger
    return [event.code for event in ledger.events([owner])[owner]]


def test_a_released_invoice_recycles_the_one_that_waits_for_it(world: Waiting) -> None:
    life = first_life()
    deposit(world, life.invoice, interface=INTERFACE)
    world.say(life, "04")
    flow_key = world.set_aside(readdressed(life.invoice, COMMUNE, None, None))
    carried = world.release(flow_key, at=LATER + timedelta(days=1))
    assert (carried.outcome, states(world)) == (Outcome.ACCEPTED, [QuarantineState.ACCEPTED])
    ledger: Any = world.house.ledger
    later, earlier = Owner(flow_key, 0), owner_of(world, life.invoice.number)
    assert ledger.links([earlier]) == [Link(later, earlier, LinkKind.RECYCLES)]
    assert ledger.standings([earlier])[earlier].line == (earlier, later)
    assert codes(world, earlier)[-1] == RECYCLED
    assert codes(world, later) == ["202", "203"]
    assert "Recyclage accepté sous le même numéro que la facture du fichier 0.xml" in world.told(carried, "FEN1204A")
    assert "Recycling accepted under the same number" in world.told(carried, "FEN1204A")
    assert "Recycl" in world.told(carried, "FEN0036A"), "the recipient hears why the number comes again"
    assert later in ledger.named([SUPPLIER.siren], life.invoice.number)
    # The one that stands now is the released one: the next to come under the number repeats it.
    again = deposit(world, life.invoice, interface=INTERFACE)
    assert "repeats the invoice of file 0.xml" in world.answer(again, "CSO1150A")


def test_a_released_invoice_completes_the_one_that_is_suspended(world: Waiting) -> None:
    life = first_life()
    deposit(world, life.invoice, interface=INTERFACE)
    world.say(life, "06")
    flow_key = world.set_aside(completed(life.invoice))
    carried = world.release(flow_key, at=LATER + timedelta(days=1))
    earlier = owner_of(world, life.invoice.number)
    ledger: Any = world.house.ledger
    assert carried.outcome is Outcome.ACCEPTED
    assert carried.told.startswith("Completion accepted under the same number as the invoice of file 0.xml")
    assert ledger.links([earlier]) == [Link(Owner(flow_key, 0), earlier, LinkKind.COMPLETES)]
    assert codes(world, earlier)[-1] == "209"
    assert "Completion accepted" in world.told(carried, "FEN1204A")


def test_an_invoice_that_nobody_had_opened_recycles_and_is_found_under_its_number(world: Waiting) -> None:
    (life,) = invoices(1)
    assert life.circuit is Circuit.CHORUS_PRO
    deposit(world, life.invoice)
    world.say(life, "04")
    moved = readdressed(life.invoice, COMMUNE, None, None)
    flow_key = world.set_aside(moved, interface="FSO1100A", unopened=True)
    ledger: Any = world.house.ledger
    (entry,) = ledger.quarantine()
    assert entry.cause == "batch stopped its worker 3 times"
    assert Owner(flow_key, 0) not in ledger.named([SUPPLIER.siren], life.invoice.number)
    carried = world.release(flow_key, at=LATER + timedelta(days=1))
    assert carried.outcome is Outcome.ACCEPTED
    assert Owner(flow_key, 0) in ledger.named([SUPPLIER.siren], life.invoice.number)
    told = world.told(carried, "FEN1200A")
    assert re.findall("<IdStatut>(..)</IdStatut>", told) == ["01", "03"], "that it is received could not be told before"
    assert told.count("Recycling accepted under the same number") == 1


def test_a_released_invoice_that_changes_more_is_told_what(world: Waiting) -> None:
    life = first_life()
    deposit(world, life.invoice, interface=INTERFACE)
    world.say(life, "04")
    moved = readdressed(life.invoice, COMMUNE, None, None)
    flow_key = world.set_aside(replace(moved, due_date=life.invoice.due_date + timedelta(days=1)))
    carried = world.release(flow_key)
    assert (carried.outcome, carried.told) == (Outcome.REJECTED, "DOUBLON")
    assert "BT-9" in world.told(carried)
    ledger: Any = world.house.ledger
    assert ledger.links([Owner(flow_key, 0)]) == []
    # A duplicate takes nobody's place and nobody takes its own.
    assert ledger.rejected_before([(SUPPLIER.siren, life.invoice.number)], _last_flow(world)) == {}


def test_a_released_invoice_takes_the_place_of_a_rejected_one(world: Waiting) -> None:
    life = first_life()
    unknown = replace(life.invoice, buyer=replace(life.invoice.buyer, siret="21999998000019"))
    rejected = deposit(world, unknown, interface=INTERFACE)
    flow_key = world.set_aside(life.invoice)
    carried = world.release(flow_key)
    ledger: Any = world.house.ledger
    (link,) = ledger.links([Owner(flow_key, 0)])
    assert (carried.outcome, link.kind) == (Outcome.ACCEPTED, LinkKind.REPLACES)
    assert ledger.flow(link.earlier.flow_key).name == rejected
    assert codes(world, link.earlier)[-1] == SUCCEEDED
    assert f"Replaces the original invoice {life.invoice.number}" in world.told(carried, "FEN1204A")


def test_an_invoice_that_a_person_rejects_is_found_again_and_may_be_replaced(world: Waiting) -> None:
    life = first_life()
    flow_key = world.set_aside(life.invoice)
    world.order(flow_key, verb=Verb.REJECT)
    (carried,) = world.carry_out()
    assert carried.outcome is Outcome.REJECTED
    deposit(world, life.invoice, interface=INTERFACE)
    ledger: Any = world.house.ledger
    (link,) = ledger.links([Owner(flow_key, 0)])
    assert (link.kind, link.earlier) == (LinkKind.REPLACES, Owner(flow_key, 0))


def test_a_released_invoice_draws_on_its_commitment(world: Waiting) -> None:
    life = first_life()
    world.commit("1000000.00")
    flow_key = world.set_aside(life.invoice)
    assert world.held().drawn == 0
    carried = world.release(flow_key)
    assert carried.outcome is Outcome.ACCEPTED
    assert world.held().drawn == life.invoice.totals.gross
    assert {answer.interface_code for answer in carried.answers} == {"FEN1204A", "FEN0036A"}, "nothing to warn of"


def test_what_a_recycled_invoice_took_is_taken_over_by_the_released_one(world: Waiting) -> None:
    life = first_life()
    world.commit("1000000.00")
    deposit(world, life.invoice, interface=INTERFACE)
    world.say(life, "04")
    flow_key = world.set_aside(replace(life.invoice, service_code="COLLEGES"))
    carried = world.release(flow_key, at=LATER + timedelta(days=1))
    assert carried.outcome is Outcome.ACCEPTED
    assert world.held().drawn == life.invoice.totals.gross
    ledger: Any = world.house.ledger
    assert ledger.commitments([KEY], without=[Owner(flow_key, 0)])[KEY].drawn == 0


def test_a_released_invoice_that_overdraws_is_accepted_and_its_supplier_warned(world: Waiting) -> None:
    life = first_life()
    world.commit("1.00")
    carried = world.release(world.set_aside(life.invoice))
    assert carried.outcome is Outcome.ACCEPTED
    told = world.told(carried, "CSO1150A")
    (warning,) = re.findall("Commitments to check \\(1\\): (.*)", told)
    assert f"{life.invoice.number}: " in warning
    assert ENGAGEMENT in warning
    assert "1.00 EUR" in warning
    assert "Complement: the invoice of file 0.xml, set aside for a person, is accepted." in told
    assert all(answer.delivery_id.endswith(f":{LATE_PARTS}") for answer in carried.answers)


def test_a_released_invoice_is_refused_where_its_commitment_must_stand_and_gives_its_number_back(
    world: Waiting,
) -> None:
    life = first_life()
    flow_key = world.set_aside(life.invoice)
    carried = world.release(flow_key, known=demanding())
    assert (carried.outcome, carried.told) == (Outcome.REJECTED, "REJ_CONT_B2G")
    assert "RLS-EJ-11" in world.told(carried, "FEN1214A")
    ledger: Any = world.house.ledger
    key = InvoiceKey(2026, SUPPLIER.siren, life.invoice.number)
    assert ledger.owners_of([key]) == {}
    deposit(world, quoting(life.invoice, None), interface=INTERFACE)
    (link,) = ledger.links([Owner(flow_key, 0)])
    assert link.kind is LinkKind.REPLACES


def test_others_of_the_same_flow_draw_before_it(world: Waiting) -> None:
    life = first_life()
    gross = life.invoice.totals.gross
    world.commit(str(gross + Decimal("1.00")))
    flow_key = world.set_aside(replace(life.invoice, number="ASIDE-1"), life.invoice)
    assert world.held().drawn == gross
    carried = world.release(flow_key, known=demanding())
    assert carried.outcome is Outcome.REJECTED
    assert "RLS-EJ-15" in world.told(carried)
    assert world.held().drawn == gross


def test_a_recycling_that_was_asked_for_after_the_order_is_done_all_the_same(world: Waiting) -> None:
    life = first_life()
    deposit(world, life.invoice, interface=INTERFACE)
    flow_key = world.set_aside(replace(life.invoice, service_code="COLLEGES"))
    world.order(flow_key, at=world.at)
    world.say(life, "04")
    (carried,) = world.carry_out()
    assert carried.outcome is Outcome.ACCEPTED
    earlier = owner_of(world, life.invoice.number)
    ledger: Any = world.house.ledger
    line = ledger.standings([earlier])[earlier]
    assert line.line == (earlier, Owner(flow_key, 0))
    assert situation(line.events).phase is Phase.RECYCLED, "nobody waits for it a second time"


def test_what_is_dated_before_the_order_is_said_of_the_first(world: Waiting) -> None:
    life = first_life()
    deposit(world, life.invoice, interface=INTERFACE)
    world.say(life, "04")
    flow_key = world.set_aside(replace(life.invoice, service_code="COLLEGES"))
    ordered = world.at + timedelta(days=1)
    world.release(flow_key, at=ordered)
    world.at = ordered
    world.say(life, "07", at=ordered - timedelta(hours=2))
    world.say(life, "08", at=ordered + timedelta(hours=2))
    assert "07" in codes(world, owner_of(world, life.invoice.number)), "its recipient had not seen the other yet"
    assert codes(world, Owner(flow_key, 0)) == ["202", "203", "08"]


def test_what_fails_after_a_check_never_counts_as_a_check_that_stops_its_worker(
    world: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow_key = world.set_aside(first_life().invoice)
    world.order(flow_key)
    ledger: Any = world.house.ledger

    def busy(*_where: Any, **_what: Any) -> None:
        raise LedgerConflict("others drew on the commitment meanwhile", where="here", remedy="run again")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "settle_late", busy)
        for _ in range(BATCH_ATTEMPTS_MAX + 1):
            with pytest.raises(LedgerConflict, match="meanwhile"):
                world.carry_out()
    (entry,) = ledger.quarantine()
    assert (entry.state, entry.attempts, entry.tries) == (QuarantineState.ORDERED, BATCH_ATTEMPTS_MAX + 1, 0)
    (carried,) = world.carry_out()
    assert carried.outcome is Outcome.ACCEPTED


def _last_flow(world: Waiting) -> str:
    ledger: Any = world.house.ledger
    return (
        deposit(world, replace(first_life().invoice, number="LAST"), interface=INTERFACE)
        and max((report.flow for report in ledger.reports()), key=lambda flow: flow.ordinal).flow_key
    )
