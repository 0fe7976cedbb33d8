"""Invoices between public bodies: the service that they alone may use, and that stands in where none is named. Pure.

Source: the service FACTURES_PUBLIQUES of Chorus Pro takes invoices between public bodies, and refuses those of private
senders (OCA, the Odoo community's connector: second-hand). That it is also the counterpart's service when a public
sender names none is our reading of that source: Chorus Pro creates it for every public structure.
"""

from __future__ import annotations

from datetime import date

from data_contracts.answers import InvoiceRow
from data_contracts.directory import INTRA_PUBLIC_SERVICE, Directory, Structure


def from_public_body(invoice: InvoiceRow, directory: Directory) -> bool:
    """Whether the sender is a public body of the directory."""
    siren = invoice["seller_siren"]
    return siren is not None and directory.is_public(siren)


def service_between(
    invoice: InvoiceRow, code: str | None, structure: Structure, directory: Directory, on: date
) -> str | None:
    """The service code that an invoice is routed by: the one it names, else the one between public bodies.

    Nulls    None when none is named and none is demanded, or the sender is private, or that service is not open.
    """
    if code is not None or not _demanded(invoice, structure):
        return code
    service = structure.services.get(INTRA_PUBLIC_SERVICE)
    open_now = service is not None and service.in_force(on)
    return INTRA_PUBLIC_SERVICE if open_now and from_public_body(invoice, directory) else None


def _demanded(invoice: InvoiceRow, structure: Structure) -> bool:
    either = structure.service_or_engagement_required and invoice["engagement"] is None
    return structure.service_required or either
