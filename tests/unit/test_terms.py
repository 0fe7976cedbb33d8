"""The catalogue of business terms: complete, bilingual, found by code inside rule texts."""

from __future__ import annotations

import pytest

from data_contracts.terms import TERMS, term, terms_in


def test_every_term_and_group_of_en16931_is_there() -> None:
    # BT-4 is the one number that the norm skips.
    assert [number for number in range(1, 166) if term(f"BT-{number}") is None] == [4]
    assert [number for number in range(1, 33) if term(f"BG-{number}") is None] == []


def test_codes_are_unique_and_names_are_given_in_both_languages() -> None:
    for code, known in TERMS.items():
        assert known.code == code
        assert known.name_en.strip() == known.name_en != ""
        assert known.name_fr.strip() == known.name_fr != ""
        assert known.name_en != known.name_fr


@pytest.mark.parametrize(
    ("code", "french"),
    [
        ("BT-1", "Numéro de facture"),
        ("BT-106", "Somme du montant net des lignes de facture"),
        ("BT-115", "Montant à payer"),
        ("BG-23", "Ventilation de la TVA"),
        ("bt-x-272", "Montant des frais de service logistique"),
    ],
)
def test_names_an_accountant_knows(code: str, french: str) -> None:
    known = term(code)
    assert known is not None
    assert known.name_fr == french


def test_unknown_codes_have_no_term() -> None:
    assert term("BT-4") is None
    assert term("") is None
    assert term("BT-1 ") is None


def test_terms_are_found_once_and_in_order() -> None:
    text = "Amount due (BT-115) = total (BT-112) - paid (BT-113), see BT-115, BT-29-1 and EXT-FR-FE-BG-12"
    assert [known.code for known in terms_in(text)] == ["BT-115", "BT-112", "BT-113", "BT-29-1", "EXT-FR-FE-BG-12"]


def test_a_variant_number_is_not_a_sub_term() -> None:
    assert [known.code for known in terms_in("BR-FR-05_BT-22-2")] == ["BT-22"]
    assert terms_in("BT-999 and nothing else") == ()


def test_terms_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TERMS["BT-1"] = TERMS["BT-2"]  # type: ignore[index]
