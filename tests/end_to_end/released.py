"""A home where invoices wait in quarantine, as their rules crashed, and what an operator's release makes of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from data_contracts.commitments import Commitment, CommitmentState, Held
from data_contracts.directory import Directory
from data_contracts.interfaces import Circuit
from data_contracts.partners import Partners
from data_contracts.quarantine import Order, Quarantined, Verb
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.admission.stage import admit_flows
from pipelines.commitments.stage import take_commitments
from pipelines.commitments.writing import written
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.quarantine.recheck import recheck
from pipelines.quarantine.stage import Carried, settle_quarantined
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from relais.samples.flows import Packing, packed
from relais.samples.invoices import Invoice, readdressed
from relais.samples.recipients import directory
from relais.samples.ubl_writer import ubl_bytes
from tests.end_to_end.test_status_flows import DEP, LATER, World, cpp, invoices, said
from tests.end_to_end.year import DEPARTMENT, SUPPLIER, Life
from tests.end_to_end.year_run import EVERYONE, Standing, dropped, opened
from tests.failure.quarantined import Deadly, Unreleased
from tests.failure.scenario import Killed, NoRules
from tests.failure.test_quarantine_afnor import CRASH, Odd

ENGAGEMENT = "1501900001"
KEY = (DEPARTMENT.structure.siret, ENGAGEMENT)
INTERFACE = "FSO1150A"


def first_life() -> Life:
    """An invoice of the approved platforms' circuit to the department, which quotes the commitment."""
    life = next(one for one in invoices(6) if one.circuit is Circuit.AFNOR and one.recipient is DEPARTMENT)
    life.invoice = quoting(life.invoice)
    return life


def quoting(invoice: Invoice, engagement: str | None = ENGAGEMENT) -> Invoice:
    """The same invoice, that quotes a commitment."""
    return readdressed(invoice, DEPARTMENT, "BATIMENTS", engagement)


def completed(invoice: Invoice) -> Invoice:
    """The same invoice with what its recipient waits for."""
    return replace(invoice, notes=(*invoice.notes, ("AAI", "Pièces jointes complétées.")))


def demanding() -> Directory:
    """The directory, where the department demands that commitments stand."""
    known = directory()
    siret = DEPARTMENT.structure.siret
    return replace(
        known, structures={**known.structures, siret: replace(known.structures[siret], commitment_required=True)}
    )


def checked_again(house: Any) -> Callable[[Quarantined, int, date], str]:
    """Checks an invoice by rules that find nothing."""

    def checked(one: Quarantined, attempt: int, judged_on: date) -> str:
        flow = house.ledger.flow(one.flow_key)
        engine = Engine(None, NoRules())
        recheck(one, flow, attempt, judged_on, store=house.store, engine=engine, register=INSTALLED_RULES)
        return ""

    return checked


class Waiting(World):
    """A home to which partners send; some of it is set aside."""

    def __init__(self, home: Path, ledger_url: str = "") -> None:
        super().__init__(home)
        if ledger_url:
            self.house.ledger.close()  # type: ignore[attr-defined]
            self.house = opened(home, ledger_url)
        self._set_aside = 0

    def say(self, life: Life, code: str, at: datetime = LATER) -> None:
        """The recipient sets a status."""
        self.send(("FSO1301A", DEP, cpp([said(life, code, DEP, at)], at)))

    def set_aside(self, *made: Invoice, interface: str = INTERFACE, unopened: bool = False) -> str:
        """The key of a flow whose first invoice waits in quarantine: its rules crash, or it stops whoever opens it."""
        self._set_aside += 1
        documents = [ubl_bytes(one) for one in made]
        sequence = 90 + self._set_aside
        name = f"{interface}_{SUPPLIER.partner_code}_{SUPPLIER.partner_code}{interface[3:7]}{sequence:015d}"
        members = [(f"{at}.xml", data) for at, data in enumerate(documents)]
        dropped({name: packed(members, Packing.TAR_GZ)}, self.home, f"aside {sequence}")
        house: Any = self.house
        ports = {"ledger": house.ledger, "store": house.store}
        collect_flows(mailbox=house.mailbox, clock=Standing(self.at), **ports)
        admit_flows(partners=EVERYONE, **ports)
        engine = Engine(None, Deadly(documents[0]) if unopened else Odd(documents[0], CRASH))
        dying = {**ports, "ledger": Unreleased(house.ledger)}
        while batch_ids := plan_batches(**ports):
            for batch_id in batch_ids:
                with suppress(Killed):
                    check_batch(batch_id, worker="w", engine=engine, **dying)
        settle_flows(directory=directory(), clock=Standing(self.at), **ports)
        return next(one.flow_key for one in house.ledger.quarantine() if one.flow_name == name)

    def commit(self, amount: str) -> None:
        """The department commits itself to pay the supplier so much."""
        commitment = Commitment(
            *KEY, "BATIMENTS", SUPPLIER.siret, Decimal(amount), "EUR", date(2026, 1, 1), None, None,
            CommitmentState.OPEN,
        )  # fmt: skip
        dropped({f"FSO9010A_{DEP}_{DEP}9010{1:015d}": written([commitment])}, self.home, "commitments")
        house: Any = self.house
        ports = {"ledger": house.ledger, "store": house.store}
        collect_flows(mailbox=house.mailbox, clock=Standing(self.at), **ports)
        admit_flows(partners=Partners({}, open_to_all=True), **ports)
        take_commitments(directory=directory(), suppliers={}, clock=Standing(self.at), **ports)

    def order(self, flow_key: str, at: datetime = LATER, verb: Verb = Verb.RELEASE) -> None:
        """An operator gives an order on the invoice that waits."""
        self.house.ledger.order(flow_key, 0, Order(verb, "anna", "seen", "REJ_SEMAN", at, at.date()))  # type: ignore[attr-defined]

    def release(self, flow_key: str, known: Directory | None = None, at: datetime = LATER) -> Carried:
        """What became of the one invoice of a flow that an operator releases."""
        self.order(flow_key, at)
        (carried,) = self.carry_out(known)
        return carried

    def carry_out(self, known: Directory | None = None) -> list[Carried]:
        """What became of the invoices that are ordered."""
        house: Any = self.house
        return settle_quarantined(
            ledger=house.ledger, store=house.store, directory=known or directory(), recheck=checked_again(house)
        )

    def told(self, carried: Carried, prefix: str = "") -> str:
        """What the answers of an order say."""
        found = [one for one in carried.answers if one.interface_code.startswith(prefix)]
        return b"".join(self.house.store.read(one.object_key) for one in found).decode()

    def held(self) -> Held:
        """The commitment as it stands."""
        ledger: Any = self.house.ledger
        return ledger.commitments([KEY])[KEY]  # type: ignore[no-any-return]
