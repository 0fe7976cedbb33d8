"""The directory in force, read from disk: what routing asks, for many keys at once, as of a day."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Collection, Iterable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from connectors.directory.tables import COMMITMENT, DATABASE, EITHER, ENGAGEMENT, SERVICE, day_of, readable
from connectors.directory.versions import POINTER, Version, damaged, read_versions, version_on
from data_contracts.directory import AddressLine, Directory, Service, Structure

OPEN_MAX = 2
"""Versions that a thread holds open: those of yesterday and today, around midnight."""

_STRUCTURES = """
SELECT e.siret, e.name, e.active AND coalesce(u.active, 1), coalesce(e.demands, 0), coalesce(r.partner, '')
FROM json_each(?) AS asked CROSS JOIN establishment AS e ON e.siret = asked.value
LEFT JOIN unit AS u ON u.siren = e.siret / 100000 LEFT JOIN receiver AS r ON r.siret = e.siret
WHERE coalesce(e.public, u.public, e.demands IS NOT NULL)
"""
_SERVICES = """
SELECT s.siret, s.code, s.name, s.active, s.engagement, s.valid_from, s.valid_to
FROM json_each(?) AS asked CROSS JOIN service AS s ON s.siret = asked.value ORDER BY s.siret, s.scheme = '0224', s.code
"""
_LINES = """
SELECT l.address, l.instance, l.valid_from, coalesce(l.valid_to, l.effective_to), l.masked, l.platform, l.siret, l.code
FROM json_each(?) AS asked CROSS JOIN line AS l ON l.address = asked.value
"""
_UNDER = """
SELECT address, instance, valid_from, coalesce(valid_to, effective_to), masked, platform, siret, code
FROM line WHERE address >= ? AND address < ? ORDER BY address, valid_from, instance LIMIT ?
"""
_REFUSING = """
SELECT 1 FROM unit WHERE siren = ? AND diffusion = 'M'
UNION ALL SELECT 1 FROM establishment WHERE siret = ? AND diffusion = 'M'
"""
_PRIVATE = """
SELECT e.name FROM establishment AS e LEFT JOIN unit AS u ON u.siren = e.siret / 100000
WHERE e.siret = ? AND NOT coalesce(e.public, u.public, e.demands IS NOT NULL)
"""
_UNITS = """
SELECT asked.value FROM json_each(?) AS asked
WHERE EXISTS (SELECT 1 FROM unit WHERE siren = asked.value AND public AND active) OR EXISTS (
  SELECT 1 FROM establishment WHERE siret BETWEEN asked.value * 100000 AND asked.value * 100000 + 99999
  AND public AND active)
