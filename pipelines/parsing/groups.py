"""One group of business terms of a document: its texts, identifiers and amounts, and what could not be read."""

from __future__ import annotations

from decimal import Decimal

from data_contracts.answers import FindingRow
from data_contracts.tables import Flag
from pipelines.parsing.parties import Identifier
from pipelines.parsing.paths import Hit
from pipelines.parsing.values import FRACTION_DIGITS_MAX, WHOLE_DIGITS_MAX, decimal_term, line_number, text_of

READING_RULES = "relais.reading:1"
"""Coordinate of what Relais itself says of a document while reading it."""

AMOUNT_RULE = "RLS-AMOUNT-01"

FINDINGS_MAX = 100
"""Unreadable amounts that are told one by one; those beyond are told by their number."""

FOUND_CHARACTERS_MAX = 100


class OddAmounts:
    """The amounts of one document that cannot be held exactly, as findings."""

    def __init__(self, flow_key: str, position: int) -> None:
        self._flow_key = flow_key
        self._position = position
        self._findings: list[FindingRow] = []
        self._untold = 0

    def add(self, term: str, location: str, hit: Hit, text: str) -> None:
        """Record one amount: its business term, the XPath and line of its element, its text."""
        if len(self._findings) == FINDINGS_MAX:
            self._untold += 1
            return
        self._findings.append(
            self._finding(
                [term],
                location,
                line_number(hit.element),
                text[:FOUND_CHARACTERS_MAX],
                f"Le montant ou la quantité {term} ne peut être tenu exactement.",
                f"The amount or quantity {term} cannot be held exactly.",
            )
        )

    def findings(self) -> list[FindingRow]:
        """The findings in the order of reading; one more says how many others there are beyond FINDINGS_MAX."""
        if not self._untold:
            return list(self._findings)
        last = self._finding(
            [],
            None,
            None,
            str(self._untold),
            f"{self._untold} autres montants ou quantités ne peuvent être tenus exactement.",
            f"{self._untold} other amounts or quantities cannot be held exactly.",
        )
        return [*self._findings, last]

    def _finding(
        self, terms: list[str], location: str | None, line: int | None, found: str, french: str, english: str
    ) -> FindingRow:
        return FindingRow(
            flow_key=self._flow_key,
            position=self._position,
            rule_set=READING_RULES,
            rule=AMOUNT_RULE,
            flag=Flag.FATAL.value,
            terms=terms,
            location=location,
            line=line,
            found=found,
            expected=f"-?[0-9]{{1,{WHOLE_DIGITS_MAX}}}(.[0-9]{{1,{FRACTION_DIGITS_MAX}}})?",
            message_fr=french,
            message_en=english,
        )


class Group:
    """The hits of one table below one element. Of a repeated term the first that is not empty counts."""

    def __init__(self, hits: dict[str, list[Hit]], place: str, odd_amounts: OddAmounts) -> None:
        self._hits = hits
        self._place = place
        self._odd_amounts = odd_amounts

    def hits(self, term: str) -> list[Hit]:
        """Every element of a term, in document order."""
        return self._hits.get(term, [])

    def first(self, *terms: str) -> tuple[Hit, str] | None:
        """The first element that holds a text, and that text; the terms are tried in the order given."""
        for term in terms:
            for hit in self._hits.get(term, ()):
                text = text_of(hit.element)
                if text is not None:
                    return hit, text
        return None

    def text(self, *terms: str) -> str | None:
        """The first text of these terms; None when there is none."""
        found = self.first(*terms)
        return None if found is None else found[1]

    def scheme(self, term: str) -> str | None:
        """The scheme of the identifier that `text` returns."""
        found = self.first(term)
        return None if found is None else _scheme(found[0])

    def identifiers(self, term: str) -> list[Identifier]:
        """Every identifier of a term that is not empty, with its scheme."""
        found = ((text_of(hit.element), _scheme(hit)) for hit in self._hits.get(term, ()))
        return [Identifier(text, scheme) for text, scheme in found if text is not None]

    def amount(self, term: str, code: str) -> Decimal | None:
        """The first amount of a term. None when absent, or when it cannot be held exactly: then a finding says so.

        Shape    `code` is the business term, such as BT-109.
        """
        found = self.first(term)
        if found is None:
            return None
        hit, text = found
        value = decimal_term(text)
        if value is None:
            self._odd_amounts.add(code, f"{self._place}{hit.path}", hit, text)
        return value


def _scheme(hit: Hit) -> str | None:
    attributes = hit.element
    # Chorus Pro's older UBL flows write the scheme in schemeName.
    scheme = (attributes.get("schemeID") or attributes.get("schemeName") or "").strip()
    return scheme or None
