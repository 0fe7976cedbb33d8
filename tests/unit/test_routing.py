"""Who receives an invoice, and every reason why nobody does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data_contracts.directory import Directory, Service, Structure
from data_contracts.motives import MOTIVES
from data_contracts.partners import PORTAL_CODE
from pipelines.routing.route import routed
from pipelines.routing.rules import ROUTING_RULES
from tests.unit.rows import invoice

ON = date(2026, 11, 20)
CITY, STATE, HOSPITAL, GONE = "21750001600019", "11000201100044", "26750045200011", "21690123100011"
DIRECTORY = Directory(
    {
        CITY: Structure(CITY, "Ville", partner_code="VIL001"),
        STATE: Structure(
            STATE,
            "Etat",
            service_required=True,
            engagement_required=True,
            services={
                "FAC": Service("FAC", "Facturier"),
                "OLD": Service("OLD", "Ancien", valid_to=date(2026, 11, 20)),
                "NEW": Service("NEW", "Nouveau", valid_from=date(2026, 11, 20)),
                "OFF": Service("OFF", "Ferme", active=False),
            },
        ),
        HOSPITAL: Structure(
            HOSPITAL,
            "CHU",
            service_or_engagement_required=True,
            services={"EJ": Service("EJ", "Achats", engagement_required=True), "LIB": Service("LIB", "Libre")},
        ),
        GONE: Structure(GONE, "Syndicat", active=False),
    }
)


@pytest.mark.parametrize(
    ("terms", "rules"),
    [
        ({"buyer_siret": None}, ["RLS-ROUTE-01"]),
        ({"buyer_siret": "2175000160001"}, ["RLS-ROUTE-01"]),
        ({"buyer_siret": "٢1750001600019"}, ["RLS-ROUTE-01"]),
        ({"buyer_siret": "99999999999999"}, ["RLS-ROUTE-02"]),
        ({"buyer_siret": GONE}, ["RLS-ROUTE-03"]),
        ({"buyer_siret": STATE}, ["RLS-ROUTE-04", "RLS-ROUTE-07"]),
        ({"buyer_siret": STATE, "service_code": "XX", "engagement": "1"}, ["RLS-ROUTE-05"]),
        ({"buyer_siret": STATE, "service_code": "OLD", "engagement": "1"}, ["RLS-ROUTE-06"]),
        ({"buyer_siret": STATE, "service_code": "OFF"}, ["RLS-ROUTE-06", "RLS-ROUTE-07"]),
        ({"buyer_siret": HOSPITAL, "service_code": "EJ"}, ["RLS-ROUTE-07"]),
        ({"buyer_siret": HOSPITAL}, ["RLS-ROUTE-08"]),
    ],
)
def test_a_closed_route_says_every_reason(terms: dict[str, Any], rules: list[str]) -> None:
    route = routed(invoice(**terms), DIRECTORY, ON)
    assert [finding["rule"] for finding in route.findings] == rules
    assert route.partner_code == ""
    assert route.motive == ROUTING_RULES[rules[0]].motive
    for finding in route.findings:
        assert "{" not in finding["message_fr"] + finding["message_en"]
        assert finding["message_fr"] != finding["message_en"]


@pytest.mark.parametrize(
    ("terms", "partner", "service"),
    [
        ({"buyer_siret": CITY}, "VIL001", ""),
        ({"buyer_siret": CITY, "service_code": "any buyer reference"}, "VIL001", ""),
        ({"buyer_siret": STATE, "service_code": "FAC", "engagement": "1"}, PORTAL_CODE, "Facturier"),
        ({"buyer_siret": STATE, "service_code": "NEW", "engagement": "1"}, PORTAL_CODE, "Nouveau"),
        ({"buyer_siret": HOSPITAL, "engagement": "1"}, PORTAL_CODE, ""),
        ({"buyer_siret": HOSPITAL, "service_code": "LIB"}, PORTAL_CODE, "Libre"),
    ],
)
def test_an_open_route_names_the_recipient(terms: dict[str, Any], partner: str, service: str) -> None:
    route = routed(invoice(**terms), DIRECTORY, ON)
    assert (route.partner_code, route.service_name, route.findings) == (partner, service, ())


def test_services_open_on_their_first_day_and_close_on_their_last() -> None:
    wanted = invoice(buyer_siret=STATE, service_code="NEW", engagement="1")
    assert routed(wanted, DIRECTORY, date(2026, 11, 19)).motive == "REJ_CONT_B2G"
    ending = invoice(buyer_siret=STATE, service_code="OLD", engagement="1")
    assert routed(ending, DIRECTORY, date(2026, 11, 19)).findings == ()


def test_an_open_directory_asks_only_for_a_well_formed_siret() -> None:
    everyone = Directory({}, open_to_all=True)
    assert routed(invoice(buyer_siret="99999999999999"), everyone, ON).partner_code == PORTAL_CODE
    assert routed(invoice(buyer_siret="123"), everyone, ON).motive == "DEST_INC"


def test_every_routing_motive_is_in_the_catalogue() -> None:
    assert {rule.motive for rule in ROUTING_RULES.values()} <= set(MOTIVES)
