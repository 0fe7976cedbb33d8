"""Registers: the partners, structures and services of the samples, as the CSV files that Relais reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from relais.samples.billers import BILLERS
from relais.samples.recipients import RECIPIENTS

SUBSCRIPTIONS = {
    "ELC001": ("FSO1100A", "FSO1150A"),
    "TRA001": ("FSO1106A", "FSO1156A"),
    "BAT001": ("FSO1117A", "FSO1157A"),
}
"""What each biller may deposit."""

RECIPIENT_INTERFACES = ("FSO1300A", "FSO1301A")
"""What a connected recipient may deposit: flow acknowledgments and statuses."""

PARTNERS_HEADER = ("code", "name", "interfaces", "active", "weight")
STRUCTURES_HEADER = (
    "siret", "name", "active", "service_required", "engagement_required", "service_or_engagement_required",
    "partner_code",
)  # fmt: skip
SERVICES_HEADER = ("siret", "code", "name", "active", "engagement_required", "valid_from", "valid_to")


def write_registers(folder: Path) -> None:
    """Nothing; writes partners.csv, structures.csv and services.csv into an existing folder."""
    _write(folder / "partners.csv", PARTNERS_HEADER, _partners())
    _write(folder / "structures.csv", STRUCTURES_HEADER, _structures())
    _write(folder / "services.csv", SERVICES_HEADER, _services())


def _partners() -> Iterable[Sequence[str]]:
    for biller in BILLERS:
        yield biller.partner_code, biller.name, " ".join(SUBSCRIPTIONS[biller.partner_code]), "true", "1"
    for structure in (recipient.structure for recipient in RECIPIENTS):
        if structure.partner_code:
            yield structure.partner_code, structure.name, " ".join(RECIPIENT_INTERFACES), "true", "1"


def _structures() -> Iterable[Sequence[str]]:
    for structure in (recipient.structure for recipient in RECIPIENTS):
        demands = (structure.service_required, structure.engagement_required, structure.service_or_engagement_required)
        yield (
            structure.siret, structure.name, _boolean(structure.active), *map(_boolean, demands),
            structure.partner_code,
        )  # fmt: skip


def _services() -> Iterable[Sequence[str]]:
    for structure in (recipient.structure for recipient in RECIPIENTS):
        for service in structure.services.values():
            yield (
                structure.siret, service.code, service.name, _boolean(service.active),
                _boolean(service.engagement_required), _day(service.valid_from), _day(service.valid_to),
            )  # fmt: skip


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else ""


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
