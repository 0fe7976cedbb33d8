"""Loading: from a directory file to the version in force, or a refusal that leaves the old one.

Order    build beside, sync, rename into place, replace the list. A load that dies at any point leaves the old version
         in force, and doing it again gives the same.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from connectors.directory.f14 import F14, Heading, Read
from connectors.directory.refused import DirectoryGap, DirectoryRefused, DirectorySuperseded
from connectors.directory.register_files import register_files, take_registers
from connectors.directory.tables import DATABASE, LINES, TABLES, counts, created, taken, writable
from connectors.directory.versions import Version, damaged, loading, publish, read_versions
from connectors.durable_files import sync_folder
from data_contracts.errors import StoreUnavailable

FAULTS = "faults.jsonl"
REFUSED_FAULTS = "refused-faults.jsonl"
FAULTS_FREE = 1_000
FAULTS_SHARE_MAX = 0.01
"""Entries left out that still let a file pass. The national file of July 2025 had 63 in thirty million."""

SHRINK_MAX = 0.5
"""The least share of the structures or addresses in force that a full file may hold, unless it is accepted as it is."""

_PARIS = ZoneInfo("Europe/Paris")
_ADDRESSES = LINES.words

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Loaded:
    """`version` is in force. `new` is false when the file had been loaded before; `entries` and `strange` are what the
    file held by block, and names that the format does not know."""

    version: Version
    new: bool
    entries: dict[str, int] = field(default_factory=dict)
    strange: dict[str, int] = field(default_factory=dict)
    faults_file: str = ""


def load(
    source: Path,
    folder: Path,
    *,
    at: datetime,
    since: date | None = None,
    accept_shrinking: bool = False,
    progress: Progress = lambda done, total: None,
) -> Loaded:
    """Loads an F14 (`.xml`, `.xml.gz`), or a folder of registers, as the newest version of a directory folder.

    Shape    `since` is the first day that it holds for: by default that of its production, or of `at` for registers.
    Errors   DirectoryRefused, of which DirectoryGap; DirectoryBusy; ConfigurationError for a bad line of a register;
             StoreUnavailable; IntegrityBroken. In each case the old version stays in force.
    Cost     memory does not grow with the file. Disk: one more version, and `versions.KEPT` are kept.
    """
    try:
        with loading(folder) as building:
            versions = read_versions(folder)
            if source.is_dir():
                return _registers(source, folder, building, versions, at, since, progress)
            with opened_file(source) as (stream, raw):
                size = os.fstat(raw.fileno()).st_size
                return _f14(
                    stream, source, folder, building, versions, at, since, accept_shrinking,
                    lambda: progress(raw.tell(), size),
                )  # fmt: skip
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreUnavailable(
            "a version of the directory cannot be written", where=str(folder), value=str(error),
            remedy="check who may write there, and that the disk has room for one more version",
        ) from error  # fmt: skip
    except sqlite3.DatabaseError as error:
        raise damaged(folder, error) from error


@contextmanager
def opened_file(source: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The XML of a directory file, and the file that it is read from: `tell` of the latter says how far."""
    try:
        raw = source.open("rb")
    except OSError as error:
        raise DirectoryRefused(
            "a directory file cannot be read", where=str(source), value=str(error), remedy="correct its path"
        ) from error
    with raw:
        yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if source.suffix == ".gz" else raw, raw


def _f14(
    stream: BinaryIO, source: Path, folder: Path, building: Path, versions: Sequence[Version], at: datetime,
    since: date | None, accept_shrinking: bool, moved: Callable[[], None],
) -> Loaded:  # fmt: skip
    number = versions[-1].number + 1 if versions else 1
    file = F14(stream, source.name, number)
    heading = file.heading()
    before = versions[-1] if versions else None
    # A full file may say again, and heal, what a differential of the same hour said.
    healing = before is not None and heading.full and before.kind == "differential"
    if before is not None and before.stamp == heading.produced_at and not healing:
        return Loaded(before, new=False)
    _follows(heading, before, source)
    faults = building / FAULTS
    with closing(_opened(building, folder, before, full=heading.full)) as connection:
        read, fault_count = _taken_in(file, connection, faults, moved)
        rows = counts(connection)
    _check_faults(fault_count, sum(read.entries.values()), source, folder, faults)
    stamp = heading.produced_at
    version = Version(
        number=number,
        name=f"{number:06d}-{stamp}",
        kind="full" if heading.full else "differential",
        since=since or _day(stamp),
        stamp=stamp,
        source=source.name,
        loaded_at=at,
        counts=rows,
        faults=fault_count,
    )
    if heading.full and before is not None and not accept_shrinking:
        _check_size(version, before, source)
    _published(folder, building, version, versions)
    return Loaded(version, True, read.entries, read.strange, str(folder / version.name / FAULTS))


