"""How a syntax writes the business terms, as data: which paths hold which term."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from pipelines.parsing.path_tables import Batch
from pipelines.parsing.paths import expanded


class Way(NamedTuple):
    """A path below some element: as tables and findings write it, and by expanded names."""

    text: str
    names: tuple[str, ...]

    def below(self, batch: Batch, above: int) -> int | None:
        """The path of a batch that this way leads to; None when no document has it."""
        path: int | None = above
        for name in self.names:
            if path is None:
                return None
            path = batch.children[path].get(name)
        return path


def way(text: str) -> Way:
    """The way of a written path; the empty one stays where it is."""
    return Way(text, expanded(text) if text else ())


class TermPaths:
    """Paths below one element, each with the term found there. Several paths may lead to one term."""

    def __init__(self, terms: Mapping[str, str]) -> None:
        self.ways: dict[str, tuple[Way, ...]] = {}
        for path, term in terms.items():
            self.ways[term] = (*self.ways.get(term, ()), way(path))


@dataclass(frozen=True)
class VatNumber:
    """Where a party's VAT number is (BT-31), and how it is told from its number at the tax office (BT-32).

    `holder` is the path of the registrations below the root; below each of them `number` and `scheme` lead to its
    number and its kind, which is `kind` for a VAT number.
    """

    holder: Way
    number: Way
    scheme: Way
    kind: str


@dataclass(frozen=True)
class Binding:
    """How one syntax writes the business terms.

    `roots` are the elements that hold an invoice. `lines` and `vat_groups` lead to the elements that repeat, `line` and
    `vat` hold their terms. `day` reads a day from its text and the attribute `format`, None when there is none.
    Nulls    `seller_vat` is None where a syntax has no place of its own for it.
    """

    roots: tuple[Way, ...]
    invoice: TermPaths
    lines: tuple[Way, ...]
    line: TermPaths
    vat_groups: tuple[Way, ...]
    vat: TermPaths
    seller_vat: VatNumber | None
    day: Callable[[str, str | None], date | None]
