"""The error lines of a flow's acknowledgment: one for each rule that rejects invoices, then one for each finding.

A line is read by someone who has only this file: it names the invoice, the archive member, the rule, the business terms
with their names, the line, the node, the value found and the value expected, and says it in both languages. Lines are
made as they are read: a flow may have a million of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data_contracts.answers import ErrorLine, FindingRow, InvoiceRow
from data_contracts.messages import Sentences, both
from pipelines.acknowledgment.elements import quoted
from pipelines.acknowledgment.rule_counts import Rejected, rule_lines
from pipelines.acknowledgment.told import told_finding

INVOICE_NATURE = "FACTURE"
FILE_NATURE = "FICHIER"
ALONE = Sentences("", "")


class ErrorLines(Sequence[ErrorLine]):
    """The lines of rejected invoices: the rules with their counts, then each finding, invoice by invoice.

    Shape    takes the findings that reject, a duplicate's or a routing error's among them. A single rejected invoice
             has no counts: its findings are all there is to read. `nature` is FLUX for a count, FACTURE for a finding,
             or FICHIER when the file could not be read and so no invoice is known.
    Cost     linear in the findings, each time that they are read; memory of one line.
    """

    def __init__(self, rejected: Sequence[Rejected]) -> None:
        self._rejected = rejected
        self.rules: tuple[ErrorLine, ...] = tuple(rule_lines(rejected)) if len(rejected) > 1 else ()
        self.findings = sum(len(findings) for _, findings in rejected)

    def __len__(self) -> int:
        return len(self.rules) + self.findings

    def __iter__(self) -> Iterator[ErrorLine]:
        yield from self.rules
        for invoice, findings in self._rejected:
            for place, finding in enumerate(findings, start=1):
                yield _line(invoice, finding, _place(place, len(findings)))

    def __getitem__(self, at: int | slice) -> Any:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


def _place(place: int, count: int) -> Sentences:
    return both("acknowledgment-place", place=str(place), count=str(count)) if count > 1 else ALONE


def _line(invoice: InvoiceRow, finding: FindingRow, place: Sentences) -> ErrorLine:
    member = quoted(invoice["member_name"])
    if invoice["number"] is None:
        nature, subject, of_fr, of_en = FILE_NATURE, member, "", ""
    else:
        nature, subject = INVOICE_NATURE, quoted(invoice["number"])
        of_fr, of_en = f" (fichier {member})", f" (file {member})"
    said = told_finding(finding)
    return ErrorLine(
        nature=nature,
        code=finding["rule"],
        subject=subject,
        message_fr=f"{subject}{of_fr}{place.fr} : [{finding['rule']}] {said.fr}",
        message_en=f"{subject}{of_en}{place.en}: [{finding['rule']}] {said.en}",
    )
