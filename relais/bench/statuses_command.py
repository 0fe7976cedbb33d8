"""`relais bench statuses`: what taking statuses on costs."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from relais.bench.showing import show_with_load
from relais.progress import progress_bar


def statuses(
    deposits: Annotated[int, typer.Option(min=1, help="Flows of invoices that statuses speak of.")] = 1_000,
    deposit_size: Annotated[
        int, typer.Option(min=1, max=5_000, help="Most invoices of such a flow; sizes are drawn from 1 on.")
    ] = 10,
    count: Annotated[int, typer.Option("--statuses", min=1, help="Statuses of each kind, about.")] = 3_000,
    flow_sizes: Annotated[
        str, typer.Option(metavar="N[,N]", help="Statuses of the status flows, in turns.")
    ] = "1,10,100",
    seed: Annotated[int, typer.Option(help="The same seed writes the same invoices and draws the same ones.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what statuses cost on this machine: tracked a second, where time goes, memory.

    Three kinds: many status flows of recipients, one large flow a recipient, completions by suppliers, which send the
    invoices to their recipients again. Deposits are settled first, which is not measured. Figures are shown, never
    judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench statuses --deposits 5000 --statuses 20000`
    """
    from data_contracts.interfaces import Circuit
    from pipelines.parsing.scanner import native
    from relais.bench.answers_scene import base
    from relais.bench.speed import Bench, Reader
    from relais.bench.statuses_scene import StatusScene
    from relais.bench.statuses_speed import METHOD, status_figures, statuses_json, statuses_tables

    sizes = [int(size) for size in flow_sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="relais-statuses-") as folder, progress_bar() as bar:
        task = bar.add_task("deposits, then statuses", total=deposits + 3 * count)
        reader = Reader.NATIVE if native.available() else Reader.PYTHON
        found = base(Circuit.CHORUS_PRO, Bench(Path(folder), reader).engine, seed)
        scene = StatusScene(Path(folder) / "scene", found, seed)
        rows = status_figures(scene, deposits, deposit_size, sizes, count, partial(bar.advance, task))
        scene.close()
    show_with_load(statuses_json(rows) if as_json else [*statuses_tables(rows), METHOD])
