"""What checking costs: bytes in memory to verdicts, terms and findings, on one core, beside the official engine.

Process CPU time is measured, so that what else the machine does counts little. Each document takes every layer of an
AFNOR flow: gate, schema, profile rules, French rules, findings explained, business terms read.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from data_contracts import rule_sets
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Circuit
from data_contracts.limits import JUDGED_BYTES_MAX
from data_contracts.rule_sets import RuleSet
from pipelines.parsing import terms
from pipelines.parsing.documents import Document, Parsed, parsed
from pipelines.parsing.opening import Kind
from pipelines.validation import explain
from pipelines.validation.check import Demand, Due, Engine, checked, in_parts
from pipelines.validation.compiled.engine import CompiledJudge, Difference, Road
from pipelines.validation.compiled.judging import judge_parts, parts_of
from pipelines.validation.compiled.plan import RuleSetPlan, compiled
from pipelines.validation.places import Places
from pipelines.validation.saxon import SaxonJudge
from pipelines.validation.schema import schema_verdict
from relais.bench.workloads import Workload

WARM_UP = 200
"""Documents checked before the clock starts: plans, schemas and stylesheets are made, paths are met."""
WARM_UP_OFFICIAL = 3
SPLIT_MAX = 2_000
"""Documents that are checked a second time, step by step: enough to see where time goes."""
LINES_SECONDS_MIN = 0.3
"""A single invoice is checked again until so much time is spent: one pass of a small one is too short to tell."""

READING, SCHEMA, SHREDDING, EXPLAINING, TERMS = "reading", "schema", "shredding", "explaining", "terms"
JUDGING = "judging "

_KILO = 1_024 if sys.platform == "linux" else 1
"""Bytes of one unit of ru_maxrss: kilobytes on Linux, bytes on macOS."""


@dataclass(frozen=True)
class SetFigures:
    """What one set of documents cost.

    Units    CPU seconds; bytes. `steps` are seconds by step over `split_documents`, of a second pass step by step;
             `undecided` counts the documents of that pass that compiled rules leave to the official engine, by rule
             set; `by_official` counts the judgments that the official engine gave on the road that was measured:
             of undecided documents, and of groups too small for a batch.
    Nulls    the official figures are zero when none was asked for.
    """

    name: str
    what: str
    documents: int
    size: int
    verdicts: dict[str, int]
    seconds: float
    best_part: float
    split_documents: int
    steps: dict[str, float]
    undecided: dict[str, int]
    by_official: int
    peak: int
    official_documents: int = 0
    official_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Documents a second and core."""
        return self.documents / self.seconds

    @property
    def official_rate(self) -> float:
        return self.official_documents / self.official_seconds if self.official_seconds else 0.0


@dataclass(frozen=True)
class LineFigures:
    """What a single invoice of so many lines costs, in CPU seconds a check.

    `steps` are those of compiled rules, and `undecided` the rule sets that they leave to the official engine; `checked`
    is the road that the product takes for a single document, in which the official engine judges when `official`.
    """

    lines: int
    size: int
    steps: dict[str, float]
    undecided: tuple[str, ...]
    checked: float
    official: bool

    @property
    def compiled(self) -> float:
        return sum(self.steps.values())


@dataclass
class Steps:
    """Where time went: CPU seconds by step, in the order of the steps; and what compiled rules left undecided."""

    seconds: dict[str, float] = field(default_factory=dict)
    undecided: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - started


