"""The tables of one version of the directory: SQLite, sorted by what they are asked by.

A row costs its bytes on disk and no object until it is asked for. Days are integers, 20261122 for the 22nd of November
2026; SIREN and SIRET are integers too. `instance` is the number of the publication (IdInstance), `loaded` that of the
version that brought it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DATABASE = "directory.db"
CACHE_KIBIBYTES = 128 * 1024
PAGE_BYTES = 8_192
MAPPED_BYTES = 1 << 40

ENGAGEMENT, SERVICE, EITHER, WORKS, WORKS_ONLY, PAYMENT = 1, 2, 4, 8, 16, 32
"""Bits of `demands` (annex 3, DG-4-13): engagement, service, one of both; the body takes works invoices, takes only
those; it tells payment."""

COMMITMENT = 64
"""A bit of `demands` that is ours: commitments quoted must stand. Only registers say it."""

Row = tuple[int | str | None, ...]


@dataclass(frozen=True)
class Table:
    """A table with its key; `words` name its rows in reports. `versioned`: a later instance replaces an earlier one."""

    name: str
    words: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    versioned: bool = True

    @property
    def every(self) -> tuple[str, ...]:
        return (*self.columns, "instance", "loaded") if self.versioned else self.columns


UNITS = Table("unit", "units", ("siren",), ("siren", "name", "public", "active", "diffusion"))
ESTABLISHMENTS = Table(
    "establishment", "structures", ("siret",), ("siret", "name", "public", "active", "demands", "diffusion")
)
SERVICES = Table(
    "service",
    "services",
    ("siret", "code", "scheme"),
    ("siret", "code", "scheme", "name", "active", "engagement", "valid_from", "valid_to"),
)
PLATFORMS = Table(
    "platform", "platforms", ("matricule",), ("matricule", "kind", "name", "active", "valid_from", "valid_to")
)
LINES = Table(
    "line",
    "addresses",
    ("address", "valid_from", "instance"),
    ("address", "valid_from", "masked", "valid_to", "effective_to", "platform", "siret", "code"),
)
RECEIVERS = Table("receiver", "receivers", ("siret",), ("siret", "partner"), versioned=False)

TABLES = {table.name: table for table in (UNITS, ESTABLISHMENTS, SERVICES, PLATFORMS, LINES, RECEIVERS)}

_WHOLE = {"siren", "siret", "public", "active", "demands", "engagement", "valid_from", "valid_to", "masked",
          "effective_to", "instance", "loaded"}  # fmt: skip


def created(path: Path) -> sqlite3.Connection:
    """A new, empty version, open for loading."""
    connection = writable(path)
    for table in TABLES.values():
        columns = ", ".join(f"{name} {'INTEGER' if name in _WHOLE else 'TEXT'}" for name in table.every)
        # A table keyed by one number is its own index; the others are sorted by their key and nothing else.
        by_number = table.key in {("siren",), ("siret",)}
        key = f"PRIMARY KEY ({', '.join(table.key)})"
        connection.execute(f"CREATE TABLE {table.name} ({columns}, {key}) {'' if by_number else 'WITHOUT ROWID'}")
    return connection


def writable(path: Path) -> sqlite3.Connection:
    """A version that nobody reads yet, open for loading: fast, since what a crash leaves of it is thrown away."""
    connection = sqlite3.connect(path.absolute().as_uri(), uri=True, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    connection.execute("PRAGMA temp_store = FILE")
    return connection


def readable(path: Path) -> sqlite3.Connection:
    """A version in force, mapped into memory. It never changes again, so no lock is taken."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    # SQLite opens a file when it is first asked: a version that is gone must be told now.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return connection


def taken(table: Table) -> str:
    """The statement that takes in a row as published: later instances replace earlier ones, earlier ones are passed.

    The same instance comes again under other motives: with new data in a later flow, and within one flow with that
    which has lost effect, which counts. A line is another row for each instance.
    """
    marks = ", ".join("?" * len(table.every))
    names = [name for name in table.every if name not in table.key]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    order = ""
    if "instance" not in table.key and table.versioned:
        own = table.name
        order = (
            f" WHERE excluded.instance > {own}.instance OR (excluded.instance = {own}.instance"
            f" AND (excluded.loaded > {own}.loaded OR excluded.active < {own}.active))"
        )
    keys = ", ".join(table.key)
    return (
        f"INSERT INTO {table.name} ({', '.join(table.every)}) VALUES ({marks})"
        f" ON CONFLICT ({keys}) DO UPDATE SET {sets}{order}"
    )


def added(table: Table) -> str:
    """The statement that adds a row, which must not be there."""
    return f"INSERT INTO {table.name} ({', '.join(table.every)}) VALUES ({', '.join('?' * len(table.every))})"


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows by what they are."""
    return {
        table.words: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in TABLES.values()
    }


def number_of(day: date | None) -> int | None:
    """A day as the tables hold it."""
    return None if day is None else day.year * 10_000 + day.month * 100 + day.day


def day_of(number: int | None) -> date | None:
    """A day of the tables."""
    return None if number is None else date(number // 10_000, number // 100 % 100, number % 100)