def _registers(
    source: Path, folder: Path, building: Path, versions: Sequence[Version], at: datetime, since: date | None,
    progress: Progress,
) -> Loaded:  # fmt: skip
    files = register_files(source)
    before = versions[-1] if versions else None
    number = before.number + 1 if before else 1
    total, done = sum(path.stat().st_size for path in files.values()), 0

    def moved(size: int) -> None:
        nonlocal done
        done += size
        progress(done, total)

    with closing(_opened(building, folder, before, full=False)) as connection:
        connection.execute("BEGIN")
        take_registers(connection, files, number, moved)
        connection.execute("COMMIT")
        rows = counts(connection)
    keeps_chain = before is not None and set(files) == {"receivers"}
    local = at.astimezone(_PARIS)
    version = Version(
        number=number,
        name=f"{number:06d}-{local:%Y%m%d%H%M%S}",
        kind="registers",
        since=since or local.date(),
        stamp=before.stamp if before is not None and keeps_chain else None,
        source=source.name,
        loaded_at=at,
        counts=rows,
    )
    _published(folder, building, version, versions)
    return Loaded(version, True)


def _follows(heading: Heading, before: Version | None, source: Path) -> None:
    """Nothing, if the file may come next."""
    stamp = before.stamp if before is not None else None
    if stamp is not None and heading.produced_at < stamp:
        raise DirectorySuperseded(
            "the file is older than the directory in force", where=source.name, value=heading.produced_at,
            remedy=f"nothing is to be done: the directory stands at {stamp}",
        )  # fmt: skip
    if not heading.full and heading.after != stamp:
        raise DirectoryGap(
            "a differential does not follow on the directory in force", where=source.name,
            value=f"it follows {heading.after}, in force is {stamp or 'no F14'}",
            remedy="load the differentials between them, in order, or the weekly full file",
        )  # fmt: skip


def _opened(building: Path, folder: Path, before: Version | None, *, full: bool) -> sqlite3.Connection:
    """The tables to load into: empty but for receivers where the file says all, else those in force."""
    path = building / DATABASE
    old = folder / before.name / DATABASE if before is not None else None
    if old is not None and not full:
        shutil.copyfile(old, path)
        return writable(path)
    connection = created(path)
    if old is not None:
        connection.execute("ATTACH ? AS old", (f"{old.absolute().as_uri()}?mode=ro&immutable=1",))
        connection.execute("INSERT INTO receiver SELECT * FROM old.receiver")
        connection.execute("DETACH old")
    return connection


def _taken_in(file: F14, connection: sqlite3.Connection, faults: Path, moved: Callable[[], None]) -> tuple[Read, int]:
    """What was read in all, without its rows, which are in the tables now; and how many entries were left out."""
    statements = {name: taken(table) for name, table in TABLES.items()}
    last, count = Read(), 0
    connection.execute("BEGIN")
    with faults.open("w", encoding="utf-8") as told:
        for read in file.chunks():
            for name, rows in read.rows.items():
                connection.executemany(statements[name], rows)
            for fault in read.faults:
                told.write(json.dumps(asdict(fault), ensure_ascii=False) + "\n")
            count += len(read.faults)
            last = read
            moved()
    connection.execute("COMMIT")
    return last, count


def _check_faults(faults: int, entries: int, source: Path, folder: Path, listed: Path) -> None:
    if faults <= max(FAULTS_FREE, FAULTS_SHARE_MAX * entries):
        return
    kept = folder / REFUSED_FAULTS
    listed.rename(kept)
    raise DirectoryRefused(
        f"{faults} of {entries} entries cannot be read", where=source.name, value=f"they are listed in {kept}",
        remedy="ask for the file again; if the format changed, a release of Relais must follow it",
    )  # fmt: skip


def _check_size(version: Version, before: Version, source: Path) -> None:
    for words in ("structures", _ADDRESSES):
        now, then = version.counts[words], before.counts[words]
        if now < SHRINK_MAX * then:
            raise DirectoryRefused(
                f"a full file has {now} {words}, where {then} are in force", where=source.name,
                remedy="ask for the file again; if it is right, load it with --accept-shrinking",
            )  # fmt: skip


def _published(folder: Path, building: Path, version: Version, before: Sequence[Version]) -> None:
    for path in sorted(building.iterdir()):
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    sync_folder(building)
    publish(folder, building, version, before)


def _day(stamp: str) -> date:
    try:
        return date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]))
    except ValueError as error:
        raise DirectoryRefused(
            "the day of production is no day", value=stamp, remedy="ask for the file again"
        ) from error
