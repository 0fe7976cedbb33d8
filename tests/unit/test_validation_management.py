"""Chorus Pro's own rules, each seen broken and kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import tables
from data_contracts.answers import FindingRow
from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.messages import Language, told
from data_contracts.tables import Flag
from data_contracts.terms import term
from pipelines.validation.management_rules import FAMILIES, RULE_BY_ID, RULE_SET, RULES, management_findings
from pipelines.validation.management_sentences import message_id
from pipelines.validation.rules.code_lists import FRAMES_HISTORICAL
from pipelines.validation.rules.facts import Deposit, facts
from pipelines.validation.rules.family import Certainty, Rule
from tests.unit.management_rows import (
    AFNOR,
    COURT_COSTS,
    MIXED,
    STRUCTURED,
    TODAY,
    WORKS,
    broken,
    found,
    group,
    terms,
)
from tests.unit.rows import invoice

GOOD_VAT = group("100.00", "20", "20.00")
IBAN = "FR7610057191370188512730284"


def test_a_good_invoice_breaks_nothing() -> None:
    good: dict[str, Any] = {"vat": [GOOD_VAT], "iban": IBAN, "due_date": date(2026, 12, 2), "seller_country": "FR"}
    for code, row in CATALOGUE.items():
        if row.content == "invoices" and row.direction == "in":
            frame = {"E3": "A3", "E4": "A4", "E5": "A4"}.get(row.family, "A1" if row.family else "B1")
            assert broken(code, frame=frame, payment_means="30", **good) == set(), code


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # rule, interface, what breaks it, what just does not
    ("RLS-CPRO-01", STRUCTURED, {"number": "F" * 21}, {"number": "F" * 20}),
    ("RLS-CPRO-01", AFNOR, {"number": "F" * 21}, {"number": "F" * 20}),
    ("RLS-CPRO-02", STRUCTURED, {"number": None}, {"number": "1"}),
    ("RLS-CPRO-02", AFNOR, {"number": None}, {"number": "1"}),
    ("G1.05", STRUCTURED, {"number": "F  2026"}, {"number": "F 2026-1_a+b/c"}),
    ("G1.05", STRUCTURED, {"number": " F2026"}, {"number": "F2026"}),
    ("G1.05", STRUCTURED, {"number": "F2026 "}, {"number": "F 2026"}),
    ("G1.05", AFNOR, {"number": "F.2026"}, {"number": "F/2026"}),
    ("G1.05", AFNOR, {"number": "Fé2026"}, {"number": "Fe2026"}),
    ("G1.05", AFNOR, {"number": "F2026\n"}, {"number": "F2026"}),
    ("RLS-CPRO-15", STRUCTURED, {"preceding_number": "F" * 21}, {"preceding_number": "F" * 20}),
    ("RLS-CPRO-15", AFNOR, {"preceding_number": "F" * 21}, {"preceding_number": "F" * 20}),
    ("RLS-CPRO-16", STRUCTURED, {"engagement": "1" * 51}, {"engagement": "1" * 50}),
    ("RLS-CPRO-16", AFNOR, {"engagement": "1" * 51}, {"engagement": "1" * 50}),
    ("RLS-CPRO-17", STRUCTURED, {"contract": "1" * 51}, {"contract": "1" * 50}),
    ("RLS-CPRO-17", AFNOR, {"contract": "1" * 51}, {"contract": "1" * 50}),
    ("RLS-CPRO-03", STRUCTURED, {"issue_date": None}, {"issue_date": TODAY}),
    ("RLS-CPRO-03", AFNOR, {"issue_date": None}, {"issue_date": TODAY}),
    ("G1.07", STRUCTURED, {"issue_date": date(2026, 11, 21)}, {"issue_date": date(2026, 11, 20)}),
    ("G1.07", AFNOR, {"issue_date": date(2026, 11, 21)}, {"issue_date": date(2026, 11, 20)}),
    ("G1.36", STRUCTURED, {"issue_date": date(1999, 12, 31)}, {"issue_date": date(2000, 1, 1)}),
    ("G1.36", AFNOR, {"due_date": date(2100, 1, 1)}, {"due_date": date(2099, 12, 31)}),
    ("G1.36", AFNOR, {"delivery_date": date(1925, 1, 1)}, {"delivery_date": date(2025, 1, 1)}),
    ("RLS-CPRO-18", STRUCTURED, {"due_date": date(2026, 11, 1)}, {"due_date": date(2026, 11, 2)}),
    ("RLS-CPRO-18", STRUCTURED, {"due_date": date(2026, 11, 1)},
     {"due_date": date(2026, 11, 1), "frame": "A2", "payable_amount": Decimal(0)}),
    ("RLS-CPRO-04", STRUCTURED, {"type_code": "384"}, {"type_code": "380"}),
    ("RLS-CPRO-04", STRUCTURED, {"type_code": None}, {"type_code": "381", "preceding_number": "F1"}),
    ("G1.01", AFNOR, {"type_code": "326"}, {"type_code": "384"}),
    ("G1.01", AFNOR, {"type_code": None}, {"type_code": "262"}),
    ("RLS-CPRO-05", STRUCTURED, {"frame": "A11"}, {"frame": "A25"}),
    ("RLS-CPRO-05", STRUCTURED, {"frame": None}, {"frame": "A1"}),
    ("RLS-CPRO-05", WORKS, {"frame": "A26"}, {"frame": "A25"}),
    ("G1.02", AFNOR, {"frame": "A1"}, {"frame": "S3"}),
    ("G1.02", AFNOR, {"frame": None}, {"frame": "M8"}),
    ("G1.60", AFNOR, {"frame": "B4", "type_code": "386"}, {"frame": "B4", "type_code": "380"}),
    ("G1.60", AFNOR, {"frame": "M4", "type_code": "503"}, {"frame": "M1", "type_code": "503"}),
    ("RLS-CPRO-19", WORKS, {"frame": "A1"}, {"frame": "A4"}),
    ("RLS-CPRO-19", "FSO1130A", {"frame": "A3"}, {"frame": "A10"}),
    ("RLS-CPRO-19", "FSO1131A", {"frame": "A2", "payable_amount": Decimal(0)}, {"frame": "A12"}),
    ("RLS-CPRO-20", COURT_COSTS, {"frame": "A1"}, {"frame": "A3"}),
    ("RLS-CPRO-21", STRUCTURED, {"frame": "A2"}, {"frame": "A2", "payable_amount": Decimal("0.00")}),
    ("RLS-CPRO-11", STRUCTURED, {"type_code": "381"}, {"type_code": "381", "preceding_number": "F1"}),
    ("RLS-CPRO-06", STRUCTURED, {"seller_id": None, "seller_id_type": None}, {}),
    ("RLS-CPRO-06", AFNOR, {"seller_id": None, "seller_id_type": None}, {"seller_id": "DE1", "seller_id_type": None}),
    ("RLS-CPRO-07", STRUCTURED, {"seller_id": "1234"}, {"seller_id": "552081317"}),
    ("RLS-CPRO-07", AFNOR, {"seller_id": "552 081 317 66522"}, {"seller_id": "55208131766522"}),
    ("RLS-CPRO-08", STRUCTURED, {"seller_id": "55208131766523"}, {"seller_id": "55208131766522"}),
    ("RLS-CPRO-08", AFNOR, {"seller_id": "552081318", "seller_siren": None}, {"seller_id": "552081317"}),
    ("G1.80", STRUCTURED, {"seller_siren": "443061841"}, {"seller_siren": "552081317"}),
    ("G1.80", AFNOR, {"seller_siren": "443061841"}, {"seller_siren": None}),
    ("G2.19", STRUCTURED, {"seller_id": "12345678", "seller_id_type": "4"},
     {"seller_id": "1234567890", "seller_id_type": "4"}),
    ("G2.19", AFNOR, {"seller_id": "1234567890", "seller_id_type": "5"},
     {"seller_id": "886978001", "seller_id_type": "5"}),
    ("G2.19", AFNOR, {"seller_id": "KRSAMSUNGMOBILEPHON", "seller_id_type": "3"},
     {"seller_id": "KRSAMSUNGMOBILEPHO", "seller_id_type": "3"}),
    ("G2.19", AFNOR, {"seller_id": "1", "seller_id_type": "4"}, {"seller_id": "1", "seller_id_type": "7"}),
    ("RLS-CPRO-22", STRUCTURED, {"seller_id": "DE123", "seller_id_type": "2"},
     {"seller_id": "DE 123 456 789", "seller_id_type": "2"}),
    ("RLS-CPRO-22", AFNOR, {"seller_id": "CH123456789", "seller_id_type": "2"},
     {"seller_id": "ATU12345678", "seller_id_type": "2"}),
    ("RLS-CPRO-23", STRUCTURED, {"seller_id": "FR41552081317", "seller_id_type": "2"},
     {"seller_id": "FR03552081317", "seller_id_type": "2"}),
    ("RLS-CPRO-23", AFNOR, {"seller_id": "FR41552081317", "seller_id_type": "2"},
     {"seller_id": "FRK1552081317", "seller_id_type": "2"}),
    ("RLS-CPRO-24", STRUCTURED, {"seller_id": "ZZSAMSUNG", "seller_id_type": "3"},
     {"seller_id": "KRSAMSUNGMOBILEPHO", "seller_id_type": "3"}),
    ("RLS-CPRO-24", AFNOR, {"seller_id": "Samsung", "seller_id_type": "3"},
     {"seller_id": "WFSOCIETE DU LAGON", "seller_id_type": "3"}),
    ("G2.01", STRUCTURED, {"seller_country": "UK"}, {"seller_country": "GB"}),
    ("RLS-CPRO-09", STRUCTURED, {"buyer_siret": None}, {"buyer_siret": "00000000000018"}),
    ("RLS-CPRO-09", AFNOR, {"buyer_siret": "217500016"}, {"buyer_siret": "21750001600019"}),
    ("RLS-CPRO-10", STRUCTURED, {"buyer_siret": "21750001600018"}, {"buyer_siret": "21750001600019"}),
    ("RLS-CPRO-10", AFNOR, {"buyer_siret": "35600000049838"}, {"buyer_siret": "35600000049837"}),
    ("G1.10", STRUCTURED, {"currency": "eur"}, {"currency": "RSD"}),
    ("G1.10", AFNOR, {"currency": "EUX"}, {"currency": "XPF"}),
    ("RLS-CPRO-25", STRUCTURED, {"currency": None}, {"currency": "EUR"}),
    ("RLS-CPRO-25", AFNOR, {"currency": None}, {"currency": "EUR"}),
    ("RLS-CPRO-26", STRUCTURED, {"syntax": "cii"}, {"syntax": "cii", "payment_means": "30"}),
    ("RLS-CPRO-26", STRUCTURED, {"syntax": "facturx"}, {"syntax": "ubl"}),
    ("RLS-CPRO-26", STRUCTURED, {"syntax": "cii"}, {"syntax": "cii", "type_code": "381", "preceding_number": "1"}),
    ("RLS-CPRO-27", STRUCTURED, {"payment_means": "58"}, {"payment_means": "97"}),
    ("RLS-CPRO-28", STRUCTURED, {"type_code": "381", "preceding_number": "1", "payment_means": "30"},
     {"type_code": "381", "preceding_number": "1"}),
    ("RLS-CPRO-29", STRUCTURED, {"iban": "DE70370400440532013000"[:-1] + "00"}, {"iban": "DE89370400440532013000"}),
    ("RLS-CPRO-29", AFNOR, {"iban": "BE6853900754703"}, {"iban": "BE68 5390 0754 7034"}),
    ("RLS-CPRO-30", STRUCTURED, {"iban": IBAN[:-1] + "5"}, {"iban": IBAN}),
    ("RLS-CPRO-30", AFNOR, {"iban": "GB29NWBK60161331926818"}, {"iban": "GB29NWBK60161331926819"}),
    ("RLS-CPRO-30", AFNOR, {"iban": "FR00" + "0" * 23}, {"iban": "10057 19137 01885127302 84"}),
    ("G1.24", STRUCTURED, {"vat": [group("100", "19", "19")], "gross_amount": Decimal(119)},
     {"vat": [group("100", "20.0", "20")]}),
    ("G1.24", AFNOR, {"lines": [{"vat_rate": Decimal("5.4")}]}, {"lines": [{"vat_rate": Decimal("5.5")}]}),
    ("G1.24", AFNOR, {"vat": [group("100", "0.2", "20")]}, {"vat": [group("100", None, "20")]}),
    ("G2.31", STRUCTURED, {"vat": [group("100", "20", "20", "M")]}, {"vat": [group("100", "20", "20", "AE")]}),
    ("G2.31", AFNOR, {"vat": [group("100", "20", "20", "L")]}, {"vat": [group("100", "20", "20", None)]}),
    ("RLS-CPRO-31", STRUCTURED,
     {"vat": [group("100.00", "20", "20.02")], "gross_amount": Decimal("120.02")},
     {"vat": [group("100.00", "20", "20.01")], "gross_amount": Decimal("120.01")}),
    ("RLS-CPRO-12", STRUCTURED, {"net_amount": None}, {"net_amount": Decimal(0)}),
    ("RLS-CPRO-12", AFNOR, {"net_amount": None}, {"net_amount": Decimal(0)}),
    ("RLS-CPRO-13", STRUCTURED, {"gross_amount": None}, {"gross_amount": Decimal(0)}),
    ("RLS-CPRO-13", AFNOR, {"gross_amount": None}, {"gross_amount": Decimal(0)}),
    ("RLS-CPRO-14", STRUCTURED, {"payable_amount": None}, {"payable_amount": Decimal(0)}),
    ("RLS-CPRO-14", AFNOR, {"payable_amount": None}, {"payable_amount": Decimal(-5)}),
    ("G1.53", STRUCTURED,
     {"net_amount": Decimal("100.02"), "gross_amount": Decimal("120.02"), "vat": [GOOD_VAT]},
     {"net_amount": Decimal("100.01"), "gross_amount": Decimal("120.01"), "vat": [GOOD_VAT]}),
    ("G1.53", AFNOR, {"net_amount": Decimal("90.00"), "vat": [GOOD_VAT]},
     {"net_amount": Decimal("90.00"), "vat": [GOOD_VAT], "currency": "USD"}),
    ("RLS-CPRO-32", STRUCTURED, {"gross_amount": Decimal("120.02"), "vat": [GOOD_VAT]},
     {"gross_amount": Decimal("120.01"), "vat": [GOOD_VAT]}),
    ("RLS-CPRO-33", STRUCTURED, {"payable_amount": Decimal("120.0000001")}, {"payable_amount": Decimal("120.000001")}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "interface", "breaking", "keeping"), CASES)
def test_a_rule_is_broken_by_what_it_forbids_alone(
    rule: str, interface: str, breaking: dict[str, Any], keeping: dict[str, Any]
) -> None:
    assert broken(interface, **breaking) == {rule}
    assert broken(interface, **keeping) == set()


def test_every_rule_is_seen_broken_and_kept_on_every_circuit() -> None:
    seen = {(rule, CATALOGUE[interface].circuit) for rule, interface, _, _ in CASES}
    assert seen == {(rule.id, circuit) for rule in RULES for circuit in rule.on}


def test_what_is_not_verified_of_a_circuit_never_refuses() -> None:
    for rule in RULES:
        for circuit, certainty in rule.on.items():
            assert certainty is Certainty.VERIFIED or rule.flag_on(circuit) is Flag.WARNING, rule.id
    fatal = {
        rule.id for rule in RULES if Circuit.CHORUS_PRO in rule.on and rule.flag_on(Circuit.CHORUS_PRO) is Flag.FATAL
    }
    assert fatal == {
        "RLS-CPRO-01", "RLS-CPRO-02", "G1.05", "RLS-CPRO-03", "G1.07", "RLS-CPRO-04", "RLS-CPRO-05", "RLS-CPRO-19",
        "RLS-CPRO-06", "RLS-CPRO-07", "RLS-CPRO-09", "G1.10", "RLS-CPRO-25", "RLS-CPRO-26",
        "RLS-CPRO-12", "RLS-CPRO-13", "RLS-CPRO-14",
    }  # fmt: skip


def test_an_invoice_of_nulls_breaks_rules_and_never_passes_in_silence() -> None:
    nothing = dict.fromkeys(tables.INVOICES.names) | {
        "flow_key": "f" * 24,
        "position": 0,
        "member_name": "m",
        "sha256": "0" * 64,
        "syntax": "cii",
    }
    absent = {"RLS-CPRO-02", "RLS-CPRO-03", "RLS-CPRO-06", "RLS-CPRO-09", "RLS-CPRO-12", "RLS-CPRO-13", "RLS-CPRO-14"}
    assert {row["rule"] for row in found(terms(nothing), AFNOR)} == absent | {"G1.01", "G1.02", "RLS-CPRO-25"}
    historical = absent | {"RLS-CPRO-04", "RLS-CPRO-05"}
    assert {row["rule"] for row in found(terms(nothing), STRUCTURED)} == historical | {"RLS-CPRO-25"}
    assert {row["rule"] for row in found(terms(nothing), MIXED)} == historical


def test_a_document_that_could_not_be_read_is_not_judged() -> None:
    assert found(terms(invoice(syntax=None, number=None))) == []
    assert found(terms()) == []


def test_frames_of_works_come_by_every_historical_interface() -> None:
    # The official samples of FSO1116A and FSO1117A carry A13, A14 and A22.
    assert [frame for frame in FRAMES_HISTORICAL if "RLS-CPRO-05" in broken(MIXED, frame=frame)] == []
    assert broken("FSO1117A", frame="A13") == set()


def test_findings_say_what_was_found_in_the_order_of_the_invoices() -> None:
    rows = found(
        terms(invoice(position=0), invoice(position=1, number="F" * 21, frame="Z9"), invoice(position=2, currency="€"))
    )
    assert [(row["position"], row["rule"], row["found"]) for row in rows] == [
        (1, "RLS-CPRO-01", "F" * 21),
        (1, "RLS-CPRO-05", "Z9"),
        (2, "G1.10", "€"),
    ]
    assert rows[0]["expected"] == "<= 20"
    assert {row["rule_set"] for row in rows} == {RULE_SET}
    assert all(set(row) == set(FindingRow.__annotations__) for row in rows)


def test_each_invoice_is_judged_by_the_circuit_and_the_day_of_its_own_flow() -> None:
    day = date(2026, 11, 20)
    rows = [
        invoice(flow_key=key, issue_date=day, frame=frame) for key, frame in (("a", "A1"), ("b", "B1"), ("c", "A1"))
    ]
    deposits = {
        "a": Deposit(CATALOGUE[STRUCTURED], date(2026, 11, 20)),
        "b": Deposit(CATALOGUE[AFNOR], date(2026, 11, 21)),
        "c": Deposit(CATALOGUE[STRUCTURED], date(2026, 11, 19)),
    }
    told_of = list(management_findings(terms(*rows), deposits))
    assert [(row["flow_key"], row["rule"], row["expected"]) for row in told_of] == [("c", "G1.07", "<= 2026-11-19")]


def test_values_found_and_expected_are_those_of_each_row() -> None:
    rows = found(
        terms(
            invoice(
                position=0, seller_id="FR41552081317", seller_id_type="2", issue_date=date(1999, 1, 2),
                due_date=date(2101, 1, 1), iban="BE6853900754703",
            ),
            invoice(position=1, gross_amount=Decimal("130")),
            invoice(position=2),
            vat=(
                group("100.00", "19.5", "19.50", "M") | {"position": 1},
                group("0.005", "17.25", "0.00", "L") | {"position": 1},
                group("100", "20", "21") | {"position": 2},
            ),
            lines=({"position": 1, "vat_rate": Decimal("19.5")}, {"position": 1, "vat_rate": Decimal("11")}),
        )
    )  # fmt: skip
    assert [(row["position"], row["rule"], row["found"], row["expected"]) for row in rows][:4] == [
        (0, "G1.36", "1999-01-02, 2101-01-01", "2000-01-01 .. 2099-12-31"),
        (0, "RLS-CPRO-23", "FR41552081317", "FR03552081317"),
        (0, "RLS-CPRO-29", "BE6853900754703", "16"),
        (1, "G1.24", "19.5, 17.25, 11", RULE_BY_ID["G1.24"].expected),
    ]
    assert {(row["position"], row["rule"]): (row["found"], row["expected"]) for row in rows if row["position"]} == {
        (1, "G1.24"): ("19.5, 17.25, 11", RULE_BY_ID["G1.24"].expected),
        (1, "G2.31"): ("M, L", "S, E, AE, K, G, O, Z"),
        (1, "RLS-CPRO-32"): ("130.00", "119.50"),
        (2, "RLS-CPRO-31"): ("21.00", "20.00"),
        (2, "RLS-CPRO-32"): ("120.00", "121.00"),
    }


def test_a_sentence_names_the_value_found_and_says_what_is_absent() -> None:
    named, absent = (found(terms(invoice(buyer_siret=value)))[0] for value in ("21\n75", None))
    assert "« 21↵75 »" in named["message_fr"]
    assert '"21↵75"' in named["message_en"]
    assert absent["message_fr"].startswith("Le destinataire (BT-46 ou BT-47) est absent ;")
    assert absent["message_en"].startswith("The recipient (BT-46 or BT-47) is absent;")


def test_rule_ids_are_unique_and_each_has_a_source_and_sentences() -> None:
    assert len(RULE_BY_ID) == len(RULES) == sum(map(len, FAMILIES.values()))
    for rule in RULES:
        assert rule.source
        assert rule.on
        assert rule.id.startswith("RLS-CPRO-") is rule.ours
        sentences = {told(message_id(rule.id), language, found="X", expected="Y") for language in Language}
        assert len(sentences) == 2, rule.id


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_sentences_name_the_value_found_and_the_value_expected(rule: Rule) -> None:
    says_absence = rule.id in {"RLS-CPRO-02", "RLS-CPRO-03", "RLS-CPRO-06", "RLS-CPRO-12", "RLS-CPRO-13", "RLS-CPRO-14"}
    for language in Language:
        sentence = told(message_id(rule.id), language, found="#FOUND", expected="#EXPECTED")
        assert ("#EXPECTED" in sentence) is (rule.expected is not None)
        assert ("#FOUND" in sentence) is (not says_absence and rule.id not in {"RLS-CPRO-25", "RLS-CPRO-26"})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rules_read_known_columns_alone_and_no_float(rule: Rule) -> None:
    known = facts(terms(invoice(), vat=(GOOD_VAT,)), {"f" * 24: Deposit(CATALOGUE[STRUCTURED], TODAY)})
    expressions = [rule.holds, rule.found, *([rule.expected] if isinstance(rule.expected, pl.Expr) else [])]
    for expression in expressions:
        assert set(expression.meta.root_names()) <= set(known.columns)
        assert "float" not in str(expression).lower()
    answers = known.select(holds=rule.holds, found=rule.found)
    assert answers.dtypes == [pl.Boolean, pl.String]
    assert all(term(code) is not None for code in rule.terms)
