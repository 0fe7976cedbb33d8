"""One status of one invoice towards an approved platform: CDAR D22B, codes 202, 203 and 213, from the receiving side.

Sources  BR-FR-CDV Schematron V1.4.0; annex 2 (MDT, MDG); annex B of XP Z12-012 for identifiers; G1.114 for invoices
         whose number, date or SIREN cannot be used; G7.29 for the place of rule, sentence and field.
"""

from __future__ import annotations

from data_contracts.answers import Header, InvoiceStatus
from data_contracts.errors import ContractBroken
from data_contracts.interfaces import Circuit
from data_contracts.statuses import PLATFORM_STATUSES, StatusFormat, status
from pipelines.acknowledgment.cdar_frame import (
    answered,
    date_102,
    framed,
    instant_204,
    ram,
)
from pipelines.acknowledgment.elements import compact_instant, document
from pipelines.lifecycle.cdar_plain import SIREN_SCHEME, plain_status
from pipelines.lifecycle.cdar_reasons import add_reasons
from pipelines.lifecycle.cdar_seller import add_seller
from pipelines.lifecycle.usable import Usable, usable

INVOICE_PROFILE = "urn.cpro.gouv.fr:1p0:CDV:invoice"
_OURS = PLATFORM_STATUSES[Circuit.AFNOR]
PLATFORM_CODES = frozenset({_OURS.received, _OURS.made_available, _OURS.rejected})
REPEATED_MOTIVES = frozenset({"DOUBLON", "REJ_UNI"})


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
    identifier, name = _identifier(one, identity), _name(one, identity)
    if not (one.motive or one.findings or one.comment_fr or one.comment_en or identity.note_fr):
        return plain_status(header, one, row, identity, INVOICE_PROFILE, identifier, name)
    root, exchanged = framed(header, INVOICE_PROFILE, identifier, name)
    add_seller(exchanged, header, invoice, identity)
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


def _identifier(one: InvoiceStatus, identity: Usable) -> str:
    """MDT-4. An invoice without a usable number, or one that repeats a number, is told apart by its place in the flow:
    two messages must not share an identifier."""
    invoice = one.invoice
    if identity.number != invoice["number"]:
        object_id = f"{invoice['flow_key'][:12]}-{invoice['position']}"
    elif one.motive in REPEATED_MOTIVES:
        object_id = f"{identity.number}-{invoice['position']}"
    else:
        object_id = identity.number
    return f"{object_id}_{one.code}_{compact_instant(one.at)}#{identity.type_code}_{identity.issue_day}"


def _name(one: InvoiceStatus, identity: Usable) -> str:
    return f"{identity.number}_CDV-{one.code}"
