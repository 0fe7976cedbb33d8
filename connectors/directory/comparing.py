"""What differs between two versions: added, removed, changed, table by table.

Both versions are read once, in the order of their keys, side by side: memory does not grow with them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from connectors.directory.tables import (
    DATABASE,
    ESTABLISHMENTS,
    LINES,
    PLATFORMS,
    SERVICES,
    UNITS,
    Table,
    day_of,
    readable,
)
from connectors.directory.versions import Version

COMPARED = (UNITS, ESTABLISHMENTS, SERVICES, LINES, PLATFORMS)
_UNCOMPARED = {"instance", "loaded"}
_PADDED = {"siren": 9, "siret": 14}
_DAYS = {"valid_from", "valid_to", "effective_to"}
_FLAGS = {"public", "active", "engagement", "masked"}

Key = tuple[int | str, ...]
Stored = dict[str, int | str | None]
Values = dict[str, int | str | bool | None]


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One row that differs: its key, and what differs before and after, None where nothing is. Days are written
    2026-11-22, SIREN and SIRET with all their digits."""

    table: str
    kind: Kind
    key: tuple[str, ...]
    before: Values | None
    after: Values | None


def changes(folder: Path, old: Version, new: Version) -> Iterator[Change]:
    """Every row that differs, table by table, in the order of keys.

    Shape    of the lines of one address and first day, the last published counts; one that masks is no line.
    """
    first, second = (readable(folder / version.name / DATABASE) for version in (old, new))
    try:
        for table in COMPARED:
            yield from _side_by_side(table, _rows(first, table), _rows(second, table))
    finally:
        first.close()
        second.close()


def _side_by_side(
    table: Table, old: Iterator[tuple[Key, Stored]], new: Iterator[tuple[Key, Stored]]
) -> Iterator[Change]:
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None, "one side has a row"
            yield Change(table.words, Kind.REMOVED, _said(table, left[0]), _values(left[1]), None)
            left = next(old, None)
        elif left is None or right[0] < left[0]:
            yield Change(table.words, Kind.ADDED, _said(table, right[0]), None, _values(right[1]))
            right = next(new, None)
        else:
            differing = [name for name, value in left[1].items() if value != right[1][name]]
            if differing:
                before, after = (_values({name: side[1][name] for name in differing}) for side in (left, right))
                yield Change(table.words, Kind.CHANGED, _said(table, left[0]), before, after)
            left, right = next(old, None), next(new, None)


def _rows(connection: sqlite3.Connection, table: Table) -> Iterator[tuple[Key, Stored]]:
    names = [name for name in table.columns if name not in _keys(table)]
    order = ", ".join(table.key)
    found = connection.execute(f"SELECT {', '.join((*_keys(table), *names))} FROM {table.name} ORDER BY {order}")
    width = len(_keys(table))
    rows = ((row[:width], dict(zip(names, row[width:], strict=True))) for row in found)
    return _last_lines(rows) if table is LINES else rows


def _keys(table: Table) -> tuple[str, ...]:
    return tuple(name for name in table.key if name not in _UNCOMPARED)


def _last_lines(rows: Iterator[tuple[Key, Stored]]) -> Iterator[tuple[Key, Stored]]:
    held: tuple[Key, Stored] | None = None
    for row in rows:
        if held is not None and held[0] != row[0] and not held[1]["masked"]:
            yield held
        held = row
    if held is not None and not held[1]["masked"]:
        yield held


def _said(table: Table, key: Key) -> tuple[str, ...]:
    return tuple(str(_told(name, part)) for name, part in zip(_keys(table), key, strict=True))


def _values(stored: Stored) -> Values:
    return {name: _told(name, value) for name, value in stored.items()}


def _told(name: str, value: int | str | None) -> int | str | bool | None:
    if value is None:
        return None
    if name in _PADDED:
        return str(value).zfill(_PADDED[name])
    if name in _DAYS:
        day = day_of(int(value))
        return None if day is None else day.isoformat()
    return bool(value) if name in _FLAGS else value
