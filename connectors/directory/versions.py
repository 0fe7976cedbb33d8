"""Versions of the directory: which there are, which holds on which day, and how a new one comes into force.

A version is a folder that never changes. `current.json` lists them; it is replaced by renaming, so a reader sees the
old list or the new one, and a loader that dies leaves the old one.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

from connectors.directory.refused import DirectoryBusy
from connectors.durable_files import make_folder, sync_folder
from data_contracts.errors import ConfigurationError, IntegrityBroken

POINTER = "current.json"
LOCK = "loading.lock"
BUILDING = "building"
FORMAT = 1
KEPT = 9
"""Versions kept: two weekly full ones and the differentials between them, so that a flow settled a week late is routed
as of its deposit date."""


@dataclass(frozen=True)
class Version:
    """`since` is the first day it holds for; `stamp` the HorodateProduction it stands at, None without F14."""

    number: int
    name: str
    kind: str
    since: date
    stamp: str | None
    source: str
    loaded_at: datetime
    counts: dict[str, int] = field(default_factory=dict)
    faults: int = 0


def read_versions(folder: Path) -> list[Version]:
    """The versions of a folder, oldest first; none if nothing was ever loaded.

    Errors   IntegrityBroken when the list cannot be read.
    """
    path = folder / POINTER
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise IntegrityBroken(
            "the list of directory versions cannot be read", where=str(path), value=str(error),
            remedy="restore it, or remove it and load the directory again",
        ) from error  # fmt: skip
    if content.get("format") != FORMAT:
        raise IntegrityBroken(
            "the list of directory versions has another format", where=str(path), value=str(content.get("format")),
            remedy="use the release of Relais that wrote it, or load the directory again",
        )  # fmt: skip
    return [
        Version(**(row | {"since": date.fromisoformat(row["since"]), "loaded_at": _moment(row["loaded_at"])}))
        for row in content["versions"]
    ]


def version_on(versions: Sequence[Version], on: date) -> Version | None:
    """The version that holds on a day: the last that began by then, else the oldest there is."""
    begun = [version for version in versions if version.since <= on]
    return begun[-1] if begun else next(iter(versions), None)


def named(versions: Sequence[Version], name: str) -> Version:
    """A version by name or number; `current` and `previous` are the last two.

    Errors   ConfigurationError naming those there are.
    """
    last = {"current": -1, "previous": -2}.get(name)
    if last is not None and len(versions) >= -last:
        return versions[last]
    for version in versions:
        if name in {version.name, str(version.number)}:
            return version
    there = ", ".join(version.name for version in versions) or "none: load a directory file"
    raise ConfigurationError("no such version of the directory", value=name, remedy=f"there are {there}")


def damaged(folder: Path, error: Exception) -> IntegrityBroken:
    """What is told when tables that never change cannot be read any more."""
    return IntegrityBroken(
        "a version of the directory cannot be read", where=str(folder), value=str(error),
        remedy=f"restore its folder; or remove {POINTER}, then load the weekly full file, registers, receivers again",
    )  # fmt: skip


@contextmanager
def loading(folder: Path) -> Iterator[Path]:
    """An empty folder to build the next version in; what an interrupted load left there is gone.

    Errors   DirectoryBusy when another process is loading.
    """
    make_folder(folder)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DirectoryBusy(
                "the directory is being loaded", where=str(folder), remedy="wait until that load has ended"
            ) from error
        building = folder / BUILDING
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)


def publish(folder: Path, building: Path, version: Version, before: Sequence[Version]) -> None:
    """Nothing; the version built is in force. Call it within `loading`, with everything in `building` synced."""
    place = folder / version.name
    # A load that died after this rename and before the next left the same version, which nobody was told of.
    shutil.rmtree(place, ignore_errors=True)
    building.rename(place)
    sync_folder(folder)
    kept = [*before, version][-KEPT:]
    _point(folder, kept)
    _prune(folder, kept)


def _point(folder: Path, versions: Sequence[Version]) -> None:
    rows = [
        asdict(version) | {"since": version.since.isoformat(), "loaded_at": version.loaded_at.isoformat()}
        for version in versions
    ]
    aside = folder / f"{POINTER}.new"
    with aside.open("w", encoding="utf-8") as stream:
        json.dump({"format": FORMAT, "versions": rows}, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    aside.rename(folder / POINTER)
    sync_folder(folder)


def _prune(folder: Path, kept: Sequence[Version]) -> None:
    """Removes folders that the list no longer names. Who reads one of them still holds its open file."""
    names = {version.name for version in kept} | {BUILDING}
    for place in folder.iterdir():
        if place.is_dir() and place.name not in names:
            shutil.rmtree(place, ignore_errors=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
