"""Chorus Pro's own rules, each seen broken and kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import tables
from data_contracts.answers import FindingRow
from data_contracts.interfaces import Circuit
from pipelines.validation.management_rules import RULE_SET, RULES, management_findings
from pipelines.validation.rules.parties import well_keyed
from tests.unit.rows import invoice

TODAY = date(2026, 11, 20)
HISTORICAL, AFNOR = Circuit.CHORUS_PRO, Circuit.AFNOR


def frame(*rows: Any) -> pl.DataFrame:
    return pl.DataFrame(pa.Table.from_pylist(list(rows), schema=tables.INVOICES))


def broken(circuit: Circuit = HISTORICAL, **changes: Any) -> set[str]:
    if circuit is AFNOR:
        changes = {"frame": "B1"} | changes
    return {row["rule"] for row in management_findings(frame(invoice(**changes)), circuit, TODAY)}


def test_a_good_invoice_breaks_nothing() -> None:
    assert broken() == set()
    assert broken(AFNOR) == set()


@pytest.mark.parametrize(
    ("circuit", "changes", "rules"),
    [
        (HISTORICAL, {"number": "F" * 20}, set()),
        (HISTORICAL, {"number": "F" * 21}, {"RLS-CPRO-01"}),
        (AFNOR, {"number": "F" * 21}, {"RLS-CPRO-01"}),
        (HISTORICAL, {"number": None}, {"RLS-CPRO-02"}),
        (HISTORICAL, {"number": "F 2026-1_a+b/c"}, set()),
        (HISTORICAL, {"number": "F  2026"}, {"G1.05"}),
        (HISTORICAL, {"number": " F2026"}, {"G1.05"}),
        (HISTORICAL, {"number": "F2026 "}, {"G1.05"}),
        (HISTORICAL, {"number": "F.2026"}, {"G1.05"}),
        (HISTORICAL, {"number": "Fé2026"}, {"G1.05"}),
        (HISTORICAL, {"number": "F2026\n"}, {"G1.05"}),
        (HISTORICAL, {"issue_date": None}, {"RLS-CPRO-03"}),
        (HISTORICAL, {"issue_date": date(2026, 11, 20)}, set()),
        (HISTORICAL, {"issue_date": date(2026, 11, 21)}, {"G1.07"}),
        (HISTORICAL, {"type_code": "384"}, {"RLS-CPRO-04"}),
        (HISTORICAL, {"type_code": None}, {"RLS-CPRO-04"}),
        (AFNOR, {"type_code": "384"}, set()),
        (AFNOR, {"type_code": "326"}, {"G1.01"}),
        (AFNOR, {"type_code": None}, {"G1.01"}),
        (HISTORICAL, {"frame": "A11"}, {"RLS-CPRO-05"}),
        (HISTORICAL, {"frame": "A25"}, set()),
        (HISTORICAL, {"frame": None}, {"RLS-CPRO-05"}),
        (AFNOR, {"frame": "A1"}, {"G1.02"}),
        (AFNOR, {"frame": None}, {"G1.02"}),
        (HISTORICAL, {"currency": "eur"}, {"G1.10"}),
        (HISTORICAL, {"currency": None}, {"G1.10"}),
        (HISTORICAL, {"seller_id": None, "seller_id_type": None}, {"RLS-CPRO-06"}),
        (HISTORICAL, {"seller_id": "1234"}, {"RLS-CPRO-07"}),
        (HISTORICAL, {"seller_id": "55208131766523"}, {"RLS-CPRO-08"}),
        (HISTORICAL, {"seller_id": "552081317"}, set()),
        (HISTORICAL, {"seller_id": "DE123", "seller_id_type": "2"}, set()),
        (HISTORICAL, {"seller_id": "DE123", "seller_id_type": None}, set()),
        (HISTORICAL, {"buyer_siret": None}, {"RLS-CPRO-09"}),
        (HISTORICAL, {"buyer_siret": "217500016"}, {"RLS-CPRO-09"}),
        (HISTORICAL, {"buyer_siret": "21750001600018"}, {"RLS-CPRO-10"}),
        (HISTORICAL, {"buyer_siret": "35600000049837"}, set()),
        (HISTORICAL, {"type_code": "381"}, {"RLS-CPRO-11"}),
        (HISTORICAL, {"type_code": "381", "preceding_number": "F1"}, set()),
        (HISTORICAL, {"net_amount": None}, {"RLS-CPRO-12"}),
        (HISTORICAL, {"gross_amount": None}, {"RLS-CPRO-13"}),
        (HISTORICAL, {"payable_amount": None}, {"RLS-CPRO-14"}),
    ],
)
def test_each_rule_is_broken_by_what_it_forbids_alone(
    circuit: Circuit, changes: dict[str, Any], rules: set[str]
) -> None:
    assert broken(circuit, **changes) == rules


def test_check_digits_and_missing_originals_only_warn() -> None:
    flags = {rule.id: rule.flag.value for rule in RULES}
    assert {id for id, flag in flags.items() if flag == "warning"} == {"RLS-CPRO-08", "RLS-CPRO-10", "RLS-CPRO-11"}


def test_an_invoice_of_nulls_breaks_rules_and_never_passes_in_silence() -> None:
    nothing = dict.fromkeys(tables.INVOICES.names) | {
        "flow_key": "f",
        "position": 0,
        "member_name": "m",
        "sha256": "0" * 64,
    }
    rules = {row["rule"] for row in management_findings(frame(nothing), AFNOR, TODAY)}
    assert rules == {
        "RLS-CPRO-02", "RLS-CPRO-03", "G1.01", "G1.02", "G1.10", "RLS-CPRO-06", "RLS-CPRO-09",
        "RLS-CPRO-12", "RLS-CPRO-13", "RLS-CPRO-14",
    }  # fmt: skip


def test_findings_say_what_was_found_in_the_order_of_the_invoices() -> None:
    rows = management_findings(
        frame(invoice(position=0), invoice(position=1, number="F" * 21, frame="Z9"), invoice(position=2, currency="€")),
        HISTORICAL,
        TODAY,
    )
    assert [(row["position"], row["rule"], row["found"]) for row in rows] == [
        (1, "RLS-CPRO-01", "F" * 21),
        (1, "RLS-CPRO-05", "Z9"),
        (2, "G1.10", "€"),
    ]
    assert rows[0]["expected"] == "<= 20"
    assert {row["rule_set"] for row in rows} == {RULE_SET}
    assert all(set(row) == set(FindingRow.__annotations__) for row in rows)
    assert management_findings(frame(), HISTORICAL, TODAY) == []


def test_rule_ids_are_unique_and_sentences_name_their_terms() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.source
        assert rule.message_fr != rule.message_en


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        total += sum(divmod(digit * 2, 10)) if place % 2 else digit
    return total % 10 == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("0123456789", min_size=14, max_size=14) | st.text("0123456789", min_size=9, max_size=9)))
def test_keys_are_those_of_luhn(numbers: list[str]) -> None:
    ids = pl.DataFrame({"id": pl.Series(numbers, dtype=pl.String)})
    seen = ids.select(answer=well_keyed(pl.col("id")))["answer"].to_list()
    assert seen == [
        _luhn(number) or (len(number) == 14 and number.startswith("356000000") and sum(map(int, number)) % 5 == 0)
        for number in numbers
    ]
