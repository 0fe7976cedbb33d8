"""A small scenario with every kind of outcome, the stages that carry it, and ports that die after the Nth operation."""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.assembly import House, house
from connectors.settings import Settings, default
from data_contracts.partners import Partners
from data_contracts.rule_sets import RuleSet
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.judge import Judgment, Subjects
from pipelines.validation.stage import check_batch
from relais.dropping import drop
from relais.samples.generator import write_samples

MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
TAR_FLOW, SECOND_FLOW = "FSO1100A_ELC001_ELC0011100000000000000001", "FSO1100A_ELC001_ELC0011100000000000000002"
WRONG_FLOW = "FSO9999A_BAT001_BAT0019999000000000000001"


class Killed(BaseException):
    """The process died here. Not an Exception: nothing in the stages may survive it."""


class NoRules:
    """A judge for which every document is good: the official rules have their own tests."""

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        return [Judgment(())] * len(subjects)


class Mortal:
    """Wraps a port: counts its calls, and dies after the Nth."""

    def __init__(self, port: Any, life: Life) -> None:
        self._port, self._life = port, life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def called(*args: Any, **kwargs: Any) -> Any:
            # Dying before an operation is dying after the one before it: what lies between computes and writes nothing.
            result = method(*args, **kwargs)
            self._life.step()
            return result

        return called


@dataclass
class Life:
    """`steps` counts operations of all ports together."""

    steps_max: int | None = None
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps_max is not None and self.steps >= self.steps_max:
            raise Killed(f"step {self.steps}")


class Greedy:
    """A partner that takes every file the moment it appears; counts how often each name appeared."""

    def __init__(self, mailbox: Any, out: Path, seen: Counter[str], taken: Path) -> None:
        self._mailbox, self._out, self._seen, self._taken = mailbox, out, seen, taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def publish(self, partner_code: str, name: str, part: str) -> None:
        self._mailbox.publish(partner_code, name, part)
        path = self._out / partner_code / "out" / name
        if not path.exists():
            return  # published, and taken, before
        self._seen[f"{partner_code}/{name}"] += 1
        target = self._taken / partner_code
        target.mkdir(parents=True, exist_ok=True)
        path.rename(target / name)


def flows(where: Path, scratch: Path) -> None:
    """Four flows: an archive with a duplicate and a broken file, a second one that repeats an invoice, a wrong one."""
    write_samples(scratch, invoices=100, seed=3)
    source = scratch / "flows" / TAR_FLOW
    with tarfile.open(source, "r:gz") as archive:
        members = [(m.name, archive.extractfile(m).read()) for m in archive.getmembers()[:3]]  # type: ignore[union-attr]
    where.mkdir(parents=True)
    broken = ("broken.xml", b"<Invoice><unclosed></Invoice>")
    (where / TAR_FLOW).write_bytes(_tar([*members, ("twin.xml", members[0][1]), broken]))
    (where / SECOND_FLOW).write_bytes(_tar([("again.xml", members[1][1])]))
    (where / WRONG_FLOW).write_bytes(b"<x/>")
    pdf = next(path for path in sorted((scratch / "flows").iterdir()) if path.name.startswith("FSO1117A"))
    (where / pdf.name).write_bytes(pdf.read_bytes())


def _tar(members: list[tuple[str, bytes]]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def settings(home: Path) -> Settings:
    return replace(default(home), open_partners=True, open_directory=True, fixed_now=MORNING)


def built(home: Path) -> House:
    return house(settings(home))


def carried(parts: House, life: Life, mailbox: Any) -> None:
    """Every stage once, through mortal ports."""
    ledger, store, box = Mortal(parts.ledger, life), Mortal(parts.store, life), Mortal(mailbox, life)
    partners = Partners({}, open_to_all=True)
    collect_flows(mailbox=box, store=store, ledger=ledger, clock=parts.clock)
    admit_flows(ledger=ledger, store=store, partners=partners)
    for batch_id in plan_batches(ledger=ledger, store=store):
        check_batch(batch_id, ledger=ledger, store=store, worker="w", engine=Engine(None, NoRules()))
    settle_flows(ledger=ledger, store=store, directory=parts.directory, clock=parts.clock)
    deliver_answers(ledger=ledger, store=store, mailbox=box)


def dropped(source: Path, home: Path) -> None:
    drop(source, settings(home).mailbox_dir, home)


@dataclass(frozen=True)
class Result:
    """What the outside sees of a run: every file that partners got, how often each appeared, and the ledger's sums."""

    files: dict[str, bytes]
    appearances: Counter[str]
    sums: Any


def run(home: Path, source: Path, steps_max: int | None = None) -> tuple[Result, int]:
    """Drops the flows, carries them, killed at a step when one is given and then taken up again until done."""
    home.mkdir(parents=True, exist_ok=True)
    seen: Counter[str] = Counter()
    taken = home / "taken"
    life = Life(steps_max)
    dropped(source, home)
    parts = built(home)
    with suppress(Killed):
        carried(parts, life, Greedy(parts.mailbox, settings(home).mailbox_dir, seen, taken))
    if steps_max is not None:
        parts = built(home)
        carried(parts, Life(), Greedy(parts.mailbox, settings(home).mailbox_dir, seen, taken))
    files = {str(path.relative_to(taken)): path.read_bytes() for path in sorted(taken.rglob("*")) if path.is_file()}
    return Result(files, seen, parts.ledger.reconciliation()), life.steps
