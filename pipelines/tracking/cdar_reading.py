"""CDAR, read: statuses of invoices or of flows, one or several references a message.

Source   CDAR D22B; annex 2 (MDT and MDG numbers). Whether each name stands in its namespace and place is a matter of
         the schema; here names are looked for in all four namespaces, so that a misplaced prefix loses nothing.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from data_contracts.history import MessageHead, Party, ReceivedFlowStatus, ReceivedStatus, StatusMessage
from data_contracts.statuses import CDAR_FLOW, StatusFormat
from pipelines.acknowledgment.cdar_frame import NAMESPACES
from pipelines.parsing.values import line_number
from pipelines.tracking.cdar_reasons import reasons_and_payments
from pipelines.tracking.instants import day_of_stamp, instant_of, instant_of_stamp
from pipelines.tracking.taken import Taken

SELLER, BUYER = "SE", "BY"
SIREN, SIRET, SERVICE_CODE = "0002", "0009", "0224"
"""Schemes of identifiers: a firm, an establishment, a routing code (a service code of the public sector)."""
SIREN_CHARACTERS = 9

OTHER_OBJECTS = frozenset({"303", "304", "305", "306"})
"""MDT-91 of what is no invoice: a flow, regulatory data, a life-cycle message, a directory line. Annex 2."""

_SPACES = frozenset(NAMESPACES.values())


def read_cdar_tree(root: etree._Element) -> tuple[StatusMessage, list[etree._Element]]:
    """What a CDAR says, as far as it can be read, with the elements of its statuses by ordinal; nothing is checked.

    Shape    one record for each reference of each acknowledgement, in order. A reference to a flow or to another
             message is a flow status, whose `flow_id` is the identifier given (MDT-87).
    """
    taken = Taken(_SPACES)
    head = _head(root, taken)
    units = references(root)
    read = [_status(document, reference, ordinal, head, taken) for ordinal, (document, reference) in enumerate(units)]
    elements = [reference for _, reference in units]
    message = StatusMessage(
        invoices=tuple(one for one in read if isinstance(one, ReceivedStatus)),
        flows=tuple(one for one in read if isinstance(one, ReceivedFlowStatus)),
        head=replace(head, rest=taken.rest(root, elements)),
    )
    return message, elements


def references(root: etree._Element) -> list[tuple[etree._Element, etree._Element]]:
    """Each reference with the acknowledgement that holds it: the element of status n is the second of pair n."""
    taken = Taken(_SPACES)
    return [
        (document, reference)
        for document in taken.all(root, "AcknowledgementDocument")
        for reference in taken.all(document, "ReferenceReferencedDocument")
    ]


def stamp(taken: Taken, parent: etree._Element | None, name: str) -> tuple[str, str]:
    """The text and format of a date-time element, the format empty for an xs:dateTime or where none is given."""
    element = taken.first(parent, name)
    text = taken.text(element, "DateTime")
    if text:
        return text, ""
    return taken.text(element, "DateTimeString"), taken.attribute(taken.first(element, "DateTimeString"), "format")


def _head(root: etree._Element, taken: Taken) -> MessageHead:
    context, exchanged = taken.first(root, "ExchangedDocumentContext"), taken.first(root, "ExchangedDocument")
    parts = ("SenderTradeParty", "IssuerTradeParty", "RecipientTradeParty")
    return MessageHead(
        message_id=taken.text(exchanged, "ID"),
        name=taken.text(exchanged, "Name"),
        produced_text=stamp(taken, exchanged, "IssueDateTime")[0],
        process=taken.text(context, "BusinessProcessSpecifiedDocumentContextParameter", "ID"),
        guideline=taken.text(context, "GuidelineSpecifiedDocumentContextParameter", "ID"),
        parties=tuple(_party(one, part, taken) for part in parts for one in taken.all(exchanged, part)),
    )


def _party(element: etree._Element, part: str, taken: Taken) -> Party:
    id_name = "GlobalID" if taken.first(element, "GlobalID") is not None else "ID"
    address = taken.first(element, "URIUniversalCommunication", "URIID")
    return Party(
        part=part,
        id=taken.text(element, id_name),
        id_type=taken.attribute(taken.first(element, id_name), "schemeID"),
        name=taken.text(element, "Name"),
        role=taken.text(element, "RoleCode"),
        address=taken.text(element, "URIUniversalCommunication", "URIID"),
        address_type=taken.attribute(address, "schemeID"),
    )


def _status(
    document: etree._Element, reference: etree._Element, ordinal: int, head: MessageHead, shared: Taken
) -> ReceivedStatus | ReceivedFlowStatus:
    taken = Taken(shared.namespaces)
    at_text, at_format = stamp(shared, document, "IssueDateTime")
    at = instant_of_stamp(at_text, at_format) or instant_of(at_text)
    phase, type_code = shared.text(document, "TypeCode"), taken.text(reference, "TypeCode")
    code, label = taken.text(reference, "ProcessConditionCode"), taken.text(reference, "ProcessCondition")
    number, line = taken.text(reference, "IssuerAssignedID"), line_number(reference)
    reasons, payments = reasons_and_payments(reference, taken)
    comment = "\n".join(note.text for reason in reasons for note in reason.notes if note.text)
    issuer = _by_part(head, "IssuerTradeParty")
    actor = issuer.id or _by_part(head, "SenderTradeParty").id
    if type_code in OTHER_OBJECTS or code in CDAR_FLOW:
        flow = ReceivedFlowStatus(
            StatusFormat.CDAR_FLOW, code, label, at, at_text, number, actor, reasons, comment, ordinal, line,
            message_id=head.message_id,
        )  # fmt: skip
        return replace(flow, rest=taken.rest(reference))
    issued_text, issued_format = stamp(taken, reference, "FormattedIssueDateTime")
    seller, (buyer, buyer_name) = _seller(reference, head, taken), _buyer(reference, head, taken)
    one = ReceivedStatus(
        format=StatusFormat.CDAR_INVOICE,
        code=code,
        label=label,
        at=at,
        at_text=at_text,
        number=number,
        issued_on=day_of_stamp(issued_text, issued_format),
        issued_on_text=issued_text,
        type_code=type_code,
        actor_code=actor,
        actor_role=issuer.role,
        actor_name=issuer.name,
        unece_code=taken.text(reference, "StatusCode"),
        phase_code=phase,
        received_text=stamp(taken, reference, "ReceiptDateTime")[0],
        reasons=reasons,
        comment=comment,
        payments=payments,
        message_id=head.message_id,
        ordinal=ordinal,
        line=line,
        seller_id=seller.id,
        seller_id_type=seller.id_type,
        seller_siren=seller.id[:SIREN_CHARACTERS] if seller.id_type in (SIREN, SIRET) else "",
        seller_name=seller.name,
        buyer_siret=buyer.get(SIRET, ""),
        buyer_siren=buyer.get(SIREN, "") or buyer.get(SIRET, "")[:SIREN_CHARACTERS],
        buyer_name=buyer_name,
        service_code=buyer.get(SERVICE_CODE, ""),
    )
    return replace(one, rest=taken.rest(reference))


def _by_part(head: MessageHead, part: str) -> Party:
    return next((party for party in head.parties if party.part == part), Party(part))


def _by_role(head: MessageHead, role: str) -> Party:
    return next((party for party in head.parties if party.role == role), Party(""))


def _seller(reference: etree._Element, head: MessageHead, taken: Taken) -> Party:
    """The seller as the reference names it (MDG-45), with the name that the message gives the same party."""
    element = taken.first(reference, "IssuerTradeParty")
    if element is None:
        return Party("")
    identifier = taken.first(element, "GlobalID")
    party = Party("", taken.text(element, "GlobalID"), taken.attribute(identifier, "schemeID"))
    role, known = taken.first(element, "RoleCode"), _by_role(head, SELLER)
    if role is not None and role.text == SELLER:
        taken.taken(role)
    return replace(party, name=taken.text(element, "Name") or (known.name if known.id == party.id else ""))


def _buyer(reference: etree._Element, head: MessageHead, taken: Taken) -> tuple[dict[str, str], str]:
    """The buyer's identifiers by scheme, and name: by the reference's own recipients (MDG-47), else by the message's
    party in that role."""
    ids: dict[str, str] = {}
    name = ""
    for element in taken.all(reference, "RecipientTradeParty"):
        name = name or taken.text(element, "Name")
        for identifier in taken.all(element, "GlobalID"):
            scheme = identifier.get("schemeID", "")
            if scheme in (SIREN, SIRET, SERVICE_CODE) and scheme not in ids:
                ids[scheme] = taken.taken(identifier)
                taken.attribute(identifier, "schemeID")
    if ids:
        return ids, name
    known = _by_role(head, BUYER)
    return {known.id_type: known.id}, name or known.name
