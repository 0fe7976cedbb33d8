"""Whether a run's outputs are those of an undisturbed one: the same flows by local folders, without Airflow."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from connectors.assembly import house
from connectors.settings import Settings, load
from data_contracts.errors import ConfigurationError
from infra.acts import STATUSES
from pipelines.intake.stage import collect_flows
from relais.dropping import drop
from relais.samples.statuses import write_statuses

SHOWN_MAX = 20


class Different(Exception):
    """Outputs differ; the text names the first ones."""


def compared(flows: Path, settings: Settings, console: Console, landed: Sequence[str]) -> None:
    """Nothing; every answer and every verdict is byte for byte that of the undisturbed run.

    `landed` are the partners of the run's flows in their order of landing. Which of two partners' first flows lands
    first is chance, and numbers the series of what others hear of them: public bodies drop theirs in the same order.

    Errors   Different otherwise, also when the undisturbed run fails.
    """
    if settings.fixed_now is None:
        raise ConfigurationError(
            "two runs at the machine's time write different times", where="COMPARE", remedy="give NOW too"
        )
    out = settings.home.with_name("undisturbed")
    console.print("Carrying the same flows by local folders, undisturbed, to compare")
    shutil.rmtree(out, ignore_errors=True)
    _carried(flows, settings, out)
    if (settings.home / STATUSES).is_dir():
        _told(settings, out, list(dict.fromkeys(landed)))
        _carried(flows, settings, out)
    files, different = 1, differences(out / "drops", settings.mailbox_dir)
    if not filecmp.cmp(out / "verdicts.jsonl", settings.home / "verdicts.jsonl", shallow=False):
        different.append("verdicts.jsonl: other bytes")
    files += len(_answers(out / "drops"))
    if different:
        shown = "; ".join(different[:SHOWN_MAX])
        raise Different(f"{len(different)} of {files} outputs differ from those of an undisturbed run: {shown}")
    console.print(f"Identical  {files:,} outputs, byte for byte, with those of an undisturbed run by local folders")


def differences(expected: Path, found: Path) -> list[str]:
    """What differs between the answers of two folders of drops, one text a file."""
    one, other = _answers(expected), _answers(found)
    told = [f"{name}: missing" for name in sorted(one - other)] + [f"{name}: too much" for name in sorted(other - one)]
    for name in sorted(one & other):
        if not filecmp.cmp(expected / name, found / name, shallow=False):
            told.append(f"{name}: other bytes")
    return told


def _answers(drops: Path) -> set[str]:
    return {str(path.relative_to(drops)) for path in drops.glob("*/out/*") if path.is_file()}


def _told(settings: Settings, out: Path, partners: Sequence[str]) -> None:
    """Nothing; what public bodies say of the undisturbed run's own deliveries has landed, partner by partner."""
    assert settings.fixed_now is not None, "compared at the machine's time"
    write_statuses(out / "drops", out / STATUSES, now=settings.fixed_now)
    with house(load(out)) as ports:
        for code in partners:
            turn = out / "turns" / code
            turn.mkdir(parents=True)
            for source in sorted((out / STATUSES).glob(f"*_{code}_*")):
                (turn / source.name).symlink_to(source)
            if any(turn.iterdir()):
                drop(turn, out / "drops", out)
                collect_flows(mailbox=ports.mailbox, store=ports.store, ledger=ports.ledger, clock=ports.clock)


def _carried(flows: Path, settings: Settings, out: Path) -> None:
    is_sample = (flows / "flows").is_dir()
    command = [sys.executable, "-m", "relais", "run", "--out", str(out)]
    command += ["--flows", str(flows / "flows" if is_sample else flows), "--jobs", str(os.cpu_count() or 1)]
    if (flows / "resent").is_dir():
        command += ["--resent", str(flows / "resent")]
    if settings.partners_file is not None:
        command += ["--registers", str(settings.partners_file.parent)]
    if settings.fixed_now is not None:
        command += ["--now", f"{settings.fixed_now:%Y-%m-%dT%H:%M:%S}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise Different(f"the undisturbed run failed: {done.stderr.strip()[-500:]}")
