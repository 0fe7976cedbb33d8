"""From a broken rule to a finding: where, which value, which business terms, and a sentence in two languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from data_contracts.answers import FindingRow
from data_contracts.messages import both
from data_contracts.rule_sets import RuleSet
from pipelines.parsing.path_tables import Batch
from pipelines.validation.compiled.expected.expectations import Expectation, Expectations
from pipelines.validation.compiled.hits import FailingNodes
from pipelines.validation.judge import HITS_KEPT_MAX, NO_ID, Hit, Judgment
from pipelines.validation.places import NOWHERE, Place, readable_location
from pipelines.validation.sentences import sentence
from pipelines.validation.table_places import node_at, places_of

RULE_FINDINGS_MAX = HITS_KEPT_MAX - 1
"""Findings told of one rule on one document: a rule on lines may break on each of 100,000."""

SENTENCES_KEPT = 8_192
TEXT_KEPT_MAX = 1_000
"""Official texts up to this length are told once; longer ones hold a value of the document, and are told each time."""

_TERM = re.compile(r"EXT-FR-FE-(?:BG-)?\d+|(?<![A-Z0-9])(?:B[TG]|MD[TG])-\d+")


def explained(
    tables: Batch,
    documents: Sequence[tuple[str, int]],
    rule_set: RuleSet,
    judgments: Sequence[Judgment],
    expectations: Expectations | None = None,
) -> list[list[FindingRow]]:
    """The findings of each document, one a hit, in the order of the official report.

    Shape    document n of `tables` is `documents[n]`, (flow key, position), and `judgments[n]` what the rules said of
             it. At most `RULE_FINDINGS_MAX` findings of one rule and document, then one more that counts the others.
             Lists of terms are shared between rows: they are not to be changed.
    Cost     nothing for documents without hits; each node is located once, all those of a path together.
    """
    told = [_told_hits(judgment) for judgment in judgments]
    nodes = _Nodes(tables, expectations)
    for number, one in enumerate(told):
        for hit in one.hits:
            nodes.note(number, hit)
    nodes.locate()
    found: list[list[FindingRow]] = []
    for number, ((flow_key, position), one) in enumerate(zip(documents, told, strict=True)):
        rows = [_finding(flow_key, position, rule_set, hit, *nodes.told(number, hit)) for hit in one.hits]
        rows += [_others(flow_key, position, rule_set, hit, count) for hit, count in one.others]
        found.append(rows)
    return found


@dataclass(frozen=True)
class _Told:
    """The hits of a document that are told each, and of the rules broken more often the first hit and how many more."""

    hits: Sequence[Hit]
    others: Sequence[tuple[Hit, int]] = ()


def _told_hits(judgment: Judgment) -> _Told:
    hits = judgment.hits
    if len(hits) <= RULE_FINDINGS_MAX:
        return _Told(hits)
    counts: Counter[str] = Counter()
    first: dict[str, Hit] = {}
    told: list[Hit] = []
    for hit in hits:
        counts[hit.rule] += 1
        if counts[hit.rule] <= RULE_FINDINGS_MAX:
            told.append(hit)
        else:
            first.setdefault(hit.rule, hit)
    counts.update(dict(judgment.uncounted))
    return _Told(told, [(hit, counts[rule] - RULE_FINDINGS_MAX) for rule, hit in first.items()])


_Places = dict[int, Place]
_Expected = dict[int, Expectation | None]


class _Nodes:
    """The nodes to locate, by path, each once. Compiled hits bring their tables; those of an engine that writes
    locations are looked for in the tables given."""

    def __init__(self, tables: Batch, expectations: Expectations | None) -> None:
        self._tables = tables
        self._expectations = expectations
        self._places: dict[tuple[int, int], tuple[Batch, _Places]] = {}
        self._compiled: dict[int, tuple[FailingNodes, _Places, _Expected]] = {}
        self._written: dict[tuple[int, str, str], tuple[_Places, int, Expectation | None]] = {}

    def note(self, document: int, hit: Hit) -> None:
        """Notes the node of a hit."""
        nodes, row = hit.nodes, hit.row
        if not isinstance(nodes, FailingNodes):
            key = (document, hit.rule, hit.location)
            if key not in self._written:
                self._written[key] = self._found(document, hit)
            return
        known = self._compiled.get(id(nodes))
        if known is None:
            known = self._compiled[id(nodes)] = (nodes, self._noted(nodes.batch, nodes.path), {})
        known[1][row], known[2][row] = NOWHERE, None

    def told(self, document: int, hit: Hit) -> tuple[Place, Expectation | None]:
        """The place of a hit that was noted, and what was expected there."""
        row = hit.row
        if isinstance(hit.nodes, FailingNodes):
            _, places, expected = self._compiled[id(hit.nodes)]
            return places[row], expected[row]
        places, row, told = self._written[document, hit.rule, hit.location]
        return places[row], told

    def _found(self, document: int, hit: Hit) -> tuple[_Places, int, Expectation | None]:
        node = node_at(self._tables, document, hit.location)
        if node is None:
            return {0: Place(readable_location(hit.location))}, 0, None
        path, row = node
        told = None if self._expectations is None else self._expectations.of_rule(hit.rule, self._tables, path, row)
        places = self._noted(self._tables, path)
        places[row] = NOWHERE
        return places, row, told

    def locate(self) -> None:
        """Fills in what was noted."""
        for (_, path), (batch, places) in self._places.items():
            rows = sorted(places)
            places.update(zip(rows, places_of(batch, path, rows), strict=True))
        if self._expectations is None:
            return
        for nodes, _, expected in self._compiled.values():
            rows = sorted(expected)
            told = self._expectations.of(nodes.statement, nodes.batch, nodes.path, rows)
            expected.update(zip(rows, told, strict=True))

    def _noted(self, batch: Batch, path: int) -> _Places:
        return self._places.setdefault((id(batch), path), (batch, {}))[1]


def terms(hit: Hit) -> list[str]:
    """The terms that a rule id or its official sentence names, such as BT-106, or MDT-105 of a status, each once."""
    return _terms(hit.rule, hit.text)


def _terms(rule: str, text: str) -> list[str]:
    return sorted({*_TERM.findall(rule), *_TERM.findall(text)})


def _said(coordinate: str, language: str, rule: str, text: str) -> tuple[str, str, list[str]]:
    """French, English and terms of an official text."""
    french, english = sentence(coordinate, "" if rule == NO_ID else rule, text, language)
    return french, english, _terms(rule, text)


_said_once = lru_cache(SENTENCES_KEPT)(_said)


def _finding(
    flow_key: str, position: int, rule_set: RuleSet, hit: Hit, place: Place, told: Expectation | None = None
) -> FindingRow:
    text = hit.text
    said = _said_once if len(text) <= TEXT_KEPT_MAX else _said
    french, english, named = said(rule_set.coordinate, rule_set.language, hit.rule, text)
    return FindingRow(
        flow_key=flow_key,
        position=position,
        rule_set=rule_set.coordinate,
        rule=hit.rule,
        flag=hit.flag,
        terms=named,
        location=place.location,
        line=place.line,
        found=place.found if told is None or told.found is None else told.found,
        expected=None if told is None else told.expected,
        message_fr=french,
        message_en=english,
    )


def _others(flow_key: str, position: int, rule_set: RuleSet, hit: Hit, count: int) -> FindingRow:
    row = _finding(flow_key, position, rule_set, hit, Place(None, None, str(count)))
    said = both("rule-more", rule=hit.rule, count=str(count))
    row["message_fr"], row["message_en"] = said.fr, said.en
    return row
