"""Versions of a directory: a load killed anywhere, readers during loads, registers of one's own, what differs."""

from __future__ import annotations

import os
import pickle
import sqlite3
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.directory import versions
from connectors.directory.comparing import Change, Kind, changes
from connectors.directory.inbox import DONE, REFUSED, refresh, take_inbox
from connectors.directory.loading import load
from connectors.directory.reading import LoadedDirectory
from connectors.directory.refused import DirectoryGap, DirectoryRefused
from connectors.directory.tables import DATABASE
from connectors.directory.versions import POINTER, Version, read_versions
from connectors.registers import read_directory, write_directory
from data_contracts.directory import AddressLine, Service, Structure, address_line, line_in_force, structure
from data_contracts.errors import ConfigurationError, IntegrityBroken, StoreUnavailable
from tests.connectors.f14_files import (
    CITY,
    CITY_SIREN,
    FULL_AT,
    SECOND_AT,
    THIRD_AT,
    establishment,
    full,
    line,
    service,
    written,
)

AT = datetime(2026, 11, 17, 9, tzinfo=UTC)
ON = date(2026, 11, 17)
DAY = timedelta(days=1)
KILLED = 77
STEPS = {
    "open",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.remove",
    "shutil.rmtree",
    "shutil.copyfile",
    "sqlite3.connect",
}
STRUCTURES = [
    Structure(CITY, "Ville", service_required=True, partner_code="VIL001", services={"EAU": Service("EAU", "Eau")}),
    Structure("11000201100044", "Etat", active=False),
]
ADDRESSES = "address,platform,siret,service_code,valid_from,valid_to\n"


