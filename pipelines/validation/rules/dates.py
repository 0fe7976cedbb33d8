"""Dates of an invoice."""

from __future__ import annotations

import polars as pl

from pipelines.validation.rules.family import CONTROL_DATE, Rule

_ISSUED = pl.col("issue_date")

RULES = (
    Rule(
        id="RLS-CPRO-03",
        terms=("BT-2",),
        message_fr="La facture porte une date d'émission lisible (BT-2).",
        message_en="The invoice has an issue date that can be read (BT-2).",
        broken=_ISSUED.is_null(),
        found=_ISSUED.cast(pl.String),
        source="DSE-CP 3.2.1.4, p. 24: uniqueness counts by year of issue",
    ),
    Rule(
        id="G1.07",
        terms=("BT-2",),
        message_fr="La date d'émission (BT-2) n'est pas postérieure au jour du contrôle.",
        message_en="The issue date (BT-2) is not after the day of the check.",
        broken=pl.col(CONTROL_DATE) < _ISSUED,
        found=_ISSUED.cast(pl.String),
        source="DGFiP annex 7, G1.07",
        null_breaks=False,
    ),
)
