"""What one of Chorus Pro's own rules is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from data_contracts.interfaces import Circuit
from data_contracts.tables import Flag


class Certainty(StrEnum):
    """How well it is known that a rule holds on a circuit."""

    VERIFIED = "verified"
    """The source itself says so, of this circuit."""
    SECOND_HAND = "second-hand"
    """Software that works with the circuit says so."""
    INFERRED = "inferred"
    """It is said of the other circuit, or follows from the state of the art."""


On = Mapping[Circuit, Certainty]
VERIFIED_EVERYWHERE: On = dict.fromkeys(Circuit, Certainty.VERIFIED)
INFERRED_EVERYWHERE: On = dict.fromkeys(Circuit, Certainty.INFERRED)
VERIFIED_HISTORICAL: On = {Circuit.CHORUS_PRO: Certainty.VERIFIED}
SECOND_HAND_HISTORICAL: On = {Circuit.CHORUS_PRO: Certainty.SECOND_HAND}
INFERRED_HISTORICAL: On = {Circuit.CHORUS_PRO: Certainty.INFERRED}
VERIFIED_AFNOR: On = {Circuit.AFNOR: Certainty.VERIFIED}
OF_THE_REFORM: On = {Circuit.AFNOR: Certainty.VERIFIED, Circuit.CHORUS_PRO: Certainty.INFERRED}
"""A rule of DGFiP's annex 7, which speaks of the reform alone: on the historical circuit it can only warn."""


@dataclass(frozen=True)
class Rule:
    """One rule. `id` is DGFiP's where one says the same, else `RLS-CPRO-nn`; its sentences are in the catalogue.

    `holds`, `found` and `expected` are polars expressions over the columns of `facts.facts`, one value a row.
    Nulls     a rule that cannot tell does not hold: absence is allowed by saying `given(exists(...), ...)`.
    Shape     `on` says on which circuits it is asked, and how well that is known; `repeats` are the official rules that
              find the same fault of the same terms. `expected` is in no language: a code, a list, a figure.
    """

    id: str
    terms: tuple[str, ...]
    holds: pl.Expr
    found: pl.Expr
    expected: str | pl.Expr | None
    source: str
    on: On
    flag: Flag = Flag.FATAL
    repeats: tuple[str, ...] = ()

    def flag_on(self, circuit: Circuit) -> Flag:
        """How a breach weighs there. What is not verified of a circuit refuses nothing on it: it warns."""
        return self.flag if self.on[circuit] is Certainty.VERIFIED else Flag.WARNING

    @property
    def ours(self) -> bool:
        """Whether the id is Relais's own."""
        return self.id.startswith("RLS-")
