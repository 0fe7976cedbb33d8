"""What a hostile case is: bytes, and the refusal that they must end in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Road(Enum):
    """How the bytes come in."""

    FLOW = "flow"
    """Dropped as a flow: refused before anything of it is kept."""
    XML = "xml"
    """One document of an admitted flow, under the interface for UBL."""
    PDF = "pdf"
    """One document of an admitted flow, under the interface for Factur-X."""


@dataclass(frozen=True)
class Case:
    """`said` are words that the English refusal holds; `build` makes the bytes anew each time."""

    road: Road
    name: str
    motive: str
    said: str
    build: Callable[[], bytes]