@dataclass
class Bench:
    """Measures one set of documents after the other in this process.

    Samples of decided documents are off here: in production one in a thousand is judged by the official engine too.
    """

    cache: Path
    plans: dict[RuleSet, RuleSetPlan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.judge = CompiledJudge(self.cache, _no_alarm, sample_every=0, road=Road())
        self.engine = Engine(None, self.judge)

    def measured(self, workload: Workload, progress: Callable[[int], None] = lambda _done: None) -> SetFigures:
        """What a set of documents costs by compiled rules.

        Errors   ConfigurationError when an official file is missing.
        Cost     each document is checked once, `SPLIT_MAX` of them twice; generated ones are held a batch at a time.
        """
        warm = workload.part(0, min(WARM_UP, workload.count))
        _check(warm, self.engine)
        self.steps(warm)
        verdicts: Counter[str] = Counter()
        seconds, size, rates = 0.0, 0, []
        before = self.judge.tally.official
        for part in workload.parts():
            spent, told = _timed(part, self.engine)
            verdicts += told
            seconds, size = seconds + spent, size + sum(map(len, part))
            rates.append(len(part) / spent)
            progress(len(part))
        by_official, highest = self.judge.tally.official - before, peak()
        split, clock = 0, Steps()
        for part in workload.parts():
            if split < SPLIT_MAX:
                self.steps(part, clock)
                split += len(part)
        return SetFigures(
            workload.name, workload.what, workload.count, size, dict(sorted(verdicts.items())), seconds, max(rates),
            split, clock.seconds, dict(clock.undecided), by_official, highest,
        )  # fmt: skip

    def steps(self, contents: Sequence[bytes], clock: Steps | None = None) -> Steps:
        """Seconds by step, of the functions that checking calls, each over all documents before the next."""
        clock = clock or Steps()
        gc.collect()
        with clock.step(READING):
            read = [reading for content in contents if (reading := _read(content)) is not None]
        due = [_due(reading) for reading in read]
        with clock.step(SCHEMA):
            places = [Places(reading.tree.getroot()) for reading in read]
            for one, where in zip(due, places, strict=True):
                if one.schema is not None:
                    schema_verdict("", 0, where, one.schema)
        groups: dict[tuple[RuleSet, ...], list[int]] = {}
        for at, one in enumerate(due):
            groups.setdefault(one.rule_sets, []).append(at)
        for chosen, group in groups.items():
            with clock.step(SHREDDING):
                tables = parts_of([read[at].tree for at in group])
            for rule_set in chosen:
                plan = self._plan(rule_set)
                with clock.step(JUDGING + rule_set.coordinate):
                    judgments = judge_parts(tables, plan)
                clock.undecided.update({rule_set.coordinate: judgments.count(None)} if None in judgments else {})
                with clock.step(EXPLAINING):
                    for at, judgment in zip(group, judgments, strict=True):
                        explain.findings("", at, rule_set, judgment.hits if judgment else (), places[at])
        with clock.step(TERMS):
            for reading in read:
                terms.business_terms(reading)
        return clock

    def _plan(self, rule_set: RuleSet) -> RuleSetPlan:
        if rule_set not in self.plans:
            self.plans[rule_set] = compiled(rule_set, self.cache)
        return self.plans[rule_set]

    def of_lines(self, lines: int, content: bytes) -> LineFigures:
        """What one invoice costs alone."""
        if sum(self.steps([content]).seconds.values()) < LINES_SECONDS_MIN:
            _check([content], self.engine)
        clock, rounds = Steps(), 0
        while sum(clock.seconds.values()) < LINES_SECONDS_MIN:
            self.steps([content], clock)
            rounds += 1
        spent, checks, before = 0.0, 0, self.judge.tally.official
        while spent < LINES_SECONDS_MIN:
            spent += _timed([content], self.engine)[0]
            checks += 1
        by_step = {step: seconds / rounds for step, seconds in clock.seconds.items()}
        official = self.judge.tally.official > before
        return LineFigures(lines, len(content), by_step, tuple(clock.undecided), spent / checks, official)


def beside_official(workload: Workload, figures: SetFigures, count: int) -> SetFigures:
    """The figures with those of the official engine, over all layers, on the first documents of the same set."""
    sample = workload.part(0, min(count, workload.count))
    official = Engine(None, SaxonJudge())
    _check(sample[:WARM_UP_OFFICIAL], official)
    return replace(figures, official_documents=len(sample), official_seconds=_timed(sample, official)[0])


def _no_alarm(difference: Difference) -> None:
    raise AssertionError(f"an alarm without a sample: {difference.alarm}")


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILO


def _timed(contents: Sequence[bytes], engine: Engine) -> tuple[float, Counter[str]]:
    """CPU seconds and verdicts. Garbage of what went before is not counted; that of checking itself is."""
    gc.collect()
    started = time.process_time()
    told = _check(contents, engine)
    return time.process_time() - started, told


def _check(contents: Sequence[bytes], engine: Engine) -> Counter[str]:
    """The verdicts on documents, checked as the check stage does."""
    asked = ((Document("", at, "", content, ""), _DEMAND) for at, content in enumerate(contents))
    verdicts: Counter[str] = Counter()
    for part in in_parts(asked, JUDGED_BYTES_MAX):
        verdicts.update(one.verdict["verdict"] for one in checked(part, engine, lambda: None))
    return verdicts


def _read(content: bytes) -> Parsed | None:
    try:
        return parsed(Document("", 0, "", content, ""), None)
    except DocumentUnreadable:
        return None


def _due(reading: Parsed | Kind) -> Due:
    """All layers of an AFNOR flow: schema, profile rules, French rules."""
    row = rule_sets.checks(Circuit.AFNOR, reading.syntax, reading.root, reading.specification)
    return Due(row.schema, tuple(filter(None, (row.profile_rules, row.french_rules))))


_DEMAND = Demand(None, _due)
