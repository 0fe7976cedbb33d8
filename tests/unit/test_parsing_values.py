"""Texts as values: exact decimals, days, string values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from data_contracts.tables import AMOUNT
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.values import BLANK, day, day_102, decimal_term
from pipelines.parsing.xml_gate import gated

FITTING = st.decimals(min_value=Decimal(-(10**20) + 1), max_value=Decimal(10**20 - 1), places=8, allow_nan=False)


@given(FITTING)
def test_a_decimal_that_fits_is_read_exactly_and_held_exactly(value: Decimal) -> None:
    read = decimal_term(f"{value:f}")
    assert read == value
    assert pa.array([read], AMOUNT).to_pylist() == [value]


@given(st.text(alphabet="0123456789+-.eE,_ INFaN\u0661\u00a0", max_size=40))
def test_any_text_is_an_exact_amount_or_none(text: str) -> None:
    read = decimal_term(text)
    if read is None:
        return
    assert set(text) <= set("0123456789+-.")
    assert read == Decimal(text)
    assert pa.array([read], AMOUNT).to_pylist() == [read]


@given(st.text(max_size=20))
def test_no_text_at_all_makes_the_reader_of_decimals_fail(text: str) -> None:
    assert decimal_term(text) is None or Decimal(text) == decimal_term(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "1"),
        ("+1.50", "1.50"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("0" * 5_000 + "1", "1"),
        ("1.5" + "0" * 5_000, "1.5"),
        ("9" * 20 + ".99999999", "9" * 20 + ".99999999"),
    ],
)
def test_forms_of_a_schema_decimal(text: str, value: str) -> None:
    assert decimal_term(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", None, ".", "-", "1e3", "INF", "NaN", "1,5", "1 000", "1_000", "١", "9" * 21, "0.000000001", "--1", "0x10"],
)
def test_what_is_no_exact_amount_is_none(text: str | None) -> None:
    assert decimal_term(text) is None


def test_minus_nought_is_nought() -> None:
    assert str(decimal_term("-0.00")) == "0.00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("2026-02-28Z", date(2026, 2, 28)),
        ("2026-02-28+02:00", date(2026, 2, 28)),
        ("2026-02-29", None),
        ("0000-01-01", None),
        ("28/02/2026", None),
        ("2026-2-28", None),
        ("2026-02-28T00:00:00", None),
        (None, None),
    ],
)
def test_days_of_ubl(text: str | None, value: date | None) -> None:
    assert day(text) == value


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("20260228", "102", date(2026, 2, 28)),
        ("20260228", None, date(2026, 2, 28)),
        ("20260228", "203", None),
        ("20260229", "102", None),
        ("2026-02-28", "102", None),
        ("202602281", "102", None),
        (None, "102", None),
    ],
)
def test_days_of_cii(text: str | None, code: str | None, value: date | None) -> None:
    assert day_102(text, code) == value


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        (b"<z>1<!-- x -->00</z>", "100"),
        (b"<z>1<?x y?>00</z>", "100"),
        (b"<z>1<![CDATA[0]]>0</z>", "100"),
        (b"<z>1&#48;&#x30;</z>", "100"),
        (b"<z>1<b>0<c>0</c></b></z>", "100"),
        (b"<z> \n1 0\t0 \r\n</z>", "1 0\t0"),
        (b"<z> \n </z>", None),
        (b"<z/>", None),
        ("<z>\u00a01\u00a0</z>".encode(), "\u00a01\u00a0"),
    ],
)
def test_our_reading_of_a_text_is_that_of_xpath(xml: bytes, value: str | None) -> None:
    tree = gated(xml)
    batch = shredded([tree], PathDictionary())
    text = batch.strings.values[int(batch.text_ids(batch.path("z") or 0, None)[0])]
    assert (text.strip(BLANK) or None) == value
    assert text == str(tree.getroot().xpath("string(.)"))


def test_a_plain_parser_would_have_read_two_amounts() -> None:
    root = etree.fromstring(b"<z>1<!-- x -->00</z>")
    assert root.text == "1"
    assert root.xpath("string(.)") == "100"
