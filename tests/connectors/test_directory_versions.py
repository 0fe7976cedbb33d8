"""Versions of a directory: values, read by whoever has them, compared by key, and equal to a naive model."""

from __future__ import annotations

import os
import pickle
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.directory.comparing import Change, Kind, changes
from connectors.directory.loading import load
from connectors.directory.reading import LoadedDirectory
from connectors.directory.versions import Version, read_versions
from data_contracts.directory import AddressLine, line_in_force
from tests.asked_directory import address_line, structure
from tests.connectors.f14_files import (
    AT,
    CITY,
    CITY_SIREN,
    FULL_AT,
    ON,
    SECOND_AT,
    establishment,
    full,
    line,
    service,
    written,
)

DAY = timedelta(days=1)


def test_a_worker_forked_or_sent_to_reads_for_itself(tmp_path: Path) -> None:
    load(full(tmp_path / "full.xml"), tmp_path / "versions", at=AT)
    reader = LoadedDirectory(tmp_path / "versions", open_to_all=True)
    assert structure(reader, CITY, ON) is not None
    sent = pickle.loads(pickle.dumps(reader))
    assert structure(sent, CITY, ON) == structure(reader, CITY, ON)
    assert sent.open_to_all
    child = os.fork()
    if child == 0:
        os._exit(0 if structure(reader, CITY, ON) is not None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_what_differs_is_told_by_key(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    told = written(
        tmp_path / "2.xml",
        at=SECOND_AT,
        after=FULL_AT,
        establishments=[establishment(instance=2, motive="P", name="Ville nouvelle")],
        services=[service("RH", instance=2, motive="S", status="I"), service("NEW", motive="P")],
        lines=[
            line(instance=8, code="NEW", motive="N", first="20261118"),
            line(instance=9, code="EAU", motive="N", nature="M"),
            line(instance=2, motive="S", last="20261201"),
        ],
    )
    load(told, folder, at=AT)
    old, new = read_versions(folder)
    found = [(one.table, one.kind, one.key, one.before, one.after) for one in changes(folder, old, new)]
    eau, new_code = (f"{CITY_SIREN}_{CITY}_{code}" for code in ("EAU", "NEW"))
    assert [one[:3] for one in found] == [
        ("structures", Kind.CHANGED, (CITY,)),
        ("services", Kind.ADDED, (CITY, "NEW", "0224")),
        ("services", Kind.CHANGED, (CITY, "RH", "0224")),
        ("addresses", Kind.CHANGED, (f"{CITY_SIREN}_{CITY}", "2026-09-01")),
        ("addresses", Kind.REMOVED, (eau, "2026-09-01")),
        ("addresses", Kind.ADDED, (new_code, "2026-11-18")),
    ]
    assert found[0][3:] == ({"name": "Ville"}, {"name": "Ville nouvelle"})
    assert found[3][3:] == ({"valid_to": None}, {"valid_to": "2026-12-01"})
    assert list(changes(folder, new, new)) == []
    assert _turned(list(changes(folder, new, old))) == {one[:3] for one in found}


def _turned(found: list[Change]) -> set[tuple[str, Kind, tuple[str, ...]]]:
    other = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    return {(one.table, other[one.kind], one.key) for one in found}


_FIRST = date(2026, 12, 1)
_LENGTHS = st.none() | st.integers(0, 5)
_LINES = st.lists(
    st.tuples(st.integers(0, 4), _LENGTHS, st.integers(1, 9), st.booleans(), st.sampled_from("AB")),
    max_size=8,
    unique_by=lambda one: one[2],
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_LINES, st.integers(-1, 10), st.integers(0, 8))
def test_lines_read_from_disk_are_those_of_a_naive_model(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, int | None, int, bool, str]], at: int, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    model: dict[str, list[AddressLine]] = {"A": [], "B": []}
    told = []
    for start, length, instance, masked, suffix in drawn:
        first = _FIRST + start * DAY
        last = None if length is None else first + length * DAY
        model[suffix].append(AddressLine(f"{CITY_SIREN}_{suffix}", instance, first, last, masked))
        days = {"first": f"{first:%Y%m%d}", "last": f"{last:%Y%m%d}" if last else None}
        nature = "M" if masked else "D"
        told.append(line(instance=instance, siret=None, suffix=suffix, motive="N", nature=nature, **days))
    # Some come in the full file, the rest in a differential, some of them twice.
    load(written(folder / "1.xml", lines=told[:cut]), folder / "versions", at=AT)
    load(written(folder / "2.xml", at=SECOND_AT, after=FULL_AT, lines=told[cut:] * 2), folder / "versions", at=AT)
    source, on = LoadedDirectory(folder / "versions"), _FIRST + at * DAY
    for suffix, lines in model.items():
        assert address_line(source, f"{CITY_SIREN}_{suffix}", on) == line_in_force(lines, on)


def test_versions_are_values(tmp_path: Path) -> None:
    version = load(full(tmp_path / "full.xml"), tmp_path / "versions", at=AT).version
    assert isinstance(version, Version)
    assert read_versions(tmp_path / "versions") == [version]
