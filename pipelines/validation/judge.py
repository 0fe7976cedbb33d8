"""The port of an engine that applies one official rule file to one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from lxml import etree

from data_contracts.rule_sets import RuleSet
from pipelines.parsing.path_tables import Batch
from pipelines.parsing.xml_gate import gated

NO_ID = "NO-ID"
"""Stands for the rule id where the official file gives none: the `report` rules of Factur-X, which all say that an
element or attribute is not used in the profile."""


HITS_KEPT_MAX = 1_001
"""Hits of one rule on one document that are kept: all that are told of it, and one that stands for the others. A rule
on lines may break on each of 100,000, and a hit takes 200 bytes."""
NONE_LEFT_OUT: Mapping[str, int] = MappingProxyType({})


class Nodes(Protocol):
    """Nodes of one path in the tables of a batch, on which one assert is broken."""

    def location(self, row: int) -> str:
        """The official location of a row."""
        ...


class Hit:
    """One broken rule, as the official file reports it.

    Shape    `rule` is the official id to the letter, or `NO_ID`; `flag` is `fatal` or `warning`; `location` is the
             XPath that the file's own templates write; `text` is the official sentence, runs of white space made one
             space. Two hits are equal when these four are.
    Nulls    `nodes` is None where an engine tells locations and knows no tables; else the hit is `row` of them.
    Cost     a location is long and seldom asked for: that of a hit with `nodes` is written when it is.
    """

    __slots__ = ("_location", "flag", "nodes", "row", "rule", "text")

    def __init__(
        self, rule: str, flag: str, location: str | None, text: str, nodes: Nodes | None = None, row: int = -1
    ) -> None:
        self.rule = rule
        self.flag = flag
        self.text = text
        self.nodes = nodes
        self.row = row
        self._location = location

    @property
    def location(self) -> str:
        if self._location is None:
            self._location = "" if self.nodes is None else self.nodes.location(self.row)
        return self._location

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hit) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.rule, self.flag, self.text))

    def __repr__(self) -> str:
        return f"Hit{self._key()!r}"

    def _key(self) -> tuple[str, str, str, str]:
        return self.rule, self.flag, self.text, self.location


@dataclass(frozen=True)
class Judgment:
    """What one rule file says of one document.

    `crashed` is the engine's message when the official rules threw: there are no hits then and nothing is known.
    `uncounted` says of the rules broken more than HITS_KEPT_MAX times how many hits there are besides: see `kept`.
    """

    hits: tuple[Hit, ...]
    crashed: str | None = None
    uncounted: tuple[tuple[str, int], ...] = ()


def kept(hits: Sequence[Hit], left_out: Mapping[str, int] = NONE_LEFT_OUT) -> Judgment:
    """The judgment of hits in the order of the report, of which those of a rule beyond HITS_KEPT_MAX are but counted.

    Shape    `left_out` are hits by rule that were counted before, and come behind as many of their rule.
    """
    if len(hits) <= HITS_KEPT_MAX and not left_out:
        return Judgment(tuple(hits))
    counts: Counter[str] = Counter()
    first: list[Hit] = []
    for hit in hits:
        counts[hit.rule] += 1
        if counts[hit.rule] <= HITS_KEPT_MAX:
            first.append(hit)
    counts.update(left_out)
    beyond = ((rule, count - HITS_KEPT_MAX) for rule, count in sorted(counts.items()) if count > HITS_KEPT_MAX)
    return Judgment(tuple(first), uncounted=tuple(beyond))


class Judge(Protocol):
    """An engine. Two engines agree on a document when they give equal rules, flags and counts, or both crash."""

    def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
        """The judgment of one document.

        Shape    `xml` is UTF-8, without document type: the serialised tree that the parsing gate let through.
        Errors   ConfigurationError when the rule file is missing. What the rules throw on the document is no error:
                 it is `crashed`.
        """
        ...


@dataclass(frozen=True)
class Subjects:
    """Documents to judge: in tables, and each as its bytes, which the gate let through or would let through.

    Shape    document n of `tables` is `contents[n]`.
    """

    tables: Batch
    contents: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.contents)

    def gated_xml(self, at: int) -> bytes:
        """One document as the official engine may see it: screened, and written anew from its tree."""
        return etree.tostring(gated(self.contents[at]).getroot(), encoding="UTF-8")


class BatchJudge(Protocol):
    """An engine that judges many documents of one rule set at once."""

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        """The judgments of documents, by position. Each is what the official engine says of that document.

        Errors   as `Judge.judge`.
        """
        ...