def _killed_at(step: int, folder: Path, work: Callable[[], object]) -> bool:
    """Whether a child process died at the nth thing it did to the folder; false when it came to its end."""
    child = os.fork()
    if child == 0:
        left = step

        def watched(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in STEPS and any(str(folder) in str(one) for one in arguments):
                left -= 1
                if left == 0:
                    os._exit(KILLED)

        sys.addaudithook(watched)
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


@pytest.mark.parametrize("kind", ["full", "differential", "registers"])
def test_a_load_killed_anywhere_leaves_the_old_version_or_the_new_one(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    renamed = [establishment(instance=2, motive="C" if kind == "full" else "P", name="Nouvelle")]
    if kind == "registers":
        source = tmp_path / "registers"
        write_directory(source, [Structure(CITY, "Nouvelle")])
    elif kind == "full":
        source = full(tmp_path / "next.xml", establishments=renamed)
        source.write_text(source.read_text().replace(FULL_AT, SECOND_AT), encoding="utf-8")
    else:
        source = written(tmp_path / "next.xml", at=SECOND_AT, after=FULL_AT, establishments=renamed)
    step = 0
    seen = set()
    while _killed_at(step := step + 1, folder, lambda: load(source, folder, at=AT, accept_shrinking=True)):
        city = structure(LoadedDirectory(folder), CITY, ON)
        assert city is not None
        assert city.name in {"Ville", "Nouvelle"}
        seen.add(city.name)
        if city.name == "Nouvelle":
            break
    assert step > 8, "the steps of a load were not seen"
    load(source, folder, at=AT, accept_shrinking=True)
    city = structure(LoadedDirectory(folder), CITY, ON)
    assert city is not None
    assert (city.name, "Ville" in seen) == ("Nouvelle", True)
    left = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert left == [version.name for version in read_versions(folder)]


def test_readers_see_one_version_whole_while_others_come(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    names = [f"Ville {number}" for number in range(12)]
    load(full(tmp_path / "full.xml", establishments=[establishment(name=names[0])]), folder, at=AT)
    reader = LoadedDirectory(folder)
    seen: list[str] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            city = structure(reader, CITY, date(2027, 1, 1))
            assert city is not None
            assert sorted(city.services) == ["EAU", "RH"]
            seen.append(city.name)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    before = FULL_AT
    for number, name in enumerate(names[1:], 2):
        at = f"202611{14 + number}030000"
        told = [establishment(instance=number, motive="P", name=name)]
        load(written(tmp_path / "d.xml", at=at, after=before, establishments=told), folder, at=AT)
        before = at
    over.set()
    for thread in threads:
        thread.join()
    assert set(seen) <= set(names)
    last = structure(reader, CITY, date(2027, 1, 1))
    assert last is not None
    assert last.name == names[-1]


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


def _as_parquet(folder: Path) -> None:
    for name in ("structures", "services"):
        header, *rows = [text.split(",") for text in (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()]
        flags = {"active", "service_required", "engagement_required", "service_or_engagement_required"}
        columns = {
            column: [row[at] == "true" if column in flags else row[at] or None for row in rows]
            for at, column in enumerate(header)
        }
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
        (folder / f"{name}.csv").unlink()


@pytest.mark.parametrize("parquet", [False, True])
def test_registers_say_the_same_loaded_as_read(tmp_path: Path, parquet: bool) -> None:
    registers = tmp_path / "registers"
    write_directory(registers, STRUCTURES)
    expected = read_directory(registers).structures
    if parquet:
        _as_parquet(registers)
    version = load(registers, tmp_path / "versions", at=AT).version
    assert (version.kind, version.stamp, version.since) == ("registers", None, ON)
    known = LoadedDirectory(tmp_path / "versions").known(ON, sirets=list(expected), sirens=["110002011", CITY_SIREN])
    assert known.structures == expected
    assert not known.addressed
    assert (known.is_public(CITY_SIREN), known.is_public("110002011")) == (True, False)


def test_addresses_of_registers_are_read_either_way(tmp_path: Path) -> None:
    registers = tmp_path / "registers"
    write_directory(registers, STRUCTURES)
    rows = f"{CITY_SIREN}_X,9999,{CITY},EAU,2026-11-01,2026-12-01\n{CITY_SIREN}_X,9999,,,2026-12-01,\n"
    (registers / "addresses.csv").write_text(ADDRESSES + rows, encoding="utf-8")
    load(registers, tmp_path / "versions", at=AT)
    for source in (read_directory(registers), LoadedDirectory(tmp_path / "versions")):
        lines = [address_line(source, f"{CITY_SIREN}_X", date(2026, month, 1)) for month in (10, 11, 12)]
        assert [one and (one.siret, one.service_code) for one in lines] == [None, (CITY, "EAU"), (None, None)]
        assert source.known(ON).addressed


def test_receivers_alone_leave_the_rest_and_stay_under_the_next_full_file(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "receivers.csv").write_text(f"siret,partner_code\n{CITY},VIL001\n", encoding="utf-8")
    assert load(tmp_path / "registers", folder, at=AT).version.stamp == FULL_AT
    load(written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, services=[service("NEW", motive="P")]), folder, at=AT)
    again = full(tmp_path / "full.xml")
    again.write_text(again.read_text().replace(FULL_AT, THIRD_AT), encoding="utf-8")
    load(again, folder, at=AT)
    for day in (17, 16):
        city = structure(LoadedDirectory(folder), CITY, date(2026, 11, day))
        assert city is not None
        assert (city.partner_code, "NEW" in city.services) == ("VIL001", day == 16)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("addresses.csv", ADDRESSES + "A,9999,,,2026-11-01,\nA,9999,,,2026-11-01,\n", "line 3, column valid_from"),
        ("addresses.csv", ADDRESSES + "A,99,,,2026-11-01,\n", "line 2, column platform"),
        ("addresses.csv", ADDRESSES + "A,9999,,,,\n", "column valid_from"),
        ("receivers.csv", "siret,partner_code\n1,VIL001\n", "column siret"),
        ("receivers.csv", "siret\n1\n", "columns of a register"),
        ("receivers.parquet", "no parquet", "not Parquet"),
    ],
)  # fmt: skip
def test_a_bad_register_is_named_and_leaves_the_old_version(tmp_path: Path, name: str, text: str, what: str) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=what):
        load(tmp_path / "registers", folder, at=AT)
    assert len(read_versions(folder)) == 1


def test_structures_come_with_their_services(tmp_path: Path) -> None:
    registers = tmp_path / "registers"
    write_directory(registers, STRUCTURES)
    (registers / "services.csv").unlink()
    with pytest.raises(DirectoryRefused, match="structures and services"):
        load(registers, tmp_path / "versions", at=AT)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DirectoryRefused, match="does not hold"):
        load(tmp_path / "empty", tmp_path / "versions", at=AT)
    with pytest.raises(DirectoryRefused, match="cannot be read"):
        load(tmp_path / "nothing.xml", tmp_path / "versions", at=AT)


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


