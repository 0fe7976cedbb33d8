"""Why an invoice has its status, as a CDAR says it: SpecifiedDocumentStatus blocks (MDG-37) with notes (MDG-39).

Source   BR-FR-CDV-CL-09 (closed list of motives for 213), BR-FR-CDV-16 (MDT-124-2 always there), BR-FR-CDV-CL-10 and
         CL-11 (action and data codes); G7.29.
"""

from __future__ import annotations

from lxml import etree

from data_contracts.answers import FindingRow, InvoiceStatus
from data_contracts.messages import both
from data_contracts.motives import MOTIVES
from data_contracts.statuses import StatusFormat
from data_contracts.terms import term
from pipelines.acknowledgment.cdar_frame import NAME_CHARACTERS_MAX, note, ram
from pipelines.acknowledgment.elements import cut
from pipelines.acknowledgment.told import told_finding
from pipelines.lifecycle.explaining import status_explained
from pipelines.lifecycle.usable import Usable

REJECTION_MOTIVES = frozenset({
    "MONTANTTOTAL_ERR", "CALCUL_ERR", "DOUBLON", "DEST_INC", "ADR_ERR", "REJ_SEMAN", "REJ_UNI", "REJ_COH", "REJ_ADR",
    "REJ_CONT_B2G", "REJ_REF_PJ", "REJ_ASS_PJ",
})  # fmt: skip
"""BR-FR-CDV-CL-09: the motives that 213 may carry."""

CLOSEST_MOTIVE = {
    "IRR_TAILLE_PJ": "REJ_ASS_PJ",
    "IRR_VID_PJ": "REJ_ASS_PJ",
    "IRR_EXT_DOC": "REJ_ASS_PJ",
    "IRR_NOM_PJ": "REJ_REF_PJ",
}
"""Motives of admissibility found in one file of an admitted flow, by the rejection motive that 213 has for them."""

CONTENT_MOTIVE = "REJ_SEMAN"
"""What 213 says of a file that cannot be read as an invoice: G7.19 has no nearer motive."""

NOTES_MAX = 500
"""Findings written in one CDAR. An invoice of 100,000 lines may break one rule on each; the rest is counted."""

LOCATION_CHARACTERS_MAX = 2_000  # MDT-213
TERM_CHARACTERS_MAX = 20  # MDT-206
ACTION_CHARACTERS_MAX = 250  # MDT-122
WRONG_VALUE, EXPECTED_VALUE = "DIV", "DVA"


def rejection_motive(motive: str) -> str:
    """The motive that 213 carries for one of ours."""
    return motive if motive in REJECTION_MOTIVES else CLOSEST_MOTIVE.get(motive, CONTENT_MOTIVE)


def add_reasons(reference: etree._Element, one: InvoiceStatus, identity: Usable) -> None:
    """Add one SpecifiedDocumentStatus for each rule broken, its findings as notes, numbered from 1.

    Shape    without findings, one block holds the status's own comment; the first block also tells what the status
             means and asks for. Nothing is added when nothing is to be said.
    """
    kept = one.findings[:NOTES_MAX]
    groups: dict[str, list[FindingRow]] = {}
    for finding in kept:
        groups.setdefault(finding["rule"], []).append(finding)
    commented = not kept and bool(one.comment_fr or one.comment_en)
    if not (one.motive or groups or commented or identity.note_fr):
        return
    for number, findings in enumerate(groups.values() or [[]], start=1):
        detail = _block(reference, one, number)
        if number == 1 and identity.note_fr:
            note(detail, "G1.114", identity.note_fr, identity.note_en, "")
        if commented:
            note(detail, one.motive, one.comment_fr, one.comment_en, "")
        for finding in findings:
            _finding(detail, finding)
        told = status_explained(StatusFormat.CDAR_INVOICE, one.code, one.motive) if number == 1 else None
        if told is not None:
            note(detail, "", told.fr, told.en, "")
        if number == max(len(groups), 1) and len(one.findings) > len(kept):
            left_out = both("acknowledgment-cut-findings", findings=len(one.findings) - len(kept))
            note(detail, "", left_out.fr, left_out.en, "")
        _characteristics(detail, findings)


def _block(reference: etree._Element, one: InvoiceStatus, number: int) -> etree._Element:
    detail = ram(reference, "SpecifiedDocumentStatus")
    if one.motive:
        motive = MOTIVES.get(one.motive)
        ram(detail, "ReasonCode", rejection_motive(one.motive))
        ram(detail, "Reason", motive.sentence_fr if motive else one.motive)
        if motive:
            ram(detail, "RequestedAction", cut(motive.remedy_fr, ACTION_CHARACTERS_MAX))
    ram(detail, "SequenceNumeric", str(number))
    return detail


def _finding(detail: etree._Element, finding: FindingRow) -> None:
    subject = ", ".join(finding["terms"]) or finding["location"] or ""
    said = told_finding(finding)
    note(detail, finding["rule"], said.fr, said.en, subject)


def _characteristics(detail: etree._Element, findings: list[FindingRow]) -> None:
    """Machine-readable values: the wrong one (DIV), the expected one (DVA). The schema puts them after all notes."""
    for finding in findings:
        for code, value in ((WRONG_VALUE, finding["found"]), (EXPECTED_VALUE, finding["expected"])):
            if value is None:
                continue
            characteristic = ram(detail, "SpecifiedDocumentCharacteristic")
            code_of_term = finding["terms"][0] if finding["terms"] else ""
            if code_of_term:
                ram(characteristic, "ID", cut(code_of_term, TERM_CHARACTERS_MAX))
            ram(characteristic, "TypeCode", code)
            named = term(code_of_term)
            if named:
                ram(characteristic, "Name", cut(named.name_fr, NAME_CHARACTERS_MAX))
            if finding["location"]:
                ram(characteristic, "Location", cut(finding["location"], LOCATION_CHARACTERS_MAX))
            ram(characteristic, "Value", cut(value, NAME_CHARACTERS_MAX))
