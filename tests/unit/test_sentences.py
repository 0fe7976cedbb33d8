"""Every rule of every installed rule file has a French and an English sentence; the words are the right ones."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from data_contracts.rule_sets import (
    BR_FR_CII,
    BR_FR_UBL,
    EN16931_CII,
    EN16931_UBL,
    EXTENDED_CTC_FR_UBL,
    FACTURX_BASIC,
    FACTURX_EXTENDED,
    RULE_SETS,
    RuleSet,
)
from pipelines.validation.catalogue import table
from pipelines.validation.sentences import Origin, origin, sentence

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def _rules(rule_set: RuleSet) -> tuple[tuple[str, str, str], ...]:
    """Identifier, flag and text of every assertion of an installed rule file."""
    found = find_spec(rule_set.package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"{rule_set.package}, which carries {rule_set.coordinate}, is not installed")
    return _read(str(Path(found.submodule_search_locations[0]) / rule_set.path))


@cache
def _read(path: str) -> tuple[tuple[str, str, str], ...]:
    rows = []
    for assertion in etree.parse(path).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        text = assertion.find(f"{_SVRL}text")
        official = " ".join("".join(text.itertext()).split()) if text is not None else ""
        rows.append((_attribute(assertion, "id"), _attribute(assertion, "flag"), official))
    return tuple(rows)


def _attribute(assertion: etree._Element, name: str) -> str:
    """An attribute written in place, or by `xsl:attribute` with content or with `select`."""
    for node in assertion.findall(f"{_XSL}attribute"):
        if node.get("name") == name:
            return ("".join(node.itertext()).strip() or node.get("select", "")).strip("'\"")
    return assertion.get(name, "")


@pytest.mark.parametrize("rule_set", RULE_SETS.values(), ids=lambda row: row.coordinate)
def test_every_installed_rule_speaks_both_languages(rule_set: RuleSet) -> None:
    rules = _rules(rule_set)
    assert len(rules) > 40
    for rule, _, official in rules:
        french, english = sentence(rule_set.coordinate, rule, official, rule_set.language)
        assert french.strip(), rule
        assert english.strip(), rule
        assert french != english, rule
        assert not french.startswith("["), french
        assert not english.startswith("["), english
        assert "{" not in french, french
        assert "{" not in english, english


@pytest.mark.parametrize("rule_set", RULE_SETS.values(), ids=lambda row: row.coordinate)
def test_general_sentences_are_rare(rule_set: RuleSet) -> None:
    origins = Counter(origin(rule_set.coordinate, rule, text, rule_set.language) for rule, _, text in _rules(rule_set))
    assert origins[Origin.GENERAL] == 0, origins


@pytest.mark.parametrize("rule_set", [EN16931_UBL, EN16931_CII], ids=lambda row: row.coordinate)
def test_fatal_rules_of_en16931_are_written_or_templates(rule_set: RuleSet) -> None:
    fatal = [(rule, text) for rule, flag, text in _rules(rule_set) if flag == "fatal"]
    general = [rule for rule, text in fatal if origin(rule_set.coordinate, rule, text, "en") is Origin.GENERAL]
    assert len(fatal) > 200
    assert len(general) < 0.05 * len(fatal), general


def test_english_official_text_stands_without_its_rule_number() -> None:
    french, english = sentence(
        EN16931_UBL.coordinate, "BR-02", "[BR-02]-An Invoice shall have an Invoice number (BT-1).", "en"
    )
    assert english == "An Invoice shall have an Invoice number (BT-1)."
    assert french == "La facture doit porter un numéro de facture (BT-1)."


@pytest.mark.parametrize(
    ("rule", "official", "french"),
    [
        (
            "BR-S-05",
            '[BR-S-05]-... "Standard rated" the Invoiced item VAT rate (BT-152) shall be greater than zero.',
            "En catégorie S (taux normal ou réduit), le taux de TVA d'une ligne (BT-152) doit être supérieur à zéro.",
        ),
        (
            "BR-IC-11",
            "[BR-IC-11]-In an Invoice with a VAT breakdown (BG-23) ...",
            "En catégorie K (livraison intracommunautaire), la date effective de livraison (BT-72) ou la période de "
            "facturation (BG-14) doit être renseignée.",
        ),
        (
            "BR-DEC-18",
            "[BR-DEC-18]-The allowed maximum number of decimals for the Amount due for payment (BT-115) is 2.",
            "Le montant « Montant à payer » (BT-115) ne peut avoir plus de deux décimales.",
        ),
        (
            "BR-AF-05",
            '[BR-AF-05]-... "IGIC" the invoiced item VAT rate (BT-152) shall be greater than 0 (zero).',
            "En catégorie L (IGIC, taxe des Canaries), le taux de TVA d'une ligne (BT-152) doit être supérieur à zéro.",
        ),
        (
            "UBL-CR-142",
            "[UBL-CR-142]-A UBL invoice should not include the AccountingSupplierParty Party MarkAttentionIndicator",
            "Un document UBL ne devrait pas contenir « AccountingSupplierParty Party MarkAttentionIndicator » "
            "(rubrique : vendeur) : EN 16931 n'en prévoit pas l'usage.",
        ),
        (
            "CII-SR-480",
            "[CII-SR-480] - TaxBasisTotalAmount shall occur at most once in "
            "SpecifiedTradeSettlementHeaderMonetarySummation.",
            "L'élément « TaxBasisTotalAmount » (montant hors TVA) ne peut figurer qu'une fois dans "
            "« SpecifiedTradeSettlementHeaderMonetarySummation » (totaux de la facture).",
        ),
    ],
)
def test_french_of_english_rules(rule: str, official: str, french: str) -> None:
    assert sentence(EN16931_UBL.coordinate, rule, official, "en")[0] == french


@pytest.mark.parametrize(
    ("official", "french"),
    [
        (
            "Element 'ram:SellerTradeParty' must occur exactly 1 times.",
            "L'élément « ram:SellerTradeParty » (vendeur) doit figurer exactement 1 fois.",
        ),
        (
            "Element variant 'ram:SpecifiedTaxRegistration[ram:ID/@schemeID=\"VA\"]' may occur at maximum 1 times.",
            "L'élément « ram:SpecifiedTaxRegistration » (identifiant fiscal), sous la forme "
            '[ram:ID/@schemeID="VA"], peut figurer au plus 1 fois.',
        ),
        (
            "Attribute @schemeID' marked as not used in the given context.",
            "L'attribut « schemeID » (schéma d'identification) n'est pas admis à cet endroit dans ce profil Factur-X.",
        ),
    ],
)
def test_french_of_facturx_sentences_without_rule_number(official: str, french: str) -> None:
    assert sentence(FACTURX_EXTENDED.coordinate, "", official, "en")[0] == french


def test_a_serial_number_gives_way_to_the_rule_that_the_text_quotes() -> None:
    official = "[BR-16]-An Invoice shall have at least one Invoice line (BG-25)"
    french, _ = sentence(FACTURX_BASIC.coordinate, "FX-SCH-A-000123", official, "en")
    assert french == "La facture doit comporter au moins une ligne (BG-25)."


def test_facturx_gives_a_cii_number_another_meaning() -> None:
    official = "[CII-SR-464]-Only one BT-86 element is allowed on an invoice."
    french, _ = sentence(FACTURX_EXTENDED.coordinate, "CII-SR-464", official, "en")
    assert french == "Une facture ne peut contenir qu'une fois « BT-86 »."


def test_english_of_a_french_rule_carries_the_value() -> None:
    official = (
        "[BR-FR-03/BT-9] : La date d’échéance doit contenir une année entre 2000 et 2099. "
        'Valeur actuelle : "1999-03-28". Veuillez vérifier la validité de la date.'
    )
    french, english = sentence(BR_FR_UBL.coordinate, "BR-FR-03_BT-9", official, "fr")
    assert french == official.removeprefix("[BR-FR-03/BT-9] : ")
    assert english == (
        "Payment due date (BT-9) shall be a valid date of a year from 2000 to 2099. Found: current value = 1999-03-28."
    )


@pytest.mark.parametrize(
    ("rule", "official", "english"),
    [
        ("BR-FR-01_BT-25-2", "[BR-FR-01/BT-25] : L'identifiant", "Preceding invoice number (BT-25) holds characters"),
        ("BR-FR-05_BT-22_PMD", "BR-FR-05/BT-22 : La mention", "The note on late payment penalties"),
        ("BR-FR-15_BT-95_BT-102_LM", "BR-FR-15/BT-95 ou BT-102 : Les codes", "Document level allowance VAT category"),
        ("BR-FR-08_BT-151-2", "[BR-FR-15/BT-151] : Les codes", "The VAT categories L and M (BT-151)"),
        ("BR-FR-CO-10_BT-46-2", "[BR-FR-CO-10/BT-46] : Chaque", "Buyer identifier (BT-46): the same identification"),
        ("BR-FR-MV-14-EXT-FR-FE-138", "BR-FR-MV-14-EXT-FR-FE-138 : Date", "In a multi-vendor corrective invoice"),
        ("BR-FR-28-Value", "[BR-FR-28] : La valeur", "An item attribute (BG-32) shall have either"),
    ],
)
def test_english_by_family_and_variant(rule: str, official: str, english: str) -> None:
    assert sentence(BR_FR_CII.coordinate, rule, official, "fr")[1].startswith(english)


@pytest.mark.parametrize(
    ("official", "french"),
    [
        ('[BR-FR-02/BT-1 : L\'identifiant. Valeur actuelle : " ".', "L'identifiant. Valeur actuelle : (vide)."),
        ("BR-FR-CO-10/EXT-FR-FE-146] : Chaque schéma.", "Chaque schéma."),
        ("[BR-FR-MV-02/EXT-FR-FE-163] :,Lorsque le cadre", "Lorsque le cadre"),
        ("invoiceID : F1 BR-FR-BD-02/BT-30 : Lorsque le cadre", "Lorsque le cadre"),
        ("[BR-FR-MV-13/BT-3] : Valeur actuelle : \"389'.", 'Valeur actuelle : "389".'),
        ("[BR-FR-DEC-01/BT-106] : Le montant « » est invalide.Il doit", "Le montant (vide) est invalide. Il doit"),
        ("[BR-FR-CO-04/BT-3] : alors **une et une seule** référence", "alors une et une seule référence"),
    ],
)
def test_french_official_text_is_tidied(official: str, french: str) -> None:
    assert sentence(BR_FR_UBL.coordinate, "BR-FR-99", official, "fr")[0] == french


def test_a_french_sentence_of_an_english_file_is_told_in_both_languages() -> None:
    official = (
        "Num Fact : F1 , Somme calculée : 1690, Total HT (BT-109) : 690, nbelements : 1, Ecart calculé : 1000, "
        "[BR-FREXT-CO-13] - Écart absolu entre le montant total hors TVA (BT-109) et la somme des BT-131 ≤ 0,01 €"
    )
    french, english = sentence(EXTENDED_CTC_FR_UBL.coordinate, "BR-FREXT-CO-13", official, "en")
    assert french.startswith("Le montant total hors TVA (BT-109) doit être égal, à 0,01 près par élément")
    assert french.endswith(
        " Valeurs relevées : facture = F1, somme calculée = 1690, BT-109 = 690, nombre d'éléments = 1, "
        "écart calculé = 1000."
    )
    assert english.startswith("The invoice total without VAT (BT-109) shall equal, within 0.01 an element")
    assert english.endswith("computed sum = 1690, BT-109 = 690, elements = 1, computed difference = 1000.")


def test_figures_computed_without_exemption_reasons_stand_in_for_missing_ones() -> None:
    official = (
        "[BR-FREXT-S-08ini] warning - Num Fact : F1, Code : S, rate : 20, ExemptText : , basisAmount : 3690, "
        "SumBT131ini : 1690, [BR-FREXT-S-08ini] - Dans une ventilation TVA (BG-23), l’écart absolu doit être ≤ 0,01 €"
    )
    _, english = sentence(EXTENDED_CTC_FR_UBL.coordinate, "BR-FREXT-S-08ini", official, "en")
    assert english.endswith(
        "Found: invoice = F1, code = S, rate = 20, taxable amount = 3690, sum of line net amounts = 1690."
    )


def test_an_unknown_rule_names_its_terms_and_quotes_the_official_text() -> None:
    french, english = sentence("some.set:1", "XX-1", "Whatever holds for the Buyer reference (BT-10).", "en")
    assert english == "Whatever holds for the Buyer reference (BT-10)."
    assert "XX-1" in french
    assert "Référence de l'acheteur (BT-10)" in french
    assert "« Whatever holds for the Buyer reference (BT-10). »" in french
    french, english = sentence("some.set:1", "XX-1", "La référence de l'acheteur (BT-10) manque.", "fr")
    assert french == "La référence de l'acheteur (BT-10) manque."
    assert "Buyer reference (BT-10)" in english


@settings(deadline=None)
@given(rule=st.text(max_size=30), official=st.text(max_size=200), language=st.sampled_from(["en", "fr"]))
def test_no_text_makes_it_fail_or_fall_silent(rule: str, official: str, language: str) -> None:
    official = " ".join(official.split())
    french, english = sentence(EN16931_UBL.coordinate, rule, official, language)
    assert french.strip()
    assert english.strip()


def test_a_value_of_any_length_costs_little() -> None:
    for filling in ("a ", '"', "x: ", "« "):
        official = f'[BR-FR-01/BT-1] : Valeur actuelle : "{filling * 200_000}".'
        french, english = sentence(BR_FR_UBL.coordinate, "BR-FR-01_BT-1", official, "fr")
        assert len(french) < 16_000
        assert len(english) < 16_000


def test_the_catalogue_names_every_vat_variant_it_uses() -> None:
    words = table("vat")
    for category, row in words["categories"].items():
        for number, place in words["numbers"].items():
            name = place["property"]
            if name == "own":
                continue
            assert f"{name}_{row[name]}" in words["french"], (category, number)
