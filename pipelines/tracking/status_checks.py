"""What is wrong with a status by itself, whatever the invoice: time, number, code, motive, comment, mandate.

Sources  DSE-CP 3.4 and SWAG `traiter/recue` (motives); BR-FR-CDV-CL-09 (motives by status); G7.25 (comment of a
         refusal); XSD-STA (comment's length is unbounded; ours is what is passed on).
"""

from __future__ import annotations

from collections.abc import Iterator

from data_contracts.answers import FindingRow
from data_contracts.history import MessageHead, ReceivedFlowStatus, ReceivedStatus, StatusMessage
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.statuses import StatusFormat, status
from pipelines.tracking.findings import (
    CODE_UNKNOWN,
    COMMENT_LONG,
    COMMENT_MISSING,
    DAY_UNREADABLE,
    MANDATE_ELSEWHERE,
    MOTIVE_MISSING,
    NUMBER_MISSING,
    TIME_UNREADABLE,
    Place,
    finding,
)

Found = tuple[int, FindingRow]

CPP_FORMATS = frozenset({StatusFormat.CPP_INVOICE, StatusFormat.CPP_FLOW})
MANDATED = "08"
REFUSED = "210"
TAX_ADMINISTRATION = ("0238", "0000")
"""Identifier of the PPF as a recipient (DFH): matricule 0000 since the rules 1.4.0."""


def status_findings(message: StatusMessage) -> Iterator[Found]:
    """What is wrong with each status of a message by itself, in their order."""
    for one in message.invoices:
        yield from _invoice(one, message.head)
    for flow in message.flows:
        yield from _timed(flow)
        yield from _coded(flow)


def _invoice(one: ReceivedStatus, head: MessageHead) -> Iterator[Found]:
    place = Place(one.ordinal, one.line)
    yield from _timed(one)
    if not one.number:
        yield finding(NUMBER_MISSING, place)
    if one.issued_on is None and one.issued_on_text:
        yield finding(DAY_UNREADABLE, place, found=one.issued_on_text, text=one.issued_on_text)
    yield from _coded(one)
    yield from _motives(one, place)
    if one.mandate_number and one.code != MANDATED:
        yield finding(MANDATE_ELSEWHERE, place, found=one.mandate_number, code=one.code)
    if _refused_to_administration(one, head) and not one.comment:
        yield finding(COMMENT_MISSING, place, code=one.code)
    if len(one.comment) > COMMENT_CHARACTERS_MAX:
        counted, most = str(len(one.comment)), str(COMMENT_CHARACTERS_MAX)
        yield finding(COMMENT_LONG, place, found=counted, expected=most, counted=counted, most=most)


def _timed(one: ReceivedStatus | ReceivedFlowStatus) -> Iterator[Found]:
    if one.at is None:
        yield finding(TIME_UNREADABLE, Place(one.ordinal, one.line), found=one.at_text, text=one.at_text)


def _coded(one: ReceivedStatus | ReceivedFlowStatus) -> Iterator[Found]:
    """Codes of CDAR are a matter of BR-FR-CDV-CL-06."""
    if one.format in CPP_FORMATS and status(one.format, one.code) is None:
        place = Place(one.ordinal, one.line)
        yield finding(CODE_UNKNOWN, place, found=one.code, code=one.code, format=one.format.value)


def _motives(one: ReceivedStatus, place: Place) -> Iterator[Found]:
    """A motive is compulsory: of CPPStatut, which has no field for one, a comment that says more than the status. Of
    CDAR it is a matter of BR-FR-CDV-15 and CL-09."""
    known = status(one.format, one.code)
    if one.format not in CPP_FORMATS or known is None or not known.motive_required:
        return
    says_no_more = one.comment.casefold() in ("", known.label_fr.casefold(), one.label.casefold())
    if not one.reasons and says_no_more:
        yield finding(MOTIVE_MISSING, place, code=one.code)


def _refused_to_administration(one: ReceivedStatus, head: MessageHead) -> bool:
    towards = any((party.id_type, party.id) == TAX_ADMINISTRATION for party in head.parties)
    return one.format is StatusFormat.CDAR_INVOICE and one.code == REFUSED and towards
