"""What every CDAR of ours has in common: namespaces, the frame around the one object it answers, notes.

A CDAR is a tree of sixty-odd names in three namespaces. `Cdar` gives each new element the namespace of its parent's
vocabulary, so that writers name elements as the annex does.
Source   CDAR D22B (uncoupled schema); annex 2 of the external specifications (MDT and MDG numbers); P1.14: one object
         a message.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from functools import cache

from lxml import etree

from data_contracts.answers import Header
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.messages import Language
from pipelines.acknowledgment.elements import child, compact_instant, cut, shortened, visible

_STANDARD = "urn:un:unece:uncefact:data:standard:"
RSM = _STANDARD + "CrossDomainAcknowledgementAndResponse:100"
RAM = _STANDARD + "ReusableAggregateBusinessInformationEntity:100"
QDT = _STANDARD + "QualifiedDataType:100"
UDT = _STANDARD + "UnqualifiedDataType:100"
NAMESPACES = {"qdt": QDT, "udt": UDT, "ram": RAM, "rsm": RSM}

REGULATED = "REGULATED"
"""MDT-2: the invoice falls under the regulated exchange. BR-FR-CDV-CL-01."""

PLATFORM_ROLE = "WK"
"""MDT-21, MDT-40: a platform speaks. BR-FR-CDV-CL-02 and CL-03 for statuses of type 305."""

TRANSMISSION_PHASE = "305"
"""MDT-77: the answer belongs to transmission, not to the parties' handling of the invoice (23)."""

# Characters that annex 2 gives each field.
ID_CHARACTERS_MAX = 50  # MDT-4
NAME_CHARACTERS_MAX = 150  # MDT-5, MDT-58, MDT-94, MDT-211, MDT-214
OBJECT_ID_CHARACTERS_MAX = 100  # MDT-87
RULE_CHARACTERS_MAX = 30  # MDT-125
SUBJECT_CHARACTERS_MAX = 200  # MDT-127


def ram(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A new last child in the namespace of reusable entities."""
    return child(parent, f"{{{RAM}}}{name}", text, **attributes)


def instant_204(parent: etree._Element, name: str, at: datetime) -> None:
    """Add a date-time element in format 204 (yyyymmddhhmmss)."""
    child(ram(parent, name), f"{{{UDT}}}DateTimeString", compact_instant(at), format="204")


def date_102(parent: etree._Element, name: str, day: str) -> None:
    """Add a formatted date in format 102. `day` is yyyymmdd, for G1.114 gives a day that stands for no day."""
    child(ram(parent, name), f"{{{QDT}}}DateTimeString", day, format="102")


@cache
def _frame(profile: str) -> etree._Element:
    """The part that all messages of a profile share, with empty places for the rest. Copied, never changed."""
    root = etree.Element(f"{{{RSM}}}CrossDomainAcknowledgementAndResponse", nsmap=NAMESPACES)
    context = child(root, f"{{{RSM}}}ExchangedDocumentContext")
    ram(ram(context, "BusinessProcessSpecifiedDocumentContextParameter"), "ID", REGULATED)
    ram(ram(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", profile)
    exchanged = child(root, f"{{{RSM}}}ExchangedDocument")
    ram(exchanged, "ID")
    ram(exchanged, "Name")
    child(ram(exchanged, "IssueDateTime"), f"{{{UDT}}}DateTimeString", format="204")
    for party in ("SenderTradeParty", "IssuerTradeParty"):
        ram(ram(exchanged, party), "RoleCode", PLATFORM_ROLE)
    return root


def framed(header: Header, profile: str, identifier: str, name: str) -> tuple[etree._Element, etree._Element]:
    """The root and its ExchangedDocument, which still lacks its recipient.

    Shape    `profile` is MDT-3, `identifier` MDT-4, `name` MDT-5.
    """
    root = deepcopy(_frame(profile))
    exchanged = root[1]
    exchanged[0].text = visible(identifier[:ID_CHARACTERS_MAX])
    exchanged[1].text = visible(cut(name, NAME_CHARACTERS_MAX))
    exchanged[2][0].text = compact_instant(header.produced_at)
    return root, exchanged


def platform_recipient(exchanged: etree._Element, partner_code: str) -> None:
    """Address the message to the partner's platform: its application code (MDT-55) and role."""
    recipient = ram(exchanged, "RecipientTradeParty")
    ram(recipient, "ID", partner_code)
    ram(recipient, "RoleCode", PLATFORM_ROLE)


def answered(root: etree._Element, at: datetime) -> etree._Element:
    """A new ReferenceReferencedDocument, the one object that the message answers; `at` is when it got its status."""
    acknowledgment = child(root, f"{{{RSM}}}AcknowledgementDocument")
    child(ram(acknowledgment, "MultipleReferencesIndicator"), f"{{{UDT}}}Indicator", "false")
    ram(acknowledgment, "TypeCode", TRANSMISSION_PHASE)
    instant_204(acknowledgment, "IssueDateTime", at)
    return ram(acknowledgment, "ReferenceReferencedDocument")


def note(detail: etree._Element, rule: str, fr: str, en: str, subject: str) -> None:
    """Add one IncludedNote: rule id (MDT-125), sentence in both languages (MDT-126), place (MDT-127). G7.29."""
    included = ram(detail, "IncludedNote")
    if rule:
        ram(included, "ContentCode", cut(rule, RULE_CHARACTERS_MAX))
    for language, sentence in ((Language.FR, fr), (Language.EN, en)):
        if sentence:
            said = shortened(sentence, COMMENT_CHARACTERS_MAX, language)
            ram(included, "Content", said, languageID=language.upper())
    if subject:
        ram(included, "SubjectCode", cut(subject, SUBJECT_CHARACTERS_MAX))
