"""A home with one invoice in quarantine, an operator's command on it, and the same killed after any operation."""

from __future__ import annotations

import shutil
import tarfile
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from data_contracts.errors import ConfigurationError
from data_contracts.ledger import Claim
from data_contracts.partners import Partners
from data_contracts.quarantine import Order, Quarantined, Verb
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.quarantine.recheck import recheck
from pipelines.quarantine.stage import settle_quarantined
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from tests.failure import scenario

POISON = 2
"""Position in the archive of the invoice that nobody opened."""


class Unreleased:
    """The ledger as a killed worker leaves it: what it held is not given back."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def release(self, claim: Claim) -> None:
        """Dead workers give nothing back."""


class Deadly(scenario.NoRules):
    """A judge that dies of one document."""

    def __init__(self, poison: bytes) -> None:
        self._poison = poison

    def judge_batch(self, subjects: Any, rule_set: Any) -> Any:
        if self._poison in subjects.contents:
            raise scenario.Killed("by a document")
        return super().judge_batch(subjects, rule_set)


def home_with_poison(where: Path) -> Path:
    """A home whose flows are settled and answered, but for one invoice that waits in quarantine."""
    flows, home = where / "flows", where / "home"
    scenario.flows(flows, where / "scratch")
    with tarfile.open(flows / scenario.TAR_FLOW, "r:gz") as archive:
        poison = archive.extractfile(archive.getmembers()[POISON]).read()  # type: ignore[union-attr]
    home.mkdir()
    scenario.dropped(flows, home)
    parts = scenario.built(home)
    ledger: Any = Unreleased(parts.ledger)
    collect_flows(mailbox=parts.mailbox, store=parts.store, ledger=ledger, clock=parts.clock)
    admit_flows(ledger=ledger, store=parts.store, partners=Partners({}, open_to_all=True))
    engine = Engine(None, Deadly(poison))
    while batch_ids := plan_batches(ledger=ledger, store=parts.store):
        for batch_id in batch_ids:
            with suppress(scenario.Killed):
                check_batch(batch_id, ledger=ledger, store=parts.store, worker="w", engine=engine)
    settle_flows(ledger=ledger, store=parts.store, directory=parts.directory, clock=parts.clock)
    deliver_answers(ledger=ledger, store=parts.store, mailbox=parts.mailbox)
    parts.ledger.close()  # type: ignore[attr-defined]
    return home


def commanded(home: Path, verb: Verb, life: scenario.Life, seen: Counter[str], judge: Any = None) -> None:
    """What `relais quarantine release` or `reject` does, with `--deliver`, through mortal ports."""
    parts = scenario.built(home)
    mailbox = scenario.Greedy(parts.mailbox, scenario.settings(home).mailbox_dir, seen, home / "taken")
    ledger, store, box = (scenario.Mortal(port, life) for port in (parts.ledger, parts.store, mailbox))

    def checked(entry: Quarantined, attempt: int, judged_on: date) -> str:
        flow = parts.ledger.flow(entry.flow_key)
        engine = Engine(None, judge or scenario.NoRules())
        recheck(entry, flow, attempt, judged_on, store=store, engine=engine, register=INSTALLED_RULES)  # type: ignore[arg-type]
        return ""

    try:
        order = Order(verb, "anna", "seen by hand", "REJ_SEMAN", scenario.MORNING, scenario.MORNING.date())
        for entry in parts.ledger.quarantine():  # type: ignore[attr-defined]
            with suppress(ConfigurationError):  # decided before the kill
                ledger.order(entry.flow_key, entry.position, order)
        any_ledger: Any = ledger
        any_store: Any = store
        settle_quarantined(ledger=any_ledger, store=any_store, directory=parts.directory, recheck=checked)
        deliver_answers(ledger=any_ledger, store=any_store, mailbox=box)  # type: ignore[arg-type]
    finally:
        parts.ledger.close()  # type: ignore[attr-defined]


def run(base: Path, home: Path, verb: Verb, steps_max: int | None = None) -> tuple[scenario.Result, Any, int]:
    """The outside's view of a command on a copy of a home, killed at a step when one is given and then given again."""
    shutil.copytree(base, home)
    seen: Counter[str] = Counter()
    life = scenario.Life(steps_max)
    with suppress(scenario.Killed):
        commanded(home, verb, life, seen)
    if steps_max is not None:
        commanded(home, verb, scenario.Life(), seen)
    parts = scenario.built(home)
    taken = home / "taken"
    files = {str(path.relative_to(taken)): path.read_bytes() for path in sorted(taken.rglob("*")) if path.is_file()}
    result = scenario.Result(files, seen, parts.ledger.reconciliation())
    entries = parts.ledger.quarantine()  # type: ignore[attr-defined]
    parts.ledger.close()  # type: ignore[attr-defined]
    return result, entries, life.steps
