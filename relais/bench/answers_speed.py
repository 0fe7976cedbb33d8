"""What answering costs: flows that are checked become decisions, lifecycles, diffusions and acknowledgments.

CPU time is measured, so that what else the machine does counts little; wall time stands beside it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

from rich.box import SIMPLE_HEAD
from rich.table import Table

from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from data_contracts.interfaces import CATALOGUE, Content
from pipelines import owed
from pipelines.settlement import final, stage
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.settlement.shares import Share
from relais.bench.answers_scene import AT, SENDERS, Scene
from relais.bench.speed import peak
from relais.samples.recipients import directory

READING, DECIDING, TABLES = "reading checked tables", "deciding", "outcome tables"
CLAIMING, SETTLING, LEDGER = "ledger: claims", "ledger: settling", "ledger: the rest"
STORING = "store"
WRITING = {
    Content.FLOW_ACKNOWLEDGMENT: "acknowledgment",
    Content.LIFECYCLE: "lifecycle",
    Content.DIFFUSION: "diffusion",
}
REST = "the rest"
STEPS = (READING, DECIDING, CLAIMING, TABLES, *WRITING.values(), STORING, SETTLING, LEDGER, REST)

METHOD = (
    "settle_flows from end to end on SQLite and a local store, every write made durable: checked tables read, "
    "uniqueness claimed, outcomes written, FEN1200A (or CDAR) lifecycle, pivots with zipped originals, acknowledgment, "
    "ledger settled. Generated UBL invoices of 2 to 4 lines, one in a hundred misrouted. CPU s: process_time of the "
    "process that had most to do. Peak: ru_maxrss."
)
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Worker:
    """What one process did. Units: seconds, bytes."""

    flows: int
    cpu_seconds: float
    wall_seconds: float
    peak: int
    steps: dict[str, float]


@dataclass(frozen=True)
class Answered:
    """A measurement. `answer_bytes` are those of all answers written."""

    invoices: int
    document_bytes: float
    answer_bytes: int
    wall_seconds: float
    workers: tuple[Worker, ...]

    @property
    def per_second(self) -> float:
        """Invoices a second of wall time."""
        return self.invoices / self.wall_seconds

    @property
    def per_cpu_second(self) -> float:
        """Invoices a second of CPU time of one process."""
        return self.invoices / sum(worker.cpu_seconds for worker in self.workers)

    @property
    def per_busiest(self) -> float:
        """Invoices a second, if every process had a core of its own and disks cost nothing."""
        return self.invoices / max(worker.cpu_seconds for worker in self.workers)


class Steps:
    """CPU seconds by step; a step within another is taken out of it."""

    def __init__(self, names: Sequence[str] = STEPS) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(names, 0.0)
        self._open = [REST]
        self._since = time.process_time()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._charge()
        self._open.append(name)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **named: Any) -> Any:
            with self.step(name):
                return call(*arguments, **named)

        return measured

    def _charge(self) -> None:
        now = time.process_time()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now


class Timed:
    """A port whose calls are charged to a step of their name, or to one for the rest."""

    def __init__(self, port: Any, steps: Steps, names: dict[str, str], rest: str) -> None:
        self._port, self._steps, self._names, self._rest = port, steps, names, rest

    def __getattr__(self, name: str) -> Any:
        return self._steps.timed(self._names.get(name, self._rest), getattr(self._port, name))


class _Fixed:
    def now(self) -> datetime:
        return AT


def settled(url: str, store_folder: Path, share: Share) -> Worker:
    """What it cost this process to settle its share of the flows that are ready."""
    steps = Steps()
    ledger = SqlLedger(url)
    named = {"claim_invoices": CLAIMING, "settle": SETTLING}
    ports = {
        "ledger": Timed(ledger, steps, named, LEDGER),
        "store": Timed(LocalStore(store_folder), steps, {}, STORING),
    }
    cpu, wall = time.process_time(), time.perf_counter()
    with ExitStack() as patched:
        for where, name, step in _MEASURED:
            patched.enter_context(mock.patch.object(where, name, steps.timed(step, getattr(where, name))))
        patched.enter_context(mock.patch.object(owed, "written_answer", _by_content(steps, owed.written_answer)))
        flows = stage.settle_flows(
            **ports,
            directory=directory(),
            clock=_Fixed(),
            invoices_max=10**9,
            share=share,
        )
    steps.step(REST).__enter__()
    ledger.close()
    return Worker(flows, time.process_time() - cpu, time.perf_counter() - wall, peak(), steps.seconds)


_MEASURED = (
    (CheckedTables, "judged", READING),
    (stage, "proposed", DECIDING),
    (final, "decided", DECIDING),
    (stage, "write_outcomes", TABLES),
)


def _by_content(steps: Steps, answer: Callable[..., Any]) -> Callable[..., Any]:
    def measured(flow_key: str, draft: Any, *rest: Any) -> Any:
        with steps.step(WRITING[CATALOGUE[draft.slot[0]].content]):
            return answer(flow_key, draft, *rest)

    return measured


def answered(scene: Scene, sizes: Sequence[int], document_bytes: float, processes: int, progress: Progress) -> Answered:
    """What settling flows of these sizes cost, by so many processes at once."""
    invoices = scene.add(sizes)
    # A process of its own each time: peak memory is that of settling, not of making the flows.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        asked = [(scene.url, scene.store_folder, Share(number, processes)) for number in range(processes)]
        workers = tuple(pool.starmap(settled, asked))
    wall = max(worker.wall_seconds for worker in workers)
    size = sum(path.stat().st_size for path in scene.store_folder.glob("answers/*/*/*"))
    assert sum(worker.flows for worker in workers) == len(sizes), "every flow was settled once"
    progress(invoices)
    return Answered(invoices, document_bytes, size, wall, workers)


def rounds(invoices: int, sizes: Sequence[int], round_invoices: int) -> Iterator[list[int]]:
    """Sizes of flows, in turns, of rounds of so many invoices; the last flow is cut to what is left."""
    part: list[int] = []
    turn = 0
    while invoices:
        size = min(sizes[turn % len(sizes)], invoices)
        part.append(size)
        invoices -= size
        turn += 1
        if sum(part) >= round_invoices or not invoices:
            yield part
            part = []


def together(parts: Sequence[Answered]) -> Answered:
    """One measurement of several rounds by as many processes."""
    workers = []
    for number in range(len(parts[0].workers)):
        ours = [part.workers[number] for part in parts]
        workers.append(
            Worker(
                sum(one.flows for one in ours),
                sum(one.cpu_seconds for one in ours),
                sum(one.wall_seconds for one in ours),
                max(one.peak for one in ours),
                {step: sum(one.steps[step] for one in ours) for step in STEPS},
            )
        )
    return Answered(
        sum(part.invoices for part in parts),
        parts[0].document_bytes,
        sum(part.answer_bytes for part in parts),
        sum(part.wall_seconds for part in parts),
        tuple(workers),
    )


def answers_tables(rows: Sequence[Answered]) -> list[Table]:
    """The figures, shown: rates, then microseconds an invoice by step."""
    rates = Table(title="Answers", box=SIMPLE_HEAD, title_justify="left")
    for heading in ("processes", "invoices", "invoices/s", "per CPU s", "per CPU s of the busiest", "answers", "peak"):
        rates.add_column(heading, justify="right")
    for row in rows:
        rates.add_row(
            str(len(row.workers)),
            f"{row.invoices:,}",
            *(f"{rate:,.0f}" for rate in (row.per_second, row.per_cpu_second, row.per_busiest)),
            f"{row.answer_bytes / row.invoices / 1_000:.1f} kB",
            f"{max(worker.peak for worker in row.workers) / 1e6:,.0f} MB",
        )
    steps = Table(title="Where time goes, CPU us an invoice", box=SIMPLE_HEAD, title_justify="left")
    steps.add_column("step")
    for row in rows:
        steps.add_column(f"{len(row.workers)} process{'es' if len(row.workers) > 1 else ''}", justify="right")
    for step in STEPS:
        spent = [sum(worker.steps[step] for worker in row.workers) / row.invoices * 1e6 for row in rows]
        steps.add_row(step, *(f"{one:.1f}" for one in spent))
    return [rates, steps]


def answers_json(rows: Sequence[Answered]) -> dict[str, Any]:
    """The same as data."""
    named = ("per_second", "per_cpu_second", "per_busiest")
    figures = [asdict(row) | {name: getattr(row, name) for name in named} for row in rows]
    return {"method": METHOD, "senders": len(SENDERS), "cores": os.cpu_count(), "measurements": figures}
