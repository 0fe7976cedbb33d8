"""Dates of an invoice: of issue (BT-2), of payment (BT-9), of delivery (BT-72)."""

from __future__ import annotations

from datetime import date

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.code_lists import ALREADY_PAID_FRAME
from pipelines.validation.rules.facts import CONTROL_DATE
from pipelines.validation.rules.family import INFERRED_HISTORICAL, OF_THE_REFORM, VERIFIED_EVERYWHERE, Rule
from pipelines.validation.rules.language import BT, exists, given

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""G1.36."""

_TODAY = pl.col(CONTROL_DATE)


def _of_the_century(day: pl.Expr) -> pl.Expr:
    return day.is_between(FIRST_DAY, LAST_DAY)


def _outside(day: pl.Expr) -> pl.Expr:
    return pl.when(~_of_the_century(day)).then(day.cast(pl.String))


RULES = (
    Rule(
        id="RLS-CPRO-03",
        terms=("BT-2",),
        holds=exists(BT[2]),
        found=BT[2].cast(pl.String),
        expected=None,
        source="DSE-CP 3.2.1.4, p. 24: uniqueness counts by year of issue",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-03",),
    ),
    Rule(
        id="G1.07",
        terms=("BT-2",),
        holds=given(exists(BT[2]), BT[2] <= _TODAY),
        found=BT[2].cast(pl.String),
        expected=pl.format("<= {}", _TODAY),
        source="DGFiP annex 7, G1.07",
        on=VERIFIED_EVERYWHERE,
    ),
    Rule(
        id="G1.36",
        terms=("BT-2", "BT-9", "BT-72"),
        holds=pl.all_horizontal([given(exists(day), _of_the_century(day)) for day in (BT[2], BT[9], BT[72])]),
        found=pl.concat_str([_outside(BT[2]), _outside(BT[9]), _outside(BT[72])], separator=", ", ignore_nulls=True),
        expected=f"{FIRST_DAY} .. {LAST_DAY}",
        source="DGFiP annex 7, G1.36",
        on=OF_THE_REFORM,
        repeats=("BR-FR-03_BT-2", "BR-FR-03_BT-9", "BR-FR-03_BT-72"),
    ),
    Rule(
        id="RLS-CPRO-18",
        terms=("BT-9", "BT-2"),
        holds=given(exists(BT[9]) & exists(BT[2]) & (BT[23] != ALREADY_PAID_FRAME), BT[9] >= BT[2]),
        found=BT[9].cast(pl.String),
        expected=pl.format(">= {}", BT[2]),
        source="BR-FR-CO-07, which is of the reform",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
        repeats=("BR-FR-CO-07_BT-9",),
    ),
)
