"""Columns of a group's rows from its hits. Of a repeated term the first element that is not empty counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.parsing.odd_amounts import OddAmounts
from pipelines.parsing.parties import Identifier
from pipelines.parsing.path_tables import INT, Array
from pipelines.parsing.term_hits import ABSENT, Group, Hits, first_below
from pipelines.parsing.term_paths import VatNumber
from pipelines.parsing.term_texts import NONE, Amounts, Texts
from pipelines.parsing.values import BLANK

T = TypeVar("T")

_IDENTIFIER_TYPE = "TypeIdentifiant"

Identifiers = list[tuple[tuple[int, int], ...]]
"""Of each row: text ids of the identifiers, each with that of its scheme."""


class Columns:
    """The columns of one group.

    Shape    `table` says which amounts are told first: those of invoices (0), of lines (1), of groups of VAT (2).
    """

    def __init__(self, group: Group, texts: Texts, amounts: Amounts, odd: OddAmounts, table: int) -> None:
        self.group = group
        self._texts = texts
        self._amounts = amounts
        self._odd = odd
        self._table = table
        self._strings = group.batch.strings.values

    def text(self, *terms: str) -> pa.Array:
        """The first text of these terms, tried in the order given. Nulls   null where there is none."""
        return self._texts.column(self._first_of(terms)[0])

    def day(self, read: Callable[[str, str | None], date | None], *terms: str) -> pa.Array:
        """The first text of these terms as a day. Nulls   null where there is none, or it is no day."""
        ids, formats = self._first_of(terms, "format")
        known: dict[tuple[int, int], date | None] = {}
        pairs = list(zip(ids.tolist(), formats.tolist(), strict=True))
        for pair in dict.fromkeys(pairs):
            text, code = pair
            if text != NONE:
                known[pair] = read(self._texts.of(text), None if code == ABSENT else self._strings[code])
        return pa.array([known.get(pair) for pair in pairs], pa.date32())

    def amount(self, term: str, code: str, where: Array | None = None) -> pa.Array:
        """The first text of a term as an amount; what cannot be held is recorded under its business term.

        Shape    `where` are the rows that are looked at; None for all of them.
        """
        hits = self.group.hits.get(term)
        if hits is None:
            return self._amounts.column(np.full(len(self.group), NONE, INT))
        first = self._first(hits)
        if where is not None:
            first = np.where(where, first, ABSENT)
        ids = _taken(hits.ids, first, NONE)
        rows = np.flatnonzero(self._amounts.odd[ids])
        self._odd.add(code, self._table, self.group, hits, rows, first[rows])
        return self._amounts.column(ids)

    def amount_or(self, term: str, other: str, code: str) -> pa.Array:
        """The amount of a term; where there is none, that of another one."""
        amounts = self.amount(term, code)
        if not amounts.null_count:
            return amounts
        return pc.coalesce(amounts, self.amount(other, code, amounts.is_null().to_numpy(zero_copy_only=False)))

    def scheme(self, term: str) -> pa.Array:
        """The scheme of the identifier that `text` gives. Nulls   null where it has none."""
        hits = self.group.hits.get(term)
        if hits is None:
            return pa.nulls(len(self.group), pa.string())
        schemes = _taken(_schemes(hits), self._first(hits), NONE).tolist()
        known = {number: self._scheme(number) for number in set(schemes)}
        return pa.array([known[number] for number in schemes], pa.string())

    def identifiers(self, term: str) -> Identifiers:
        """Every identifier of a term that is not empty, as ids: `identifier` makes them values."""
        hits = self.group.hits.get(term)
        if hits is None:
            return [()] * len(self.group)
        filled = self._texts.filled[hits.ids]
        pairs = list(zip(hits.ids[filled].tolist(), _schemes(hits)[filled].tolist(), strict=True))
        return _by_row(pairs, hits.anchors[filled], len(self.group))

    def identifier(self, pair: tuple[int, int]) -> Identifier:
        """An identifier of `identifiers` as a value."""
        return Identifier(self._texts.of(pair[0]), self._scheme(pair[1]))

    def vat_numbers(self, binding: VatNumber | None) -> list[tuple[str, ...]]:
        """The VAT numbers of each row: those registrations whose scheme says so."""
        if binding is None:
            return [()] * len(self.group)
        batch, anchor = self.group.batch, self.group.path
        holder = binding.holder.below(batch, anchor)
        if holder is None:
            return [()] * len(self.group)
        schemes, numbers = first_below(batch, holder, binding.scheme), first_below(batch, holder, binding.number)
        of_attribute = binding.scheme.text.startswith("@")
        kinds = {
            number: (text if of_attribute else text.strip(BLANK)) == binding.kind
            for number, text in ((number, self._strings[number]) for number in set(schemes.tolist()) - {ABSENT})
        }
        rows, texts = [], []
        for row, (scheme, number) in enumerate(zip(schemes.tolist(), numbers.tolist(), strict=True)):
            text = self._strings[number].strip(BLANK) if kinds.get(scheme) and number != ABSENT else ""
            if text:
                rows.append(row)
                texts.append(text)
        return _by_row(texts, batch.ancestors(holder, anchor)[rows], len(self.group))

    def _first(self, hits: Hits) -> Array:
        """For each row, the number of its first hit that is not empty; `ABSENT` where there is none."""
        filled = np.flatnonzero(self._texts.filled[hits.ids])
        first = np.full(len(self.group), ABSENT, INT)
        # Of several assignments to one place the last one stays.
        first[hits.anchors[filled][::-1]] = filled[::-1]
        return first

    def _first_of(self, terms: tuple[str, ...], attribute: str = "") -> tuple[Array, Array]:
        """Text ids of the first of these terms that is not empty, and of an attribute of its element."""
        ids = np.full(len(self.group), NONE, INT)
        attributes = np.full(len(self.group), ABSENT, INT)
        for term in terms:
            hits = self.group.hits.get(term)
            if hits is None:
                continue
            first = np.where(ids == NONE, self._first(hits), ABSENT)
            ids = np.where(first == ABSENT, ids, _taken(hits.ids, first, NONE))
            if attribute:
                attributes = np.where(first == ABSENT, attributes, _taken(hits.attribute(attribute), first, ABSENT))
        return ids, attributes

    def _scheme(self, number: int) -> str | None:
        return self._strings[number].strip() or None


def _taken(column: Array, places: Array, otherwise: int) -> Array:
    """The values at these places, something else where the place is `ABSENT`."""
    absent = places == ABSENT
    if not absent.any():
        return column[places]
    found = np.full(len(places), otherwise, INT)
    found[~absent] = column[places[~absent]]
    return found


def _schemes(hits: Hits) -> Array:
    """The text id of each identifier's scheme.

    Chorus Pro's older UBL flows write it in schemeName, CPPFactureMixte in an element beside the identifier.
    """
    named, older = hits.attribute("schemeID"), hits.attribute("schemeName")
    found = np.where(named > NONE, named, older)
    if _IDENTIFIER_TYPE in hits.batch.by_name:
        found = np.where(found > NONE, found, hits.beside(_IDENTIFIER_TYPE))
    return np.maximum(found, NONE)


def _by_row(values: list[T], rows: Array, count: int) -> list[tuple[T, ...]]:
    """The values of each row; `rows` never decrease."""
    bounds = np.searchsorted(rows, np.arange(count + 1)).tolist()
    return [tuple(values[start:end]) for start, end in pairwise(bounds)]
