"""The amounts of a batch that cannot be held exactly, as findings of their documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_contracts.answers import FindingRow
from data_contracts.messages import Sentences, both
from data_contracts.tables import Flag
from pipelines.parsing.documents import Document
from pipelines.parsing.path_tables import Array
from pipelines.parsing.term_hits import Group, Hits
from pipelines.parsing.values import BLANK, FRACTION_DIGITS_MAX, WHOLE_DIGITS_MAX

READING_RULES = "relais.reading:1"
"""Coordinate of what Relais itself says of a document while reading it."""

AMOUNT_RULE = "RLS-AMOUNT-01"

FINDINGS_MAX = 100
"""Unreadable amounts of a document that are told one by one; those beyond are told by their number."""

FOUND_CHARACTERS_MAX = 100


@dataclass(frozen=True)
class _Column:
    """Odd amounts of one term: the rows of the group that have one, and which of the term's hits it is."""

    code: str
    group: Group
    hits: Hits
    rows: Array
    numbers: Array


class OddAmounts:
    """What the columns of a batch's amounts leave unread. Terms are told in the order in which they are added."""

    def __init__(self) -> None:
        self._columns: list[_Column] = []
        self._keys: list[Array] = []

    def add(self, code: str, table: int, group: Group, hits: Hits, rows: Array, numbers: Array) -> None:
        """Record amounts of a business term: rows of a group and numbers of hits. Groups of table 0 are told first."""
        if not len(rows):
            return
        orders = group.batch.orders[group.path][rows]
        column = np.full(len(rows), len(self._columns))
        self._keys.append(
            np.stack([group.documents[rows], np.full(len(rows), table), orders, column, np.arange(len(rows))])
        )
        self._columns.append(_Column(code, group, hits, rows, numbers))

    def findings(self, documents: Sequence[Document]) -> dict[int, list[FindingRow]]:
        """The findings of the documents that have any, in document order; one more says how many others there are
        beyond FINDINGS_MAX.
        """
        if not self._keys:
            return {}
        keys = np.concatenate(self._keys, axis=1)
        keys = keys[:, np.lexsort(keys[::-1])]
        numbers, starts, counts = np.unique(keys[0], return_index=True, return_counts=True)
        told: dict[int, list[FindingRow]] = {}
        for number, start, count in zip(numbers.tolist(), starts.tolist(), counts.tolist(), strict=True):
            entries = keys[3:, start : start + min(count, FINDINGS_MAX)].T.tolist()
            told[number] = [self._told(documents[number], self._columns[column], entry) for column, entry in entries]
            if count > FINDINGS_MAX:
                told[number].append(_untold(documents[number], count - FINDINGS_MAX))
        return told

    def _told(self, document: Document, column: _Column, entry: int) -> FindingRow:
        group, hits = column.group, column.hits
        row, hit = int(column.rows[entry]), int(column.numbers[entry])
        way, path = hits.ways[int(hits.sources[hit])]
        place = group.place if group.numbers is None else f"({group.place})[{int(group.numbers[row])}]"
        text = group.batch.strings.values[int(hits.ids[hit])].strip(BLANK)
        return _finding(
            document,
            [column.code],
            f"{place}/{way.text}",
            group.batch.line(path, int(hits.rows[hit])),
            text[:FOUND_CHARACTERS_MAX],
            both("parsing-amount", term=column.code),
        )


def _untold(document: Document, number: int) -> FindingRow:
    return _finding(
        document,
        [],
        None,
        None,
        str(number),
        both("parsing-amounts-more", count=str(number)),
    )


def _finding(
    document: Document, terms: list[str], location: str | None, line: int | None, found: str, said: Sentences
) -> FindingRow:
    return FindingRow(
        flow_key=document.flow_key,
        position=document.position,
        rule_set=READING_RULES,
        rule=AMOUNT_RULE,
        flag=Flag.FATAL.value,
        terms=terms,
        location=location,
        line=line,
        found=found,
        expected=f"-?[0-9]{{1,{WHOLE_DIGITS_MAX}}}(.[0-9]{{1,{FRACTION_DIGITS_MAX}}})?",
        message_fr=said.fr,
        message_en=said.en,
    )
