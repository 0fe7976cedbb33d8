"""Check digits against their definitions, told another way; and the words of the rules on unknown and large values."""

from __future__ import annotations

import string
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pipelines.validation.rules.identifier_formats import IBAN_LENGTHS, VAT_MODELS, VAT_NUMBER_FORMS
from pipelines.validation.rules.keys import french_vat_number, iban_keyed, insee_keyed
from pipelines.validation.rules.language import (
    characters_at_most,
    exists,
    one_of,
    spelled,
    times,
    within_a_cent,
    written,
)
from pipelines.validation.rules.language import given as given_that
from tests.unit.management_rows import broken, found, group, terms
from tests.unit.rows import invoice

DIGITS = "0123456789"
AMOUNT = pl.Decimal(28, 8)


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        total += sum(divmod(digit * 2, 10)) if place % 2 else digit
    return total % 10 == 0


@given(st.text(DIGITS, min_size=14, max_size=14) | st.text(DIGITS, min_size=9, max_size=9))
@example("35600000000048")  # the seat of La Poste: Luhn's key
@example("35600000049837")  # a post office: digits that sum to a multiple of 5
@example("35600000049838")
@example("356000000")
@example("0" * 14)
@example("0" * 9)
@example("00000000000018")  # the establishments of test directories begin so
def test_insee_keys_are_those_of_luhn_but_for_la_poste(number: str) -> None:
    la_poste = len(number) == 14 and number[:9] == "356000000" and sum(map(int, number)) % 5 == 0
    assert insee_keyed(number) is (bool(int(number)) and (_luhn(number) or la_poste))


@given(st.text(DIGITS, min_size=13, max_size=13), st.integers(0, 13), st.integers(1, 9))
def test_a_mistaken_digit_never_passes_the_key_of_a_siret(head: str, place: int, shift: int) -> None:
    siret = next(head + last for last in DIGITS if _luhn(head + last))
    assume(int(siret))
    mistaken = siret[:place] + str((int(siret[place]) + shift) % 10) + siret[place + 1 :]
    if not mistaken.startswith("356000000"):
        assert (insee_keyed(siret), insee_keyed(mistaken)) == (True, False)


@pytest.mark.parametrize(
    "text", ["", "12345678", "1234567890", "5520813176652", "55208131766522 ", "5520813176652a", "٣" * 9]
)
def test_what_is_no_siren_nor_siret_has_no_key(text: str) -> None:
    assert insee_keyed(text) is None


@given(st.text(DIGITS, min_size=9, max_size=9), st.integers(0, 99))
@example("552081317", 3)
def test_the_key_of_a_french_vat_number_follows_from_its_siren(siren: str, key: int) -> None:
    due = french_vat_number(f"FR{key:02d}{siren}")
    assert due is not None
    assert due[2:4] == f"{int(siren + '12') % 97:02d}"
    assert due.endswith(siren)
    assert french_vat_number(due) == due


def test_vat_numbers_of_real_bodies_have_their_key() -> None:
    for number in ("FR03552081317", "FR40303265045", "FR23334175221"):
        assert french_vat_number(number) == number
    assert french_vat_number("DE123456789") is None
    assert french_vat_number("FRK1552081317") is None


@given(
    st.sampled_from(sorted(IBAN_LENGTHS)),
    st.text(DIGITS + string.ascii_uppercase, min_size=30, max_size=30),
    st.integers(0, 200),
    st.sampled_from(DIGITS),
)
def test_an_iban_with_the_right_key_loses_it_by_any_mistaken_digit(
    country: str, signs: str, at: int, other: str
) -> None:
    account = signs[: IBAN_LENGTHS[country] - 4]
    turned = account + country + "00"
    rest = 0
    for sign in turned:
        rest = (rest * 10 + int(sign)) % 97 if sign.isdigit() else (rest * 100 + ord(sign) - 55) % 97
    right = f"{country}{98 - rest:02d}{account}"
    assert iban_keyed(right) is True
    at = 2 + at % (len(right) - 2)
    if right[at].isdigit() and right[at] != other:
        assert iban_keyed(right[:at] + other + right[at + 1 :]) is False


