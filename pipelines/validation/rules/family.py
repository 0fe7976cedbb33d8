"""What one of Chorus Pro's own rules is made of."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from data_contracts.interfaces import Circuit
from data_contracts.tables import Flag

CONTROL_DATE = "control_date"
"""Column that stands beside those of `tables.INVOICES` when a rule is judged: the day of the check, as a date."""

BOTH = frozenset(Circuit)
HISTORICAL = frozenset({Circuit.CHORUS_PRO})
AFNOR = frozenset({Circuit.AFNOR})


@dataclass(frozen=True)
class Rule:
    """One rule. `id` is DGFiP's where one says the same, else `RLS-CPRO-nn`.

    `broken` and `found` are polars expressions over `tables.INVOICES` and `CONTROL_DATE`, one value a row.
    `null_breaks`: what an unknown answer of `broken` counts for. True but where absence has a rule of its own.
    """

    id: str
    terms: tuple[str, ...]
    message_fr: str
    message_en: str
    broken: pl.Expr
    found: pl.Expr
    source: str
    expected: str | None = None
    circuits: frozenset[Circuit] = BOTH
    flag: Flag = Flag.FATAL
    null_breaks: bool = True
