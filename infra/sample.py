"""The sample that `make run` carries when no flows are given: written once for each size, the same bytes every time."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from infra.airflow.service import ROOT
from relais.samples.generator import write_samples

INVOICES = 20_000
SEED = 1


def written(invoices: int, console: Console) -> Path:
    """The folder of a sample of about this many invoices: flows/, resent/, registers/, expected.json."""
    folder = ROOT / "var" / "sample" / str(invoices)
    if (folder / "expected.json").exists():
        return folder
    part = folder.with_suffix(".part")
    if part.exists():
        shutil.rmtree(part)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("sample invoices written", total=invoices)
        result = write_samples(part, invoices=invoices, seed=SEED, progress=lambda count: bar.advance(task, count))
    part.rename(folder)
    console.print(f"Wrote a sample of {result.invoices:,} invoices in {result.flows} flows")
    return folder


def fixed_now(folder: Path) -> datetime:
    """The business time that the sample's expectations suppose."""
    return datetime.fromisoformat(json.loads((folder / "expected.json").read_text())["fixed_now"])
