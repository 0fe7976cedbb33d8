"""To whom a CDAR about an invoice is addressed: its seller, at the electronic address that the invoice gives."""

from __future__ import annotations

from lxml import etree

from data_contracts.answers import Header, InvoiceRow
from pipelines.acknowledgment.cdar_frame import NAME_CHARACTERS_MAX, platform_recipient, ram
from pipelines.acknowledgment.elements import cut
from pipelines.lifecycle.cdar_plain import FRENCH_ADDRESS_SCHEME, SELLER_ROLE, SIREN_SCHEME
from pipelines.lifecycle.usable import Usable


def add_seller(exchanged: etree._Element, header: Header, invoice: InvoiceRow, identity: Usable) -> None:
    """Add the recipient: the seller at BT-34, or the partner's platform when the invoice gives no such address."""
    address = (invoice["seller_address"] or "").strip()
    if not address:
        platform_recipient(exchanged, header.name.partner_code)
        return
    recipient = ram(exchanged, "RecipientTradeParty")
    ram(recipient, "GlobalID", identity.siren, schemeID=SIREN_SCHEME)
    if invoice["seller_name"]:
        ram(recipient, "Name", cut(invoice["seller_name"], NAME_CHARACTERS_MAX))
    ram(recipient, "RoleCode", SELLER_ROLE)
    scheme = invoice["seller_address_scheme"] or FRENCH_ADDRESS_SCHEME
    ram(ram(recipient, "URIUniversalCommunication"), "URIID", address, schemeID=scheme)
