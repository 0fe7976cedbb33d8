"""A document that kills whoever judges it: it ends in quarantine alone, and every other is answered as ever."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

from data_contracts.ledger import Claim
from data_contracts.limits import BATCH_ATTEMPTS_MAX
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
from tests.failure import scenario

POISON = 2
"""Its position in the archive."""


class Deadly:
    """A judge that dies of one document."""

    def __init__(self, poison: bytes) -> None:
        self._poison = poison
        self.deaths = 0

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        if self._poison in subjects.contents:
            self.deaths += 1
            raise scenario.Killed("by a document")
        return [Judgment(())] * len(subjects)


class Unreleased:
    """The ledger as a killed worker leaves it: what it held is not given back."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def release(self, claim: Claim) -> None:
        """Dead workers give nothing back."""


def test_poison_ends_alone_in_quarantine(tmp_path: Path) -> None:
    scenario.flows(tmp_path / "flows", tmp_path / "scratch")
    with tarfile.open(tmp_path / "flows" / scenario.TAR_FLOW, "r:gz") as archive:
        poison = archive.extractfile(archive.getmembers()[POISON]).read()  # type: ignore[union-attr]
    judge = Deadly(poison)
    home = tmp_path / "home"
    home.mkdir()
    scenario.dropped(tmp_path / "flows", home)
    parts = scenario.built(home)
    ledger: Any = Unreleased(parts.ledger)
    collect_flows(mailbox=parts.mailbox, store=parts.store, ledger=ledger, clock=parts.clock)
    admit_flows(ledger=ledger, store=parts.store, partners=Partners({}, open_to_all=True))
    while batch_ids := plan_batches(ledger=ledger, store=parts.store):
        for batch_id in batch_ids:
            try:
                check_batch(batch_id, ledger=ledger, store=parts.store, worker="w", engine=Engine(None, judge))
            except scenario.Killed:
                continue
    settle_flows(ledger=ledger, store=parts.store, directory=parts.directory, clock=parts.clock)
    deliver_answers(ledger=ledger, store=parts.store, mailbox=parts.mailbox)

    sums = parts.ledger.reconciliation()
    assert (sums.gap, sums.flows_pending, sums.invoices_quarantined) == (0, 0, 1)
    assert (sums.invoices_received, sums.invoices_accepted, sums.invoices_rejected) == (7, 3, 3)
    assert BATCH_ATTEMPTS_MAX < judge.deaths <= 2 * BATCH_ATTEMPTS_MAX + 2
    quarantined = [report.flow.name for report in parts.ledger.reports() if report.flow.quarantined_count]
    assert quarantined == [scenario.TAR_FLOW]