@pytest.mark.parametrize(
    "iban",
    [
        "FR7610057191370188512730284",
        "DE89370400440532013000",
        "GB29NWBK60161331926819",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
def test_published_ibans_are_right_in_key_and_length(iban: str) -> None:
    assert iban_keyed(iban)
    assert IBAN_LENGTHS[iban[:2]] == len(iban)


@pytest.mark.parametrize("text", ["", "FR76", "fr7610057191370188512730284", "1005719137018851273028", "FR76 1005"])
def test_what_is_spelled_otherwise_is_no_iban(text: str) -> None:
    assert iban_keyed(text) is None


def test_each_countrys_model_is_written_as_its_numbers_are() -> None:
    for country, model in VAT_MODELS.items():
        number = model[:2] + model[2:].replace("9", "1").replace("L", "A").replace("X", "1").replace("S", "1")
        assert number.startswith(country)
        assert broken(seller_id=number, seller_id_type="2") & {"RLS-CPRO-22"} == set(), number
        assert broken(seller_id=number + "0" * 9, seller_id_type="2") >= {"RLS-CPRO-22"}, number
    assert "\\d" not in VAT_NUMBER_FORMS, "in a column's pattern it would take digits of any script"


def values(expression: pl.Expr, **columns: Any) -> list[Any]:
    return pl.DataFrame(columns).select(expression).to_series().to_list()


def test_what_is_given_and_unknown_binds_nothing_and_what_follows_and_is_unknown_stays_unknown() -> None:
    conditions = [True, True, True, False, False, False, None, None, None]
    then = [True, False, None] * 3
    answers = values(given_that(pl.col("if"), pl.col("then")), **{"if": conditions, "then": then})
    assert answers == [True, False, None, True, True, True, True, True, True]


def test_words_tell_nothing_of_nothing() -> None:
    column = pl.Series([None], dtype=pl.String)
    for word in (one_of(pl.col("c"), ("a",)), spelled(pl.col("c"), "a"), characters_at_most(pl.col("c"), 1)):
        assert values(word, c=column) == [None]
    assert values(exists(pl.col("c")), c=column) == [False]
    money = pl.Series([None], dtype=AMOUNT)
    assert values(within_a_cent(pl.col("c"), pl.col("c")), c=money) == [None]
    assert values(written(pl.col("c")), c=money) == [None]


def _column(numbers: list[str]) -> pl.Series:
    return pl.Series([Decimal(number) for number in numbers], dtype=AMOUNT)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.decimals("-9999999999", "9999999999", places=4, allow_nan=False, allow_infinity=False),
            st.decimals("0", "99.99", places=2, allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_percents_of_amounts_are_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    amounts = pl.Series([amount for amount, _ in pairs], dtype=AMOUNT)
    rates = pl.Series([rate for _, rate in pairs], dtype=AMOUNT)
    assert values(times(pl.col("a"), pl.col("r")), a=amounts, r=rates) == [a * r / 100 for a, r in pairs]


def test_factors_beyond_all_use_are_unknown_not_an_error() -> None:
    largest = "99999999999999999999.99999999"
    assert values(times(pl.col("a"), pl.col("r")), a=_column([largest, "1"]), r=_column(["20", largest])) == [
        None,
        None,
    ]
    assert broken(vat=[group(largest, largest, largest)], lines=[{"vat_rate": Decimal(largest)}]) >= {"G1.24"}


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [("0.01", "0.00", True), ("0.01000001", "0", False), ("-5.00", "-5.01", True), ("5.00", "4.98999999", False)],
)
def test_a_cent_is_a_cent(one: str, other: str, holds: bool) -> None:
    assert values(within_a_cent(pl.col("a"), pl.col("b")), a=_column([one]), b=_column([other])) == [holds]


def test_no_amount_of_a_rule_becomes_a_float() -> None:
    frame = pl.DataFrame({"a": _column(["1"]), "b": _column(["2"])})
    made = frame.select(sum=pl.col("a") + pl.col("b"), part=times(pl.col("a"), pl.col("b")))
    assert all(dtype.is_decimal() for dtype in made.dtypes)


def test_amounts_are_written_as_people_write_them() -> None:
    said = values(written(pl.col("a")), a=_column(["100", "100.5", "-0.125", "1.00000001", "20000000"]))
    assert said == ["100.00", "100.50", "-0.125", "1.00000001", "20000000.00"]


def test_a_group_due_is_rounded_half_up_for_the_reader() -> None:
    some = terms(invoice(net_amount=Decimal("0.625"), gross_amount=Decimal("1.625")), vat=(group("0.625", "20", "1"),))
    assert [(row["rule"], row["expected"]) for row in found(some)] == [("RLS-CPRO-31", "0.13")]