def test_the_inbox_loads_in_order_and_puts_away(tmp_path: Path) -> None:
    inbox, folder = tmp_path / "inbox", tmp_path / "versions"
    inbox.mkdir()
    full(inbox / "z.xml")
    written(inbox / "a.xml", at=SECOND_AT, after=FULL_AT)
    written(inbox / "early.xml", at="20261120030000", after="20261119030000")
    written(inbox / "old.xml", at="20261101030000", after="20261031030000")
    (inbox / "bad.xml").write_text("<AnnuaireConsultationF14>", encoding="utf-8")
    (inbox / "half.xml.part").write_text("<", encoding="utf-8")
    write_directory(inbox / "mine", STRUCTURES)
    (inbox / "mine" / "structures.csv").write_text("wrong\n", encoding="utf-8")
    taken = {one.name: one for one in take_inbox(inbox, folder, lambda: AT)}
    assert [name for name, one in taken.items() if one.loaded] == ["z.xml", "a.xml"]
    assert isinstance(taken["early.xml"].error, DirectoryGap)
    assert taken["early.xml"].waits
    assert isinstance(taken["bad.xml"].error, DirectoryRefused)
    assert isinstance(taken["mine"].error, ConfigurationError)
    assert sorted(path.name for path in (inbox / DONE).iterdir()) == ["a.xml", "z.xml"]
    assert sorted(path.name for path in (inbox / REFUSED).iterdir()) == ["bad.xml", "mine"]
    assert {"early.xml", "half.xml.part"} <= {path.name for path in inbox.iterdir()}
    written(inbox / "a.xml", at=SECOND_AT, after=FULL_AT)
    again = [one for one in take_inbox(inbox, folder, lambda: AT) if one.name == "a.xml"]
    assert [one.loaded is not None and one.loaded.new for one in again] == [False]
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT, SECOND_AT]


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


def test_a_refresh_counts_what_is_new_and_names_what_is_not(tmp_path: Path) -> None:
    inbox, folder = tmp_path / "inbox", tmp_path / "versions"
    assert refresh(inbox, folder, lambda: AT) == 0
    full(inbox / "full.xml")
    assert refresh(inbox, folder, lambda: AT) == 1
    (inbox / "bad.xml").write_text("<Invoice/>", encoding="utf-8")
    written(inbox / "good.xml", at=SECOND_AT, after=FULL_AT)
    with pytest.raises(DirectoryRefused, match=r"1 directory files are not in force; 1 others are; at bad\.xml"):
        refresh(inbox, folder, lambda: AT)
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT, SECOND_AT]
    assert refresh(inbox, folder, lambda: AT) == 0


def test_a_disk_that_is_full_leaves_the_old_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)

    def no_room(path: Path) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("connectors.directory.loading.writable", no_room)
    second = written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        load(second, folder, at=AT)
    assert structure(LoadedDirectory(folder), CITY, ON) is not None
    monkeypatch.undo()
    assert load(second, folder, at=AT).new


def test_a_damaged_version_is_told_and_loaded_anew(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    version = load(full(tmp_path / "full.xml"), folder, at=AT).version
    (folder / version.name / DATABASE).write_bytes(b"no database at all" * 1_000)
    later = full(tmp_path / "later.xml")
    later.write_text(later.read_text().replace(FULL_AT, SECOND_AT), encoding="utf-8")
    with pytest.raises(IntegrityBroken, match=POINTER):
        structure(LoadedDirectory(folder), CITY, ON)
    with pytest.raises(IntegrityBroken, match=POINTER):
        load(later, folder, at=AT)
    (folder / POINTER).unlink()
    load(later, folder, at=AT)
    assert structure(LoadedDirectory(folder), CITY, ON) is not None


def test_a_version_that_is_pruned_before_it_is_opened_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    reader = LoadedDirectory(folder)
    opening = reader._opened

    def late(version: Version) -> sqlite3.Connection:
        monkeypatch.undo()
        monkeypatch.setattr(versions, "KEPT", 1)
        load(written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT), folder, at=AT)
        return opening(version)

    monkeypatch.setattr(reader, "_opened", late)
    assert structure(reader, CITY, ON) is not None
    assert [version.stamp for version in read_versions(folder)] == [SECOND_AT]


def test_versions_are_values(tmp_path: Path) -> None:
    version = load(full(tmp_path / "full.xml"), tmp_path / "versions", at=AT).version
    assert isinstance(version, Version)
    assert read_versions(tmp_path / "versions") == [version]
