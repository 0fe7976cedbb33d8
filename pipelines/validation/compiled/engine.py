"""The fast road with its safety net: compiled rules where they decide, the official engine for the rest.

One in so many decided documents is judged again by the official engine. A difference raises the alarm, and the fast
road stays shut for the rest of the process: from then on every verdict is the official engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from data_contracts.rule_sets import RuleSet
from pipelines.validation.compiled.judging import Part, judge_parts, parts_of
from pipelines.validation.compiled.plan import RuleSetPlan, compiled
from pipelines.validation.judge import Judge, Judgment
from pipelines.validation.rule_files import label
from pipelines.validation.saxon import SaxonJudge

ALARM = "compiled rules differ from the official engine"
SAMPLE_EVERY = 1_000
SAMPLE_RUN = 20
"""Documents sampled one after the other."""
SMALL_BATCH = 8
"""Below this many documents the official engine is as fast: the compiled one pays its dispatch once a batch."""
BATCH_MAX = 5_000
"""Documents in one set of tables: beyond, memory grows and speed does not."""


@dataclass(frozen=True)
class Difference:
    """What the alarm tells. It holds rule ids and locations, never values of the document, which sentences may hold.

    `rule_set` is the label of the rule file, `coordinate@sha256`.
    """

    alarm: str
    rule_set: str
    position: int
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
        self._last: tuple[Sequence[etree._ElementTree], list[list[Part]]] | None = None

    def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
        """The judgment of one document, by the official engine: for one it is the faster."""
        self.tally.official += 1
        return self._official.judge(xml, rule_set)

    def judge_batch(self, trees: Sequence[etree._ElementTree], rule_set: RuleSet) -> list[Judgment]:
        """The judgments of gated documents, by position.

        Errors   ConfigurationError when the rule file is missing or of unknown shape.
        """
        if not self._road.open or len(trees) < SMALL_BATCH:
            return [self._by_engine(tree, rule_set) for tree in trees]
        found: list[Judgment | None] = []
        for parts in self._tables(trees):
            found += judge_parts(parts, self._plan(rule_set))
        judgments = [
            self._by_engine(tree, rule_set) if judgment is None else self._sampled(judgment, tree, rule_set, at)
            for at, (tree, judgment) in enumerate(zip(trees, found, strict=True))
        ]
        if not self._road.open:
            # A difference was met on the way: nothing that compiled rules said of this batch is kept.
            return [self._by_engine(tree, rule_set) for tree in trees]
        return judgments

    def _tables(self, trees: Sequence[etree._ElementTree]) -> list[list[Part]]:
        """The tables of a batch. Those of the last one are kept: its rule sets come one after the other."""
        if self._last is None or self._last[0] is not trees:
            self._last = None
            starts = range(0, len(trees), BATCH_MAX)
            self._last = (trees, [parts_of(trees[start : start + BATCH_MAX]) for start in starts])
        return self._last[1]

    def _plan(self, rule_set: RuleSet) -> RuleSetPlan:
        plan = self._plans.get(rule_set)
        if plan is None:
            plan = self._plans[rule_set] = compiled(rule_set, self._cache_dir)
        return plan

    def _by_engine(self, tree: etree._ElementTree, rule_set: RuleSet) -> Judgment:
        return self.judge(etree.tostring(tree.getroot(), encoding="UTF-8"), rule_set)

    def _sampled(self, judgment: Judgment, tree: etree._ElementTree, rule_set: RuleSet, position: int) -> Judgment:
        """The judgment itself; of one in so many, what the official engine says, compared."""
        self.tally.decided += 1
        if not self._road.open or not self._in_sample():
            return judgment
        self.tally.sampled += 1
        official = self._official.judge(etree.tostring(tree.getroot(), encoding="UTF-8"), rule_set)
        if official != judgment:
            self._road.open = False
            self._alarm(
                Difference(
                    ALARM,
                    label(rule_set),
                    position,
                    _marks(official),
                    _marks(judgment),
                    official.crashed is not None,
                )
            )
        return official

    def _in_sample(self) -> bool:
        """Whether the document just counted is one of the sample: a run of `SAMPLE_RUN`, at so many times the distance.

        A process that samples at all pays for its official stylesheets once and then for twenty documents.
        """
        place = self.tally.decided - 1 + self._phase
        return bool(self._sample_every) and place % (self._sample_every * SAMPLE_RUN) < SAMPLE_RUN


def _marks(judgment: Judgment) -> tuple[tuple[str, str, str], ...]:
    return tuple((hit.rule, hit.flag, hit.location) for hit in judgment.hits)
