"""A number that comes again by way of quarantine: its supplier hears how the first stands, and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data_contracts.interfaces import Circuit
from data_contracts.quarantine import Order, Quarantined, QuarantineState, Verb
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.admission.stage import admit_flows
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.quarantine.recheck import recheck
from pipelines.quarantine.stage import settle_quarantined
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from relais.samples.flows import Packing, packed
from relais.samples.invoices import readdressed
from relais.samples.recipients import directory
from relais.samples.ubl_writer import ubl_bytes
from tests.end_to_end.test_status_flows import DEP, LATER, World, cpp, deposit, invoices, said
from tests.end_to_end.year import COMMUNE, DEPARTMENT, SUPPLIER
from tests.end_to_end.year_run import EVERYONE, Standing, dropped
from tests.failure.scenario import NoRules
from tests.failure.test_quarantine_afnor import CRASH, Odd

NAME = f"FSO1150A_{SUPPLIER.partner_code}_{SUPPLIER.partner_code}1150000000000000099"


def test_a_released_invoice_under_a_number_to_recycle_is_told_that_it_is_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    life = next(one for one in invoices(6) if one.circuit is Circuit.AFNOR and one.recipient is DEPARTMENT)
    deposit(world, life.invoice, interface="FSO1150A")
    world.send(("FSO1301A", DEP, cpp([said(life, "04")], LATER)))
    again = ubl_bytes(readdressed(life.invoice, COMMUNE, None, None))
    dropped({NAME: packed([("again.xml", again)], Packing.TAR_GZ)}, tmp_path, "again")
    house, clock = world.house, Standing(LATER)
    ledger, store = house.ledger, house.store
    collect_flows(mailbox=house.mailbox, clock=clock, ledger=ledger, store=store)
    admit_flows(partners=EVERYONE, ledger=ledger, store=store)
    for batch_id in plan_batches(ledger=ledger, store=store):
        check_batch(batch_id, ledger=ledger, store=store, worker="w", engine=Engine(None, Odd(again, CRASH)))
    settle_flows(ledger=ledger, store=store, directory=directory(), clock=clock)
    (entry,) = ledger.quarantine()
    ledger.order(entry.flow_key, entry.position, Order(Verb.RELEASE, "anna", "seen", "REJ_SEMAN", LATER, LATER.date()))

    def checked(one: Quarantined, attempt: int, judged_on: date) -> str:
        flow = ledger.flow(one.flow_key)
        recheck(one, flow, attempt, judged_on, store=store, engine=Engine(None, NoRules()), register=INSTALLED_RULES)
        return ""

    (carried,) = settle_quarantined(ledger=ledger, store=store, directory=directory(), recheck=checked)
    told = b"".join(store.read(answer.object_key) for answer in carried.answers).decode()
    assert [one.state for one in ledger.quarantine()] == [QuarantineState.REJECTED]
    assert "La première attend d'être recyclée : la redéposer sous ce numéro" in told
    assert "The first one waits to be recycled" in told
