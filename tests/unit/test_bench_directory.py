"""Measuring a directory: the file is the same each time, and what is measured is what was asked for."""

from __future__ import annotations

from pathlib import Path

from relais.bench.directory_file import PUBLIC_EVERY, siren_of, siret_of, write_full
from relais.bench.directory_speed import CHANGED, directory_figures, directory_json, directory_tables


def test_the_same_size_gives_the_same_file(tmp_path: Path) -> None:
    sizes = {write_full(tmp_path / name, 100) for name in ("a.xml", "b.xml")}
    assert sizes == {(tmp_path / "a.xml").stat().st_size}
    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert siret_of(7).startswith(siren_of(7))


def test_loads_and_look_ups_are_measured(tmp_path: Path) -> None:
    moved: list[int] = []
    figures = directory_figures(tmp_path, 1_000, 1, lambda done, total: moved.append(done))
    full, differential = figures.loads
    assert full.entries == 3 * 1_000 + 3 * 1_000 // PUBLIC_EVERY + 101
    assert differential.entries == 3 * CHANGED
    assert {one.kind for one in figures.lookups} == {"address", "structure"}
    assert moved
    assert directory_json(figures)["lines"] == 1_000
    assert len(directory_tables(figures)) == 2
