"""How a completed invoice is told again: as it was routed when it came; by its own word where that leads elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data_contracts.directory import ADDRESS_SCHEME, AddressLine, Directory, Service, Structure
from data_contracts.ledger import Owner
from pipelines.tracking.completing import _as_diffused
from pipelines.tracking.deposited import Deposited
from tests.unit.rows import FLOW_KEY, flow, invoice

SIRET, ADDRESS, PARTNER = "21750001600019", "217500016", "VIL001"


def directory(partner_code: str = PARTNER, since: date = date(2020, 1, 1)) -> Directory:
    services = {"ECOLES": Service("ECOLES", "Direction des écoles")}
    city = Structure(SIRET, "Ville", partner_code=partner_code, services=services)
    line = AddressLine(ADDRESS, 1, since, siret=SIRET, service_code="ECOLES")
    return Directory({SIRET: city}, addresses={ADDRESS: (line,)}, addressed=True)


def deposited(**changes: Any) -> Deposited:
    row = invoice(buyer_address=ADDRESS, buyer_address_scheme=ADDRESS_SCHEME, **changes)
    came = flow(interface_code="FSO1150A")
    return Deposited(Owner(FLOW_KEY, 0), came, row, "accepted", "", PARTNER, "checked/b", came.received_at)


@pytest.mark.parametrize("buyer_siret", [None, SIRET])
def test_it_is_told_with_structure_and_service_of_its_address(buyer_siret: str | None) -> None:
    one = deposited(buyer_siret=buyer_siret)
    row, route = _as_diffused([one], directory())[one.owner]
    assert row == {**one.invoice, "buyer_siret": SIRET, "service_code": "ECOLES"}
    assert (route.partner_code, route.service_name) == (PARTNER, "Direction des écoles")


@pytest.mark.parametrize("now", [directory("OTH001"), directory(since=date(2027, 1, 1)), Directory({})])
def test_where_the_directory_leads_elsewhere_by_now_its_own_word_stands(now: Directory) -> None:
    one = deposited(service_code="VOIRIE")
    row, route = _as_diffused([one], now)[one.owner]
    assert row == one.invoice
    assert (route.partner_code, route.service_name) == (PARTNER, "")


def test_what_no_diffusion_can_hold_is_told_to_nobody_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    one = deposited(buyer_siret=None)
    with caplog.at_level("WARNING", logger="relais.tracking"):
        assert _as_diffused([one], Directory({})) == {}
    assert "completion.untold" in caplog.text
    assert "BT-47" in caplog.text
