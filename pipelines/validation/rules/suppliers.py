"""Who sells: the identifier by which Chorus Pro knows a supplier, and its country."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.code_lists import COUNTRIES
from pipelines.validation.rules.facts import SELLER_KEYED, VAT_NUMBER, VAT_NUMBER_DUE
from pipelines.validation.rules.family import (
    INFERRED_EVERYWHERE,
    INFERRED_HISTORICAL,
    VERIFIED_EVERYWHERE,
    Rule,
)
from pipelines.validation.rules.identifier_formats import VAT_MODELS, VAT_NUMBER_FORMS
from pipelines.validation.rules.language import BT, exists, given, one_of, spelled

INSEE, EU, OUTSIDE_EU, RIDET, TAHITI = "1", "2", "3", "4", "5"
"""Types of supplier identifiers. CPPStatutPivot V1_19, TypeIdentifiant. Those who register (6) and individuals (7) have
identifiers of no known form."""
LENGTHS = {EU: (1, 18), OUTSIDE_EU: (1, 18), RIDET: (9, 10), TAHITI: (9, 9)}
"""Characters, at least and at most, by type. G2.19."""

_SELLER = pl.col("seller_id")
_TYPE = pl.col("seller_id_type")
_BY_INSEE = _TYPE == INSEE
_NAMED = exists(_SELLER)
_HAS_LENGTH = one_of(_TYPE, LENGTHS)
_LENGTH = _TYPE.replace_strict({kind: f"{least} .. {most}" for kind, (least, most) in LENGTHS.items()}, default=None)
_VAT_NUMBER = pl.col(VAT_NUMBER)
_VAT_NUMBER_DUE = pl.col(VAT_NUMBER_DUE)
_SIREN_OR_SIRET = r"[0-9]{9}|[0-9]{14}"


def _of_length() -> pl.Expr:
    characters = _SELLER.str.len_chars()
    return pl.any_horizontal(
        [(kind == _TYPE) & characters.is_between(least, most) for kind, (least, most) in LENGTHS.items()]
    )


RULES = (
    Rule(
        id="RLS-CPRO-06",
        terms=("BT-29", "BT-30", "BT-31"),
        holds=_NAMED,
        found=_SELLER,
        expected=None,
        source="CPPFacturePivot V2_02, Fournisseur",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-CO-26",),
    ),
    Rule(
        id="RLS-CPRO-07",
        terms=("BT-29", "BT-30"),
        holds=given(_BY_INSEE & _NAMED, spelled(_SELLER, _SIREN_OR_SIRET)),
        found=_SELLER,
        expected="SIRET, SIREN",
        source="DGFiP annex 7, G2.19; CPPFacturePivot V2_02, TypeIdentifiant 1",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-FR-09_BT-29", "BR-FR-10_BT-30", "BR-FR-32-LEGALID", "BR-FR-32-GLOBALID"),
    ),
    Rule(
        id="RLS-CPRO-08",
        terms=("BT-29", "BT-30"),
        holds=given(_BY_INSEE & exists(pl.col(SELLER_KEYED)), pl.col(SELLER_KEYED)),
        found=_SELLER,
        expected="Luhn",
        source="INSEE, SIREN and SIRET: Luhn's key, and La Poste's",
        on=VERIFIED_EVERYWHERE,
        # A warning: the official samples of FSO1117A carry made-up numbers, and the directory has the last word.
        flag=Flag.WARNING,
    ),
    Rule(
        id="G1.80",
        terms=("BT-29", "BT-30"),
        holds=given(
            _BY_INSEE & spelled(_SELLER, r"[0-9]{14}") & exists(pl.col("seller_siren")),
            _SELLER.str.slice(0, 9) == pl.col("seller_siren"),
        ),
        found=_SELLER,
        expected=pl.col("seller_siren"),
        source="DGFiP annex 7, G1.80, which says so of the directory",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
        repeats=("BR-FR-09_BT-29",),
    ),
    Rule(
        id="G2.19",
        terms=("BT-29", "BT-30", "BT-31"),
        holds=given(_HAS_LENGTH & _NAMED, _of_length()),
        found=_SELLER,
        expected=_LENGTH,
        source="DGFiP annex 7, G2.19, which says so of e-reporting",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-22",
        terms=("BT-29", "BT-30", "BT-31"),
        holds=given((_TYPE == EU) & _NAMED, spelled(_VAT_NUMBER, VAT_NUMBER_FORMS)),
        found=_SELLER,
        expected=_VAT_NUMBER.str.slice(0, 2).replace_strict(VAT_MODELS, default="VIES", return_dtype=pl.String()),
        source="European Commission, VIES: structure of VAT numbers",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-23",
        terms=("BT-29", "BT-30", "BT-31"),
        holds=given((_TYPE == EU) & exists(_VAT_NUMBER_DUE), _VAT_NUMBER == _VAT_NUMBER_DUE),
        found=_SELLER,
        expected=_VAT_NUMBER_DUE,
        source="CGI, article 286 ter; BOI-TVA-DECLA-20-10-20",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-24",
        terms=("BT-29", "BT-30"),
        holds=given((_TYPE == OUTSIDE_EU) & _NAMED, one_of(_SELLER.str.slice(0, 2), COUNTRIES)),
        found=_SELLER,
        expected="ISO 3166-1",
        source="DGFiP annex 7, G2.19: country, then sixteen characters of the name",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
    Rule(
        id="G2.01",
        terms=("BT-40",),
        holds=given(exists(BT[40]), one_of(BT[40], COUNTRIES)),
        found=BT[40],
        expected="ISO 3166-1",
        source="DGFiP annex 7, G2.01",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
        repeats=("BR-CL-14", "FX-SCH-A-000580"),
    ),
)
