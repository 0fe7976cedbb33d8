"""Invoice numbers (BT-1)."""

from __future__ import annotations

import polars as pl

from data_contracts.limits import INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO
from pipelines.validation.rules.family import Rule

_NUMBER = pl.col("number")
_CHARACTERS = r"^[A-Za-z0-9\-+_/]+( [A-Za-z0-9\-+_/]+)*$"

RULES = (
    Rule(
        id="RLS-CPRO-01",
        terms=("BT-1",),
        message_fr="Vers le secteur public, le numéro de facture (BT-1) compte au plus "
        f"{INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO} caractères, même là où la norme en admet davantage.",
        message_en="Towards the public sector the invoice number (BT-1) has at most "
        f"{INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO} characters, even where the standard allows more.",
        broken=_NUMBER.str.len_chars() > INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO,
        found=_NUMBER,
        expected=f"<= {INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO}",
        source="DSE-CP 3.2.1.4, p. 24",
        null_breaks=False,
    ),
    Rule(
        id="RLS-CPRO-02",
        terms=("BT-1",),
        message_fr="La facture porte un numéro (BT-1).",
        message_en="The invoice has a number (BT-1).",
        broken=_NUMBER.is_null(),
        found=_NUMBER,
        source="DSE-CP 3.2.1.4, p. 24",
    ),
    Rule(
        id="G1.05",
        terms=("BT-1",),
        message_fr="Le numéro de facture (BT-1) s'écrit avec des lettres sans accent, des chiffres et les signes "
        "- + _ / ; un espace seul est permis à l'intérieur.",
        message_en="The invoice number (BT-1) is written with unaccented letters, digits and the signs - + _ /; "
        "a single space is allowed inside.",
        broken=~_NUMBER.str.contains(_CHARACTERS),
        found=_NUMBER,
        source="DGFiP annex 7, G1.05",
        null_breaks=False,
    ),
)
