"""Status flows one by one: what is refused is told line by line, what was sent is acknowledged, and numbers that are
taken up wrongly are named."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.assembly import House
from data_contracts.errors import TerminalError
from data_contracts.history_ledger import LinkKind, Receipt
from data_contracts.ledger import FlowStatus
from data_contracts.notifications import START as EVENTS_START
from data_contracts.notifications import Frequency
from data_contracts.partners import Partner, Partners
from pipelines.admission.stage import admit_flows
from pipelines.intake.stage import collect_flows
from pipelines.lifecycle.subscribed import lifecycle_of
from pipelines.tracking import taking
from pipelines.tracking.findings import NOT_YOURS, NOT_YOURS_TO_SET
from pipelines.tracking.official import StatusRules
from pipelines.tracking.stage import track_statuses
from pipelines.validation.standing_engine import SLOW_ROAD
from relais.samples.flows import Packing, packed
from relais.samples.invoices import Invoice, readdressed
from relais.samples.recipients import directory
from relais.samples.ubl_writer import ubl_bytes
from tests.end_to_end.year import COMMUNE, DEPARTMENT, START, SUPPLIER, Life, Said, Year, cdar, cpp
from tests.end_to_end.year_run import Standing, carried, dropped, opened

LATER = START + timedelta(days=10)
DEP, COM = DEPARTMENT.structure.partner_code, COMMUNE.structure.partner_code


class World:
    """A home to which partners send one round after another."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.house: House = opened(home)
        self.at = START
        self._round = 0
        self._names: dict[str, int] = {}

    def send(self, *flows: tuple[str, str, bytes]) -> list[str]:
        """The names of flows (interface, partner, bytes), dropped and carried through."""
        named = {}
        for interface, partner, data in flows:
            number = self._names[partner] = self._names.get(partner, 0) + 1
            named[f"{interface}_{partner}_{partner}{interface[3:7]}{number:015d}"] = data
        self._round += 1
        self.at += timedelta(days=1)
        dropped(named, self.home, str(self._round))
        carried(self.house, self.at)
        return list(named)

    def answer(self, flow_name: str, prefix: str) -> str:
        """What answers a flow, as text."""
        (flow,) = [one for one in self.house.ledger.flows(FlowStatus.SETTLED) if one.name == flow_name]
        found = [one for one in self.house.ledger.first_answers(flow.flow_key) if one.interface_code.startswith(prefix)]
        return b"".join(self.house.store.read(one.object_key) for one in found).decode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def invoices(count: int = 2) -> list[Life]:
    return Year(count, 1).lives


def deposit(world: World, *made: Invoice, interface: str = "FSO1100A") -> str:
    documents = [(f"{at}.xml", ubl_bytes(one)) for at, one in enumerate(made)]
    return world.send((interface, SUPPLIER.partner_code, packed(documents, Packing.TAR_GZ)))[0]


def said(life: Life, code: str, sender: str = "", at: datetime = LATER, **changes: object) -> Said:
    owner = sender or life.recipient.structure.partner_code
    return replace(Said(owner, life.invoice.number, code, at, life.recipient, life.invoice.issue_date), **changes)  # type: ignore[arg-type]


def test_each_error_of_a_status_flow_is_one_line_and_the_rest_is_taken(world: World) -> None:
    first, second = invoices()
    assert (first.recipient, second.recipient) == (DEPARTMENT, COMMUNE)
    deposit(world, first.invoice, second.invoice)
    statuses = [
        said(first, "07"),
        said(first, "07"),
        said(first, "08", number="NOWHERE"),
        said(second, "08", sender=DEP),  # another recipient's invoice
        said(first, "12"),  # only the supplier completes
        said(first, "11", issued=date(2024, 1, 2)),  # no such year
    ]
    (name,) = world.send(("FSO1301A", DEP, cpp(statuses, LATER)))
    told = world.answer(name, "CSO1301A")
    assert "<IdStatut>96</IdStatut>" in told
    assert 'NbLignesErreur="4"' in told
    labels = re.findall("<LibelleErreur>(.+?)</LibelleErreur>", told)
    assert [re.findall(r"\[(RLS-[A-Z]+-\d+)\]", label)[0] for label in labels] == [
        NOT_YOURS, NOT_YOURS, NOT_YOURS_TO_SET, NOT_YOURS,
    ]  # fmt: skip
    assert second.invoice.number in labels[1]
    assert "enregistrés : 2, dont déjà connus : 1 ; refusés : 4" in told
    relayed = world.answer(name, "FEN1200A")
    assert relayed.count("<IdStatut>07</IdStatut>") == 1
    assert second.invoice.number not in relayed


