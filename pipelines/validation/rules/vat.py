"""VAT: rates (BT-119, BT-152), categories (BT-118), and whether each group's tax is its base times its rate."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.code_lists import VAT_CATEGORIES, VAT_RATES
from pipelines.validation.rules.facts import ODD_CATEGORIES, ODD_GROUP, ODD_GROUP_DUE, ODD_RATES
from pipelines.validation.rules.family import INFERRED_HISTORICAL, OF_THE_REFORM, Rule
from pipelines.validation.rules.language import exists, listed, written

RULES = (
    Rule(
        id="G1.24",
        terms=("BT-119", "BT-152"),
        holds=~exists(pl.col(ODD_RATES)),
        found=pl.col(ODD_RATES),
        expected=listed(VAT_RATES),
        source="DGFiP annex 7, G1.24",
        on=OF_THE_REFORM,
        repeats=("BR-FR-16_BT-119", "BR-FR-16_BT-152"),
    ),
    Rule(
        id="G2.31",
        terms=("BT-118",),
        holds=~exists(pl.col(ODD_CATEGORIES)),
        found=pl.col(ODD_CATEGORIES),
        expected=listed(VAT_CATEGORIES),
        source="DGFiP annex 7, G2.31",
        on=OF_THE_REFORM,
        repeats=("BR-FR-15_BT-95_BT-118", "BR-FR-15_BT-95_BT-118_LM", "BR-CL-17", "BR-CL-18", "FX-SCH-A-000587"),
    ),
    Rule(
        id="RLS-CPRO-31",
        terms=("BT-117", "BT-116", "BT-119"),
        holds=~exists(pl.col(ODD_GROUP)),
        found=written(pl.col(ODD_GROUP)),
        expected=written(pl.col(ODD_GROUP_DUE)),
        source="EN 16931, BR-CO-17; tolerance of G1.53",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
        repeats=("BR-CO-17", "BR-S-08", "BR-S-09"),
    ),
)
