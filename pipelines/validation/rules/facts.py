"""The columns that rules may read: one row an invoice, with what its VAT breakdown and its deposit add to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from data_contracts.interfaces import Interface
from pipelines.validation.rules.code_lists import VAT_CATEGORIES, VAT_RATES
from pipelines.validation.rules.keys import french_vat_number, iban_keyed, insee_keyed
from pipelines.validation.rules.language import times, within_a_cent

CONTROL_DATE = "control_date"
"""The day of the check, as a date."""
CIRCUIT = "circuit"
FAMILY = "family"
"""Chorus Pro's flow family of the interface, E1 to E5; empty on the other circuit."""

VAT_BASES, VAT_AMOUNTS = "vat_bases", "vat_amounts"
"""Sums of BT-116 and of BT-117. Null without a breakdown, or where one of its amounts cannot be read."""
ODD_RATES, ODD_CATEGORIES = "odd_rates", "odd_categories"
"""Rates (BT-119, BT-152) and categories (BT-118) that no list knows, each once, with commas. Null where there is none.
"""
VAT_NUMBER, ACCOUNT = "vat_number", "account"
"""A supplier's identifier and BT-84, without what people put between the digits."""
SELLER_KEYED, BUYER_KEYED, ACCOUNT_KEYED = "seller_keyed", "buyer_keyed", "account_keyed"
"""Whether the check digits of an identifier are right; null where it is of a kind that has none."""
VAT_NUMBER_DUE = "vat_number_due"
"""A supplier's French VAT number with the key that it must have; null for any other identifier."""
ODD_GROUP, ODD_GROUP_DUE = "odd_group", "odd_group_due"
"""The VAT of the first group that is not its base times its rate, as written, and what it would be. Null without one.
"""

_KEY = ("flow_key", "position")
_RATES = pl.Series([Decimal(rate) for rate in VAT_RATES], dtype=pl.Decimal(28, 8)).implode()


@dataclass(frozen=True)
class Deposit:
    """How the invoices of a flow came: by which interface, and the day by which they are judged."""

    interface: Interface
    day: date


@dataclass(frozen=True)
class Terms:
    """Invoices of any flows, as the tables of `data_contracts.tables` hold them."""

    invoices: pl.DataFrame
    lines: pl.DataFrame
    vat_breakdown: pl.DataFrame


def facts(terms: Terms, deposits: Mapping[str, Deposit]) -> pl.DataFrame:
    """The readable invoices of these flows with the columns above, in the order given.

    Shape    `deposits` by flow key; every flow of the invoices is there.
    Cost     the breakdown is summed once; lines and groups are looked at one by one only where a list does not know
             them.
    """
    known = terms.invoices.filter(pl.col("syntax").is_not_null())
    known = known.join(_deposits(deposits), on="flow_key", how="left", maintain_order="left")
    for columns in (_vat_sums(terms.vat_breakdown), _odd_rates(terms), _odd_categories(terms), _odd_groups(terms)):
        known = _joined(known, columns)
    known = known.with_columns(
        pl.col("seller_id").str.replace_all(r"[ .\-]", "").alias(VAT_NUMBER),
        pl.col("iban").str.replace_all(r"\s", "").alias(ACCOUNT),
    )
    return known.with_columns(
        _told(known, "seller_id", insee_keyed, SELLER_KEYED, pl.Boolean()),
        _told(known, VAT_NUMBER, french_vat_number, VAT_NUMBER_DUE, pl.String()),
        _told(known, "buyer_siret", insee_keyed, BUYER_KEYED, pl.Boolean()),
        _told(known, ACCOUNT, iban_keyed, ACCOUNT_KEYED, pl.Boolean()),
    )


def _joined(invoices: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    if columns.is_empty():
        # What is odd is rare: most batches have none of it.
        added = columns.drop(_KEY).schema.items()
        return invoices.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in added)
    return invoices.join(columns, on=_KEY, how="left", maintain_order="left")


def _told(
    invoices: pl.DataFrame, column: str, ask: Callable[[str], bool | str | None], name: str, dtype: pl.DataType
) -> pl.Expr:
    """What a function tells of each value of a column, asked once a value."""
    values = invoices[column].drop_nulls().unique()
    answers = pl.Series([ask(value) for value in values.to_list()], dtype=dtype)
    return pl.col(column).replace_strict(values, answers, default=None, return_dtype=dtype).alias(name)


def _deposits(deposits: Mapping[str, Deposit]) -> pl.DataFrame:
    rows = [
        (flow_key, one.interface.circuit.value, one.interface.family, one.day) for flow_key, one in deposits.items()
    ]
    schema = {"flow_key": pl.String(), CIRCUIT: pl.String(), FAMILY: pl.String(), CONTROL_DATE: pl.Date()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _vat_sums(vat: pl.DataFrame) -> pl.DataFrame:
    def whole(column: str, name: str) -> pl.Expr:
        amounts = pl.col(column)
        # A sum that passes over what could not be read would be a sum of something else.
        return pl.when(amounts.null_count() == 0).then(amounts.sum()).alias(name)

    return vat.group_by(_KEY).agg(whole("base_amount", VAT_BASES), whole("vat_amount", VAT_AMOUNTS))


def _odd_rates(terms: Terms) -> pl.DataFrame:
    groups = terms.vat_breakdown.select(*_KEY, "rate")
    lines = terms.lines.select(*_KEY, rate="vat_rate")
    odd = pl.concat([_unlisted(groups), _unlisted(lines)])
    return _named(odd.with_columns(pl.col("rate").cast(pl.String).str.replace(r"\.?0+$", "")), "rate", ODD_RATES)


def _unlisted(rates: pl.DataFrame) -> pl.DataFrame:
    return rates.filter(pl.col("rate").is_not_null() & ~pl.col("rate").is_in(_RATES))


def _odd_categories(terms: Terms) -> pl.DataFrame:
    odd = terms.vat_breakdown.filter(~pl.col("category").is_in(list(VAT_CATEGORIES)))
    return _named(odd, "category", ODD_CATEGORIES)


def _named(rows: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    named = pl.col(column).unique(maintain_order=True).str.join(", ")
    return rows.group_by(_KEY).agg(named.alias(name))


def _odd_groups(terms: Terms) -> pl.DataFrame:
    due = times(pl.col("base_amount"), pl.col("rate"))
    vat = terms.vat_breakdown.select(*_KEY, "vat_amount", due=due)
    odd = vat.filter(~within_a_cent(pl.col("vat_amount"), pl.col("due")))
    return odd.group_by(_KEY).agg(
        pl.col("vat_amount").first().alias(ODD_GROUP),
        pl.col("due").first().round(2, mode="half_away_from_zero").alias(ODD_GROUP_DUE),
    )