def test_documents_that_cannot_be_read_are_named_and_an_afnor_flow_of_them_is_not_admissible(world: World) -> None:
    (life,) = invoices(1)
    deposit(world, life.invoice, interface="FSO1150A")
    broken = packed([("a.xml", b"<unclosed>"), ("b.xml", ubl_bytes(life.invoice))], Packing.TAR_GZ)
    (name,) = world.send(("FSO1304A", SUPPLIER.partner_code, broken))
    told = world.answer(name, "CSO1304A")
    assert "<ram:ProcessConditionCode>501</ram:ProcessConditionCode>" in told
    assert "a.xml" in told
    assert "b.xml" in told
    mixed = packed(
        [("a.xml", b"<unclosed>"), ("c.xml", cdar(said(life, "212", SUPPLIER.partner_code), LATER))], Packing.TAR_GZ
    )
    (name,) = world.send(("FSO1304A", SUPPLIER.partner_code, mixed))
    told = world.answer(name, "CSO1304A")
    assert "<ram:ProcessConditionCode>500</ram:ProcessConditionCode>" in told


def test_a_flow_of_too_many_statuses_is_taken_as_far_as_there_is_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "STATUSES_PER_FLOW_MAX", 2)
    first, second = (replace(one, recipient=DEPARTMENT) for one in invoices())
    deposit(world, first.invoice, readdressed(second.invoice, DEPARTMENT, "BATIMENTS", None))
    few = [cpp([said(first, "07")], LATER), cpp([said(first, "08"), said(second, "07")], LATER)]
    few.append(cpp([said(second, "08")], LATER))
    (name,) = world.send(("FSO1301A", DEP, packed([(f"{at}.xml", one) for at, one in enumerate(few)], Packing.TAR_GZ)))
    told = world.answer(name, "CSO1301A")
    assert "<IdStatut>96</IdStatut>" in told
    assert "Documents illisibles : 1" in told
    assert re.findall("(.)\\.xml : \\[RLS-HIST-04\\]", told) == ["1"]
    assert "le flux dépasse 2 statuts" in told
    assert sorted(re.findall("<IdStatut>(..)</IdStatut>", world.answer(name, "FEN1200A"))) == ["07", "08"]


def test_a_number_of_two_years_needs_the_date(world: World) -> None:
    (life,) = invoices(1)
    older = replace(
        life.invoice, issue_date=date(2025, 12, 30), due_date=date(2026, 1, 30),
        period=(date(2025, 11, 1), date(2025, 11, 30)),
    )  # fmt: skip
    deposit(world, life.invoice, older)
    undated = cpp([said(life, "07")], LATER).replace(b"<DateFacture>2026-01-02</DateFacture>", b"")
    (name,) = world.send(("FSO1301A", DEP, undated))
    told = world.answer(name, "CSO1301A")
    assert "RLS-HIST-01" in told
    assert "2025-12-30, 2026-01-02" in told
    (name,) = world.send(("FSO1301A", DEP, cpp([said(life, "07", issued=older.issue_date)], LATER)))
    assert "<IdStatut>90</IdStatut>" in world.answer(name, "CSO1301A")


def test_a_payment_request_that_is_exempt_from_uniqueness_has_a_history_too(world: World) -> None:
    (life,) = invoices(1)
    deposit(world, replace(life.invoice, frame="S3"), interface="FSO1150A")
    (name,) = world.send(("FSO1301A", DEP, cpp([said(life, "08")], LATER)))
    assert "<IdStatut>90</IdStatut>" in world.answer(name, "CSO1301A")
    assert world.answer(name, "FEN1204A")


def test_recipients_acknowledge_our_flows_and_the_rest_is_chased(world: World) -> None:
    first, second = invoices()
    deposit(world, first.invoice, second.invoice)
    ledger = world.house.ledger
    now = datetime.fromisoformat("2100-01-01T00:00:00+00:00")
    open_before = {one.answer.partner_code: one.answer for one in ledger.unacknowledged(now)}
    assert set(open_before) == {DEP, COM}
    units = "".join(
        f'<CPPFluxStatutUnitaire NumOrdre="{order}"><DonneesStatut><IdStatut>{code}</IdStatut>'
        f"<Horodatage>2026-01-10T00:00:00Z</Horodatage><IdFlux>{flow_id}</IdFlux></DonneesStatut>"
        "</CPPFluxStatutUnitaire>"
        for order, (code, flow_id) in enumerate(
            [("90", open_before[DEP].name[-25:]), ("90", open_before[COM].name[-25:]), ("93", "X" * 25)], start=1
        )
    )
    whole = cpp([said(first, "07")], LATER).decode()
    begin, end = whole.index("<CPPFactureStatuts"), whole.index("</CPPStatut>")
    flows = f'{whole[:begin]}<CPPFluxStatuts compteur="3">{units}</CPPFluxStatuts>{whole[end:]}'.encode()
    (name,) = world.send(("FSO1300A", DEP, flows))
    told = world.answer(name, "CSO1300A")
    assert "<IdStatut>96</IdStatut>" in told
    assert told.count("RLS-HIST-02") >= 2, "the other recipient's flow is not one of ours to this partner"
    assert [one.answer.partner_code for one in ledger.unacknowledged(now)] == [COM]
    assert [one.answer for one in ledger.receipts(Receipt.ACKNOWLEDGED)] == [open_before[DEP]]


