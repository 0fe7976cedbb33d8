"""The words that rules are written in. Logic has three values: true, false, and null where nobody can tell.

A rule holds only where its expression is true. So an unknown answer breaks it, and a rule that has nothing to say where
something is absent says so: `given(exists(BT[9]), BT[9] >= BT[2])`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import polars as pl

BT: Mapping[int, pl.Expr] = {
    number: pl.col(column)
    for number, column in {
        1: "number", 2: "issue_date", 3: "type_code", 5: "currency", 9: "due_date", 10: "service_code", 12: "contract",
        13: "engagement", 23: "frame", 25: "preceding_number", 40: "seller_country", 72: "delivery_date",
        81: "payment_means", 84: "iban", 109: "net_amount", 112: "gross_amount", 115: "payable_amount",
    }.items()
}  # fmt: skip
"""Business terms, by number, where `tables.INVOICES` has a column for one."""

_CENT = Decimal("0.01")


def exists(value: pl.Expr) -> pl.Expr:
    """Whether the document states it."""
    return value.is_not_null()


def given(condition: pl.Expr, then: pl.Expr) -> pl.Expr:
    """What must hold wherever the condition is known to be met."""
    return ~condition.fill_null(False) | then


def one_of(value: pl.Expr, codes: Iterable[str]) -> pl.Expr:
    """Whether it is a code of a list; null for no value."""
    return value.is_in(list(codes))


def spelled(value: pl.Expr, pattern: str) -> pl.Expr:
    """Whether the whole text is spelled so; null for no value."""
    return value.str.contains(f"^(?:{pattern})$")


def characters_at_most(value: pl.Expr, count: int) -> pl.Expr:
    """Whether a text has at most so many characters; null for no value."""
    return value.str.len_chars() <= count


def within_a_cent(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Whether two exact amounts differ by at most 0.01; null where one is not known."""
    return (one - other).abs() <= pl.lit(_CENT)


def times(amount: pl.Expr, percent: pl.Expr) -> pl.Expr:
    """So many percent of an amount, exact to eight decimals; null where a factor is not known or beyond all use."""
    # A product is held to the scale of its factors and to 38 digits in all; larger ones would be an error, not a null.
    return amount.cast(pl.Decimal(24, 8), strict=False) * percent.cast(pl.Decimal(11, 8), strict=False) / 100


def written(amount: pl.Expr) -> pl.Expr:
    """An amount as a person writes it: without the zeros after its last decimal, but with two at least."""
    return amount.cast(pl.String).str.replace(r"(\.\d\d\d*?)0+$", "$1")


def listed(codes: Iterable[str]) -> str:
    """Codes as a finding names what it expects."""
    return ", ".join(codes)
