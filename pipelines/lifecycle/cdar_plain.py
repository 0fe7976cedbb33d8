"""A CDAR that needs no reason, as text: received, made available. Nearly all that are sent, and a tenth of the cost.

Tests hold it equal to the one built of elements.
"""

from __future__ import annotations

from functools import cache

from data_contracts.answers import Header, InvoiceStatus
from data_contracts.statuses import Status
from pipelines.acknowledgment.cdar_frame import (
    ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    NAMESPACES,
    PLATFORM_ROLE,
    REGULATED,
    TRANSMISSION_PHASE,
)
from pipelines.acknowledgment.elements import compact_instant, cut
from pipelines.acknowledgment.xml_text import DECLARATION, attribute, element, kept_text, text
from pipelines.lifecycle.usable import Usable

SELLER_ROLE = "SE"
SIREN_SCHEME = "0002"
FRENCH_ADDRESS_SCHEME = "0225"
"""Scheme of an electronic address that does not say its own."""


def plain_status(
    header: Header, one: InvoiceStatus, row: Status, identity: Usable, profile: str, identifier: str, name: str
) -> bytes:
    """The bytes of the CDAR that carries a status without motive, comment or finding."""
    at = compact_instant(one.at)
    return (
        f"{_opening(profile)}    <ram:ID>{text(identifier[:ID_CHARACTERS_MAX])}</ram:ID>\n"
        f"    <ram:Name>{text(cut(name, NAME_CHARACTERS_MAX))}</ram:Name>\n"
        f"    <ram:IssueDateTime>\n{_instant('      ', compact_instant(header.produced_at))}    </ram:IssueDateTime>\n"
        f"{_SPEAKERS}{_recipient(header, one, identity)}  </rsm:ExchangedDocument>\n"
        "  <rsm:AcknowledgementDocument>\n    <ram:MultipleReferencesIndicator>\n"
        "      <udt:Indicator>false</udt:Indicator>\n    </ram:MultipleReferencesIndicator>\n"
        f"    <ram:TypeCode>{TRANSMISSION_PHASE}</ram:TypeCode>\n"
        f"    <ram:IssueDateTime>\n{_instant('      ', at)}    </ram:IssueDateTime>\n"
        f"    <ram:ReferenceReferencedDocument>\n{_reference(one, row, identity)}"
        "    </ram:ReferenceReferencedDocument>\n  </rsm:AcknowledgementDocument>\n"
        "</rsm:CrossDomainAcknowledgementAndResponse>\n"
    ).encode()


def _reference(one: InvoiceStatus, row: Status, identity: Usable) -> str:
    return (
        f"      <ram:IssuerAssignedID>{text(identity.number)}</ram:IssuerAssignedID>\n"
        f"{element('      ', 'ram:StatusCode', row.unece_code or None)}"
        f"      <ram:TypeCode>{text(identity.type_code)}</ram:TypeCode>\n"
        f"      <ram:ReceiptDateTime>\n{_instant('        ', compact_instant(one.received_at))}"
        "      </ram:ReceiptDateTime>\n      <ram:FormattedIssueDateTime>\n"
        f'        <qdt:DateTimeString format="102">{identity.issue_day}</qdt:DateTimeString>\n'
        "      </ram:FormattedIssueDateTime>\n"
        f"      <ram:ProcessConditionCode>{row.code}</ram:ProcessConditionCode>\n"
        f"      <ram:ProcessCondition>{kept_text(row.label_fr)}</ram:ProcessCondition>\n"
        "      <ram:IssuerTradeParty>\n"
        f'        <ram:GlobalID schemeID="{SIREN_SCHEME}">{identity.siren}</ram:GlobalID>\n'
        "      </ram:IssuerTradeParty>\n"
    )


def _recipient(header: Header, one: InvoiceStatus, identity: Usable) -> str:
    invoice = one.invoice
    address = (invoice["seller_address"] or "").strip()
    if not address:
        return (
            f"    <ram:RecipientTradeParty>\n      <ram:ID>{text(header.name.partner_code)}</ram:ID>\n"
            f"      <ram:RoleCode>{PLATFORM_ROLE}</ram:RoleCode>\n    </ram:RecipientTradeParty>\n"
        )
    named = invoice["seller_name"]
    scheme = attribute(invoice["seller_address_scheme"] or FRENCH_ADDRESS_SCHEME)
    return (
        "    <ram:RecipientTradeParty>\n"
        f'      <ram:GlobalID schemeID="{SIREN_SCHEME}">{identity.siren}</ram:GlobalID>\n'
        f"{element('      ', 'ram:Name', cut(named, NAME_CHARACTERS_MAX) if named else None)}"
        f"      <ram:RoleCode>{SELLER_ROLE}</ram:RoleCode>\n      <ram:URIUniversalCommunication>\n"
        f'        <ram:URIID schemeID="{scheme}">{text(address)}</ram:URIID>\n'
        "      </ram:URIUniversalCommunication>\n    </ram:RecipientTradeParty>\n"
    )


def _instant(indent: str, at: str) -> str:
    return f'{indent}<udt:DateTimeString format="204">{at}</udt:DateTimeString>\n'


_SPEAKERS = "".join(
    f"    <ram:{party}>\n      <ram:RoleCode>{PLATFORM_ROLE}</ram:RoleCode>\n    </ram:{party}>\n"
    for party in ("SenderTradeParty", "IssuerTradeParty")
)


@cache
def _opening(profile: str) -> str:
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    parameters = "".join(
        f"    <ram:{kind}SpecifiedDocumentContextParameter>\n      <ram:ID>{value}</ram:ID>\n"
        f"    </ram:{kind}SpecifiedDocumentContextParameter>\n"
        for kind, value in (("BusinessProcess", REGULATED), ("Guideline", profile))
    )
    return (
        f"{DECLARATION}<rsm:CrossDomainAcknowledgementAndResponse {declared}>\n  <rsm:ExchangedDocumentContext>\n"
        f"{parameters}  </rsm:ExchangedDocumentContext>\n  <rsm:ExchangedDocument>\n"
    )
