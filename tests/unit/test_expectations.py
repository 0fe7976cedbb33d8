"""What was expected where a rule is broken: read off the rule files, evaluated on the invoices that break them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.interfaces import Circuit
from data_contracts.rule_sets import BR_FR_CII, BR_FR_UBL, EN16931_CII, EN16931_UBL, RULE_SETS, RuleSet
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.validation import explain
from pipelines.validation.compiled.expected.claims import claims
from pipelines.validation.compiled.expected.expectations import Expectations
from pipelines.validation.compiled.expected.expected_values import CodeList, amount, matching, prefix, with_decimals
from pipelines.validation.compiled.expected.forms import Forms
from pipelines.validation.compiled.judging import judge_tables
from pipelines.validation.compiled.plan import RuleSetPlan, compiled
from pipelines.validation.compiled.rule_files.rule_file import read_rule_file
from pipelines.validation.judge import Judgment
from pipelines.validation.saxon import SaxonJudge
from relais.samples.billers import UTILITY
from relais.samples.cii_writer import cii_bytes
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes
from tests.unit.compiled_sheets import rule, sheet

INVOICE = composed(UTILITY, 1, Circuit.AFNOR, 7)
UBL, CII = ubl_bytes(INVOICE).decode(), cii_bytes(INVOICE).decode()
Told = dict[str, tuple[str | None, str | None]]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[RuleSet, RuleSetPlan]:
    cache = tmp_path_factory.mktemp("rules")
    return {row: compiled(row, cache) for row in (EN16931_UBL, EN16931_CII, BR_FR_UBL, BR_FR_CII)}


def _rows(documents: Sequence[str], rule_set: RuleSet, plan: RuleSetPlan) -> list[list[FindingRow]]:
    trees = [etree.ElementTree(etree.fromstring(document.encode())) for document in documents]
    tables = shredded(trees, PathDictionary())
    judgments = [judgment or Judgment(()) for judgment in judge_tables(tables, plan)]
    keys = [("f", number) for number in range(len(documents))]
    return explain.explained(tables, keys, rule_set, judgments, Expectations(lambda: plan))


def _told(document: str, old: str, new: str, rule_set: RuleSet, plan: RuleSetPlan) -> Told:
    """(found, expected) by rule, of a valid invoice with one thing changed."""
    assert document.count(old) >= 1, old
    (rows,) = _rows([document.replace(old, new, 1)], rule_set, plan)
    return {row["rule"]: (row["found"], row["expected"]) for row in rows}


def _element(document: str, name: str, last: bool = False) -> str:
    """One element without children, as it is written."""
    start = document.rindex(f"<{name}") if last else document.index(f"<{name}")
    return document[start : document.index(f"</{name}>", start) + len(name) + 3]


def _changed(element: str, value: str) -> str:
    head, _, tail = element.partition(">")
    return f"{head}>{value}<{tail.partition('<')[2]}"


@pytest.mark.parametrize(
    ("name", "value", "rule_id", "expected"),
    [
        ("cbc:TaxExclusiveAmount", "1300.00", "BR-CO-13", "1309.22"),
        ("cbc:TaxInclusiveAmount", "1571.05", "BR-CO-15", "1571.06"),
        ("cbc:PayableAmount", "-1571.06", "BR-CO-16", "1571.06"),
        ("cbc:TaxAmount", "200", "BR-CO-14", "261.84"),
        ("cbc:TaxableAmount", "1409.22", "BR-S-08", "1309.22"),
        ("cbc:DocumentCurrencyCode", "EURO", "BR-CL-04", "EUR (ISO 4217: 178 codes)"),
        ("cbc:InvoiceTypeCode", "999", "BR-CL-01", "UNTDID 1001: 50 codes"),
        ("cbc:Percent", "0", "BR-S-05", None),
    ],
)
def test_amounts_and_codes_of_ubl(
    name: str, value: str, rule_id: str, expected: str | None, plans: dict[RuleSet, RuleSetPlan]
) -> None:
    element = _element(UBL, name)
    told = _told(UBL, element, _changed(element, value), EN16931_UBL, plans[EN16931_UBL])
    if expected is None:
        assert rule_id not in told
    else:
        assert told[rule_id] == (value, expected)


def test_the_sum_of_lines_is_expected_where_their_total_is_wrong(plans: dict[RuleSet, RuleSetPlan]) -> None:
    total = '<cbc:LineExtensionAmount currencyID="EUR">1309.22'
    told = _told(UBL, total, total.replace("1309.22", "1309.21"), EN16931_UBL, plans[EN16931_UBL])
    assert told["BR-CO-10"] == ("1309.21", "1309.22")
    assert told["BR-CO-13"] == ("1309.22", "1309.21")


def test_the_sum_of_what_is_there_is_expected_however_far_it_is(plans: dict[RuleSet, RuleSetPlan]) -> None:
    """BR-S-08 holds for the lines of invoices or for those of credit notes; where there is an allowance, both apply."""
    allowance = (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
        '<cbc:Amount currencyID="EUR">0</cbc:Amount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent>'
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:AllowanceCharge>"
    )
    charged = UBL.replace("<cac:TaxTotal>", f"{allowance}<cac:TaxTotal>", 1)
    taxable = _element(charged, "cbc:TaxableAmount")
    right = taxable.partition(">")[2].partition("<")[0]
    told = _told(charged, taxable, _changed(taxable, f"-{right}"), EN16931_UBL, plans[EN16931_UBL])
    assert told["BR-S-08"] == (f"-{right}", right)


def test_totals_of_cii(plans: dict[RuleSet, RuleSetPlan]) -> None:
    total = _element(CII, "ram:LineTotalAmount", last=True)
    told = _told(CII, total, _changed(total, "9.99"), EN16931_CII, plans[EN16931_CII])
    assert told["BR-CO-10"] == ("9.99", "1309.22")
    assert told["BR-CO-13"] == ("1309.22", "9.99")
    due = _element(CII, "ram:DuePayableAmount")
    told = _told(CII, due, _changed(due, "1.00"), EN16931_CII, plans[EN16931_CII])
    assert told["BR-CO-16"] == ("1.00", "1571.06")


def test_the_tax_of_a_rate_is_expected_within_its_tolerance(plans: dict[RuleSet, RuleSetPlan]) -> None:
    element = _element(UBL, "cbc:TaxAmount", last=True)
    (rows,) = _rows([UBL.replace(element, _changed(element, "61.84"))], EN16931_UBL, plans[EN16931_UBL])
    told = {row["rule"]: (row["found"], row["expected"]) for row in rows}
    assert told["BR-CO-17"] == told["BR-S-09"] == ("61.84", "261.84")


@pytest.mark.parametrize(
    ("name", "value", "rule_id", "told"),
    [
        ("cbc:IssueDate", "2026-10-24+02:00", "BR-FR-03_BT-2", ("2026-10-24+02:00", "2026-10-24")),
        ("cbc:DueDate", "2199-01-01", "BR-FR-03_BT-9", ("2199-01-01", "20YY-MM-DD")),
        ("cbc:TaxAmount", "261,84", "BR-FR-DEC-01_BT-110", ("261,84", "261.84")),
        ("cbc:ProfileID", "M3", "BR-FR-08_BT-23",
         ("M3", "B1, S1, M1, B2, S2, M2, S3, B4, S4, M4, S5, S6, B7, S7, B8, S8, M8, B9, S9, M9")),
        ("cbc:Percent", "19", "BR-FR-16_BT-119",
         ("19", "0, 10, 13, 20, 8.5, 19.6, 2.1, 5.5, 7, 20.6, 1.05, 0.9, 1.75, 9.2, 9.6")),
        ("cbc:ID", "A" * 40, "BR-FR-01_BT-1-1", ("A" * 40, "<= 35")),
    ],
)  # fmt: skip
def test_french_forms_and_lists(
    name: str, value: str, rule_id: str, told: tuple[str, str], plans: dict[RuleSet, RuleSetPlan]
) -> None:
    element = _element(UBL, name)
    found = _told(UBL, element, _changed(element, value), BR_FR_UBL, plans[BR_FR_UBL])
    assert found[rule_id] == told


def test_a_missing_note_is_expected_by_its_code(plans: dict[RuleSet, RuleSetPlan]) -> None:
    assert _told(UBL, "#PMT#", "", BR_FR_UBL, plans[BR_FR_UBL])["BR-FR-05_BT-22-1"] == (None, "#PMT#")
    told = _told(CII, "<ram:SubjectCode>PMT<", "<ram:SubjectCode>AAI<", BR_FR_CII, plans[BR_FR_CII])
    assert told["BR-FR-05_BT-22_PMT"] == (None, "PMT")


@pytest.mark.parametrize("rule_set", [EN16931_UBL, BR_FR_UBL], ids=lambda row: row.coordinate)
def test_what_the_official_engine_found_is_explained_alike(
    rule_set: RuleSet, plans: dict[RuleSet, RuleSetPlan]
) -> None:
    document = (
        UBL.replace("EUR</cbc:Doc", "EURO</cbc:Doc").replace(">1571.06<", ">1.234<").replace("2026-11-23", "2199-11-23")
    )
    plan = plans[rule_set]
    (rows,) = _rows([document], rule_set, plan)
    tables = shredded([etree.ElementTree(etree.fromstring(document.encode()))], PathDictionary())
    official = SaxonJudge().judge(document.encode(), rule_set)
    expectations = Expectations(lambda: plan)
    assert explain.explained(tables, [("f", 0)], rule_set, [official], expectations) == [rows]
    assert any(row["expected"] for row in rows)
    unread = explain.explained(tables, [("f", 0)], rule_set, [official])[0]
    assert [row["location"] for row in unread] == [row["location"] for row in rows]
    assert not any(row["expected"] for row in unread)


DOCUMENT = "<r><v>5</v><w>7</w><x> a</x><k>A</k><n>-3</n><l><p>1</p></l><l><p>2.50</p></l><d>2026-02-01</d></r>"
TESTS = {
    "sum": ("v = sum(l/p)", ("5", "3.50")),
    "turned": ("sum(l/p) = v", ("5", "3.50")),
    "difference": ("v - w = sum(l/p)", ("5", "10.50")),
    "cents": ("xs:decimal(v) = round(xs:decimal(w) * 10 * 10 div 3) div 100", ("5", "2.33")),
    "tolerance": ("abs(xs:decimal(v) - sum(l/xs:decimal(p))) &lt;= 0.01 * count(l)", ("5", "3.50")),
    "unsigned": ("abs(n) - 1 &lt; abs(xs:decimal(w)) and abs(n) + 1 &gt; abs(xs:decimal(w))", ("-3", "-7.00")),
    "condition": ("(w = 7 and v = sum(l/p)) or (w != 7 and v = 1)", ("5", "3.50")),
    "guard": ("not(w) or v = 6", ("5", "6")),
    "at least": ("v &gt;= w + 1", ("5", ">= 8.00")),
    "substring": ("matches(substring(d, 1, 8), '^20\\d{6}$')", ("2026-02-01", "20260201")),
    "other way": ("matches(k, '^[0-9]$') or w = ('8', '9')", (None, None)),
    "bound": ("n &gt;= 0", ("-3", ">= 0")),
    "codes": ("k = ('B', 'C')", ("A", "B, C")),
    "or": ("k = 'B' or k = 'C'", ("A", "B, C")),
    "listed": ("contains(' B C ', concat(' ', normalize-space(k), ' '))", ("A", "B, C")),
    "count": ("count(l) &lt;= 1", ("2", "<= 1")),
    "decimals": ("string-length(substring-after(l[2]/p, '.')) &lt;= 1", ("2.50", "2.5")),
    "pattern": ("matches(x, '^[a-z]$')", (" a", "a")),
    "start": ("starts-with(d, '2027')", ("2026-02-01", "2027…")),
    "every": ("every $one in w satisfies v = $one + 1", ("5", "8.00")),
    "if": ("if (w) then v = 1 else v = 2", ("5", "1")),
    "absent": ("exists(z)", (None, None)),
    "way out": ("exists(z) or k = 'B'", (None, None)),
    "contrary": ("not(k = 'A')", (None, None)),
    "differs": ("v != 5", (None, None)),
}  # fmt: skip


def test_every_form_of_claim_is_told(tmp_path: Path) -> None:
    tests = [(name, test.replace("&lt;", "<").replace("&gt;", ">")) for name, (test, _) in TESTS.items()]
    plan = RuleSetPlan(read_rule_file(sheet(tmp_path, rule("r", 1, tests))), "test")
    (rows,) = _rows([DOCUMENT], EN16931_UBL, plan)
    assert {row["rule"]: (row["found"], row["expected"]) for row in rows} == {
        name: told for name, (_, told) in TESTS.items()
    }


def test_no_expectation_contradicts_what_is_found(plans: dict[RuleSet, RuleSetPlan]) -> None:
    """An expected amount that stands there already would be nonsense."""
    documents = [UBL.replace(f">{old}<", f">{new}<") for old, new in (("1309.22", "1309.2"), ("20", "10"), ("S", "E"))]
    seen = 0
    for rows in _rows(documents, EN16931_UBL, plans[EN16931_UBL]):
        for row in rows:
            seen += row["expected"] is not None
            assert row["found"] is None or row["found"] != row["expected"], row
    assert seen >= 5


@pytest.mark.parametrize(
    ("number", "text"), [("1250", "1250.00"), ("0.1", "0.10"), ("-0.000", "0.00"), ("12.3456789", "12.345679")]
)
def test_amounts_are_written_with_two_decimals_or_more(number: str, text: str) -> None:
    assert amount(Decimal(number)) == text


def test_short_lists_are_told_and_long_ones_by_name_number_and_nearest() -> None:
    assert CodeList(("0", "0.0", "10", "10.00", "5.5"), "").told("7") == "0, 10, 5.5"
    assert CodeList(("0002", "0009"), "").told("2") == "0002, 0009"
    units = (*(f"X{number:02}" for number in range(50)), "KGM", "HUR", "0002")
    listed = CodeList(units, "MUST be coded by UNCL 6411")
    assert listed.told("kgm") == "KGM (UNTDID 6411: 53 codes)"
    assert listed.told("KGMS") == listed.told("KG") == listed.told("KHM") == "KGM (UNTDID 6411: 53 codes)"
    assert listed.told("2") == "0002 (UNTDID 6411: 53 codes)"
    assert listed.told(None) == listed.told("QQQ") == "UNTDID 6411: 53 codes"
    assert CodeList(units, "no list is named").told("?") == "53 codes"


def test_values_are_rewritten_only_as_they_are_often_meant() -> None:
    assert matching("303 656 847", r"^\d{9}$") == "303656847"
    assert matching("12345", r"^\d{9}$") is None
    assert matching("20261024", r"^20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$") == "2026-10-24"
    assert matching("x" * 100_000, r"^20\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$") == "20YYMMDD"
    assert matching("24/10/2026", r"^\d{4}-\d{2}-\d{2}$") == "2026-10-24"
    assert with_decimals("2.345", 2) == "2.35"
    assert with_decimals("1e999999", 2) is None
    assert with_decimals("abc", 2) is None
    assert prefix("987", "987654321", "9") == "987654321…"
    assert prefix("98765432100017", "987654321", "9") is None
    assert prefix("987", "12345678901234", "9") is None


@pytest.mark.parametrize("name", sorted(RULE_SETS)[1::2])
def test_every_claim_of_the_installed_sets_can_be_evaluated(name: str, tmp_path: Path) -> None:
    plan = compiled(RULE_SETS[name], tmp_path)
    expectations = Expectations(lambda: plan)
    statements = [one for row in plan.rules() for one in row.asserts if one.test is not None]
    claimed = {
        one.rule: len(claims(one.test.tree, Forms(plan.compiler), report=one.report)) for one in statements if one.test
    }
    assert {one.rule: len(expectations._ready(one)) for one in statements} == claimed
    assert sum(map(bool, claimed.values())) > 30


@pytest.mark.parametrize("found", ["9" * 39, "-0." + "1" * 37, "1" * 17 + ".5", "Infinity", "1_000", "٣٣"])
def test_odd_numbers_are_told_or_not_but_never_raise(found: str) -> None:
    assert matching(found, r"^\d{3}$") is None
    assert with_decimals(found, 2) in {None, "-0.11", "1000.00", "33.00"}