"""


class LoadedDirectory:
    """The versions of a folder as a source of `Directory` values. Threads and forked processes may share it.

    A version that is replaced while it is read stays readable; the next question goes to the new one.
    """

    def __init__(self, folder: Path, *, open_to_all: bool = False) -> None:
        self._folder = folder
        self._open_to_all = open_to_all
        self._held = threading.local()
        self._listed: tuple[tuple[int, int, int], list[Version]] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Sent to another process it is opened anew there."""
        return partial(LoadedDirectory, self._folder, open_to_all=self._open_to_all), ()

    @property
    def open_to_all(self) -> bool:
        return self._open_to_all

    def known(
        self,
        on: date,
        *,
        sirets: Collection[str] = (),
        sirens: Collection[str] = (),
        addresses: Collection[str] = (),
    ) -> Directory:
        """What the version of that day says of these keys. Keys that are no SIRET or SIREN are known of nobody.

        Errors   IntegrityBroken when the version cannot be read.
        Cost     a few microseconds a key, in one query each for structures, services, units and lines.
        """
        try:
            return self._known(on, sirets, sirens, addresses)
        except sqlite3.DatabaseError as error:
            raise damaged(self._folder, error) from error

    def _known(
        self, on: date, sirets: Collection[str], sirens: Collection[str], addresses: Collection[str]
    ) -> Directory:
        version, connection = self._on(on)
        if version is None or connection is None:
            return Directory({}, self._open_to_all)
        lines = _lines(connection, addresses)
        asked = {int(text) for text in sirets if _digits(text, 14)}
        asked.update(int(line.siret) for each in lines.values() for line in each if line.siret is not None)
        units = sorted({int(text) for text in sirens if _digits(text, 9)})
        public = connection.execute(_UNITS, (json.dumps(units),)).fetchall() if units else []
        return Directory(
            _structures(connection, sorted(asked)),
            self._open_to_all,
            lines,
            addressed=version.counts.get("addresses", 0) > 0,
            public_units=frozenset(f"{siren:09d}" for (siren,) in public),
        )

    def version(self, on: date) -> Version | None:
        """The version that holds on a day; None if nothing was loaded."""
        return version_on(self._versions(), on)

    def private(self, siret: int, on: date) -> str | None:
        """The name of an establishment that is no public body; None if it is one, or unknown."""
        connection = self._on(on)[1]
        row = connection.execute(_PRIVATE, (siret,)).fetchone() if connection is not None else None
        return None if row is None else str(row[0])

    def refuses_prospecting(self, siren: int, siret: int | None, on: date) -> bool:
        """Whether a unit or its establishment refuses that its data serve commercial ends (annex 3, DT-3-6)."""
        connection = self._on(on)[1]
        return connection is not None and connection.execute(_REFUSING, (siren, siret)).fetchone() is not None

    def lines_under(self, start: str, on: date, most: int) -> list[AddressLine]:
        """Lines whose address begins so, for a person who looks around: routing asks for whole addresses."""
        connection = self._on(on)[1]
        if connection is None:
            return []
        return [address_line_of(row) for row in connection.execute(_UNDER, (start, start + "\x7f", most))]

    def connection(self, on: date) -> sqlite3.Connection | None:
        """The tables of the version of a day, to read; None if nothing was loaded."""
        return self._on(on)[1]

    def _versions(self) -> list[Version]:
        """The list, read again when it was replaced: a new list is a new file."""
        try:
            state = (self._folder / POINTER).stat()
        except FileNotFoundError:
            return []
        seen = (state.st_ino, state.st_mtime_ns, state.st_size)
        if self._listed is None or self._listed[0] != seen:
            self._listed = seen, read_versions(self._folder)
        return self._listed[1]

    def _on(self, on: date) -> tuple[Version | None, sqlite3.Connection | None]:
        # A version may be pruned between the list and its opening: the list then names another.
        for attempt in (1, 2, 3):
            version = self.version(on)
            if version is None:
                return None, None
            try:
                return version, self._opened(version)
            except sqlite3.OperationalError:
                if attempt == 3 or (self._folder / version.name / DATABASE).exists():
                    raise
                self._listed = None
        raise AssertionError("the last attempt returns or raises")

    def _opened(self, version: Version) -> sqlite3.Connection:
        # A connection belongs to the process and thread that opened it.
        held: dict[str, sqlite3.Connection] | None = getattr(self._held, "connections", None)
        if held is None or self._held.process != os.getpid():
            held = self._held.connections = {}
            self._held.process = os.getpid()
        if version.name not in held:
            while len(held) >= OPEN_MAX:
                held.pop(next(iter(held))).close()
            held[version.name] = readable(self._folder / version.name / DATABASE)
        return held[version.name]


def _structures(connection: sqlite3.Connection, sirets: Collection[int]) -> dict[str, Structure]:
    if not sirets:
        return {}
    asked = json.dumps(list(sirets))
    services: dict[int, dict[str, Service]] = {}
    for siret, code, name, active, engagement, first, last in connection.execute(_SERVICES, (asked,)):
        # A routing code of another scheme may bear the same name: that of Chorus Pro comes last, and counts.
        made = Service(code, name, bool(active), bool(engagement), day_of(first), day_of(last))
        services.setdefault(siret, {})[code] = made
    return {
        f"{siret:014d}": Structure(
            siret=f"{siret:014d}",
            name=name,
            active=bool(active),
            service_required=bool(demands & SERVICE),
            engagement_required=bool(demands & ENGAGEMENT),
            service_or_engagement_required=bool(demands & EITHER),
            partner_code=partner,
            services=services.get(siret, {}),
            commitment_required=bool(demands & COMMITMENT),
        )
        for siret, name, active, demands, partner in connection.execute(_STRUCTURES, (asked,))
    }


def _lines(connection: sqlite3.Connection, addresses: Collection[str]) -> dict[str, tuple[AddressLine, ...]]:
    if not addresses:
        return {}
    found: dict[str, list[AddressLine]] = {}
    for row in connection.execute(_LINES, (json.dumps(list(addresses)),)):
        line = address_line_of(row)
        found.setdefault(line.address, []).append(line)
    return {address: tuple(each) for address, each in found.items()}


def address_line_of(row: Iterable[Any]) -> AddressLine:
    """The line of a row of address, instance, first day, last day, masked, platform, SIRET, code."""
    address, instance, first, last, masked, platform, siret, code = row
    begins = day_of(first)
    assert begins is not None, "a line begins on a day"
    known = None if siret is None else f"{siret:014d}"
    return AddressLine(address, instance, begins, day_of(last), bool(masked), platform, known, code)


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
