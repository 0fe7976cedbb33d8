"""Registers: the partners of the samples, and their files beside those of the directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.registers import write_directory, write_partners
from data_contracts.partners import Partner
from relais.samples.billers import BILLERS
from relais.samples.flows import RARE_INTERFACES
from relais.samples.recipients import RECIPIENTS, directory

SUBSCRIPTIONS = {
    "ELC001": frozenset({"FSO1100A", "FSO1150A"}),
    "TRA001": frozenset({"FSO1106A", "FSO1156A"}),
    "BAT001": frozenset({"FSO1117A", "FSO1157A", *RARE_INTERFACES}),
}
"""What each biller may deposit."""

RECIPIENT_INTERFACES = frozenset({"FSO1300A", "FSO1301A"})
"""What a connected recipient may deposit: flow acknowledgments and statuses."""


def write_registers(folder: Path) -> None:
    """Nothing; writes partners.csv, structures.csv and services.csv into an existing folder."""
    write_partners(folder / "partners.csv", partners())
    write_directory(folder, directory().structures.values())


def partners() -> Iterator[Partner]:
    """Who is connected: the billers, then the recipients with a connection of their own."""
    for biller in BILLERS:
        yield Partner(biller.partner_code, biller.name, SUBSCRIPTIONS[biller.partner_code])
    for structure in (recipient.structure for recipient in RECIPIENTS):
        if structure.partner_code:
            yield Partner(structure.partner_code, structure.name, RECIPIENT_INTERFACES)
