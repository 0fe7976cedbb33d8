"""A load that is killed, a disk that is full, versions that change under their readers: one version is seen, whole."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connectors.directory import versions
from connectors.directory.loading import load
from connectors.directory.reading import LoadedDirectory
from connectors.directory.tables import DATABASE
from connectors.directory.versions import POINTER, Version, read_versions
from connectors.registers import write_directory
from data_contracts.directory import Structure
from data_contracts.errors import IntegrityBroken, StoreUnavailable
from tests.asked_directory import structure
from tests.connectors.f14_files import AT, CITY, FULL_AT, ON, SECOND_AT, establishment, full, written

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
