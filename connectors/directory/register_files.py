"""Registers of one's own: a folder of CSV or Parquet files, each one table of the directory.

`structures` with `services`, `addresses` and `receivers`, each as `.csv` or `.parquet`. A folder replaces the tables
that it holds and leaves the others: `receivers` alone says who is connected beside a directory that came as F14.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from connectors.directory.refused import DirectoryRefused
from connectors.directory.tables import (
    COMMITMENT,
    EITHER,
    ENGAGEMENT,
    ESTABLISHMENTS,
    LINES,
    RECEIVERS,
    SERVICE,
    SERVICES,
    Row,
    added,
    number_of,
)
from connectors.register_rows import RegisterRow, as_application_code, as_siret, register_rows
from connectors.registers import (
    ADDRESSES_COLUMNS,
    SERVICES_COLUMNS,
    STRUCTURES_COLUMNS,
    STRUCTURES_OPTIONAL,
    address_of,
    service_of,
    structure_of,
)

RECEIVERS_COLUMNS = ("siret", "partner_code")
NAMES = ("structures", "services", "addresses", "receivers")
SUFFIXES = (".csv", ".parquet")
SERVICE_SCHEME = "0224"

_ADD_ESTABLISHMENT, _ADD_SERVICE, _ADD_LINE = added(ESTABLISHMENTS), added(SERVICES), added(LINES)
_ADD_RECEIVER = added(RECEIVERS)


def register_files(folder: Path) -> dict[str, Path]:
    """The registers of a folder, by name.

    Errors   DirectoryRefused when there is none, one is there twice, or structures and services are not together.
    """
    found = {
        name: [folder / f"{name}{suffix}" for suffix in SUFFIXES if (folder / f"{name}{suffix}").is_file()]
        for name in NAMES
    }
    files = {name: paths[0] for name, paths in found.items() if paths}
    twice = [name for name, paths in found.items() if len(paths) > 1]
    if not files or twice or ("structures" in files) != ("services" in files):
        what = "a register is there twice" if twice else "the folder does not hold the registers of a directory"
        raise DirectoryRefused(
            what, where=str(folder), value=", ".join(twice or sorted(files)),
            remedy="put structures and services there together, or addresses, or receivers, each as .csv or .parquet",
        )  # fmt: skip
    return files


def take_registers(
    connection: sqlite3.Connection, files: dict[str, Path], loaded: int, moved: Callable[[int], None]
) -> None:
    """Nothing; the tables that the files hold are theirs alone. `moved` hears the bytes of each file that is read.

    Errors   ConfigurationError naming file, line and column.
    """
    if "structures" in files:
        for table in ("unit", "establishment", "service", "receiver"):
            connection.execute(f"DELETE FROM {table}")
        _structures(connection, files["structures"], loaded)
        moved(files["structures"].stat().st_size)
        _each(connection, _ADD_SERVICE, _services(connection, files["services"], loaded), "code")
        moved(files["services"].stat().st_size)
    if "addresses" in files:
        connection.execute("DELETE FROM line")
        _each(connection, _ADD_LINE, _lines(files["addresses"], loaded), "valid_from")
        moved(files["addresses"].stat().st_size)
    if "receivers" in files:
        connection.execute("DELETE FROM receiver")
        _each(connection, _ADD_RECEIVER, _receivers(files["receivers"]), "siret")
        moved(files["receivers"].stat().st_size)


def _structures(connection: sqlite3.Connection, path: Path, loaded: int) -> None:
    receivers: list[Row] = []

    def rows() -> Iterator[tuple[RegisterRow, Row]]:
        for row in register_rows(path, STRUCTURES_COLUMNS, STRUCTURES_OPTIONAL):
            one = structure_of(row)
            demands = ENGAGEMENT * one.engagement_required + SERVICE * one.service_required
            demands += EITHER * one.service_or_engagement_required + COMMITMENT * one.commitment_required
            if one.partner_code:
                receivers.append((int(one.siret), one.partner_code))
            yield row, (int(one.siret), one.name, 1, int(one.active), demands, "", 0, loaded)

    _each(connection, _ADD_ESTABLISHMENT, rows(), "siret")
    connection.executemany(_ADD_RECEIVER, receivers)


def _services(connection: sqlite3.Connection, path: Path, loaded: int) -> Iterator[tuple[RegisterRow, Row]]:
    def known(text: str) -> int:
        siret = int(as_siret(text))
        if connection.execute("SELECT 1 FROM establishment WHERE siret = ?", (siret,)).fetchone() is None:
            raise ValueError("a SIRET of the structures")
        return siret

    for row in register_rows(path, SERVICES_COLUMNS):
        siret, one = row.take("siret", known), service_of(row)
        days = number_of(one.valid_from), number_of(one.valid_to)
        flags = int(one.active), int(one.engagement_required)
        yield row, (siret, one.code, SERVICE_SCHEME, one.name, *flags, *days, 0, loaded)


def _lines(path: Path, loaded: int) -> Iterator[tuple[RegisterRow, Row]]:
    for row in register_rows(path, ADDRESSES_COLUMNS):
        one = address_of(row)
        siret = None if one.siret is None else int(one.siret)
        first, last = number_of(one.valid_from), number_of(one.valid_to)
        yield row, (one.address, first, 0, last, None, one.platform, siret, one.service_code, 0, loaded)


def _receivers(path: Path) -> Iterator[tuple[RegisterRow, Row]]:
    for row in register_rows(path, RECEIVERS_COLUMNS):
        yield row, (int(row.take("siret", as_siret)), row.take("partner_code", as_application_code))


def _each(connection: sqlite3.Connection, statement: str, rows: Iterator[tuple[RegisterRow, Row]], key: str) -> None:
    for row, values in rows:
        try:
            connection.execute(statement, values)
        except sqlite3.IntegrityError:
            row.once(True, key)
