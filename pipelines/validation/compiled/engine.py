"""The fast road with its safety net: compiled rules where they decide, the official engine for the rest.

One in so many decided documents is judged again by the official engine. A difference raises the alarm, and the fast
road stays shut for the rest of the process: from then on every verdict is the official engine's own.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_contracts.errors import ConfigurationError
from data_contracts.limits import MEGABYTE, TREE_NODES_MAX
from data_contracts.rule_sets import RuleSet
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.path_tables import INT, Batch
from pipelines.validation.compiled.expected.expectations import Expectations
from pipelines.validation.compiled.judging import judge_tables
from pipelines.validation.compiled.plan import RuleSetPlan, compiled
from pipelines.validation.compiled.strangeness import Strangeness
from pipelines.validation.judge import Judge, Judgment, Subjects
from pipelines.validation.rule_files import label
from pipelines.validation.saxon import SaxonJudge

log = logging.getLogger("relais.validation")

ALARM = "compiled rules differ from the official engine"
TOO_LARGE = f"more than {TREE_NODES_MAX} elements and attributes: the official engine is not asked"
SAMPLE_EVERY = 1_000
SAMPLE_RUN = 20
"""Documents sampled one after the other."""
LARGE_BYTES = MEGABYTE
"""A document of more bytes is judged by itself: what it cannot have decided must not touch the others."""
BATCH_MAX = 5_000
"""Documents in one set of tables: beyond, memory grows and speed does not."""

Part = tuple[Sequence[int], Batch]
"""Documents in one set of tables, after their positions among those given."""


@dataclass(frozen=True)
class Difference:
    """What the alarm tells. It holds rule ids and locations, never values of the document, which sentences may hold.

    `rule_set` is the label of the rule file, `coordinate@sha256`; `sha256` is of the invoice's XML: the document,
    or of what a PDF embeds.
    """

    alarm: str
    rule_set: str
    sha256: str
    official: tuple[tuple[str, str, str], ...]
    compiled: tuple[tuple[str, str, str], ...]
    official_crashed: bool


@dataclass
class Road:
    """Whether compiled rules may decide. One for the process; a test may bring its own."""

    open: bool = True


PROCESS_ROAD = Road()


@dataclass
class Tally:
    """How documents were judged: `decided` by compiled rules, `official` by the engine, `sampled` by both."""

    decided: int = 0
    official: int = 0
    sampled: int = 0


class CompiledJudge:
    """A Judge of batches, and of single documents.

    Shape    `cache_dir` holds compiled rule files, writable by this user alone; `alarm` is called once a difference;
             `sample_every` of 0 samples nothing; `phase` says where in the count a process begins, so that many short
             processes together sample one in so many, and not each its first.
    Cost     the plan of a rule set is made at its first batch: see `plan.compiled`.
    """

    def __init__(
        self,
        cache_dir: Path,
        alarm: Callable[[Difference], None],
        *,
        sample_every: int = SAMPLE_EVERY,
        phase: int = 0,
        official: Judge | None = None,
        road: Road = PROCESS_ROAD,
    ) -> None:
        self.tally = Tally()
        self._cache_dir = cache_dir
        self._alarm = alarm
        self._sample_every = sample_every
        self._phase = phase
        self._official = official if official is not None else SaxonJudge()
        self._road = road
        self._plans: dict[RuleSet, RuleSetPlan] = {}
        self._expectations: dict[RuleSet, Expectations] = {}
        self._strangeness = Strangeness()
        self._last: tuple[Subjects, list[Part]] | None = None

    def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
        """The judgment of one document, by the official engine: for one it is the faster."""
        self.tally.official += 1
        return self._official.judge(xml, rule_set)

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        """The judgments of documents, by position.

        Errors   ConfigurationError when the rule file is missing or of unknown shape.
        """
        if not self._road.open:
            return [self._by_engine(subjects, at, rule_set) for at in range(len(subjects))]
        found: dict[int, Judgment | None] = dict.fromkeys(range(len(subjects)))
        for positions, tables in self._parts(subjects):
            found.update(zip(positions, self._decided(tables, rule_set), strict=True))
        judgments = []
        for at in range(len(subjects)):
            judgment = found[at]
            if judgment is None:
                judgments.append(self._by_engine(subjects, at, rule_set))
            else:
                judgments.append(self._sampled(judgment, subjects, at, rule_set))
        if not self._road.open:
            # A difference was met on the way: nothing that compiled rules said of this batch is kept.
            return [self._by_engine(subjects, at, rule_set) for at in range(len(subjects))]
        return judgments

    def expectations(self, rule_set: RuleSet) -> Expectations:
        """What the rules of a set expect, whichever engine found them broken.

        Cost     nothing until a rule is broken: then the plan, when no batch has made it.
        """
        if rule_set not in self._expectations:
            self._expectations[rule_set] = Expectations(lambda: self._plan(rule_set))
        return self._expectations[rule_set]

    def _decided(self, tables: Batch, rule_set: RuleSet) -> list[Judgment | None]:
        """The compiled rules' judgments. A fault of ours on one document is found by halves, logged, and left to the
        official engine: it neither stops the others nor passes for a verdict."""
        try:
            return judge_tables(tables, self._plan(rule_set))
        except Exception as error:
            if isinstance(error, ConfigurationError):
                raise
            if tables.documents == 1:
                log.error("rules.fault rule_set=%s error=%s", label(rule_set), type(error).__name__, exc_info=True)
                return [None]
        middle = tables.documents // 2
        halves = (np.arange(0, middle, dtype=INT), np.arange(middle, tables.documents, dtype=INT))
        return [judgment for half in halves for judgment in self._decided(tables.of_documents(half), rule_set)]

    def _parts(self, subjects: Subjects) -> list[Part]:
        """The tables of a batch, without the documents that are too strange. Those of the last one are kept: its rule
        sets come one after the other."""
        if self._last is None or self._last[0] is not subjects:
            self._last = None
            strange = set(self._strangeness.strange(subjects.tables).tolist())
            self._last = (subjects, _parted(subjects, strange))
        return self._last[1]

    def _plan(self, rule_set: RuleSet) -> RuleSetPlan:
        plan = self._plans.get(rule_set)
        if plan is None:
            plan = self._plans[rule_set] = compiled(rule_set, self._cache_dir)
        return plan

    def _by_engine(self, subjects: Subjects, at: int, rule_set: RuleSet) -> Judgment:
        if is_large(subjects.contents[at]):
            return Judgment((), TOO_LARGE)
        return self.judge(subjects.gated_xml(at), rule_set)

    def _sampled(self, judgment: Judgment, subjects: Subjects, at: int, rule_set: RuleSet) -> Judgment:
        """The judgment itself; of one in so many, what the official engine says, compared."""
        self.tally.decided += 1
        if not self._road.open or not self._in_sample() or is_large(subjects.contents[at]):
            return judgment
        self.tally.sampled += 1
        official = self._official.judge(subjects.gated_xml(at), rule_set)
        if official != judgment:
            self._road.open = False
            self._alarm(_difference(rule_set, subjects.contents[at], official, judgment))
        return official

    def _in_sample(self) -> bool:
        """Whether the document just counted is one of the sample: a run of `SAMPLE_RUN`, at so many times the distance.

        A process that samples at all pays for its official stylesheets once and then for twenty documents.
        """
        place = self.tally.decided - 1 + self._phase
        return bool(self._sample_every) and place % (self._sample_every * SAMPLE_RUN) < SAMPLE_RUN


def _parted(subjects: Subjects, left_out: Set[int]) -> list[Part]:
    taken = [at for at in range(len(subjects)) if at not in left_out]
    large = [at for at in taken if len(subjects.contents[at]) > LARGE_BYTES]
    apart = set(large)
    others = [at for at in taken if at not in apart]
    chosen = [others[start : start + BATCH_MAX] for start in range(0, len(others), BATCH_MAX)]
    chosen += [[at] for at in large]
    if len(chosen) == 1 and not left_out:
        return [(chosen[0], subjects.tables)]
    return [(positions, subjects.tables.of_documents(np.array(positions, INT))) for positions in chosen]


def _difference(rule_set: RuleSet, content: bytes, official: Judgment, judgment: Judgment) -> Difference:
    digest = hashlib.sha256(content).hexdigest()
    marks = _marks(official), _marks(judgment)
    return Difference(ALARM, label(rule_set), digest, *marks, official.crashed is not None)


def _marks(judgment: Judgment) -> tuple[tuple[str, str, str], ...]:
    return tuple((hit.rule, hit.flag, hit.location) for hit in judgment.hits)
