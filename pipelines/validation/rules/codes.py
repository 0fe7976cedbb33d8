"""Codes that say what kind of invoice it is: type (BT-3), frame of invoicing (BT-23), currency (BT-5)."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.family import AFNOR, HISTORICAL, Rule

_TYPE = pl.col("type_code")
_FRAME = pl.col("frame")
_CURRENCY = pl.col("currency")

TYPES_HISTORICAL = ("380", "381")
TYPES_AFNOR = (
    "380", "389", "393", "501", "386", "500", "384", "471", "472", "473", "261", "262", "381", "396", "502", "503",
)  # fmt: skip
CREDIT_NOTES = ("381", "261", "396", "502", "503")

FRAMES_HISTORICAL = tuple(f"A{number}" for number in range(1, 26) if number != 11)
FRAMES_AFNOR = (
    "B1", "S1", "M1", "B2", "S2", "M2", "S3", "B4", "S4", "M4",
    "S5", "S6", "B7", "S7", "B8", "S8", "M8", "B9", "S9", "M9",
)  # fmt: skip

RULES = (
    Rule(
        id="RLS-CPRO-04",
        terms=("BT-3",),
        message_fr="Le type (BT-3) est 380, facture, ou 381, avoir.",
        message_en="The type (BT-3) is 380, invoice, or 381, credit note.",
        broken=~_TYPE.is_in(TYPES_HISTORICAL),
        found=_TYPE,
        expected=", ".join(TYPES_HISTORICAL),
        source="CPPFacturePivot V2_02, Type",
        circuits=HISTORICAL,
    ),
    Rule(
        id="G1.01",
        terms=("BT-3",),
        message_fr="Le type de facture (BT-3) est dans la liste de la réforme.",
        message_en="The invoice type (BT-3) is in the list of the reform.",
        broken=~_TYPE.is_in(TYPES_AFNOR),
        found=_TYPE,
        expected=", ".join(TYPES_AFNOR),
        source="DGFiP annex 7, G1.01; BR-FR-04 for 262",
        circuits=AFNOR,
    ),
    Rule(
        id="RLS-CPRO-05",
        terms=("BT-23",),
        message_fr="Le cadre de facturation (BT-23) est un cadre de Chorus Pro, de A1 à A25 sans A11.",
        message_en="The frame of invoicing (BT-23) is one of Chorus Pro, from A1 to A25 without A11.",
        broken=~_FRAME.is_in(FRAMES_HISTORICAL),
        found=_FRAME,
        expected=", ".join(FRAMES_HISTORICAL),
        source="CPPFacturePivot V2_02, Cadre",
        circuits=HISTORICAL,
    ),
    Rule(
        id="G1.02",
        terms=("BT-23",),
        message_fr="Le cadre de facturation (BT-23) est dans la liste de la réforme.",
        message_en="The frame of invoicing (BT-23) is in the list of the reform.",
        broken=~_FRAME.is_in(FRAMES_AFNOR),
        found=_FRAME,
        expected=", ".join(FRAMES_AFNOR),
        source="DGFiP annex 7, G1.02; BR-FR-08 for S3 and the frames 8 and 9",
        circuits=AFNOR,
    ),
    Rule(
        id="G1.10",
        terms=("BT-5",),
        message_fr="La devise (BT-5) est un code ISO 4217 de trois lettres capitales.",
        message_en="The currency (BT-5) is an ISO 4217 code of three capital letters.",
        broken=~_CURRENCY.str.contains(r"^[A-Z]{3}$"),
        found=_CURRENCY,
        source="DGFiP annex 7, G1.10; membership of the list is the official rule BR-CL-04",
    ),
    Rule(
        id="RLS-CPRO-11",
        terms=("BT-3", "BT-25"),
        message_fr="Un avoir cite la facture d'origine (BT-25).",
        message_en="A credit note names its original invoice (BT-25).",
        broken=_TYPE.is_in(CREDIT_NOTES) & pl.col("preceding_number").is_null(),
        found=_TYPE,
        source="CPPFacturePivot V2_02, IdFactureOrigine",
        flag=Flag.WARNING,
        null_breaks=False,
    ),
)
