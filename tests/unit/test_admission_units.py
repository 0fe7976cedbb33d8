"""A CPPFactureMixte of several invoices: taken apart so that each recipient sees its own alone, or left whole."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.interfaces import CATALOGUE, Circuit, Syntax
from pipelines.admission.units import documents_of
from pipelines.parsing.large_documents import is_large
from relais.samples.billers import BUILDER
from relais.samples.invoices import composed
from relais.samples.mixed_writer import mixed_bytes
from tests.unit.mixed_documents import looked_at, zip_of
from tests.unit.test_admission_stage import House

UNIT = re.compile(r" *<CPPFactureMixteUnitaire.*</CPPFactureMixteUnitaire>\n", re.DOTALL)


def several(count: int, between: str = "") -> bytes:
    """One file of so many invoices of the builder."""
    documents = [
        mixed_bytes(composed(BUILDER, n + 1, Circuit.CHORUS_PRO, 1), Syntax.CPP_MIXED).decode() for n in range(count)
    ]
    units = [UNIT.search(document) for document in documents]
    joined = between.join(unit[0] for unit in units if unit is not None)
    whole = UNIT.sub(lambda _: joined, documents[0])
    return whole.replace('Compteur="1"', f'Compteur="{count}"').encode()


def test_each_invoice_becomes_a_document_of_its_own_on_its_own_lines() -> None:
    data = several(3)
    parts = dict(documents_of("file.xml", data))
    assert list(parts) == ["file.xml#1", "file.xml#2", "file.xml#3"]
    found = looked_at("FSO1113A", *parts.values())
    assert found.findings == [[], [], []]
    assert found.invoices.column("number").to_pylist() == [f"BAT-2026-000000{n}" for n in (1, 2, 3)]
    for number, part in enumerate(parts.values(), start=1):
        marker = f"<Id>BAT-2026-000000{number}</Id>".encode()
        assert part.count(b"BAT-2026-") == data.count(b"BAT-2026-") // 3, "no other invoice is in it"
        assert part[: part.index(marker)].count(b"\n") == data[: data.index(marker)].count(b"\n")


@pytest.mark.parametrize(
    "data",
    [
        several(1),
        several(2).replace(b'Compteur="2"', b'Compteur="3"'),
        several(2).replace(b' Compteur="2"', b""),
        several(2, "<Autre/>"),
        several(2, "<!-- note -->"),
        several(2).replace(b"<CPPFactures ", b"<!--<CPPFactureMixteUnitaire --><CPPFactures "),
        several(2).replace(b"</CPPFactureMixte>", b""),
        several(2)[:-400],
        b"",
        b"<CPPFactureMixteUnitaire" * 10,
        b"<CPPFactureMixteUnitaire></CPPFactureMixteUnitaire>" * 10,
    ],
)  # fmt: skip
def test_what_is_not_plain_stays_whole(data: bytes) -> None:
    assert list(documents_of("file.xml", data)) == [("file.xml", data)]


def test_a_file_that_would_grow_without_measure_stays_whole() -> None:
    units = b"".join(b"<CPPFactureMixteUnitaire/>".replace(b"/>", b"></CPPFactureMixteUnitaire>") for _ in range(1_000))
    note = b"x" * 100_000
    data = b'<CPPFactureMixte><Note>%b</Note><CPPFactures Compteur="1000">%b</CPPFactures></CPPFactureMixte>' % (
        note,
        units,
    )
    assert [name for name, _ in documents_of("file.xml", data)] == ["file.xml"]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_whatever_is_changed_nothing_is_lost_or_doubled(data: st.DataObject) -> None:
    whole = bytearray(several(2))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    parts = [part for _, part in documents_of("f", bytes(whole))]
    if len(parts) > 1:
        assert sum(part.count(b"<Contenu>") for part in parts) == bytes(whole).count(b"<Contenu>")
    else:
        assert parts == [bytes(whole)]


def test_the_interface_of_mixed_invoices_is_the_only_one_so_read() -> None:
    assert [code for code, row in CATALOGUE.items() if row.syntax is Syntax.CPP_MIXED] == ["FSO1113A"]


def test_admission_keeps_each_invoice_of_an_archive_as_a_document() -> None:
    house = House()
    files = [("un.xml", several(1)), ("trois.xml", several(3))]
    alone = house.land("FSO1113A_ABC123_ABC1231113000000000000001", several(2))
    packed = house.land("FSO1113A_ABC123_ABC1231113000000000000002", zip_of(*files))
    other = house.land("FSO1100A_ABC123_ABC1231100000000000000003", several(2))
    assert house.admit() == 3
    name = "FSO1113A_ABC123_ABC1231113000000000000001"
    assert [member for member, _ in house.members(alone)] == [f"{name}#1", f"{name}#2"]
    assert [member for member, _ in house.members(packed)] == ["un.xml", "trois.xml#1", "trois.xml#2", "trois.xml#3"]
    assert [data for _, data in house.members(packed)] == [data for file in files for _, data in documents_of(*file)]
    # Under another interface it is one file of the wrong syntax.
    assert len(house.members(other)) == 1


LARGE = 8_000
"""Invoices of more elements together than a tree may have."""


def test_a_large_file_is_taken_apart_one_invoice_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    small = several(2)
    unit = UNIT.search(several(1).decode())
    assert unit is not None
    whole = UNIT.sub(lambda _: unit[0] * LARGE, small.decode()).replace('Compteur="2"', f'Compteur="{LARGE}"').encode()
    assert is_large(whole)
    monkeypatch.setattr("pipelines.admission.units.gated", None)
    assert sum(1 for _ in documents_of("f.xml", whole)) == LARGE
    # One more that stands elsewhere, and the file stays whole.
    hidden = whole.replace(b"</CPPFactures>", b"</CPPFactures><X><CPPFactureMixteUnitaire /></X>")
    assert list(documents_of("f.xml", hidden)) == [("f.xml", hidden)]
    monkeypatch.undo()
    assert sum(1 for _ in documents_of("f.xml", small)) == 2
