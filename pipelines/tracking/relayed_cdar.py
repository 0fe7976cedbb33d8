"""Statuses of recipients told to suppliers' platforms: one CDAR D22B each.

Sources  BR-FR-CDV Schematron V1.4.0: a status of handling (23) is issued by the party that set it, one of transmission
         (305) by its platform; motives of the public sector alone are those of a sender 0238:9999.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from lxml import etree

from data_contracts.answers import Header
from data_contracts.history import Actor, Datum, Payment, Reason
from data_contracts.motives import MOTIVES, REASONS_BY_STATUS
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cdar_frame import (
    TRANSMISSION_PHASE,
    UDT,
    answered,
    date_102,
    framed,
    instant_204,
    note,
    ram,
)
from pipelines.acknowledgment.elements import child, compact_instant, cut, document, visible
from pipelines.delivery.packing import member_name, packed_parts
from pipelines.lifecycle.cdar_invoice_status import INVOICE_PROFILE
from pipelines.lifecycle.cdar_plain import FRENCH_ADDRESS_SCHEME, SELLER_ROLE, SIREN_SCHEME
from pipelines.lifecycle.cdar_reasons import ACTION_CHARACTERS_MAX
from pipelines.lifecycle.cdar_seller import add_seller
from pipelines.lifecycle.explaining import status_explained
from pipelines.lifecycle.usable import Usable, usable
from pipelines.tracking.relay import Relay

HANDLING_PHASE = "23"
BUYER_ROLE = "BY"
TRANSMISSION_CODES = frozenset({"200", "201", "202", "203", "213", "221"})
PUBLIC_SECTOR = ("0238", "9999")
"""Scheme and matricule of a sender that speaks for the public sector."""
EVENT_KEY_CHARACTERS = 8
SIREN_CHARACTERS = 9


def relayed_cdar(header: Header, relays: Sequence[Relay]) -> Iterator[bytes]:
    """One CDAR bare, several as one archive: CDAR holds one status a file."""
    files = ((member_name(header.name, at), one_cdar(header, relay)) for at, relay in enumerate(relays, start=1))
    return iter((next(files)[1],)) if len(relays) == 1 else packed_parts(files)


def one_cdar(header: Header, relay: Relay) -> bytes:
    """The bytes of the CDAR that tells one status.

    Shape    addressed to the seller at its electronic address (BT-34), else to the partner's platform.
    """
    invoice, told = relay.invoice, relay.status
    identity = usable(invoice)
    known = status(StatusFormat.CDAR_INVOICE, told.code)
    at = compact_instant(relay.event.at)
    identifier = f"{identity.number}_{told.code}_{at}#{relay.event.event_key[:EVENT_KEY_CHARACTERS]}"
    root, exchanged = framed(header, INVOICE_PROFILE, identifier, f"{identity.number}_CDV-{told.code}")
    phase = TRANSMISSION_PHASE if told.code in TRANSMISSION_CODES else HANDLING_PHASE
    _speakers(exchanged, relay, phase)
    add_seller(exchanged, header, invoice, identity)
    reference = answered(root, relay.event.at)
    acknowledgment = reference.getparent()
    assert acknowledgment is not None
    acknowledgment[1].text = phase
    ram(reference, "IssuerAssignedID", identity.number)
    if known and known.unece_code:
        ram(reference, "StatusCode", known.unece_code)
    ram(reference, "TypeCode", identity.type_code)
    instant_204(reference, "ReceiptDateTime", relay.received_at)
    date_102(reference, "FormattedIssueDateTime", identity.issue_day)
    ram(reference, "ProcessConditionCode", told.code)
    if known:
        ram(reference, "ProcessCondition", known.label_fr)
    ram(ram(reference, "IssuerTradeParty"), "GlobalID", identity.siren, schemeID=SIREN_SCHEME)
    _reasons(reference, relay, identity)
    return document(root)


def _speakers(exchanged: etree._Element, relay: Relay, phase: str) -> None:
    """The sender is a platform; the issuer, of a status of handling, is the buyer."""
    sender, issuer = exchanged[3], exchanged[4]
    told = relay.status
    if told.motive and told.motive not in REASONS_BY_STATUS.get(told.code, frozenset()):
        sender.insert(0, _global_id(*PUBLIC_SECTOR, sender))
    if phase == HANDLING_PHASE:
        siret, address = relay.invoice["buyer_siret"], relay.invoice["buyer_address"]
        scheme, value = (SIREN_SCHEME, siret[:SIREN_CHARACTERS]) if siret else (FRENCH_ADDRESS_SCHEME, address or "")
        issuer.insert(0, _global_id(scheme, value or relay.event.actor_code, issuer))
        issuer[-1].text = BUYER_ROLE if relay.event.actor is not Actor.SUPPLIER else SELLER_ROLE


def _global_id(scheme: str, value: str, party: etree._Element) -> etree._Element:
    made = ram(party, "GlobalID", value, schemeID=scheme)
    party.remove(made)
    return made


def _reasons(reference: etree._Element, relay: Relay, identity: Usable) -> None:
    """The reasons as they came, where they came on this circuit; else one, with the comment; then the amounts."""
    told = relay.status
    number = 0
    for reason in told.reasons or _one_reason(relay):
        number += 1
        block = ram(reference, "SpecifiedDocumentStatus")
        _reason(block, reason, number)
        if number == 1 and identity.note_fr:
            block.insert(_after_sequence(block), _note(block, "G1.114", identity.note_fr, identity.note_en))
        if not told.reasons and (told.comment_fr or told.comment_en):
            note(block, "", told.comment_fr, told.comment_en, "")
        explained = status_explained(StatusFormat.CDAR_INVOICE, told.code) if not told.reasons and told.motive else None
        if explained is not None:
            note(block, "", explained.fr, explained.en, "")
    if told.payments:
        block = ram(reference, "SpecifiedDocumentStatus")
        ram(block, "SequenceNumeric", str(number + 1))
        for payment in told.payments:
            _payment(block, payment)


def _one_reason(relay: Relay) -> tuple[Reason, ...]:
    told = relay.status
    known = MOTIVES.get(told.motive)
    if told.motive:
        if known is None:
            return (Reason(told.motive),)
        action = cut(known.remedy_fr, ACTION_CHARACTERS_MAX)
        return (Reason(told.motive, known.sentence_fr, requested_action_text=action),)
    return (Reason(""),) if told.comment_fr or told.comment_en else ()


def _reason(block: etree._Element, reason: Reason, number: int) -> None:
    for name, value in (
        ("ReasonCode", reason.code), ("Reason", reason.text), ("RequestedActionCode", reason.requested_action),
        ("RequestedAction", reason.requested_action_text), ("SequenceNumeric", str(number)),
    ):  # fmt: skip
        if value:
            ram(block, name, value)
    for said in reason.notes:
        note(block, said.code, said.text, "", said.subject)
    for datum in reason.data:
        _datum(block, datum)


def _after_sequence(block: etree._Element) -> int:
    names = [etree.QName(one).localname for one in block]
    return names.index("SequenceNumeric") + 1


def _note(block: etree._Element, rule: str, fr: str, en: str) -> etree._Element:
    note(block, rule, fr, en, "")
    return block[-1]


def _datum(block: etree._Element, datum: Datum) -> None:
    made = ram(block, "SpecifiedDocumentCharacteristic")
    for name, value in (("ID", datum.term), ("TypeCode", datum.kind)):
        if value:
            ram(made, name, value)
    if datum.changed:
        child(ram(made, "ValueChangedIndicator"), f"{{{UDT}}}IndicatorString", datum.changed)
    for name, value in (("Name", datum.name), ("Location", datum.location)):
        if value:
            ram(made, name, value)
    if datum.value_type == "ValueDateTime":
        child(ram(made, "ValueDateTime"), f"{{{UDT}}}DateTimeString", visible(datum.value))
    elif datum.value:
        currency = {"currencyID": datum.currency} if datum.currency else {}
        ram(made, datum.value_type or "Value", datum.value, **currency)


def _payment(block: etree._Element, payment: Payment) -> None:
    made = ram(block, "SpecifiedDocumentCharacteristic")
    ram(made, "TypeCode", payment.kind)
    currency = {"currencyID": payment.currency} if payment.currency else {}
    ram(made, "ValueAmount", _plain(payment.amount), **currency)
    if payment.paid_on is not None:
        day = payment.paid_on.strftime("%Y%m%d")
        child(ram(made, "ValueDateTime"), f"{{{UDT}}}DateTimeString", day, format="102")
    if payment.vat_rate is not None:
        ram(made, "ValuePercent", _plain(payment.vat_rate))


def _plain(value: Decimal) -> str:
    return f"{value:f}"