def test_a_number_is_recycled_only_when_nothing_else_changed(world: World) -> None:
    (life,) = invoices(1)
    deposit(world, life.invoice)
    same = deposit(world, readdressed(life.invoice, COMMUNE, None, None))
    assert "avoir" in world.answer(same, "CSO1100A"), "nobody waits for it: a duplicate"
    world.send(("FSO1301A", DEP, cpp([said(life, "04")], LATER)))
    unchanged = deposit(world, life.invoice)
    assert "en ne changeant que le destinataire" in world.answer(unchanged, "CSO1100A")
    dearer = replace(life.invoice, contract="2026-MP-1", totals=replace(life.invoice.totals, payable=Decimal("1.00")))
    changed = deposit(world, readdressed(dearer, COMMUNE, None, None))
    told = world.answer(changed, "CSO1100A")
    assert "<IdStatut>93</IdStatut>" in told
    assert re.search(r"Ont aussi changé : [^.]*BT-12[^.]*BT-115", told)
    recycled = deposit(world, readdressed(life.invoice, COMMUNE, None, None))
    assert "<IdStatut>90</IdStatut>" in world.answer(recycled, "CSO1100A")
    assert "<Renvoi>Recyclée</Renvoi>" in world.answer(recycled, "FEN0036A")
    assert "Recyclage accepté" in world.answer(recycled, "FEN1200A")
    again = deposit(world, readdressed(life.invoice, COMMUNE, None, None))
    assert "<IdStatut>93</IdStatut>" in world.answer(again, "CSO1100A")
    # The recipient of then may still speak of what it had; the one of now of what it has.
    (old,) = world.send(("FSO1301A", DEP, cpp([said(life, "04")], LATER)))
    assert "dont déjà connus : 1" in world.answer(old, "CSO1301A")
    (new,) = world.send(("FSO1301A", COM, cpp([said(life, "07", sender=COM, at=LATER + timedelta(days=30))], LATER)))
    assert "<IdStatut>90</IdStatut>" in world.answer(new, "CSO1301A")


def test_each_invoice_in_the_place_of_a_refused_one_is_linked_to_it(world: World) -> None:
    (life,) = invoices(1)
    first = replace(life.invoice, number="REF-1")
    deposit(world, first)
    world.send(("FSO1301A", DEP, cpp([said(life, "05", number="REF-1")], LATER)))
    parts = [replace(life.invoice, number=f"NEW-{at}", preceding=("REF-1", first.issue_date)) for at in (1, 2)]
    deposit(world, *parts)
    ledger = world.house.ledger
    owners = {number: ledger.named({SUPPLIER.siren}, number)[0] for number in ("REF-1", "NEW-1", "NEW-2")}
    links = ledger.links([owners["REF-1"]])
    assert {link.later for link in links} == {owners["NEW-1"], owners["NEW-2"]}
    assert {link.kind for link in links} == {LinkKind.REPLACES}


def test_of_a_number_refused_in_two_years_the_nearer_is_replaced(world: World) -> None:
    (life,) = invoices(1)
    first = replace(life.invoice, number="REF-1")
    older = replace(
        first, issue_date=date(2025, 12, 30), due_date=date(2026, 1, 30),
        period=(date(2025, 11, 1), date(2025, 11, 30)),
    )  # fmt: skip
    deposit(world, first, older)
    refusals = [said(life, "05", number="REF-1"), said(life, "05", number="REF-1", issued=older.issue_date)]
    world.send(("FSO1301A", DEP, cpp(refusals, LATER)))
    deposit(world, replace(life.invoice, number="NEW-1", preceding=("REF-1", first.issue_date)))
    ledger = world.house.ledger
    (later,) = ledger.named({SUPPLIER.siren}, "NEW-1")
    assert [link.earlier for link in ledger.links([later])] == ledger.named({SUPPLIER.siren}, "REF-1", 2026)


