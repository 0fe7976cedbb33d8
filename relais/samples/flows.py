"""Flows: which flows a sample has, and how their documents are packed. Packing is a pure function of the documents.

Sizes    about three quarters of the invoices are the utility's, a quarter the caterer's; the builder sends sixty PDFs,
         and seventy mixed documents, works invoices and memoranda.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data_contracts.envelope import EnvelopeName
from data_contracts.interfaces import CATALOGUE, E1_INVOICES_MAX, Circuit
from relais.samples.billers import BUILDER, CATERER, UTILITY, Biller

FLOW_INVOICES = E1_INVOICES_MAX
CATERER_FLOW_INVOICES = 200
PDFS = 60
PDF_SHARE_MAX = 4
"""The PDFs are never more than one invoice in this many."""
ARCHIVED_PDFS, ARCHIVED_BAD_PDFS = 20, 3
RARE_INTERFACES = ("FSO1110A", "FSO1113A", "FSO1116A", "FSO1120A", "FSO1130A", "FSO1131A", "FSO1137A")
"""Mixed flows, works invoices and court-cost memoranda: each has one flow."""
RARE = 70
RARE_SHARE_MAX = 10
"""They are never more than one invoice in this many."""
RARE_ODDS = 5
"""One mixed document in this many is wrong."""
REFUSED_FLOW_INVOICES = 12
FIRST_FLOW_ODDS, LATER_FLOW_ODDS = 20, 15
"""One invoice in this many is wrong in an interface's first flow, and from its third on; none is in its second, so
that a sample also shows a flow wholly accepted. About 5 % in all."""


class Packing(StrEnum):
    TAR_GZ = "tar.gz"
    ZIP = "zip"
    SINGLE = "single"


@dataclass(frozen=True)
class Planned:
    """A flow to be. `bad` counts its faulty invoices and `first_fault` those of the biller's earlier flows of the same
    circuit; `repeats_first` makes one of them repeat the biller's very first invoice; `refused` is the motive when the
    whole flow must be refused."""

    name: str
    interface_code: str
    biller: Biller
    first_serial: int
    count: int
    bad: int
    packing: Packing
    first_fault: int = 0
    repeats_first: bool = False
    refused: str = ""
    cut_short: bool = False


def planned(invoices: int) -> list[Planned]:
    """The flows of a sample of this many invoices, refused ones included, whose invoices come on top."""
    pdfs, rare, meals = _pdf_count(invoices), _rare_count(invoices), _caterer_count(invoices)
    return [*_utility(invoices - pdfs - rare - meals), *_caterer(meals), *_builder(pdfs, rare), *_refused()]


def _pdf_count(invoices: int) -> int:
    return min(PDFS, invoices // PDF_SHARE_MAX)


def _rare_count(invoices: int) -> int:
    return min(RARE, invoices // RARE_SHARE_MAX)


def _caterer_count(invoices: int) -> int:
    return (invoices - _pdf_count(invoices)) // 4


class _Sequence:
    """Serial numbers of one biller's invoices and sequence numbers of its flows, handed out in order."""

    def __init__(self, biller: Biller) -> None:
        self.biller = biller
        self._serial = 1
        self._flows: dict[str, int] = {}
        self._faults: dict[Circuit, int] = {}

    def flow(self, code: str, count: int, bad: int, packing: Packing, *, repeats_first: bool = False) -> Planned:
        """The next flow under an interface code."""
        circuit = CATALOGUE[code].circuit
        first_fault = self._faults.get(circuit, 0)
        self._faults[circuit] = first_fault + bad
        number = self._flows.get(code, 0) + 1
        self._flows[code] = number
        partner = self.biller.partner_code
        name = str(EnvelopeName(code, partner, partner, number))
        first = self._serial
        self._serial += count
        return Planned(name, code, self.biller, first, count, bad, packing, first_fault, repeats_first)


