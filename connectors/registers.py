"""Registers: the tables of partners and of public structures, as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from data_contracts.directory import Directory, Service, Structure
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import CATALOGUE, Direction
from data_contracts.partners import APPLICATION_CODE, Partner, Partners

PARTNERS_COLUMNS = ("code", "name", "interfaces", "active", "weight")
STRUCTURES_COLUMNS = (
    "siret", "name", "active", "service_required", "engagement_required", "service_or_engagement_required",
    "partner_code",
)  # fmt: skip
SERVICES_COLUMNS = ("siret", "code", "name", "active", "engagement_required", "valid_from", "valid_to")

_FLAGS = {"true": True, "false": False}
_SIRET_DIGITS = 14
_Made = TypeVar("_Made")


def read_partners(path: Path) -> Partners:
    """The partners of a CSV file, with the columns of PARTNERS_COLUMNS; interfaces are separated by spaces.

    Errors   ConfigurationError naming file, line and column.
    """
    rows: dict[str, Partner] = {}
    for row in _rows(path, PARTNERS_COLUMNS):
        partner = Partner(
            code=row.take("code", _application_code),
            name=row.take("name", _text),
            interfaces=row.take("interfaces", _interfaces),
            active=row.take("active", _flag),
            weight=row.take("weight", _weight),
        )
        row.once(partner.code in rows, "code")
        rows[partner.code] = partner
    return Partners(rows)


def read_directory(folder: Path) -> Directory:
    """The directory of a folder with structures.csv and services.csv.

    Errors   ConfigurationError naming file, line and column.
    """
    structures: dict[str, Structure] = {}
    for row in _rows(folder / "structures.csv", STRUCTURES_COLUMNS):
        structure = Structure(
            siret=row.take("siret", _siret),
            name=row.take("name", _text),
            active=row.take("active", _flag),
            service_required=row.take("service_required", _flag),
            engagement_required=row.take("engagement_required", _flag),
            service_or_engagement_required=row.take("service_or_engagement_required", _flag),
            partner_code=row.take("partner_code", lambda text: _application_code(text) if text else ""),
        )
        row.once(structure.siret in structures, "siret")
        structures[structure.siret] = structure
    services: dict[str, dict[str, Service]] = {siret: {} for siret in structures}
    for row in _rows(folder / "services.csv", SERVICES_COLUMNS):
        siret = row.take("siret", lambda text: _member(text, structures, "a SIRET of structures.csv"))
        service = Service(
            code=row.take("code", _text),
            name=row.take("name", str),
            active=row.take("active", _flag),
            engagement_required=row.take("engagement_required", _flag),
            valid_from=row.take("valid_from", _day),
            valid_to=row.take("valid_to", _day),
        )
        row.once(service.code in services[siret], "code")
        services[siret][service.code] = service
    return Directory({siret: replace(structures[siret], services=services[siret]) for siret in structures})


def write_partners(path: Path, rows: Iterable[Partner]) -> None:
    """Nothing; the file holds the partners, sorted by code, as `read_partners` reads them."""
    ordered = sorted(rows, key=lambda partner: partner.code)
    _write(
        path,
        PARTNERS_COLUMNS,
        ((row.code, row.name, " ".join(sorted(row.interfaces)), _said(row.active), row.weight) for row in ordered),
    )


def write_directory(folder: Path, structures: Iterable[Structure]) -> None:
    """Nothing; the folder holds structures.csv and services.csv, sorted, as `read_directory` reads them."""
    ordered = sorted(structures, key=lambda structure: structure.siret)
    _write(folder / "structures.csv", STRUCTURES_COLUMNS, (_structure_cells(row) for row in ordered))
    services = (
        _service_cells(row.siret, row.services[code]) for row in ordered for code in sorted(row.services)
    )  # fmt: skip
    _write(folder / "services.csv", SERVICES_COLUMNS, services)


class _Row:
    """One line of a register, that knows where it stands."""

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self._path = path
        self._line = line
        self._cells = cells

    def take(self, column: str, read: Callable[[str], _Made]) -> _Made:
        """A cell as what it means. `read` raises ValueError with what it expects."""
        text = self._cells[column].strip()
        try:
            return read(text)
        except ValueError as error:
            raise self._bad(column, f"{column} is not {error}", text) from None

    def once(self, repeated: bool, column: str) -> None:
        """Nothing; ConfigurationError if the key was there before."""
        if repeated:
            raise self._bad(column, f"{column} occurs twice", self._cells[column])

    def _bad(self, column: str, what: str, value: str) -> ConfigurationError:
        where = f"{self._path}, line {self._line}, column {column}"
        return ConfigurationError(what, where=where, value=value, remedy="correct this line of the register")


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            if tuple(header) != columns:
                raise ConfigurationError(
                    "the columns of a register are not the ones expected",
                    where=f"{path}, line 1",
                    value=",".join(header),
                    remedy="write " + ",".join(columns),
                )
            for cells in reader:
                if len(cells) != len(columns):
                    raise ConfigurationError(
                        f"a line has {len(cells)} cells for {len(columns)} columns",
                        where=f"{path}, line {reader.line_num}",
                        remedy="correct this line of the register",
                    )
                yield _Row(path, reader.line_num, dict(zip(columns, cells, strict=True)))
    except OSError as error:
        raise ConfigurationError(
            "a register cannot be read",
            where=str(path),
            value=error.strerror or "",
            remedy="create it, or correct its path in relais.toml",
        ) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "a register is not CSV in UTF-8", where=str(path), value=str(error), remedy="save it as CSV, UTF-8, commas"
        ) from error


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _structure_cells(row: Structure) -> tuple[object, ...]:
    flags = (row.active, row.service_required, row.engagement_required, row.service_or_engagement_required)
    return (row.siret, row.name, *map(_said, flags), row.partner_code)


def _service_cells(siret: str, row: Service) -> tuple[object, ...]:
    days = (day.isoformat() if day else "" for day in (row.valid_from, row.valid_to))
    return (siret, row.code, row.name, _said(row.active), _said(row.engagement_required), *days)


def _said(flag: bool) -> str:
    return "true" if flag else "false"


def _text(text: str) -> str:
    if not text:
        raise ValueError("a text")
    return text


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise ValueError("true or false")
    return _FLAGS[text]


def _weight(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError("a whole number from 1")
    return int(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("a day like 2026-09-01, or empty") from None


def _application_code(text: str) -> str:
    if not APPLICATION_CODE.fullmatch(text):
        raise ValueError("an application code of six capitals or digits")
    return text


def _siret(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == _SIRET_DIGITS):
        raise ValueError(f"a SIRET of {_SIRET_DIGITS} digits")
    return text


def _member(text: str, known: dict[str, Structure], what: str) -> str:
    if text not in known:
        raise ValueError(what)
    return text


def _interfaces(text: str) -> frozenset[str]:
    codes = frozenset(text.split())
    for code in sorted(codes):
        if code not in CATALOGUE or CATALOGUE[code].direction is not Direction.IN:
            raise ValueError(f"a list of deposit codes: {code} is none")
    return codes
