"""Carries a scripted year through the stages, in one process: every stage once a round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from connectors.assembly import House, house
from connectors.settings import Settings, default
from data_contracts.partners import Partners
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.tracking.official import StatusRules
from pipelines.tracking.stage import track_statuses
from pipelines.validation.check import Engine
from pipelines.validation.compiled.engine import CompiledJudge, Difference
from pipelines.validation.stage import check_batch
from relais.dropping import drop
from relais.samples.recipients import directory
from tests.failure.scenario import NoRules

EVERYONE = Partners({}, open_to_all=True)


def _differs(difference: Difference) -> None:
    raise AssertionError(f"compiled and official rules differ: {difference}")


@cache
def _engine() -> Engine:
    """One for all houses of a test run: a plan is dear to make."""
    return Engine(None, CompiledJudge(Path(mkdtemp(prefix="rules-")), _differs))


STATUS_RULES = StatusRules(INSTALLED_RULES, _engine)


@dataclass
class Standing:
    """A clock that a test moves."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def settings_of(home: Path, ledger_url: str = "") -> Settings:
    made = replace(default(home), open_partners=True, open_directory=True)
    return replace(made, ledger_url=ledger_url) if ledger_url else made


def opened(home: Path, ledger_url: str = "") -> House:
    return house(settings_of(home, ledger_url))


def dropped(flows: Mapping[str, bytes], home: Path, round_name: str) -> None:
    """Nothing; partners have dropped these flows, each once."""
    source = home / "rounds" / round_name
    source.mkdir(parents=True, exist_ok=True)
    for name, data in flows.items():
        (source / name).write_bytes(data)
    drop(source, settings_of(home).mailbox_dir, home)


def carried(parts: House, at: datetime, mailbox: Any = None, mortal: Callable[[Any], Any] = lambda port: port) -> None:
    """Every stage once, through ports that may be mortal."""
    ledger, store, box = mortal(parts.ledger), mortal(parts.store), mortal(mailbox or parts.mailbox)
    clock, ports = Standing(at), {"ledger": ledger, "store": store}
    collect_flows(mailbox=box, clock=clock, **ports)
    admit_flows(partners=EVERYONE, **ports)
    for batch_id in plan_batches(batches_max=None, **ports):
        check_batch(batch_id, worker="w", engine=Engine(None, NoRules()), **ports)
    settle_flows(directory=directory(), clock=clock, **ports)
    track_statuses(directory=directory(), partners=EVERYONE, clock=clock, rules=STATUS_RULES, **ports)
    deliver_answers(mailbox=box, **ports)
