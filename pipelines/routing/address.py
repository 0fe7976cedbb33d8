"""Where an invoice is addressed: its electronic address, whole and exact, else its buyer's SIRET. Pure.

An address may look like `SIREN_SIRET_CODE`, and a suffix may hold what looks like a SIRET: what an address stands for
is what its line says, never what its text looks like (annex 3, DT-7-5-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.directory import (
    ADDRESS_CHARACTERS_MAX,
    ADDRESS_SCHEME,
    NO_PLATFORM,
    RECEIVING_PLATFORM,
    AddressLine,
    Directory,
    line_in_force,
)
from data_contracts.interfaces import Circuit
from pipelines.routing.rules import finding


@dataclass(frozen=True)
class Addressee:
    """Structure and service that an invoice names. `elsewhere`: another platform receives it, so neither is ours."""

    siret: str | None
    service_code: str | None
    findings: tuple[FindingRow, ...] = ()
    elsewhere: bool = False


def is_addressed(invoice: InvoiceRow) -> bool:
    """Whether an invoice bears a French electronic address."""
    return invoice["buyer_address"] is not None and invoice["buyer_address_scheme"] == ADDRESS_SCHEME


def addressee(invoice: InvoiceRow, directory: Directory, on: date, circuit: Circuit) -> Addressee:
    """Whom an invoice is for. What the address line says comes before what the buyer's identifiers say.

    Nulls    on the historical circuit, and without address lines in the directory or an address on the invoice, SIRET
             and service code decide.
    Source   annex 3 v1.7 DG-7; motives ADR_ERR and REJ_ADR of annex 7.
    """
    named = Addressee(invoice["buyer_siret"], invoice["service_code"])
    address = invoice["buyer_address"]
    if circuit is not Circuit.AFNOR or address is None or not is_addressed(invoice) or not directory.addressed:
        return named
    lines = directory.addresses.get(address, ())
    line = line_in_force(lines, on)
    if line is None:
        return Addressee(named.siret, named.service_code, (_nobody(invoice, address, lines, on),))
    if line.platform == NO_PLATFORM:
        told = finding(invoice, "RLS-ROUTE-13", found=address, expected=RECEIVING_PLATFORM, address=address)
        return Addressee(None, None, (told,), elsewhere=True)
    if line.platform != RECEIVING_PLATFORM:
        told = finding(
            invoice, "RLS-ROUTE-12", found=address, expected=RECEIVING_PLATFORM, address=address, platform=line.platform
        )
        return Addressee(None, None, (told,), elsewhere=True)
    return Addressee(line.siret or named.siret, line.service_code or named.service_code)


def _nobody(invoice: InvoiceRow, address: str, lines: Sequence[AddressLine], on: date) -> FindingRow:
    shown = address[:ADDRESS_CHARACTERS_MAX]
    if not lines:
        return finding(invoice, "RLS-ROUTE-10", found=shown, address=shown)
    return finding(invoice, "RLS-ROUTE-11", found=shown, expected=_opens(lines, on), address=shown, on=on.isoformat())


def _opens(lines: Sequence[AddressLine], on: date) -> str | None:
    """The next day on which the address will hold, if it will."""
    later = sorted(line.valid_from for line in lines if line.valid_from > on)
    return next((day.isoformat() for day in later if line_in_force(lines, day) is not None), None)
