"""Which rules reject how many invoices of a flow: what its sender reads first, for one cause often rejects hundreds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from data_contracts.answers import ErrorLine, FindingRow, InvoiceRow
from data_contracts.messages import Language, Sentences, both, told
from pipelines.acknowledgment.elements import quoted

Rejected = tuple[InvoiceRow, Sequence[FindingRow]]
"""An invoice with the findings that reject it."""

FLOW_NATURE = "FLUX"
SUBJECTS_SHOWN = 10
"""Invoices named in the count of a rule: enough to begin with; all of them have lines of their own."""

SUBJECT_CHARACTERS_MAX = 40


@dataclass
class _Count:
    """What is known of one rule. `alike` while all its findings say the same."""

    first: FindingRow
    findings: int = 0
    invoices: int = 0
    alike: bool = True
    subjects: list[str] = field(default_factory=list)


def rule_lines(rejected: Sequence[Rejected]) -> Iterator[ErrorLine]:
    """One line for each rule: how many invoices and findings, its sentence, the first invoices concerned.

    Shape    the rule that rejects most invoices first, then in order of rule ids.
    Cost     one pass over the findings.
    """
    counts: dict[str, _Count] = {}
    for invoice, findings in rejected:
        for finding in findings:
            known = counts.setdefault(finding["rule"], _Count(finding))
            known.findings += 1
            known.alike &= finding["message_fr"] == known.first["message_fr"]
        for rule in sorted({finding["rule"] for finding in findings}):
            known = counts[rule]
            known.invoices += 1
            if len(known.subjects) < SUBJECTS_SHOWN:
                known.subjects.append(_subject(invoice))
    for rule, known in sorted(counts.items(), key=lambda item: (-item[1].invoices, item[0])):
        said = Sentences(_said(known, Language.FR), _said(known, Language.EN))
        yield ErrorLine(FLOW_NATURE, rule, rule, f"{rule} : {said.fr}", f"{rule}: {said.en}")


def _subject(invoice: InvoiceRow) -> str:
    subject = quoted(invoice["number"] or invoice["member_name"])
    return subject if len(subject) <= SUBJECT_CHARACTERS_MAX else subject[: SUBJECT_CHARACTERS_MAX - 1] + "…"


def _said(known: _Count, language: Language) -> str:
    sentence = known.first["message_fr"] if language is Language.FR else known.first["message_en"]
    if not known.alike:
        sentence = told("acknowledgment-such", language, sentence=sentence)
    listed, more = ", ".join(known.subjects), known.invoices - len(known.subjects)
    named = (
        told("acknowledgment-subjects-more", language, subjects=listed, more=more)
        if more
        else told("acknowledgment-subjects", language, subjects=listed, count=known.invoices)
    )
    return told(
        "acknowledgment-rule", language, invoices=known.invoices, findings=known.findings, sentence=sentence,
        subjects=named,
    )  # fmt: skip


def flow_comment(received: int, accepted: int, rejected: int, aside: int, findings: int, rules: int) -> Sentences:
    """What became of a flow as a whole: counts, what to do, how to read the lines.

    Shape    `findings` and `rules` count the lines that follow.
    """
    counted = both("acknowledgment-counts", received=received, accepted=accepted, rejected=rejected)
    if aside:
        waiting = both("acknowledgment-aside", aside=aside)
        counted = Sentences(f"{counted.fr}, {waiting.fr}", f"{counted.en}, {waiting.en}")
    parts = [Sentences(f"{counted.fr}.", f"{counted.en}.")]
    if findings:
        parts += [both("acknowledgment-findings", findings=findings), both("acknowledgment-reading")]
    if rules:
        parts.append(both("acknowledgment-guide", rules=rules))
    return Sentences(" ".join(part.fr for part in parts), " ".join(part.en for part in parts))
