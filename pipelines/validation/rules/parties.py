"""Identifiers of seller and buyer."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.family import Rule

SIRET_TYPE = "1"
"""Type of the identifiers that INSEE gives. CPPStatutPivot V1_19, TypeIdentifiant."""

_LA_POSTE_SIREN = "356000000"

_SELLER = pl.col("seller_id")
_BY_INSEE = pl.col("seller_id_type") == SIRET_TYPE
_BUYER = pl.col("buyer_siret")
_SIRET = r"^[0-9]{14}$"
_SIREN_OR_SIRET = r"^(?:[0-9]{9}|[0-9]{14})$"


def _digit(text: pl.Expr, place: int) -> pl.Expr:
    """The digit at a place, null where there is none."""
    return text.str.slice(place, 1).cast(pl.Int32, strict=False)


def _luhn(text: pl.Expr, digits: int) -> pl.Expr:
    """Luhn's sum of a number of so many digits: every second one from the right, doubled, counts its own digits."""
    total = pl.lit(0)
    for place in range(digits):
        digit = _digit(text, place)
        doubled = digit * 2 - pl.when(digit > 4).then(9).otherwise(0)
        total = total + (doubled if (digits - place) % 2 == 0 else digit)
    return total


def well_keyed(text: pl.Expr) -> pl.Expr:
    """Whether a SIREN or SIRET has a right key; null where it is neither.

    The establishments of La Poste have no Luhn key: their digits sum to a multiple of 5. Source: INSEE, SIRET.
    """
    plain_sum = pl.sum_horizontal([_digit(text, place) for place in range(14)])
    la_poste = text.str.starts_with(_LA_POSTE_SIREN) & (plain_sum % 5 == 0)
    siret = pl.when(text.str.contains(_SIRET)).then((_luhn(text, 14) % 10 == 0) | la_poste)
    return siret.otherwise(pl.when(text.str.contains(r"^[0-9]{9}$")).then(_luhn(text, 9) % 10 == 0))


RULES = (
    Rule(
        id="RLS-CPRO-06",
        terms=("BT-29", "BT-30", "BT-31"),
        message_fr="Le fournisseur est identifié (SIRET, numéro de TVA intracommunautaire, RIDET, TAHITI ou autre).",
        message_en="The supplier is identified (SIRET, VAT number, RIDET, TAHITI or other).",
        broken=_SELLER.is_null(),
        found=_SELLER,
        source="CPPFacturePivot V2_02, Fournisseur",
    ),
    Rule(
        id="RLS-CPRO-07",
        terms=("BT-29", "BT-30"),
        message_fr="L'identifiant du fournisseur est un SIRET de 14 chiffres, ou un SIREN de 9.",
        message_en="The supplier's identifier is a SIRET of 14 digits, or a SIREN of 9.",
        broken=_BY_INSEE & ~_SELLER.str.contains(_SIREN_OR_SIRET),
        found=_SELLER,
        source="DGFiP annex 7, G2.19; CPPFacturePivot V2_02, TypeIdentifiant 1",
        null_breaks=False,
    ),
    Rule(
        id="RLS-CPRO-08",
        terms=("BT-29", "BT-30"),
        message_fr="La clé de contrôle du SIRET ou du SIREN du fournisseur est fausse.",
        message_en="The check digit of the supplier's SIRET or SIREN is wrong.",
        broken=_BY_INSEE & ~well_keyed(_SELLER),
        found=_SELLER,
        source="INSEE, SIREN and SIRET: Luhn's key, and La Poste's",
        # A warning: the official samples of FSO1117A carry made-up numbers, and the directory has the last word.
        flag=Flag.WARNING,
        null_breaks=False,
    ),
    Rule(
        id="RLS-CPRO-09",
        terms=("BT-46", "BT-47"),
        message_fr="Le destinataire est désigné par un SIRET de 14 chiffres (BT-46 ou BT-47).",
        message_en="The recipient is designated by a SIRET of 14 digits (BT-46 or BT-47).",
        broken=~_BUYER.str.contains(_SIRET),
        found=_BUYER,
        source="CPPFacturePivot V2_02, Debiteur",
    ),
    Rule(
        id="RLS-CPRO-10",
        terms=("BT-46", "BT-47"),
        message_fr="La clé de contrôle du SIRET du destinataire est fausse.",
        message_en="The check digit of the recipient's SIRET is wrong.",
        broken=_BUYER.str.contains(_SIRET) & ~well_keyed(_BUYER),
        found=_BUYER,
        source="INSEE, SIRET: Luhn's key, and La Poste's",
        flag=Flag.WARNING,
        null_breaks=False,
    ),
)
