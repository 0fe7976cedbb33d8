"""The acknowledgment of an AFNOR flow: CDAR D22B on the flow, admissible (500) or not (501).

Sources  annex 2 (column of lifecycles on a flow); G7.14 and S1.06 (profile and reference type), G7.15 (object type
         303), G7.18 (motives), G7.23 (object id), G7.29 (place of rule, sentence and file name), G7.32 (recipient).
The French Schematron BR-FR-CDV speaks of invoices only (it allows neither 303 nor this profile), so a flow follows
annex 2.
"""

from __future__ import annotations

from itertools import islice

from lxml import etree

from data_contracts.answers import ErrorLine, FlowAnswer
from data_contracts.errors import ContractBroken
from data_contracts.messages import both
from data_contracts.motives import MOTIVES, Scope
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cdar_frame import (
    NAME_CHARACTERS_MAX,
    OBJECT_ID_CHARACTERS_MAX,
    answered,
    date_102,
    framed,
    instant_204,
    note,
    platform_recipient,
    ram,
)
from pipelines.acknowledgment.elements import compact_instant, cut, document

FLOW_PROFILE = "urn.cpro.gouv.fr:1p0:CDV:flux"
FLOW_OBJECT_TYPE = "303"

LINES_MAX = 5_000
"""Lines of one CDAR on a flow, which is held in memory. Each invoice has a CDAR of its own that tells all of it."""


def cdar_flow_status(answer: FlowAnswer) -> bytes:
    """The bytes of the CDAR that acknowledges a flow.

    Shape    one SpecifiedDocumentStatus for each motive, one note for each error line; under 500, where there is no
             motive, one SpecifiedDocumentStatus holds the comment and the lines.
    Errors   ContractBroken if the code is not 500 or 501, or if 501 has no motive.
    Cost     linear in the lines.
    """
    row = status(StatusFormat.CDAR_FLOW, answer.code)
    if row is None:
        raise ContractBroken("not a flow status of CDAR", where="FlowAnswer.code", value=answer.code)
    if row.motive_required and not answer.motive:
        raise ContractBroken("a flow that is not admissible needs a motive", where="FlowAnswer.motive")
    produced_at = answer.header.produced_at
    identifier = f"{answer.flow_id[:25]}_{row.code}_{compact_instant(produced_at)}"
    root, exchanged = framed(answer.header, FLOW_PROFILE, identifier, str(answer.header.name))
    platform_recipient(exchanged, answer.header.name.partner_code)
    flow = answered(root, produced_at)
    ram(flow, "IssuerAssignedID", cut(answer.flow_id, OBJECT_ID_CHARACTERS_MAX))
    ram(flow, "TypeCode", FLOW_OBJECT_TYPE)
    ram(flow, "Name", cut(answer.flow_name, NAME_CHARACTERS_MAX))
    instant_204(flow, "ReceiptDateTime", answer.received_at)
    ram(flow, "ReferenceTypeCode", FLOW_PROFILE)
    if not row.motive_required:
        # A flow says nothing of its day of issue; the day it came is the nearest fact, and 501 may leave it out.
        date_102(flow, "FormattedIssueDateTime", compact_instant(answer.received_at)[:8])
    ram(flow, "ProcessConditionCode", row.code)
    ram(flow, "ProcessCondition", row.label_fr)
    _details(flow, answer)
    return document(root)


def _details(flow: etree._Element, answer: FlowAnswer) -> None:
    groups: dict[str, list[ErrorLine]] = {answer.motive: []}
    for line in islice(answer.lines, LINES_MAX):
        groups.setdefault(_motive(line, answer.motive), []).append(line)
    for number, (motive, lines) in enumerate(groups.items(), start=1):
        commented = number == 1 and bool(answer.comment_fr or answer.comment_en)
        if not (motive or lines or commented):
            continue
        detail = ram(flow, "SpecifiedDocumentStatus")
        if motive:
            ram(detail, "ReasonCode", motive)
            ram(detail, "Reason", MOTIVES[motive].sentence_fr if motive in MOTIVES else motive)
        ram(detail, "SequenceNumeric", str(number))
        if commented:
            note(detail, "", answer.comment_fr, answer.comment_en, "")
        for line in lines:
            note(detail, line.code, line.message_fr, line.message_en, line.subject)
        if number == len(groups) and len(answer.lines) > LINES_MAX:
            left_out = both("acknowledgment-cut-findings", findings=len(answer.lines) - LINES_MAX)
            note(detail, "", left_out.fr, left_out.en, "")


def _motive(line: ErrorLine, whole: str) -> str:
    """The motive a line stands under: its own when it is one of admissibility, else the flow's."""
    own = MOTIVES.get(line.code)
    return line.code if whole and own is not None and own.scope is not Scope.INVOICE else whole
