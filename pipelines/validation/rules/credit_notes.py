"""Credit notes name what they correct."""

from __future__ import annotations

from data_contracts.tables import Flag
from pipelines.validation.rules.code_lists import CREDIT_NOTES
from pipelines.validation.rules.family import VERIFIED_HISTORICAL, Rule
from pipelines.validation.rules.language import BT, exists, given, one_of

RULES = (
    Rule(
        id="RLS-CPRO-11",
        terms=("BT-3", "BT-25"),
        holds=given(one_of(BT[3], CREDIT_NOTES), exists(BT[25])),
        found=BT[3],
        expected=None,
        source="CPPFacturePivot V2_02, IdFactureOrigine",
        on=VERIFIED_HISTORICAL,
        # A warning: the schema has a place for it and does not demand it.
        flag=Flag.WARNING,
    ),
)
