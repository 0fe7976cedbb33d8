"""What is checked when checking is measured: generated invoices of AFNOR flows, or the documents of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import Circuit
from data_contracts.limits import BATCH_DOCUMENTS_MAX
from relais.bench.corpus import documents, names
from relais.samples.billers import BUILDER, CATERER, UTILITY, Biller
from relais.samples.cii_writer import cii_bytes
from relais.samples.facturx_writer import facturx_bytes
from relais.samples.invoices import Invoice, composed
from relais.samples.ubl_writer import ubl_bytes

LINES = "lines"
LINE_COUNTS = (1, 10, 100, 1_000, 10_000)
_LONG = replace(CATERER, lines_low=28, lines_high=38)


@dataclass(frozen=True)
class Workload:
    """Documents to check. `part` gives those from one position to another, made when asked for."""

    name: str
    what: str
    count: int
    part: Callable[[int, int], list[bytes]]

    def spread(self, count: int) -> list[bytes]:
        """So many of them, from the first to the last: what a corpus holds stands in its order."""
        step = max(1, self.count // count)
        return [content for at in range(0, self.count, step) for content in self.part(at, at + 1)]

    def parts(self) -> Iterator[list[bytes]]:
        """All of them, a batch at a time, as the check stage gets them."""
        for start in range(0, self.count, BATCH_DOCUMENTS_MAX):
            yield self.part(start, min(start + BATCH_DOCUMENTS_MAX, self.count))


@dataclass(frozen=True)
class Kind:
    """A kind of flow: its biller, and how an invoice is written."""

    what: str
    biller: Biller
    written: Callable[[Invoice], bytes]


def _facturx(invoice: Invoice) -> bytes:
    return facturx_bytes(invoice, cii_bytes(invoice))


KINDS: dict[str, Kind] = {
    "utility": Kind("UBL, 2 to 4 lines", UTILITY, ubl_bytes),
    "builder": Kind("UBL, 2 to 5 lines", BUILDER, ubl_bytes),
    "caterer": Kind("UBL, 10 to 25 lines", CATERER, ubl_bytes),
    "long": Kind("UBL, 28 to 38 lines", _LONG, ubl_bytes),
    "cii": Kind("CII, 2 to 4 lines", UTILITY, cii_bytes),
    "facturx": Kind("Factur-X, 2 to 4 lines", UTILITY, _facturx),
}


def checked_kinds(text: str) -> list[str]:
    """The kinds that a list separated by commas names. ConfigurationError when one is unknown."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    for name in found:
        if name not in KINDS and name != LINES:
            raise ConfigurationError(
                "no such kind of invoices", where="--kinds", value=name, remedy=f"use {', '.join((*KINDS, LINES))}"
            )
    return found


def generated(name: str, count: int, seed: int) -> Workload:
    """So many invoices of a kind, each another. The same arguments give the same bytes."""
    kind = KINDS[name]

    def part(start: int, end: int) -> list[bytes]:
        return [kind.written(composed(kind.biller, n + 1, Circuit.AFNOR, seed)) for n in range(start, end)]

    return Workload(name, kind.what, count, part)


def of_corpus(corpus: Path) -> Workload:
    """Every document of a corpus. They are held in memory, so that reading files is not measured."""

    @cache
    def held() -> list[bytes]:
        return [data for _name, data in documents(corpus, names(corpus))]

    return Workload("corpus", str(corpus), len(held()), lambda start, end: held()[start:end])


def invoice_of_lines(lines: int, seed: int) -> bytes:
    """One UBL invoice of so many lines."""
    biller = replace(CATERER, lines_low=lines, lines_high=lines, credit_note_odds=0)
    return ubl_bytes(composed(biller, 1, Circuit.AFNOR, seed))
