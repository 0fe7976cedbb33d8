"""What a directory of national size costs: loading an F14, following it with a differential, asking it."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from connectors.directory.loading import load
from connectors.directory.reading import LoadedDirectory
from connectors.directory.tables import DATABASE
from relais.bench.directory_file import PUBLIC_EVERY, siren_of, siret_of, write_differential, write_full

METHOD = (
    "CPU time of one process. The file is made up: units, establishments and lines in equal number, one body in fifty "
    "public with three services. Memory is the most this process ever held. A look-up asks so many distinct addresses, "
    "or structures with their services, at once; the best of three."
)
AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
ON = date(2026, 11, 22)
CHANGED = 20_000
BATCHES = (1, 100, 10_000)
ONE_BY_ONE = 1_000
ROUNDS = 3


@dataclass(frozen=True)
class LoadFigures:
    """One load. `peak_bytes` is the most memory that the process ever held by then."""

    kind: str
    entries: int
    file_bytes: int
    version_bytes: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class LookupFigures:
    """Look-ups of one kind, so many at once."""

    kind: str
    at_once: int
    microseconds: float


@dataclass(frozen=True)
class DirectoryFigures:
    lines: int
    loads: tuple[LoadFigures, ...]
    lookups: tuple[LookupFigures, ...]


def directory_figures(folder: Path, lines: int, seed: int, moved: Callable[[int, int], None]) -> DirectoryFigures:
    """What loading and asking a directory of so many lines costs, in a folder that may be thrown away."""
    full, changes, versions = folder / "full.xml", folder / "differential.xml", folder / "versions"
    write_full(full, lines)
    write_differential(changes, lines, CHANGED)
    loads = tuple(_loaded(kind, path, versions, moved) for kind, path in (("full", full), ("differential", changes)))
    source, draw = LoadedDirectory(versions), random.Random(seed)
    lookups = []
    for at_once in BATCHES:
        numbers, bodies = (
            draw.sample(each, min(len(each), max(at_once, ONE_BY_ONE)))
            for each in (range(lines), range(0, lines, PUBLIC_EVERY))
        )
        addresses = [f"{siren_of(number)}_{siret_of(number)}" for number in numbers]
        sirets = [siret_of(number) for number in bodies]
        asked = lambda part: source.known(ON, addresses=part)  # noqa: E731
        named = lambda part: source.known(ON, sirets=part)  # noqa: E731
        lookups.append(LookupFigures("address", at_once, _best(asked, addresses, at_once)))
        lookups.append(LookupFigures("structure", at_once, _best(named, sirets, at_once)))
    return DirectoryFigures(lines, loads, tuple(sorted(lookups, key=lambda one: (one.kind, one.at_once))))


def _loaded(kind: str, path: Path, versions: Path, moved: Callable[[int, int], None]) -> LoadFigures:
    wall, cpu = time.perf_counter(), time.process_time()
    done = load(path, versions, at=AT, progress=moved)
    return LoadFigures(
        kind,
        sum(done.entries.values()),
        path.stat().st_size,
        (versions / done.version.name / DATABASE).stat().st_size,
        time.process_time() - cpu,
        time.perf_counter() - wall,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _best(ask: Callable[[list[str]], object], keys: list[str], at_once: int) -> float:
    """Microseconds a key."""
    parts = [keys[at : at + at_once] for at in range(0, len(keys), at_once)]
    found = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for part in parts:
            ask(part)
        found.append((time.process_time() - begun) / len(keys) * 1e6)
    return min(found)


def directory_tables(figures: DirectoryFigures) -> list[Table]:
    """The figures, shown."""
    loads = Table(title=f"A directory of {figures.lines:,} lines", box=SIMPLE_HEAD, title_justify="left")
    for name in ("load", "entries", "file MB", "version MB", "CPU s", "wall s", "MB/CPU s", "entries/CPU s", "peak MB"):
        loads.add_column(name, justify="left" if name == "load" else "right")
    for one in figures.loads:
        numbers = (
            one.entries, one.file_bytes / 1e6, one.version_bytes / 1e6, one.cpu_seconds, one.wall_seconds,
            one.file_bytes / 1e6 / one.cpu_seconds, one.entries / one.cpu_seconds, one.peak_bytes / 1e6,
        )  # fmt: skip
        loads.add_row(one.kind, *(f"{number:,.0f}" if number >= 10 else f"{number:.1f}" for number in numbers))
    lookups = Table(title="Look-ups", box=SIMPLE_HEAD, title_justify="left")
    for name in ("of", "at once", "µs each"):
        lookups.add_column(name, justify="left" if name == "of" else "right")
    for row in figures.lookups:
        lookups.add_row(row.kind, f"{row.at_once:,}", f"{row.microseconds:.1f}")
    return [loads, lookups]


def directory_json(figures: DirectoryFigures) -> dict[str, Any]:
    """The same as data."""
    return {"method": METHOD} | asdict(figures)
