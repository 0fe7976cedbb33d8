"""What is said of a document that could not be read."""

from __future__ import annotations

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.messages import Sentences, both
from data_contracts.refusals import DocumentUnreadable, Refusal
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
    said = explained(refusal)
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
        message_fr=said.fr,
        message_en=said.en,
    )
    return blank_invoice(document), finding


def explained(refusal: Refusal) -> Sentences:
    """What a refusal tells its sender: what its motive means, what was found, and what to do."""
    motive = both(f"motive-{refusal.motive}")
    return both("parsing-refused", motive=motive, what=refusal.said, remedy=refusal.to_do)
