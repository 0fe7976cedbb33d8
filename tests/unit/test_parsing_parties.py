"""Which identifier a party is known by."""

from __future__ import annotations

import pytest

from pipelines.parsing.parties import Identifier, SellerIdentity, buyer_siret, routing_code, seller_identity

SIRET, SIREN = "55208131766522", "552081317"
OF_SIRET = SellerIdentity(SIRET, "1", SIREN)


@pytest.mark.parametrize("scheme", ["1", "0009", "SIRET", "siret", "0002", None])
def test_a_siret_is_known_by_any_scheme_that_names_one(scheme: str | None) -> None:
    assert seller_identity([Identifier(SIRET, scheme)], [], []) == OF_SIRET


def test_a_siret_beside_a_siren_is_preferred_and_the_siren_kept() -> None:
    legal, own = [Identifier(SIREN, "0002")], [Identifier("3654789851", "0088"), Identifier(SIRET, "0009")]
    assert seller_identity(legal, own, ["FR81552081317"]) == OF_SIRET


def test_a_siren_alone_stays_a_siren() -> None:
    assert seller_identity([Identifier(SIREN, "0002")], [], []) == SellerIdentity(SIREN, "1", SIREN)


@pytest.mark.parametrize(
    ("value", "scheme", "type_code"),
    [
        ("DE123456789", "2", "2"),
        ("DE123456789", "0223", "2"),
        ("KRSAMSUNGMOBILEPHO", "ETR", "3"),
        ("KRSAMSUNGMOBILEPHO", "0227", "3"),
        ("1234567890", "RIDET", "4"),
        ("1234567890", "4", "4"),
        ("886978001", "5", "5"),
        ("886978001", "0229", "5"),
        ("X", "6", "6"),
        ("X", "0226", "7"),
    ],
)
def test_other_suppliers_have_the_type_of_their_scheme_and_no_siren(value: str, scheme: str, type_code: str) -> None:
    identity = seller_identity([Identifier(value, scheme)], [], ["FR81552081317"])
    assert identity == SellerIdentity(value, type_code, None)


def test_nine_digits_of_another_scheme_are_no_siren() -> None:
    duns = [Identifier("123456789", "0060")]
    assert seller_identity([], duns, []) == SellerIdentity("123456789", None, None)


@pytest.mark.parametrize(("number", "type_code"), [("DE123456789", "2"), ("ATU12345678", "2"), ("GB123456789", None)])
def test_a_vat_number_is_the_last_resort(number: str, type_code: str | None) -> None:
    assert seller_identity([Identifier("HRB 12345", "0204")], [], [number]) == SellerIdentity(number, type_code, None)


def test_a_wrong_siret_is_kept_so_that_a_refusal_can_name_it() -> None:
    assert seller_identity([Identifier("5520813176652", "0009")], [], []) == SellerIdentity("5520813176652", "1", None)
    assert buyer_siret([], [Identifier("123", "0009")]) == "123"


def test_nobody_is_nobody() -> None:
    assert seller_identity([], [], []) == SellerIdentity(None, None, None)
    assert buyer_siret([], []) is None
    assert routing_code([]) is None


def test_the_buyer_is_found_in_the_order_of_the_specification() -> None:
    own = [Identifier("CODE-ROUTAGE", "0224"), Identifier(SIRET, "0009")]
    other = "21750001600019"
    assert buyer_siret([Identifier(other, "0002")], own) == SIRET
    assert buyer_siret([Identifier(other, "0002")], own[:1]) == other
    assert buyer_siret([Identifier(other, "1")], []) == other
    assert buyer_siret([Identifier(SIREN, "0002")], [Identifier(other, None)]) == other
    assert buyer_siret([Identifier(SIREN, "0002")], [Identifier(other, "0224")]) is None
    assert routing_code(own) == "CODE-ROUTAGE"
