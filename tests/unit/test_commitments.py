"""Commitments: documents of every shape, checks with their reasons, and what invoices may quote."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.answers import InvoiceRow
from data_contracts.commitments import Commitment, CommitmentLine, CommitmentState, Draw, Held
from data_contracts.directory import Directory, Service, Structure
from data_contracts.refusals import DocumentUnreadable
from pipelines.commitments import reading
from pipelines.commitments.checks import checked
from pipelines.commitments.quoted_by import WARNINGS_TOLD, commitment_findings, draws, warned
from pipelines.commitments.reading import (
    ALL_LINES_MAX,
    COMMITMENTS_BYTES_MAX,
    COMMITMENTS_MAX,
    CSV_COLUMNS,
    FORMAT,
    RawCommitment,
    read_commitments,
)
from pipelines.commitments.writing import written
from tests.unit.answer_values import ODD_TEXTS
from tests.unit.refusals import explained
from tests.unit.rows import invoice

DOCS = Path(__file__).resolve().parents[2] / "docs" / "commitments.md"
STRUCTURE, SUPPLIER = "21750001600019", "55208131766522"
KEY = (STRUCTURE, "1501966748")
ORDER = Commitment(
    STRUCTURE, "1501966748", "COMPTA", SUPPLIER, Decimal("1200.10"), "EUR", date(2026, 9, 1), None, date(2027, 1, 31),
    CommitmentState.OPEN,
    (
        CommitmentLine(1, "Encre noire, carton de 12", Decimal("500.00")),
        CommitmentLine(2, "Papier A4", Decimal("500.08")),
    ),
)  # fmt: skip
DIRECTORY = Directory(
    {STRUCTURE: Structure(STRUCTURE, "Ville", partner_code="VIL001", services={"COMPTA": Service("COMPTA", "")})}
)


def taken(data: bytes, partner_code: str = "VIL001", directory: Directory = DIRECTORY) -> list[Commitment | None]:
    return [row.commitment for row in checked(read_commitments(data), partner_code, directory)]


def rules(**changes: str) -> list[str]:
    (row,) = json.loads(written([replace(ORDER, lines=())]))["commitments"]
    document = {"format": FORMAT, "commitments": [row | changes]}
    (one,) = checked(read_commitments(json.dumps(document).encode()), "VIL001", DIRECTORY)
    assert (one.commitment is None) == bool(one.flaws)
    return [flaw.rule for flaw in one.flaws]


@pytest.mark.parametrize("language", ["json", "csv"])
def test_the_examples_of_the_documentation_are_taken(language: str) -> None:
    (example,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert taken(example.encode()) == [ORDER]


def test_what_is_written_is_read_back() -> None:
    others = [
        replace(ORDER, number="2", service="", lines=(), valid_from=date(2026, 9, 2), state=CommitmentState.CLOSED)
    ]
    assert taken(written([ORDER, *others])) == [ORDER, *others]
    assert taken(b"\xef\xbb\xbf" + written([ORDER])) == [ORDER]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"number": ""}, ["RLS-EJ-01"]),
        ({"number": "x" * 51}, ["RLS-EJ-01"]),
        ({"number": "a\nb"}, ["RLS-EJ-01"]),
        ({"amount": "-1"}, ["RLS-EJ-01"]),
        ({"amount": "1e5"}, ["RLS-EJ-01"]),
        ({"amount": "1.001"}, ["RLS-EJ-01"]),
        ({"currency": "euro"}, ["RLS-EJ-01"]),
        ({"issued_on": ""}, ["RLS-EJ-01"]),
        ({"issued_on": "2026-02-30"}, ["RLS-EJ-01"]),
        ({"valid_to": "20270131"}, ["RLS-EJ-01"]),
        ({"state": "OPEN"}, ["RLS-EJ-01"]),
        ({"supplier": "55208131766523"}, ["RLS-EJ-02"]),
        ({"structure": "55208131766522"}, ["RLS-EJ-03"]),
        ({"service": "RH"}, ["RLS-EJ-04"]),
        ({"valid_to": "2026-08-31"}, ["RLS-EJ-05"]),
        ({"valid_from": "2027-02-01"}, ["RLS-EJ-05"]),
        ({"amount": "x", "supplier": "1", "service": "RH"}, ["RLS-EJ-01", "RLS-EJ-02", "RLS-EJ-04"]),
    ],
)
def test_each_wrong_field_has_its_reason(changes: dict[str, str], expected: list[str]) -> None:
    assert rules(**changes) == expected


def test_only_the_structure_s_own_connection_deposits_and_learns_nothing_else() -> None:
    document = written([ORDER])
    (other,) = checked(read_commitments(document), "AAA111", DIRECTORY)
    (unknown,) = checked(read_commitments(document), "AAA111", Directory({}))
    assert [flaw.rule for flaw in other.flaws] == ["RLS-EJ-03"]
    assert other == unknown
    assert taken(document, "AAA111", Directory({}, open_to_all=True)) == [ORDER]


def test_a_number_that_comes_twice_is_refused_both_times_and_lines_are_looked_at() -> None:
    rows = checked(read_commitments(written([ORDER, ORDER, replace(ORDER, number="2")])), "VIL001", DIRECTORY)
    assert [[flaw.rule for flaw in row.flaws] for row in rows] == [["RLS-EJ-06"], ["RLS-EJ-06"], []]
    twice = replace(ORDER, lines=(ORDER.lines[0], ORDER.lines[0]))
    (row,) = checked(read_commitments(written([twice])), "VIL001", DIRECTORY)
    assert [flaw.rule for flaw in row.flaws] == ["RLS-EJ-08"]


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b"[]", b'{"format":"relais.commitments/2","commitments":[]}', b'{"format":"x"}', b"\xff\xfe{",
        b'{"format":"relais.commitments/1","commitments":{}}', b'{"format":"relais.commitments/1","commitments":[1]}',
        b'{"format":"relais.commitments/1","commitments":[{"number":"1","number":"2"}]}',
        b'{"format":"relais.commitments/1","commitments":[{"more":"1"}]}',
        b'{"format":"relais.commitments/1","commitments":[{"number":["1"]}]}',
        b'{"format":"relais.commitments/1","commitments":[{"lines":[{"x":"1"}]}]}',
        b'{"format":"relais.commitments/1","commitments":[{"amount":NaN}]}', b"[" * 100_000, b'{"a":' * 100_000,
        b"number;structure\n", b'number,"', (",".join(CSV_COLUMNS) + "\n1,2\n").encode(),
        b"x" * (COMMITMENTS_BYTES_MAX + 1),
    ],
)  # fmt: skip
def test_a_document_of_another_shape_is_refused_with_its_place(document: bytes) -> None:
    with pytest.raises(DocumentUnreadable) as told:
        read_commitments(document)
    explained(told.value)


@pytest.mark.parametrize(
    ("rows", "lines", "said"), [(COMMITMENTS_MAX + 1, 0, "commitments"), (ALL_LINES_MAX // 1_000 + 1, 1_000, "lines")]
)
def test_more_than_is_allowed_is_refused_before_it_is_taken_apart(
    rows: int, lines: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a row was made")

    monkeypatch.setattr(reading, "_object", never)
    row = '{"lines":[' + ",".join(["{}"] * lines) + "]}"
    document = f'{{"format":"{FORMAT}","commitments":[' + ",".join([row] * rows) + "]}"
    with pytest.raises(DocumentUnreadable, match=said) as told:
        read_commitments(document.encode())
    assert told.value.motive == "IRR_TAILLE_F"


def test_rows_of_csv_are_counted_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "COMMITMENTS_MAX", 2)
    cells = ",".join(str(at) for at in range(len(CSV_COLUMNS)))
    rows = [cells.replace("0", str(number), 1) for number in range(3)]
    assert len(read_commitments("\n".join([",".join(CSV_COLUMNS), *rows[:2]]).encode())) == 2
    with pytest.raises(DocumentUnreadable, match="3 commitments"):
        read_commitments("\n".join([",".join(CSV_COLUMNS), *rows]).encode())


@settings(max_examples=60)
@given(st.lists(ODD_TEXTS, min_size=13, max_size=13), st.booleans())
def test_odd_values_are_refused_or_taken_never_a_failure(odd: list[str], as_json: bool) -> None:
    fields = dict(zip(CSV_COLUMNS[:10], odd, strict=False))
    raw = RawCommitment("here", fields, ({"number": odd[10], "label": odd[11], "amount": odd[12]},))
    (one,) = checked([raw], "VIL001", DIRECTORY)
    assert one.commitment is None
    assert all(flaw.sentences.fr and flaw.sentences.en for flaw in one.flaws)


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("{" + text).encode("utf-8", "replace")))
def test_no_bytes_make_reading_fail_otherwise(data: bytes) -> None:
    try:
        rows = read_commitments(data)
    except DocumentUnreadable:
        return
    assert isinstance(rows, list)


# ---- quoted by invoices ----------------------------------------------------------------------------------------------


def bill(position: int = 0, gross: str = "120.00", **changes: Any) -> InvoiceRow:
    values: dict[str, Any] = {
        "engagement": KEY[1], "gross_amount": Decimal(gross), "number": f"F{position}", "position": position,
    }  # fmt: skip
    return invoice(**(values | changes))


def found(
    *bills: InvoiceRow, held: Commitment | None = ORDER, drawn: str = "0", required: bool = False
) -> list[tuple[int, str, str]]:
    known = {} if held is None else {KEY: Held(held, Decimal(drawn), "f" * 24)}
    rows = commitment_findings(bills, known, {STRUCTURE}, {STRUCTURE} if required else set())
    return [(row["position"], row["rule"], row["flag"]) for row in rows]


@pytest.mark.parametrize(
    ("one", "held", "expected"),
    [
        (bill(), ORDER, []),
        (bill(engagement=None), None, []),
        (bill(engagement="other"), ORDER, ["RLS-EJ-11"]),
        (bill(), None, ["RLS-EJ-11"]),
        (bill(), replace(ORDER, state=CommitmentState.CLOSED), ["RLS-EJ-12"]),
        (bill(), replace(ORDER, state=CommitmentState.CANCELLED), ["RLS-EJ-12"]),
        (bill(seller_siren="123456782"), ORDER, ["RLS-EJ-13"]),
        (bill(seller_siren=None), ORDER, ["RLS-EJ-13"]),
        (bill(gross="9999", seller_siren="123456782"), replace(ORDER, state=CommitmentState.CLOSED), ["RLS-EJ-13"]),
        (bill(issue_date=date(2027, 2, 1)), ORDER, ["RLS-EJ-14"]),
        (bill(issue_date=date(2027, 1, 31)), ORDER, []),
        (bill(), replace(ORDER, valid_from=date(2026, 11, 3)), ["RLS-EJ-14"]),
        (bill(gross="1200.10"), ORDER, []),
        (bill(gross="1200.11"), ORDER, ["RLS-EJ-15"]),
        (bill(gross="9999", currency="USD"), ORDER, []),
        (bill(gross="9999", type_code="381"), ORDER, []),
    ],
)
def test_an_engagement_is_looked_up(one: InvoiceRow, held: Commitment | None, expected: list[str]) -> None:
    assert [rule for _, rule, _ in found(one, held=held)] == expected


def test_a_finding_is_fatal_where_the_structure_says_so_and_silent_where_nobody_deposits() -> None:
    assert found(bill(), held=None, required=True) == [(0, "RLS-EJ-11", "fatal")]
    assert found(bill(), held=None) == [(0, "RLS-EJ-11", "warning")]
    assert commitment_findings([bill()], {}, set(), set()) == []


def test_invoices_of_a_flow_draw_one_after_the_other() -> None:
    three = [bill(0, "600.00"), bill(1, "600.00"), bill(2, "600.00")]
    assert found(*three) == [(2, "RLS-EJ-15", "warning")]
    assert found(*three, drawn="0.11") == [(1, "RLS-EJ-15", "warning"), (2, "RLS-EJ-15", "warning")]
    credit = bill(1, "600.00", type_code="381")
    assert found(three[0], credit, bill(2, "1200.00")) == []
    assert found(bill(0, "2000"), bill(1, "1000"), required=True) == [(0, "RLS-EJ-15", "fatal")]
    known = {KEY: Held(ORDER, Decimal(0), "f" * 24)}
    assert draws([three[0], credit, bill(3, engagement="other")], known) == [
        Draw(0, *KEY, Decimal("600.00")), Draw(1, *KEY, Decimal("-600.00")),
    ]  # fmt: skip


def test_who_quotes_the_commitment_of_another_takes_nothing_of_it() -> None:
    stranger, own = bill(0, "1000.00", seller_siren="123456782"), bill(1, "1000.00")
    known = {KEY: Held(ORDER, Decimal(0), "f" * 24)}
    assert draws([stranger, own], known) == [Draw(1, *KEY, Decimal("1000.00"))]
    assert found(stranger, own) == [(0, "RLS-EJ-13", "warning")]


@given(st.lists(st.decimals(min_value=0, max_value=2_000, places=2), max_size=8))
def test_who_is_not_warned_never_overdraws(amounts: list[Decimal]) -> None:
    bills = [bill(at, str(amount)) for at, amount in enumerate(amounts)]
    warned_at = {position for position, _, _ in found(*bills, required=True)}
    assert sum((amount for at, amount in enumerate(amounts) if at not in warned_at), Decimal(0)) <= ORDER.amount


def test_warnings_are_told_bounded_in_both_languages() -> None:
    rows = commitment_findings([bill(at) for at in range(WARNINGS_TOLD + 3)], {}, {STRUCTURE}, set())
    told = warned(rows, {at: f"F{at}" for at in range(99)})
    assert told is not None
    assert told.fr.startswith("Engagements à vérifier (8) : F0 : L'engagement 1501966748 n'est pas connu")
    assert told.en.endswith("And 3 more.")
    assert warned([], {}) is None


@pytest.mark.parametrize(
    ("document", "fr", "en"),
    [
        (b'{"format"', "la syntaxe est fautive à 1:10 (ligne:colonne)", "its syntax is wrong at 1:10 (line:column)"),
        (b'{"a":"1","a":"2"}', "une clé figure deux fois", "a key occurs twice"),
        (b'{"a":NaN}', "NaN et Infinity ne sont pas des nombres", "NaN and Infinity are no numbers"),
        (b'{"a":' * 100_000, "trop de niveaux sont emboîtés", "too many levels are nested"),
        ((",".join(CSV_COLUMNS) + '\n"1').encode(), "n'est pas le CSV attendu, à la ligne 2", "as expected, at line 2"),
    ],
)
def test_why_a_document_is_not_in_its_form_is_told_in_both_languages(document: bytes, fr: str, en: str) -> None:
    with pytest.raises(DocumentUnreadable) as told:
        read_commitments(document)
    explained(told.value)
    assert fr in told.value.said.fr and en in told.value.said.en