def test_a_flow_that_fails_stops_nobody_elses(world: World) -> None:
    first, second = invoices()
    deposit(world, first.invoice, second.invoice)
    ledger, store = world.house.ledger, world.house.store

    class Damaged:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def read(self, key: str, *place: int) -> bytes:
            data = store.read(key, *place)
            return data.replace(b"PAYMENT OF DEP", b"payment of dep")

    dep = cpp([said(first, "07")], LATER).replace(b"Dossier", b"PAYMENT OF DEP")
    com = cpp([said(second, "07")], LATER)
    named = {
        f"FSO1301A_{code}_{code}1301000000000000009": data for code, data in ((DEP, dep), (COM, com))
    }  # fmt: skip
    dropped(named, world.home, "damaged")
    everyone = Partners({}, open_to_all=True)
    clock, rules = Standing(LATER), StatusRules(world.house.register, lambda: SLOW_ROAD)
    ports: dict[str, Any] = {"ledger": ledger, "directory": directory(), "partners": everyone}
    ports |= {"clock": clock, "rules": rules}
    collect_flows(mailbox=world.house.mailbox, store=store, ledger=ledger, clock=clock)
    admit_flows(ledger=ledger, store=store, partners=everyone)
    with pytest.raises(TerminalError, match="1 status flows cannot be tracked; 1 others were"):
        track_statuses(store=Damaged(), **ports)  # type: ignore[arg-type]
    assert track_statuses(store=store, **ports) == 1
    assert ledger.trackable() == []


@pytest.mark.parametrize("killed_before", [False, True])
def test_a_status_flow_that_bound_its_events_and_fails_holds_back_nobodys_mails(
    world: World, killed_before: bool
) -> None:
    first, second = invoices()
    deposit(world, first.invoice, second.invoice)
    ledger, store = world.house.ledger, world.house.store

    class Failing:
        """The store, until the outcomes of the first flow are written, or its documents read."""

        def __init__(self, error: BaseException, method: str) -> None:
            self.error, self.method = error, method

        def __getattr__(self, name: str) -> Any:
            def failing(key: str, *more: Any) -> Any:
                if key.split("/")[1] == mine:
                    raise self.error
                return getattr(store, name)(key, *more)

            return failing if name == self.method else getattr(store, name)

    named = {
        f"FSO1301A_{code}_{code}1301000000000000009": cpp([said(one, "07")], LATER)
        for code, one in ((DEP, first), (COM, second))
    }  # fmt: skip
    dropped(named, world.home, "failing")
    collect_flows(mailbox=world.house.mailbox, store=store, ledger=ledger, clock=Standing(LATER))
    ports: dict[str, Any] = {"ledger": ledger, "partners": Partners({}, open_to_all=True), "clock": Standing(LATER)}
    ports["directory"] = directory()
    admit_flows(ledger=ledger, store=store, partners=ports["partners"])
    ports["rules"] = StatusRules(world.house.register, lambda: SLOW_ROAD)
    mine, theirs = (one.flow_key for one in ledger.trackable())
    if killed_before:
        with pytest.raises(KeyboardInterrupt):
            track_statuses(store=Failing(KeyboardInterrupt(), "replace"), **ports)  # type: ignore[arg-type]
    error = LookupError("nobody thought of it")
    with pytest.raises(TerminalError, match="1 others were"):
        track_statuses(store=Failing(error, "read" if killed_before else "replace"), **ports)  # type: ignore[arg-type]
    window = ledger.peek_window(Frequency.AT_ONCE, LATER)
    told = [event.source_flow_key for _, event in ledger.events_since(window, EVENTS_START, 100)]
    assert theirs in told
    assert mine not in told
    assert track_statuses(store=store, **ports) == 1
    later = ledger.peek_window(Frequency.AT_ONCE, LATER)
    assert mine in [event.source_flow_key for _, event in ledger.events_since(later, EVENTS_START, 100)]


def test_a_supplier_gets_the_version_it_subscribes_to() -> None:
    subscribed = Partners({"ELC001": Partner("ELC001", "E", frozenset({"FSO1100A", "FEN1201A"}))})
    assert lifecycle_of("ELC001", "FSO1100A", subscribed) == "FEN1201A"
    assert lifecycle_of("ELC001", "FSO1150A", subscribed) == "FEN1204A"
    assert lifecycle_of("ELC001", "FSO1100A", Partners({}, open_to_all=True)) == "FEN1200A"
