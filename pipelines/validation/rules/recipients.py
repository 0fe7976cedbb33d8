"""Who buys: the SIRET of a public body. Whether the directory knows it is the business of routing."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.facts import BUYER_KEYED
from pipelines.validation.rules.family import VERIFIED_EVERYWHERE, Rule
from pipelines.validation.rules.language import given, spelled

_BUYER = pl.col("buyer_siret")
_SIRET = r"[0-9]{14}"

RULES = (
    Rule(
        id="RLS-CPRO-09",
        terms=("BT-46", "BT-47"),
        holds=spelled(_BUYER, _SIRET),
        found=_BUYER,
        expected="SIRET",
        source="CPPFacturePivot V2_02, Debiteur",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-FR-09_BT-46",),
    ),
    Rule(
        id="RLS-CPRO-10",
        terms=("BT-46", "BT-47"),
        holds=given(spelled(_BUYER, _SIRET), pl.col(BUYER_KEYED)),
        found=_BUYER,
        expected="Luhn",
        source="INSEE, SIRET: Luhn's key, and La Poste's",
        on=VERIFIED_EVERYWHERE,
        # A warning, as RLS-CPRO-08: the directory has the last word.
        flag=Flag.WARNING,
    ),
)
