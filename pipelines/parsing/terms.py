"""What is said of a document that could not be read."""

from __future__ import annotations

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.errors import DocumentUnreadable
from data_contracts.motives import MOTIVES
from data_contracts.tables import Flag
from pipelines.parsing.documents import Document
from pipelines.parsing.odd_amounts import READING_RULES
from pipelines.parsing.rows import blank_invoice
from pipelines.parsing.xml_gate import line_of


def unreadable(document: Document, refusal: DocumentUnreadable) -> tuple[InvoiceRow, FindingRow]:
    """The row and the finding of a document that was refused at reading.

    Shape    The row holds the document's key and nulls; the finding's rule is the motive code, and its sentences say
             what happened, where, and what to do.
    """
    motive = MOTIVES[refusal.motive]
    finding = FindingRow(
        flow_key=document.flow_key,
        position=document.position,
        rule_set=READING_RULES,
        rule=refusal.motive,
        flag=Flag.FATAL.value,
        terms=[],
        location=None,  # An XPath or nothing: the place of a refusal is a line, and words that the sentences hold.
        line=line_of(refusal.where),
        found=refusal.value or None,
        expected=None,
        message_fr=f"{motive.sentence_fr} Détail : {refusal.what_fr}. {motive.remedy_fr}",
        message_en=f"{motive.sentence_en} Detail: {refusal.what}. {motive.remedy_en}",
    )
    return blank_invoice(document), finding
