"""Numbers and references: of the invoice (BT-1), of its original (BT-25), of order and contract (BT-13, BT-12)."""

from __future__ import annotations

from data_contracts.limits import INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO as NUMBER_CHARACTERS_MAX
from data_contracts.tables import Flag
from pipelines.validation.rules.family import VERIFIED_EVERYWHERE, Rule
from pipelines.validation.rules.language import BT, characters_at_most, exists, given, spelled

REFERENCE_CHARACTERS_MAX = 50
"""CPPFacturePivot V2_02, NumeroEngagement and NumeroMarche."""

_CHARACTERS = r"[A-Za-z0-9\-+_/]+( [A-Za-z0-9\-+_/]+)*"


def _reference(id: str, number: int, source: str, limit: int) -> Rule:
    """A reference that the recipient would not see, because the diffusion has no room for it."""
    return Rule(
        id=id,
        terms=(f"BT-{number}",),
        holds=given(exists(BT[number]), characters_at_most(BT[number], limit)),
        found=BT[number],
        expected=f"<= {limit}",
        source=f"CPPFacturePivot V2_02, {source}",
        on=VERIFIED_EVERYWHERE,
        flag=Flag.WARNING,
    )


RULES = (
    Rule(
        id="RLS-CPRO-01",
        terms=("BT-1",),
        holds=given(exists(BT[1]), characters_at_most(BT[1], NUMBER_CHARACTERS_MAX)),
        found=BT[1],
        expected=f"<= {NUMBER_CHARACTERS_MAX}",
        source="DSE-CP 3.2.1.4, p. 24",
        on=VERIFIED_EVERYWHERE,
    ),
    Rule(
        id="RLS-CPRO-02",
        terms=("BT-1",),
        holds=exists(BT[1]),
        found=BT[1],
        expected=None,
        source="DSE-CP 3.2.1.4, p. 24",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-02",),
    ),
    Rule(
        id="G1.05",
        terms=("BT-1",),
        holds=given(exists(BT[1]), spelled(BT[1], _CHARACTERS)),
        found=BT[1],
        expected="A-Z a-z 0-9 - + _ /",
        source="DGFiP annex 7, G1.05",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-FR-01_BT-1", "BR-FR-02_BT-1"),
    ),
    _reference("RLS-CPRO-15", 25, "IdFactureOrigine", NUMBER_CHARACTERS_MAX),
    _reference("RLS-CPRO-16", 13, "NumeroEngagement", REFERENCE_CHARACTERS_MAX),
    _reference("RLS-CPRO-17", 12, "NumeroMarche", REFERENCE_CHARACTERS_MAX),
)
