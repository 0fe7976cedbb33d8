"""Drafts of the answers that a status flow brings: to whom, under which interface, and how each is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from data_contracts.answers import Header

Slot = tuple[str, str, int]
"""(interface code, partner code, part): what the ledger numbers."""


@dataclass(frozen=True)
class Draft:
    """An answer without its number. `written` gives its bytes, part by part."""

    slot: Slot
    written: Callable[[Header], Iterable[bytes]]
