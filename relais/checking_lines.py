"""What is told of one checked document: one line of JSON, findings of the same rule told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

from data_contracts.answers import FindingRow
from data_contracts.messages import both
from data_contracts.tables import Flag, Verdict
from pipelines.parsing.odd_amounts import READING_RULES
from pipelines.parsing.terms import explained
from pipelines.validation.checked import Checked
from pipelines.validation.explain import RULE_FINDINGS_MAX
from pipelines.validation.schema import FINDINGS_MAX, XSD_RULE
from relais.checking_inputs import Given, Refused

WHOLE = frozenset({"flow", "archive"})
"""Places of a refusal that are no file of the archive."""


class FindingLine(TypedDict):
    """One broken rule. `count` is the number of places; `location`, `line`, `found` and the messages are those of the
    first; `lines` holds those that are known, at most `RULE_FINDINGS_MAX`."""

    rule_set: str
    rule: str
    flag: str
    count: int
    location: str | None
    line: int | None
    lines: list[int]
    terms: list[str]
    message_fr: str
    message_en: str
    found: str | None
    expected: str | None


class DocumentLine(TypedDict):
    """One document. `document` is its name, None for an archive that was refused; `xsd_valid` is None when the schema
    was not asked; `cause` says why a verdict is undetermined."""

    path: str
    document: str | None
    number: str | None
    verdict: str
    xsd_valid: bool | None
    rule_sets: list[str]
    cause: str | None
    findings: list[FindingLine]


def lines_of(given: Sequence[Given], checked: Checked, *, xsd: bool) -> Iterator[DocumentLine]:
    """The lines of documents that were judged; `xsd` says whether the schema was asked."""
    syntaxes, numbers = checked.invoices.column("syntax").to_pylist(), checked.invoices.column("number").to_pylist()
    rows = zip(given, syntaxes, numbers, checked.verdicts, checked.findings, strict=True)
    for one, syntax, number, verdict, findings in rows:
        # What reading found odd is no word of the official files that were asked for, unless nothing could be read.
        told = [row for row in findings if syntax is None or row["rule_set"] != READING_RULES]
        yield DocumentLine(
            path=one.path,
            document=one.document.member_name,
            number=number,
            verdict=verdict["verdict"],
            xsd_valid=verdict["xsd_valid"] if xsd else None,
            rule_sets=verdict["rule_sets"],
            cause=verdict["cause"],
            findings=together(told),
        )


def refused_line(refused: Refused) -> DocumentLine:
    """The line of a file that was refused as a whole."""
    refusal, said = refused.refusal, explained(refused.refusal)
    if refusal.where not in WHOLE:
        said = both("report-refused", said=said, file=refusal.where)
    finding = FindingLine(
        rule_set=READING_RULES,
        rule=refusal.motive,
        flag=Flag.FATAL.value,
        count=1,
        location=refusal.where or None,
        line=None,
        lines=[],
        terms=[],
        message_fr=said.fr,
        message_en=said.en,
        found=refusal.value or None,
        expected=None,
    )
    return DocumentLine(
        path=refused.path,
        document=refused.name,
        number=None,
        verdict=Verdict.INVALID.value,
        xsd_valid=None,
        rule_sets=[],
        cause=None,
        findings=[finding],
    )


def together(rows: Iterable[FindingRow]) -> list[FindingLine]:
    """Findings, those of the same rule and flag as one; schema errors, those of the same sentence as one."""
    by_rule: dict[tuple[str, str], list[FindingRow]] = {}
    for row in rows:
        by_rule.setdefault((row["rule_set"], row["rule"]), []).append(row)
    told: list[FindingLine] = []
    for (_, rule), same in by_rule.items():
        most = FINDINGS_MAX if rule == XSD_RULE else RULE_FINDINGS_MAX
        # Beyond the most that is told one by one, the last row counts the others.
        listed, others = same[:most], same[most:]
        groups: dict[str, list[FindingRow]] = {}
        for row in listed:
            groups.setdefault(row["message_en"] if rule == XSD_RULE else row["flag"], []).append(row)
        told += [_one(group) for group in groups.values()]
        for row in others:
            _add_unlisted(told, row, listed_by_flag=rule != XSD_RULE)
    return told


def _add_unlisted(told: list[FindingLine], row: FindingRow, *, listed_by_flag: bool) -> None:
    """Counts what is not listed: with its rule, or for the schema, whose errors all differ, as a line of its own."""
    count = int(row["found"] or 0)
    if listed_by_flag:
        for line in told:
            if (line["rule_set"], line["rule"], line["flag"]) == (row["rule_set"], row["rule"], row["flag"]):
                line["count"] += count
                return
    told.append({**_one([row]), "count": count, "found": None})


def _one(rows: Sequence[FindingRow]) -> FindingLine:
    first = rows[0]
    return FindingLine(
        rule_set=first["rule_set"],
        rule=first["rule"],
        flag=first["flag"],
        count=len(rows),
        location=first["location"],
        line=first["line"],
        lines=[row["line"] for row in rows if row["line"] is not None],
        terms=first["terms"],
        message_fr=first["message_fr"],
        message_en=first["message_en"],
        found=first["found"],
        expected=first["expected"],
    )
