"""Registers: the tables of partners and of public structures, as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from connectors.register_rows import RegisterRow, as_application_code, as_day, as_flag, as_siret, as_text, register_rows
from data_contracts.directory import ADDRESS_CHARACTERS_MAX, AddressLine, Directory, Service, Structure
from data_contracts.interfaces import CATALOGUE, SUBSCRIBED_ANSWERS, Direction
from data_contracts.partners import Partner, Partners

PARTNERS_COLUMNS = ("code", "name", "interfaces", "active", "weight")
STRUCTURES_COLUMNS = (
    "siret", "name", "active", "service_required", "engagement_required", "service_or_engagement_required",
    "partner_code",
)  # fmt: skip
STRUCTURES_OPTIONAL = ("commitment_required",)
ADDRESSES_FILE = "addresses.csv"
ADDRESSES_COLUMNS = ("address", "platform", "siret", "service_code", "valid_from", "valid_to")
SERVICES_COLUMNS = ("siret", "code", "name", "active", "engagement_required", "valid_from", "valid_to")


def read_partners(path: Path) -> Partners:
    """The partners of a CSV file, with the columns of PARTNERS_COLUMNS; interfaces are separated by spaces.

    Errors   ConfigurationError naming file, line and column.
    """
    rows: dict[str, Partner] = {}
    for row in register_rows(path, PARTNERS_COLUMNS):
        partner = Partner(
            code=row.take("code", as_application_code),
            name=row.take("name", as_text),
            interfaces=row.take("interfaces", _interfaces),
            active=row.take("active", as_flag),
            weight=row.take("weight", _weight),
        )
        row.once(partner.code in rows, "code")
        rows[partner.code] = partner
    return Partners(rows)


def read_directory(folder: Path) -> Directory:
    """The directory of a folder with structures.csv and services.csv, and addresses.csv if it is there.

    Errors   ConfigurationError naming file, line and column.
    """
    structures: dict[str, Structure] = {}
    for row in register_rows(folder / "structures.csv", STRUCTURES_COLUMNS, STRUCTURES_OPTIONAL):
        structure = structure_of(row)
        row.once(structure.siret in structures, "siret")
        structures[structure.siret] = structure
    services: dict[str, dict[str, Service]] = {siret: {} for siret in structures}
    for row in register_rows(folder / "services.csv", SERVICES_COLUMNS):
        siret = row.take("siret", lambda text: _member(text, structures, "a SIRET of structures.csv"))
        service = service_of(row)
        row.once(service.code in services[siret], "code")
        services[siret][service.code] = service
    lines: dict[str, tuple[AddressLine, ...]] = {}
    if (folder / ADDRESSES_FILE).exists():
        for row in register_rows(folder / ADDRESSES_FILE, ADDRESSES_COLUMNS):
            line = address_of(row)
            others = lines.get(line.address, ())
            row.once(any(other.valid_from == line.valid_from for other in others), "valid_from")
            lines[line.address] = (*others, line)
    known = {siret: replace(structures[siret], services=services[siret]) for siret in structures}
    return Directory(known, addresses=lines, addressed=bool(lines))


def structure_of(row: RegisterRow) -> Structure:
    """The structure of a row of STRUCTURES_COLUMNS, without its services."""
    return Structure(
        siret=row.take("siret", as_siret),
        name=row.take("name", as_text),
        active=row.take("active", as_flag),
        service_required=row.take("service_required", as_flag),
        engagement_required=row.take("engagement_required", as_flag),
        service_or_engagement_required=row.take("service_or_engagement_required", as_flag),
        partner_code=row.take("partner_code", lambda text: as_application_code(text) if text else ""),
        commitment_required=row.has("commitment_required") and row.take("commitment_required", as_flag),
    )


def service_of(row: RegisterRow) -> Service:
    """The service of a row of SERVICES_COLUMNS."""
    return Service(
        code=row.take("code", as_text),
        name=row.take("name", str),
        active=row.take("active", as_flag),
        engagement_required=row.take("engagement_required", as_flag),
        valid_from=row.take("valid_from", as_day),
        valid_to=row.take("valid_to", as_day),
    )


def address_of(row: RegisterRow) -> AddressLine:
    """The line of a row of ADDRESSES_COLUMNS. SIRET and service code may be empty."""
    return AddressLine(
        address=row.take("address", _address),
        instance=0,
        valid_from=row.take("valid_from", _first_day),
        valid_to=row.take("valid_to", as_day),
        platform=row.take("platform", _matricule),
        siret=row.take("siret", lambda text: as_siret(text) if text else None),
        service_code=row.take("service_code", lambda text: text or None),
    )


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
    optional = STRUCTURES_OPTIONAL if any(row.commitment_required for row in ordered) else ()
    cells = ((*_structure_cells(row), *(_said(getattr(row, name)) for name in optional)) for row in ordered)
    _write(folder / "structures.csv", (*STRUCTURES_COLUMNS, *optional), cells)
    services = (
        _service_cells(row.siret, row.services[code]) for row in ordered for code in sorted(row.services)
    )  # fmt: skip
    _write(folder / "services.csv", SERVICES_COLUMNS, services)


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


def _weight(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError("a whole number from 1")
    return int(text)


def _address(text: str) -> str:
    if not 0 < len(text) <= ADDRESS_CHARACTERS_MAX:
        raise ValueError(f"an address of at most {ADDRESS_CHARACTERS_MAX} characters")
    return text


def _first_day(text: str) -> date:
    day = as_day(text)
    if day is None:
        raise ValueError("a day like 2026-09-01")
    return day


def _matricule(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ValueError("a matricule of four digits")
    return text


def _member(text: str, known: dict[str, Structure], what: str) -> str:
    if text not in known:
        raise ValueError(what)
    return text


def _interfaces(text: str) -> frozenset[str]:
    codes = frozenset(text.split())
    for code in sorted(codes):
        deposited = code in CATALOGUE and CATALOGUE[code].direction is Direction.IN
        if not deposited and code not in SUBSCRIBED_ANSWERS:
            raise ValueError(f"a list of deposit codes: {code} is none")
    return codes
