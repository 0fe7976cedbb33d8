"""Electronic addresses, exact and as of a day; invoices between public bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.answers import InvoiceRow
from data_contracts.directory import AddressLine, Directory, Service, Structure, line_in_force
from data_contracts.interfaces import Circuit
from data_contracts.motives import MOTIVES
from data_contracts.partners import PORTAL_CODE
from pipelines.routing.lookup import known_of
from pipelines.routing.route import as_routed, routed
from pipelines.routing.rules import ROUTING_RULES
from tests.asked_directory import address_line, structure
from tests.unit.rows import invoice

ON = date(2026, 11, 20)
DAY = timedelta(days=1)
CITY, STATE, PRIVATE = "21750001600019", "11000201100044", "552081317"
CITY_SIREN, STATE_SIREN = CITY[:9], STATE[:9]
BETWEEN = Service("FACTURES_PUBLIQUES", "Factures publiques")


def line(address: str, **facts: Any) -> AddressLine:
    return AddressLine(address, **({"instance": 1, "valid_from": date(2026, 9, 1)} | facts))


LINES = (
    line(CITY_SIREN, siret=None),
    line(f"{CITY_SIREN}_{CITY}", siret=CITY),
    line(f"{CITY_SIREN}_{CITY}_EAU", siret=CITY, service_code="EAU"),
    # A suffix that looks like a SIRET and a code stands for what its line says, not for what it looks like.
    line(f"{CITY_SIREN}_{STATE}_FAC"),
    line(f"{CITY_SIREN}_LATER", valid_from=ON + DAY),
    line(f"{CITY_SIREN}_OVER", valid_to=ON),
    line(f"{CITY_SIREN}_MASKED", instance=1),
    line(f"{CITY_SIREN}_MASKED", instance=2, masked=True),
    line(f"{PRIVATE}_ELSEWHERE", platform="0042"),
    line(PRIVATE, platform="9998"),
)


def directory(*structures: Structure, lines: Sequence[AddressLine] = LINES, **facts: Any) -> Directory:
    addresses: dict[str, tuple[AddressLine, ...]] = {}
    for one in lines:
        addresses[one.address] = (*addresses.get(one.address, ()), one)
    return Directory({one.siret: one for one in structures}, addresses=addresses, addressed=bool(addresses), **facts)


CITY_SERVICES = {"EAU": Service("EAU", "Régie de l'eau"), "RH": Service("RH", "Personnel"), BETWEEN.code: BETWEEN}
TOWNS = directory(
    Structure(CITY, "Ville", partner_code="VIL001", service_required=True, services=CITY_SERVICES),
    Structure(STATE, "Etat"),
)


def addressed(address: str | None, **terms: Any) -> InvoiceRow:
    return invoice(**({"buyer_address": address, "buyer_address_scheme": "0225", "buyer_siret": None} | terms))


def test_an_address_stands_for_the_structure_and_service_of_its_line() -> None:
    wanted = addressed(f"{CITY_SIREN}_{CITY}_EAU")
    route = routed(wanted, TOWNS, ON)
    assert (route.partner_code, route.service_name, route.findings) == ("VIL001", "Régie de l'eau", ())
    delivered = as_routed(wanted, route)
    assert (delivered["buyer_siret"], delivered["service_code"]) == (CITY, "EAU")
    assert wanted["buyer_siret"] is None


def test_an_address_is_never_taken_apart() -> None:
    route = routed(addressed(f"{CITY_SIREN}_{STATE}_FAC", buyer_siret=CITY, service_code="RH"), TOWNS, ON)
    assert (route.siret, route.service_code, route.findings) == (CITY, "RH", ())
    for near in (f"{CITY_SIREN}_{CITY}_RH", f"{CITY_SIREN}_{CITY}_eau", f"{CITY_SIREN}_{CITY}_EAU_", f" {CITY_SIREN}"):
        assert routed(addressed(near), TOWNS, ON).motive == "ADR_ERR"


@pytest.mark.parametrize(
    ("address", "rule", "motive", "expected"),
    [
        ("999999999", "RLS-ROUTE-10", "ADR_ERR", None),
        (f"{CITY_SIREN}_LATER", "RLS-ROUTE-11", "REJ_ADR", "2026-11-21"),
        (f"{CITY_SIREN}_OVER", "RLS-ROUTE-11", "REJ_ADR", None),
        (f"{CITY_SIREN}_MASKED", "RLS-ROUTE-11", "REJ_ADR", None),
        (f"{PRIVATE}_ELSEWHERE", "RLS-ROUTE-12", "REJ_ADR", "9999"),
        (PRIVATE, "RLS-ROUTE-13", "REJ_ADR", "9999"),
    ],
)
def test_an_address_that_does_not_receive_is_refused(
    address: str, rule: str, motive: str, expected: str | None
) -> None:
    route = routed(addressed(address, buyer_siret=CITY, service_code="EAU"), TOWNS, ON)
    (told,) = route.findings
    assert (told["rule"], route.motive, told["found"], told["expected"]) == (rule, motive, address, expected)
    assert address in told["message_fr"]
    assert address in told["message_en"]
    assert motive in MOTIVES


def test_an_unknown_address_is_told_beside_what_else_is_wrong() -> None:
    route = routed(addressed("999999999", buyer_siret=CITY), TOWNS, ON)
    assert [one["rule"] for one in route.findings] == ["RLS-ROUTE-10", "RLS-ROUTE-04"]
    long = routed(addressed("9" * 5_000, buyer_siret=CITY, service_code="EAU"), TOWNS, ON)
    assert len(long.findings[0]["message_fr"]) < 400


@pytest.mark.parametrize(
    ("address", "scheme"), [("anything", "0088"), ("anything", None), (None, "0225"), (None, None)]
)
def test_without_a_french_address_siret_and_service_decide(address: str | None, scheme: str | None) -> None:
    terms = {"buyer_address_scheme": scheme, "buyer_siret": CITY, "service_code": "RH"}
    assert routed(addressed(address, **terms), TOWNS, ON).partner_code == "VIL001"


def test_on_the_historical_circuit_siret_and_service_decide() -> None:
    wanted = addressed("999999999", buyer_siret=CITY, service_code="RH")
    assert routed(wanted, TOWNS, ON).motive == "ADR_ERR"
    assert routed(wanted, TOWNS, ON, Circuit.CHORUS_PRO).partner_code == "VIL001"


def test_a_directory_without_lines_leaves_addresses_alone() -> None:
    bare = Directory(TOWNS.structures)
    route = routed(addressed("999999999", buyer_siret=CITY, service_code="RH"), bare, ON)
    assert (route.partner_code, route.findings) == ("VIL001", ())


def test_a_private_sender_may_not_use_the_service_between_public_bodies() -> None:
    private = invoice(buyer_siret=CITY, service_code=BETWEEN.code, seller_siren=PRIVATE)
    (told,) = routed(private, TOWNS, ON).findings
    assert (told["rule"], told["expected"]) == ("RLS-ROUTE-09", "EAU, RH")
    nobody = invoice(buyer_siret=CITY, service_code=BETWEEN.code, seller_siren=None)
    assert routed(nobody, TOWNS, ON).motive == "REJ_CONT_B2G"
    public = invoice(buyer_siret=CITY, service_code=BETWEEN.code, seller_siren=STATE_SIREN)
    assert routed(public, TOWNS, ON).service_name == "Factures publiques"


def test_a_public_sender_finds_the_service_of_its_counterpart() -> None:
    wanted = invoice(buyer_siret=CITY, service_code=None, seller_siren=STATE_SIREN)
    route = routed(wanted, TOWNS, ON)
    assert (route.service_code, route.findings) == (BETWEEN.code, ())
    assert as_routed(wanted, route)["service_code"] == BETWEEN.code
    # A private sender must name one, and a service that is not open stands in for nobody.
    private = routed(invoice(buyer_siret=CITY, service_code=None, seller_siren=PRIVATE), TOWNS, ON)
    assert [one["rule"] for one in private.findings] == ["RLS-ROUTE-04"]
    closed = Service(BETWEEN.code, "", active=False)
    shut = directory(
        Structure(CITY, "Ville", service_required=True, services={closed.code: closed}), Structure(STATE, "Etat")
    )
    assert [one["rule"] for one in routed(wanted, shut, ON).findings] == ["RLS-ROUTE-04"]


def test_where_either_is_enough_the_engagement_goes_first() -> None:
    either = Structure(CITY, "Ville", service_or_engagement_required=True, services=CITY_SERVICES)
    towns = directory(either, public_units=frozenset({STATE_SIREN}), lines=())
    with_engagement = invoice(buyer_siret=CITY, service_code=None, engagement="EJ1", seller_siren=STATE_SIREN)
    assert routed(with_engagement, towns, ON).service_code is None
    without = invoice(buyer_siret=CITY, service_code=None, engagement=None, seller_siren=STATE_SIREN)
    assert routed(without, towns, ON).service_code == BETWEEN.code


def test_many_invoices_are_one_question() -> None:
    asked: list[tuple[list[str], list[str], list[str]]] = []

    class Source:
        open_to_all = False

        def known(self, on: date, *, sirets: Any = (), sirens: Any = (), addresses: Any = ()) -> Directory:
            asked.append((list(sirets), list(sirens), list(addresses)))
            return TOWNS

    rows = [
        addressed("A", seller_siren=PRIVATE),
        addressed("A" * 126, seller_siren=PRIVATE),
        invoice(buyer_siret=CITY, seller_siren=None, buyer_address=None),
    ]
    assert known_of(rows * 1_000, Source(), ON) is TOWNS
    assert asked == [([CITY], [PRIVATE], ["A"])]
    assert structure(TOWNS, CITY, ON) is TOWNS.structures[CITY]
    found = address_line(TOWNS, CITY_SIREN, ON)
    assert found is not None
    assert found.address == CITY_SIREN
    assert routed(addressed("x"), Directory({}, open_to_all=True), ON).motive == "DEST_INC"
    assert routed(invoice(buyer_siret=CITY), Directory({}, open_to_all=True), ON).partner_code == PORTAL_CODE
    assert {rule.motive for rule in ROUTING_RULES.values()} <= set(MOTIVES)


_FIRST = date(2026, 1, 1)
_LINES = st.lists(
    st.builds(
        lambda start, length, instance, masked: AddressLine(
            "A", instance, _FIRST + start * DAY, None if length is None else _FIRST + (start + length) * DAY, masked
        ),
        st.integers(0, 6), st.none() | st.integers(0, 6), st.integers(1, 9), st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.instance,
)  # fmt: skip


@given(_LINES, st.integers(-1, 14))
def test_the_line_in_force_is_that_of_a_naive_model(lines: list[AddressLine], at: int) -> None:
    on = _FIRST + at * DAY
    best = None
    for one in sorted(lines, key=lambda each: each.valid_from):
        rivals = [each.instance for each in lines if each.valid_from == one.valid_from]
        begun = one.valid_from <= on
        over = one.valid_to is not None and one.valid_to <= on
        if one.instance == max(rivals) and not one.masked and begun and not over:
            best = one
    assert line_in_force(lines, on) == best
