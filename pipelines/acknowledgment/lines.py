"""The error lines of a flow's acknowledgment: one for each finding that keeps an invoice out.

A line is read by someone who has only this file: it names the invoice, the archive member, the rule, the business terms
with their names, the line, the node, the value found and the value expected, and says it in both languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data_contracts.answers import ErrorLine, FindingRow, InvoiceRow
from pipelines.acknowledgment.elements import quoted
from pipelines.acknowledgment.told import told_en, told_fr

INVOICE_NATURE = "FACTURE"
FILE_NATURE = "FICHIER"


def error_lines(rejected: Iterable[tuple[InvoiceRow, Sequence[FindingRow]]]) -> tuple[ErrorLine, ...]:
    """One line for each finding of each invoice, in the order given.

    Shape    takes the findings that reject, a duplicate's or a routing error's among them; `nature` is FACTURE, or
             FICHIER when the file could not be read and so no invoice is known.
    Cost     linear in the findings.
    """
    return tuple(_line(invoice, finding) for invoice, findings in rejected for finding in findings)


def _line(invoice: InvoiceRow, finding: FindingRow) -> ErrorLine:
    member = quoted(invoice["member_name"])
    if invoice["number"] is None:
        nature, subject, of_fr, of_en = FILE_NATURE, member, "", ""
    else:
        nature, subject = INVOICE_NATURE, quoted(invoice["number"])
        of_fr, of_en = f" (fichier {member})", f" (file {member})"
    return ErrorLine(
        nature=nature,
        code=finding["rule"],
        subject=subject,
        message_fr=f"{subject}{of_fr} : [{finding['rule']}] {told_fr(finding)}",
        message_en=f"{subject}{of_en}: [{finding['rule']}] {told_en(finding)}",
    )
