"""`relais bench answers`, `ledger`, `directory`: what settling costs, and keeping many invoices or addresses."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from data_contracts.errors import ConfigurationError
from relais.bench.showing import show_with_load
from relais.progress import progress_bar


def answers(
    invoices: Annotated[int, typer.Option(min=1, help="Invoices settled for each number of processes.")] = 20_000,
    flow_sizes: Annotated[
        str, typer.Option(metavar="N[,N]", help="Invoices of the flows, in turns.")
    ] = "500,5000,500,2000",
    processes: Annotated[
        str, typer.Option(metavar="N[,N]", help="Processes that settle at once, measured one after the other.")
    ] = "1,2",
    circuit: Annotated[str, typer.Option(help="chorus_pro or afnor.")] = "chorus_pro",
    round_invoices: Annotated[
        int, typer.Option(min=1, help="Invoices that lie on disk at a time; the ledger keeps growing.")
    ] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same invoices.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what answering costs on this machine: settled invoices a second, where time goes, memory.

    Checked flows are made ready first, which is not measured. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench answers --invoices 100000 --processes 2`
    """
    from data_contracts.interfaces import Circuit
    from relais.bench.answers_scene import Scene, base
    from relais.bench.answers_speed import METHOD, answered, answers_json, answers_tables, rounds, together
    from relais.bench.speed import Bench, Reader

    if circuit not in set(Circuit):
        raise ConfigurationError(
            "no such circuit", where="--circuit", value=circuit, remedy=f"use {', '.join(Circuit)}"
        )
    sizes = [int(size) for size in flow_sizes.split(",")]
    counts = [int(count) for count in processes.split(",")]
    rows = []
    with tempfile.TemporaryDirectory(prefix="relais-answers-") as folder, progress_bar() as bar:
        task = bar.add_task("invoices", total=invoices * len(counts))
        reader = Reader.NATIVE if _native() else Reader.PYTHON
        found = base(Circuit(circuit), Bench(Path(folder), reader).engine, seed)
        for count in counts:
            scene = Scene(Path(folder) / f"by-{count}", found)
            parts = []
            for part in rounds(invoices, sizes, round_invoices):
                parts.append(answered(scene, part, found.mean_bytes, count, partial(bar.advance, task)))
                scene.emptied()
            scene.close()
            rows.append(together(parts))
    show_with_load(answers_json(rows) if as_json else [*answers_tables(rows), METHOD])


def _native() -> bool:
    from pipelines.parsing.scanner import native

    return native.available()


def ledger(
    url: Annotated[
        str | None, typer.Option(help="Address of a database of its own, empty or left by this command; else SQLite.")
    ] = None,
    holding: Annotated[int, typer.Option(min=0, help="Invoices that the ledger is filled up to first.")] = 100_000,
    invoices: Annotated[int, typer.Option(min=1, help="Invoices of each kind that are measured.")] = 50_000,
    flow_size: Annotated[int, typer.Option(min=1, max=50_000, help="Invoices of one flow.")] = 50_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what uniqueness and index cost in a ledger that holds many invoices: claimed and settled a second.

    Wall time: the database works beside this process. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench ledger --holding 1000000 --invoices 100000`
    """
    from connectors.ledger import SqlLedger
    from relais.bench.ledger_speed import METHOD, LedgerBench, ledger_json, ledger_table

    with tempfile.TemporaryDirectory(prefix="relais-ledger-") as folder, progress_bar() as bar:
        target = SqlLedger(url or f"sqlite:///{folder}/ledger.db")
        measured = LedgerBench(target, flow_size)
        task = bar.add_task("invoices", total=max(holding - measured.held, 0) + 2 * invoices)
        filled = measured.filled(holding, lambda done: bar.advance(task, done))
        held = measured.held
        kinds = [one(invoices, lambda done: bar.advance(task, done)) for one in (measured.new, measured.mixed)]
        target.close()
    rows = ([filled] if filled else []) + kinds
    show_with_load(ledger_json(rows, held) if as_json else [ledger_table(rows, held), METHOD])


def directory(
    lines: Annotated[
        int, typer.Option(min=1_000, help="Address lines, and as many units and establishments.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(help="The same seed asks for the same keys.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what a directory of national size costs: an F14 loaded, a differential, look-ups. About 1.4 kB a line.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench directory --lines 1000000`
    """
    from relais.bench.directory_speed import METHOD, directory_figures, directory_json, directory_tables

    with tempfile.TemporaryDirectory(prefix="relais-directory-") as folder, progress_bar() as bar:
        task = bar.add_task("bytes", total=None)
        figures = directory_figures(
            Path(folder), lines, seed, lambda done, total: bar.update(task, completed=done, total=total)
        )
    show_with_load(directory_json(figures) if as_json else [*directory_tables(figures), METHOD])
