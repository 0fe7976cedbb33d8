"""Invoices that their supplier completes: the recipient gets each again as it got it first, whatever named it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from data_contracts.directory import AddressLine, Directory
from relais.samples.recipients import directory
from relais.samples.ubl_writer import ubl_bytes
from tests.end_to_end import year_run
from tests.end_to_end.test_status_flows import DEP, LATER, World, invoices, said
from tests.end_to_end.year import DEPARTMENT, SUPPLIER, cdar, cpp

ADDRESS = "223800201_PORTE-7"
COMPLETED = "<Renvoi>Complétée</Renvoi>"


def addressed() -> Directory:
    """The samples' directory, in which one address stands for a service of the department."""
    siret = DEPARTMENT.structure.siret
    line = AddressLine(ADDRESS, 1, date(2020, 1, 1), siret=siret, service_code="BATIMENTS")
    return replace(directory(), addresses={ADDRESS: (line,)}, addressed=True)


def told(pivot: str) -> str:
    """The invoices of a pivot, without what says that they come again."""
    return pivot[pivot.index("<CPPFactures ") :].replace(f"  {COMPLETED}\n", "")


@pytest.mark.parametrize("by_address", [False, True], ids=["by its SIRET", "by an address that stands for a service"])
def test_a_completed_invoice_goes_again_as_it_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_address: bool
) -> None:
    (life,) = invoices(1)
    monkeypatch.setattr(year_run, "directory", addressed if by_address else directory)
    world = World(tmp_path)
    document = ubl_bytes(replace(life.invoice, frame="S1")).decode()
    if by_address:
        document = re.sub(r">\d{9}_\d{14}<", f">{ADDRESS}<", document, count=1).replace("BATIMENTS", "COLLEGES")
    (deposit,) = world.send(("FSO1150A", SUPPLIER.partner_code, document.encode()))
    first = world.answer(deposit, "FEN0036A")
    assert "<CodeService>BATIMENTS</CodeService>" in first
    world.send(("FSO1301A", DEP, cpp([said(life, "06")], LATER)))
    done = said(life, "209", SUPPLIER.partner_code, LATER + timedelta(days=1))
    (name,) = world.send(("FSO1304A", SUPPLIER.partner_code, cdar(done, LATER)))
    again = world.answer(name, "FEN0036A")
    assert COMPLETED in again
    assert told(again) == told(first)
