"""Totals without which an invoice cannot be passed on."""

from __future__ import annotations

import polars as pl

from pipelines.validation.rules.family import Rule


def _present(id: str, column: str, term: str, name_fr: str, name_en: str) -> Rule:
    return Rule(
        id=id,
        terms=(term,),
        message_fr=f"La facture porte le {name_fr} ({term}), en chiffres.",
        message_en=f"The invoice has the {name_en} ({term}), as a number.",
        broken=pl.col(column).is_null(),
        found=pl.col(column).cast(pl.String),
        source="CPPFacturePivot V2_02, Montants",
    )


RULES = (
    _present("RLS-CPRO-12", "net_amount", "BT-109", "montant total hors taxes", "total amount without VAT"),
    _present("RLS-CPRO-13", "gross_amount", "BT-112", "montant total toutes taxes comprises", "total amount with VAT"),
    _present("RLS-CPRO-14", "payable_amount", "BT-115", "montant net à payer", "amount due for payment"),
)
