"""Totals: without them an invoice cannot be passed on, and they must agree to the cent."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.facts import VAT_AMOUNTS, VAT_BASES
from pipelines.validation.rules.family import (
    INFERRED_EVERYWHERE,
    INFERRED_HISTORICAL,
    SECOND_HAND_HISTORICAL,
    VERIFIED_EVERYWHERE,
    Rule,
)
from pipelines.validation.rules.language import BT, exists, given, within_a_cent, written

DECIMALS_MAX = 6
EURO = "EUR"

_BASES, _TAXES = pl.col(VAT_BASES), pl.col(VAT_AMOUNTS)
_TOTALS = (BT[109], BT[112], BT[115])


def _present(id: str, number: int, repeated: str) -> Rule:
    return Rule(
        id=id,
        terms=(f"BT-{number}",),
        holds=exists(BT[number]),
        found=written(BT[number]),
        expected=None,
        source="CPPFacturePivot V2_02, Montants",
        on=VERIFIED_EVERYWHERE,
        repeats=(repeated,),
    )


def _too_fine(total: pl.Expr) -> pl.Expr:
    return total != total.round(DECIMALS_MAX)


RULES = (
    _present("RLS-CPRO-12", 109, "BR-13"),
    _present("RLS-CPRO-13", 112, "BR-14"),
    _present("RLS-CPRO-14", 115, "BR-15"),
    Rule(
        id="G1.53",
        terms=("BT-109", "BT-116"),
        # A sum in another currency than the tax's is not comparable; DGFiP exempts it too.
        holds=given((BT[5] == EURO) & exists(BT[109]) & exists(_BASES), within_a_cent(BT[109], _BASES)),
        found=written(BT[109]),
        expected=written(_BASES),
        source="DGFiP annex 7, G1.53, which says so of e-reporting",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-32",
        terms=("BT-112", "BT-109", "BT-117"),
        holds=given(exists(BT[112]) & exists(BT[109]) & exists(_TAXES), within_a_cent(BT[112], BT[109] + _TAXES)),
        found=written(BT[112]),
        expected=written(BT[109] + _TAXES),
        source="EN 16931, BR-CO-15; tolerance of G1.53",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
        repeats=("BR-CO-14", "BR-CO-15"),
    ),
    Rule(
        id="RLS-CPRO-33",
        terms=("BT-109", "BT-112", "BT-115"),
        holds=~pl.any_horizontal([_too_fine(total).fill_null(False) for total in _TOTALS]),
        found=pl.concat_str(
            [pl.when(_too_fine(total)).then(written(total)) for total in _TOTALS], separator=", ", ignore_nulls=True
        ),
        expected=f"<= {DECIMALS_MAX}",
        source="EDI annex as ERP vendors quote it: nineteen positions, at most six decimals",
        on=SECOND_HAND_HISTORICAL,
        flag=Flag.WARNING,
    ),
)
