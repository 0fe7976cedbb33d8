"""What checking costs: bytes in memory to verdicts, on one core, beside the official engine.

Process CPU time is measured, so that what else the machine does counts little. Each document takes every layer of an
AFNOR flow: schema, profile rules, French rules; then findings are explained and business terms read.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from data_contracts import rule_sets
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import Circuit
from data_contracts.limits import JUDGED_BYTES_MAX
from data_contracts.rule_sets import RULE_SETS
from pipelines.parsing.documents import Document
from pipelines.parsing.opening import Kind
from pipelines.parsing.scanner import native
from pipelines.parsing.scanner.native import NativeScanner
from pipelines.parsing.scanner.reading import Scanner
from pipelines.parsing.scanner.reference import PythonScanner
from pipelines.validation.check import EXPLAINING, JUDGING, OPENING, TERMS, Demand, Due, Engine, checked, in_parts
from pipelines.validation.compiled.engine import CompiledJudge, Difference, Road
from pipelines.validation.proved_schemas import automaton
from pipelines.validation.saxon import SaxonJudge
from pipelines.validation.standing_engine import SLOW_ROAD
from relais.bench.workloads import Workload

WARM_UP = 200
"""Documents, spread over the set, checked before the clock starts: plans, schemas and stylesheets are made, paths
are met."""
LINES_SECONDS_MIN = 0.3
"""A single invoice is checked again until so much time is spent: one pass of a small one is too short to tell."""

BEYOND_VERDICTS = frozenset({EXPLAINING, TERMS})
"""Steps that a verdict does not need."""

_KILO = 1_024 if sys.platform == "linux" else 1
"""Bytes of one unit of ru_maxrss: kilobytes on Linux, bytes on macOS."""


class Reader(StrEnum):
    """What reads documents: the C extension, its reference in Python, or libxml2."""

    NATIVE = "native"
    PYTHON = "python"
    LIBXML2 = "libxml2"


@dataclass(frozen=True)
class SetFigures:
    """What one set of documents cost.

    Units    CPU seconds; bytes. `steps` are seconds by step; `by_official` counts the judgments that the official
             engine gave: of documents that compiled rules leave to it, and of groups too small for a batch.
    Nulls    the official figures are zero when none was asked for.
    """

    name: str
    what: str
    documents: int
    size: int
    verdicts: dict[str, int]
    steps: dict[str, float]
    by_official: int
    peak: int
    official_documents: int = 0
    official_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """Bytes in memory to verdicts."""
        return sum(spent for step, spent in self.steps.items() if step not in BEYOND_VERDICTS)

    @property
    def rate(self) -> float:
        """Verdicts a second and core."""
        return self.documents / self.seconds

    @property
    def whole_rate(self) -> float:
        """Documents a second and core with findings explained and business terms read."""
        return self.documents / sum(self.steps.values())

    @property
    def official_rate(self) -> float:
        """Verdicts a second and core by libxml2 and the official engine."""
        return self.official_documents / self.official_seconds if self.official_seconds else 0.0


@dataclass(frozen=True)
class LineFigures:
    """What a single invoice of so many lines costs, in CPU seconds a check, by step.

    `official` says that the official engine judged it.
    """

    lines: int
    size: int
    steps: dict[str, float]
    official: bool

    @property
    def seconds(self) -> float:
        return sum(self.steps.values())


@dataclass
class Clock:
    """Where time goes: CPU seconds by step. It is told when a step begins, and stopped at the end."""

    seconds: dict[str, float] = field(default_factory=dict)
    _step: str = OPENING
    _since: float = field(default_factory=time.process_time)

    def __call__(self, step: str) -> None:
        now = time.process_time()
        self.seconds[self._step] = self.seconds.get(self._step, 0.0) + now - self._since
        self._step, self._since = step, now

    def stopped(self) -> dict[str, float]:
        self(self._step)
        return self.seconds


def scanner_of(reader: Reader, cache: Path) -> Scanner | None:
    """A scanner; None for libxml2. ConfigurationError when the extension is asked for and not built."""
    if reader is Reader.LIBXML2:
        return None
    if reader is Reader.PYTHON:
        return PythonScanner(automaton(cache))
    if not native.available():
        raise ConfigurationError(
            "the C scanner is not built",
            where="--reader",
            value=reader,
            remedy="install with a C compiler, or use python",
        )
    return NativeScanner(automaton(cache))


class Bench:
    """Measures one set of documents after the other in this process.

    Samples of decided documents are off here: in production one in a thousand is judged by the official engine too.
    """

    def __init__(self, cache: Path, reader: Reader) -> None:
        self._official = SaxonJudge()
        self.judge = CompiledJudge(cache, _no_alarm, sample_every=0, official=self._official, road=Road())
        self.engine = Engine(scanner_of(reader, cache), self.judge)

    def measured(self, workload: Workload, progress: Callable[[int], None] = lambda _done: None) -> SetFigures:
        """What a set of documents costs by the fast road.

        Errors   ConfigurationError when an official file is missing.
        Cost     each document is checked once; generated ones are held a batch at a time.
        """
        warm, _ = timed(workload.spread(WARM_UP), self.engine)
        for step in warm:
            if step.startswith(JUDGING):
                self._official.judge(b"<x/>", RULE_SETS[step.removeprefix(JUDGING).strip()])
        verdicts: Counter[str] = Counter()
        steps: Counter[str] = Counter()
        size, before = 0, self.judge.tally.official
        for part in workload.parts():
            spent, told = timed(part, self.engine)
            verdicts += told
            steps.update(spent)
            size += sum(map(len, part))
            progress(len(part))
        by_official = self.judge.tally.official - before
        said = dict(sorted(verdicts.items()))
        return SetFigures(workload.name, workload.what, workload.count, size, said, dict(steps), by_official, peak())

    def of_lines(self, lines: int, content: bytes) -> LineFigures:
        """What one invoice costs alone."""
        timed([content], self.engine)
        steps: Counter[str] = Counter()
        rounds, before = 0, self.judge.tally.official
        while sum(steps.values()) < LINES_SECONDS_MIN:
            steps.update(timed([content], self.engine)[0])
            rounds += 1
        by_step = {step: seconds / rounds for step, seconds in steps.items()}
        return LineFigures(lines, len(content), by_step, self.judge.tally.official > before)


def beside_official(workload: Workload, figures: SetFigures, count: int) -> SetFigures:
    """The figures with those of libxml2 and the official engine on some documents of the same set."""
    sample = workload.spread(count)
    timed(sample, SLOW_ROAD)
    steps = timed(sample, SLOW_ROAD)[0]
    seconds = sum(spent for step, spent in steps.items() if step not in BEYOND_VERDICTS)
    return replace(figures, official_documents=len(sample), official_seconds=seconds)


def _no_alarm(difference: Difference) -> None:
    raise AssertionError(f"an alarm without a sample: {difference.alarm}")


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILO


def timed(contents: Sequence[bytes], engine: Engine) -> tuple[dict[str, float], Counter[str]]:
    """CPU seconds by step, and verdicts, of documents checked as the check stage does.

    Garbage of what went before is not counted; that of checking itself is.
    """
    asked = ((Document("", at, "", content, ""), _DEMAND) for at, content in enumerate(contents))
    verdicts: Counter[str] = Counter()
    gc.collect()
    clock = Clock()
    for part in in_parts(asked, JUDGED_BYTES_MAX):
        verdicts.update(row["verdict"] for row in checked(part, engine, clock).verdicts)
    return clock.stopped(), verdicts


def _due(kind: Kind) -> Due:
    """All layers of an AFNOR flow: schema, profile rules, French rules."""
    row = rule_sets.checks(Circuit.AFNOR, kind.syntax, kind.root, kind.specification)
    return Due(row.schema, row.rules)


_DEMAND = Demand(None, _due)
