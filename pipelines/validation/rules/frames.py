"""Frame of invoicing (BT-23) and type (BT-3): which there are, and which go together on which interface."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.code_lists import (
    ADVANCES,
    ALREADY_PAID_FRAME,
    COURT_COSTS_FAMILY,
    COURT_COSTS_FRAME,
    FINAL_AFTER_ADVANCE,
    FRAMES_AFNOR,
    FRAMES_HISTORICAL,
    FRAMES_OF_WORKS,
    TYPES_AFNOR,
    TYPES_HISTORICAL,
    WORKS_FAMILIES,
)
from pipelines.validation.rules.facts import FAMILY
from pipelines.validation.rules.family import INFERRED_HISTORICAL, VERIFIED_AFNOR, VERIFIED_HISTORICAL, Rule
from pipelines.validation.rules.language import BT, exists, given, listed, one_of, written

_BY_WORKS_INTERFACE = one_of(pl.col(FAMILY), WORKS_FAMILIES)
_BY_COURT_COSTS_INTERFACE = pl.col(FAMILY) == COURT_COSTS_FAMILY

RULES = (
    Rule(
        id="RLS-CPRO-04",
        terms=("BT-3",),
        holds=one_of(BT[3], TYPES_HISTORICAL),
        found=BT[3],
        expected=listed(TYPES_HISTORICAL),
        source="CPPFacturePivot V2_02, Type",
        on=VERIFIED_HISTORICAL,
    ),
    Rule(
        id="G1.01",
        terms=("BT-3",),
        holds=one_of(BT[3], TYPES_AFNOR),
        found=BT[3],
        expected=listed(TYPES_AFNOR),
        source="DGFiP annex 7, G1.01; BR-FR-04 for 262",
        on=VERIFIED_AFNOR,
        repeats=("BR-FR-04_BT-3", "BR-CL-01", "BR-04", "FX-SCH-A-000555"),
    ),
    Rule(
        id="RLS-CPRO-05",
        terms=("BT-23",),
        holds=one_of(BT[23], FRAMES_HISTORICAL),
        found=BT[23],
        expected="A1 .. A10, A12 .. A25",
        source="CPPFacturePivot V2_02, Cadre",
        on=VERIFIED_HISTORICAL,
    ),
    Rule(
        id="G1.02",
        terms=("BT-23",),
        holds=one_of(BT[23], FRAMES_AFNOR),
        found=BT[23],
        expected=listed(FRAMES_AFNOR),
        source="DGFiP annex 7, G1.02; BR-FR-08 for S3 and the frames 8 and 9",
        on=VERIFIED_AFNOR,
        repeats=("BR-FR-08_BT-23",),
    ),
    Rule(
        id="G1.60",
        terms=("BT-23", "BT-3"),
        holds=given(one_of(BT[23], FINAL_AFTER_ADVANCE) & exists(BT[3]), ~one_of(BT[3], ADVANCES)),
        found=pl.format("{}, {}", BT[23], BT[3]),
        expected=listed(sorted(set(TYPES_AFNOR) - set(ADVANCES))),
        source="DGFiP annex 7, G1.60",
        on=VERIFIED_AFNOR,
        repeats=("BR-FR-CO-08_BT-23",),
    ),
    Rule(
        id="RLS-CPRO-19",
        terms=("BT-23",),
        # A frame that no interface knows is already told by RLS-CPRO-05.
        holds=given(_BY_WORKS_INTERFACE & one_of(BT[23], FRAMES_HISTORICAL), one_of(BT[23], FRAMES_OF_WORKS)),
        found=BT[23],
        expected="A4 .. A10, A12 .. A25",
        source="DSE-CP 5.4.2.1, p. 55 and 56: FSO1130A, FSO1131A and FSO1137A are for works invoices alone",
        on=VERIFIED_HISTORICAL,
    ),
    Rule(
        id="RLS-CPRO-20",
        terms=("BT-23",),
        holds=given(_BY_COURT_COSTS_INTERFACE & one_of(BT[23], FRAMES_HISTORICAL), BT[23] == COURT_COSTS_FRAME),
        found=BT[23],
        expected=COURT_COSTS_FRAME,
        source="DSE-CP 5.4.2.1, p. 55: FSO1120A is for court-cost memoranda; CPPFacturePivot V2_02, Cadre A3",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-21",
        terms=("BT-23", "BT-115"),
        holds=given((BT[23] == ALREADY_PAID_FRAME) & exists(BT[115]), BT[115] == 0),
        found=written(BT[115]),
        expected="0.00",
        source="BR-FR-CO-09 says so of the frames B2, S2 and M2 of the reform",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
    ),
)
