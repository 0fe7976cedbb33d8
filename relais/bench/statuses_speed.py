"""What tracking costs: status flows about invoices of many deposits become histories, and suppliers are told.

CPU time is measured, so that what else the machine does counts little; wall time stands beside it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from rich.box import SIMPLE_HEAD
from rich.table import Table

from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from data_contracts.ledger import FlowStatus
from data_contracts.partners import Partners
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.tracking import documents, stage
from pipelines.tracking.deposited import Deposits
from pipelines.tracking.official import StatusRules
from pipelines.validation.check import Engine
from relais.bench.answers_scene import AT
from relais.bench.answers_speed import Steps, Timed
from relais.bench.speed import peak
from relais.bench.statuses_scene import STATUS_CODE, StatusScene
from relais.samples.recipients import directory

READING, DEPOSITS, COMPLETING, WRITING = "reading statuses", "deposited invoices", "completing", "writing answers"
LOOKING_UP, BINDING, LEDGER = "ledger: look-ups", "ledger: binding and settling", "ledger: the rest"
STORING, REST = "store", "the rest"
STEPS = (READING, LOOKING_UP, DEPOSITS, BINDING, COMPLETING, WRITING, STORING, LEDGER, REST)
IN_ONE, COMPLETED = "in one flow a recipient", "completed by suppliers"

METHOD = (
    "track_statuses from end to end on SQLite and a local store, every write made durable. CPPStatut, each status "
    "about an invoice drawn among all deposits of its partner; deposits share batches. CPU s: process_time of a "
    "process of its own for each row. Peak: ru_maxrss."
)
_LOOK_UPS = ("owners_of", "lines", "exempt_of", "flows_of", "batches_holding", "left_quarantine")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Tracked:
    """A measurement. Units: seconds, bytes."""

    kind: str
    deposits: int
    flows: int
    statuses: int
    cpu_seconds: float
    wall_seconds: float
    peak: int
    steps: dict[str, float]

    @property
    def per_second(self) -> float:
        """Statuses a second of wall time."""
        return self.statuses / self.wall_seconds

    @property
    def per_cpu_second(self) -> float:
        """Statuses a second of CPU time."""
        return self.statuses / self.cpu_seconds


class _Fixed:
    def now(self) -> datetime:
        return AT + timedelta(days=3)


def tracked(url: str, store_folder: Path) -> tuple[int, float, float, int, dict[str, float]]:
    """Flows tracked by this process, its CPU and wall seconds, its peak of memory, and its steps."""
    steps = Steps(STEPS)
    ledger = SqlLedger(url)
    named = dict.fromkeys(_LOOK_UPS, LOOKING_UP) | dict.fromkeys(("bind_statuses", "settle_statuses"), BINDING)
    ports: dict[str, Any] = {
        "ledger": Timed(ledger, steps, named, LEDGER),
        "directory": directory(),
        "store": Timed(LocalStore(store_folder), steps, {}, STORING),
    }
    rules = StatusRules(INSTALLED_RULES, _no_engine)
    cpu, wall = time.process_time(), time.perf_counter()
    flows = 0
    with ExitStack() as patched:
        for where, name, step in _MEASURED:
            patched.enter_context(mock.patch.object(where, name, steps.timed(step, getattr(where, name))))
        while some := stage.track_statuses(
            **ports, partners=Partners({}, open_to_all=True), clock=_Fixed(), rules=rules
        ):
            flows += some
    steps.step(REST).__enter__()
    ledger.close()
    return flows, time.process_time() - cpu, time.perf_counter() - wall, peak(), steps.seconds


_MEASURED = (
    (documents, "read_status", READING),
    (Deposits, "invoices", DEPOSITS),
    (stage, "completions", COMPLETING),
    (stage, "written_answers", WRITING),
)


def _no_engine() -> Engine:
    raise AssertionError("CPPStatut is judged by no official rules")


def status_figures(
    scene: StatusScene, flows: int, invoices_max: int, sizes: Sequence[int], statuses: int, progress: Progress
) -> list[Tracked]:
    """What tracking cost: statuses in flows of these sizes in turns, in one flow a recipient, and completions."""
    scene.deposit(flows, invoices_max, progress)
    turns = [sizes[turn % len(sizes)] for turn in range(statuses * len(sizes) // sum(sizes) + 1)]
    asked = (
        (f"in flows of {', '.join(map(str, sizes))}", "07", turns, False),
        (IN_ONE, "10", [statuses // len(scene.recipients)] * len(scene.recipients), False),
        (COMPLETED, "12", turns, True),
    )
    rows = []
    for day, (kind, code, wanted, by_supplier) in enumerate(asked):
        made = scene.statuses(code, wanted, AT + timedelta(days=1, hours=day), by_supplier=by_supplier)
        # A process of its own each time: peak memory is that of tracking, not of making the flows.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            count, cpu, wall, peak_bytes, steps = pool.apply(tracked, (scene.url, scene.store_folder))
        told = [flow for flow in scene.ledger.flows(FlowStatus.SETTLED) if flow.interface_code == STATUS_CODE]
        assert all(flow.acknowledgment_code == "90" for flow in told), "every status was recorded"
        progress(made)
        rows.append(Tracked(kind, flows, count, made, cpu, wall, peak_bytes, steps))
    return rows


def statuses_tables(rows: Sequence[Tracked]) -> list[Table]:
    """The figures, shown: rates, then microseconds a status by step."""
    rates = Table(title=f"Statuses about {rows[0].deposits:,} deposits", box=SIMPLE_HEAD, title_justify="left")
    for heading in ("statuses", "flows", "number", "statuses/s", "per CPU s", "peak"):
        rates.add_column(heading, justify="left" if heading == "statuses" else "right")
    for row in rows:
        rates.add_row(
            row.kind, f"{row.flows:,}", f"{row.statuses:,}", f"{row.per_second:,.0f}", f"{row.per_cpu_second:,.0f}",
            f"{row.peak / 1e6:,.0f} MB",
        )  # fmt: skip
    steps = Table(title="Where time goes, CPU us a status", box=SIMPLE_HEAD, title_justify="left")
    steps.add_column("step")
    for row in rows:
        steps.add_column(row.kind, justify="right")
    for step in STEPS:
        steps.add_row(step, *(f"{row.steps[step] / row.statuses * 1e6:.0f}" for row in rows))
    return [rates, steps]


def statuses_json(rows: Sequence[Tracked]) -> dict[str, Any]:
    """The same as data."""
    figures = [
        asdict(row) | {"per_second": row.per_second, "per_cpu_second": row.per_cpu_second} for row in rows
    ]  # fmt: skip
    return {"method": METHOD, "cores": os.cpu_count(), "measurements": figures}
