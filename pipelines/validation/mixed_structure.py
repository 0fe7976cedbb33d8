"""The structure of one CPPFactureMixte, judged by our own grammar, since no schema of it is published."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.messages import both
from data_contracts.tables import Flag
from pipelines.validation.mixed_grammar import GRAMMAR, UNIT, Part
from pipelines.validation.places import Place, Places
from pipelines.validation.schema import SchemaVerdict

STRUCTURE_RULES = "relais.cpp-facture-mixte:1"
MISSING, MANY, UNKNOWN, ORDER, FORM, ATTRIBUTE, COUNT, SEVERAL = (f"RLS-MIXTE-{number:02d}" for number in range(1, 9))
FINDINGS_MAX = 50
"""Defects told of one document; those beyond are counted."""
DEFECTS_MAX = 1_000
"""Defects after which a document is not looked at further, and is invalid whatever they are."""


def structure_verdict(flow_key: str, position: int, places: Places) -> SchemaVerdict:
    """What the grammar says of a document whose root is CPPFactureMixte.

    Shape    findings in document order, at most `FINDINGS_MAX` and one that counts the others. Valid unless one is
             fatal: what the grammar does not know is told, and does not reject.
    Cost     one walk over the tree.
    """
    judge = _Structure(flow_key, position, places)
    findings = list(islice(judge.all(), DEFECTS_MAX))
    valid = len(findings) < DEFECTS_MAX and all(row["flag"] != Flag.FATAL for row in findings)
    if len(findings) > FINDINGS_MAX:
        # Those that reject are told first, when not all can be.
        findings.sort(key=lambda row: row["flag"] != Flag.FATAL)
        flag = Flag.WARNING if valid else Flag.FATAL
        others = len(findings) - FINDINGS_MAX
        findings[FINDINGS_MAX:] = [judge.row(MANY, "mixed-others", None, None, None, flag, count=str(others))]
    return SchemaVerdict(valid, tuple(findings))


class _Structure:
    def __init__(self, flow_key: str, position: int, places: Places) -> None:
        self._flow_key = flow_key
        self._position = position
        self._places = places

    def all(self) -> Iterator[FindingRow]:
        root = self._places.root
        yield from self._below(root, GRAMMAR)
        invoices = root.find("CPPFactures")
        if invoices is None:
            return
        units = str(len(invoices.findall(UNIT)))
        counter = invoices.get("Compteur", units)
        if counter.strip().lstrip("0") != units:
            yield self.row(COUNT, "mixed-count", invoices, counter, units)
        if units not in ("0", "1"):
            yield self.row(SEVERAL, "mixed-several", invoices, units, "1")

    def _below(self, element: etree._Element, grammar: Part) -> Iterator[FindingRow]:
        for attribute in grammar.attributes:
            if element.get(attribute) is None:
                yield self.row(
                    ATTRIBUTE, "mixed-attribute", element, None, None, name=grammar.name, attribute=attribute
                )
        known = {name: (at, part) for at, part in enumerate(grammar.parts) for name in (part.name, *part.names)}
        counts = [0] * len(grammar.parts)
        reached = 0
        for child in element.iterchildren(tag=etree.Element):
            name = etree.QName(child).localname
            at, part = known.get(str(child.tag), (-1, None))
            if part is None:
                yield self.row(
                    UNKNOWN, "mixed-unknown", child, None, None, Flag.WARNING, name=name, parent=grammar.name
                )
                continue
            if at < reached:
                yield self.row(ORDER, "mixed-order", child, None, None, Flag.WARNING, name=name, parent=grammar.name)
            reached = max(reached, at)
            counts[at] += 1
            yield from self._below(child, part) if part.parts else self._text(child, part)
        for part, count in zip(grammar.parts, counts, strict=True):
            if count < part.least:
                yield self.row(MISSING, "mixed-missing", element, None, None, name=part.name, parent=grammar.name)
            if part.most is not None and count > part.most:
                yield self.row(
                    MANY, "mixed-many", element, str(count), str(part.most),
                    name=part.name, parent=grammar.name, count=str(count),
                )  # fmt: skip

    def _text(self, element: etree._Element, part: Part) -> Iterator[FindingRow]:
        text = (element.text or "").strip()
        if part.form is not None and (len(element) or part.form.pattern.fullmatch(text) is None):
            yield self.row(FORM, "mixed-form", element, text[:100], part.form.shown, name=part.name)

    def row(
        self,
        rule: str,
        message: str,
        element: etree._Element | None,
        found: str | None,
        expected: str | None,
        flag: Flag = Flag.FATAL,
        **values: str,
    ) -> FindingRow:
        place = Place(None) if element is None else self._places.of(element)
        given = {"found": found or "", "expected": expected or ""} | values
        sentences = both(message, **given)
        return FindingRow(
            flow_key=self._flow_key,
            position=self._position,
            rule_set=STRUCTURE_RULES,
            rule=rule,
            flag=flag.value,
            terms=[],
            location=place.location,
            line=place.line,
            found=found,
            expected=expected,
            message_fr=sentences.fr,
            message_en=sentences.en,
        )
