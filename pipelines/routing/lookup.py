"""What routing must know of the directory for many invoices, asked at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from data_contracts.answers import InvoiceRow
from data_contracts.directory import ADDRESS_CHARACTERS_MAX, Directory, DirectorySource
from pipelines.routing.address import is_addressed


def known_of(invoices: Iterable[InvoiceRow], source: DirectorySource, on: date) -> Directory:
    """The part of the directory that these invoices need: recipients, senders' units, addresses, as of a day.

    Cost     one look-up of the distinct keys, whatever the number of invoices.
    """
    sirets: set[str] = set()
    sirens: set[str] = set()
    addresses: set[str] = set()
    for invoice in invoices:
        if invoice["buyer_siret"] is not None:
            sirets.add(invoice["buyer_siret"])
        if invoice["seller_siren"] is not None:
            sirens.add(invoice["seller_siren"])
        address = invoice["buyer_address"]
        if address is not None and is_addressed(invoice) and len(address) <= ADDRESS_CHARACTERS_MAX:
            addresses.add(address)
    return source.known(on, sirets=sorted(sirets), sirens=sorted(sirens), addresses=sorted(addresses))