def _split(count: int, size: int) -> list[int]:
    """The sizes of flows that hold `count` invoices, `size` at most in each, two flows at least."""
    if count <= size:
        return [count - count // 2, count // 2]
    full, rest = divmod(count, size)
    return [size] * full + ([rest] if rest else [])


def _faulty(index: int, size: int) -> int:
    if index == 1:
        return 0
    return size // (LATER_FLOW_ODDS if index else FIRST_FLOW_ODDS)


def _utility(count: int) -> Iterator[Planned]:
    sequence = _Sequence(UTILITY)
    for code, share in (("FSO1100A", count - count // 2), ("FSO1150A", count // 2)):
        sizes = _split(share, FLOW_INVOICES)
        for index, size in enumerate(sizes):
            # However small, the last historical flow repeats the utility's very first invoice.
            repeats = code == "FSO1100A" and index == len(sizes) - 1
            bad = max(1, _faulty(index, size)) if repeats else _faulty(index, size)
            yield sequence.flow(code, size, bad, Packing.TAR_GZ, repeats_first=repeats)


def _caterer(count: int) -> Iterator[Planned]:
    sequence = _Sequence(CATERER)
    for code, share in (("FSO1106A", count - count // 2), ("FSO1156A", count // 2)):
        for index, size in enumerate(_split(share, CATERER_FLOW_INVOICES)):
            packing = Packing.ZIP if index % 2 else Packing.TAR_GZ
            yield sequence.flow(code, size, _faulty(index, size), packing)


def _builder(count: int, rare: int) -> Iterator[Planned]:
    sequence = _Sequence(BUILDER)
    archived = min(ARCHIVED_PDFS, count // 2)
    yield sequence.flow("FSO1157A", archived, ARCHIVED_BAD_PDFS, Packing.TAR_GZ)
    alone = count - archived
    for index in range(alone):
        # One single-file flow of the AFNOR circuit holds a faulty invoice; those of the historical circuit are right.
        code = "FSO1117A" if index < alone // 2 else "FSO1157A"
        yield sequence.flow(code, 1, 1 if index == alone - 1 else 0, Packing.SINGLE)
    for index, code in enumerate(RARE_INTERFACES):
        size = rare // len(RARE_INTERFACES) + (1 if index < rare % len(RARE_INTERFACES) else 0)
        bad = size // RARE_ODDS if CATALOGUE[code].mixed else 0
        yield sequence.flow(code, size, bad, Packing.ZIP if index % 2 else Packing.TAR_GZ)


def _refused() -> Iterator[Planned]:
    """Flows that are refused whole, each for one reason."""
    utility, caterer, builder = (_Refused(biller) for biller in (UTILITY, CATERER, BUILDER))
    yield caterer.flow("FSO1156A", "IRR_EXTRAC", Packing.TAR_GZ, REFUSED_FLOW_INVOICES, cut_short=True)
    yield caterer.flow("FSO1116A", "IRR_CODE_INTER", Packing.TAR_GZ, REFUSED_FLOW_INVOICES)
    yield builder.flow("FSO9999A", "IRR_CODE_INTER", Packing.SINGLE, 1)
    misnamed = utility.flow("FSO1100A", "IRR_FORM", Packing.TAR_GZ, REFUSED_FLOW_INVOICES)
    # The digits of the flow id are those of another interface.
    yield Planned(
        misnamed.name.replace("ELC0011100", "ELC0011150"), misnamed.interface_code, misnamed.biller,
        misnamed.first_serial, misnamed.count, 0, misnamed.packing, refused=misnamed.refused,
    )  # fmt: skip


class _Refused:
    """Sequence and serial numbers far from those of the flows that go through."""

    SEQUENCE = 900_001
    SERIAL = 9_000_001

    def __init__(self, biller: Biller) -> None:
        self.biller = biller

    def flow(self, code: str, motive: str, packing: Packing, count: int, *, cut_short: bool = False) -> Planned:
        partner = self.biller.partner_code
        name = str(EnvelopeName(code, partner, partner, self.SEQUENCE))
        return Planned(name, code, self.biller, self.SERIAL, count, 0, packing, refused=motive, cut_short=cut_short)


def packed(documents: Sequence[tuple[str, bytes]], packing: Packing) -> bytes:
    """The bytes of a flow that holds these named documents, in this order."""
    if packing is Packing.SINGLE:
        (_, document), *others = documents
        assert not others, "a flow without archive holds one document"
        return document
    return _tar_gz(documents) if packing is Packing.TAR_GZ else _zip(documents)


def _tar_gz(documents: Sequence[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, document in documents:
            member = tarfile.TarInfo(name)
            member.size = len(document)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(document))
    return gzip.compress(target.getvalue(), compresslevel=6, mtime=0)


def _zip(documents: Sequence[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, document in documents:
            member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            member.create_system = 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, document, zipfile.ZIP_DEFLATED)
    return target.getvalue()
