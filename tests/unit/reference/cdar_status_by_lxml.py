"""CDAR of invoices built of lxml elements: what the text written in production must be equal to."""

from __future__ import annotations

from lxml import etree

from data_contracts.answers import Header, InvoiceStatus
from data_contracts.errors import ContractBroken
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cdar_frame import (
    NAME_CHARACTERS_MAX,
    answered,
    date_102,
    framed,
    instant_204,
    platform_recipient,
    ram,
)
from pipelines.acknowledgment.elements import cut, document
from pipelines.lifecycle.cdar_invoice_status import INVOICE_PROFILE, PLATFORM_CODES, _identifier, _name
from pipelines.lifecycle.cdar_plain import FRENCH_ADDRESS_SCHEME, SELLER_ROLE, SIREN_SCHEME
from pipelines.lifecycle.cdar_reasons import add_reasons
from pipelines.lifecycle.usable import Usable, usable


def cdar_invoice_status(header: Header, one: InvoiceStatus) -> bytes:
    """The bytes of the CDAR that carries one status of one invoice.

    Shape    addressed to the seller at its electronic address (BT-34); to the partner's platform when the invoice gives
             no such address, which the rules demand of every recipient but a platform.
    Nulls    an unusable number, date, SIREN or type takes the default of G1.114 and is quoted in a note.
    Errors   ContractBroken for a code that a receiving platform does not set, or a rejection without motive.
    Cost     linear in the findings written, at most `cdar_reasons.NOTES_MAX`.
    """
    invoice = one.invoice
    where = f"{invoice['flow_key']}/{invoice['position']}"
    row = status(StatusFormat.CDAR_INVOICE, one.code)
    if row is None or one.code not in PLATFORM_CODES:
        raise ContractBroken("not a status that a receiving platform sets", where=where, value=one.code)
    if row.motive_required and not one.motive:
        raise ContractBroken("this status needs a motive", where=where, value=one.code)
    identity = usable(invoice)
    root, exchanged = framed(header, INVOICE_PROFILE, _identifier(one, identity), _name(one, identity))
    _recipient(exchanged, header, one, identity)
    reference = answered(root, one.at)
    ram(reference, "IssuerAssignedID", identity.number)
    if row.unece_code:
        ram(reference, "StatusCode", row.unece_code)
    ram(reference, "TypeCode", identity.type_code)
    instant_204(reference, "ReceiptDateTime", one.received_at)
    date_102(reference, "FormattedIssueDateTime", identity.issue_day)
    ram(reference, "ProcessConditionCode", row.code)
    ram(reference, "ProcessCondition", row.label_fr)
    ram(ram(reference, "IssuerTradeParty"), "GlobalID", identity.siren, schemeID=SIREN_SCHEME)
    add_reasons(reference, one, identity)
    return document(root)


def _recipient(exchanged: etree._Element, header: Header, one: InvoiceStatus, identity: Usable) -> None:
    invoice = one.invoice
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
