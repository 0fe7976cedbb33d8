"""Track: from admitted status flows to the histories of invoices, and to the suppliers that must hear of them.

Order    bind the events to the flow that brings them first, bind answer numbers, write the answers, and last of all one
         transaction that settles the flow. Each step gives the same result when it is done again, so a kill between any
         two loses no status and tells no supplier twice.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass

from data_contracts.directory import DirectorySource
from data_contracts.history_ledger import HistoryLedger
from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Flow
from data_contracts.limits import TRACKED_PER_RUN_MAX
from data_contracts.partners import Partners
from data_contracts.ports import Clock, ObjectStore
from pipelines.owed import written_answers
from pipelines.stuck import Stuck
from pipelines.tracking.acknowledging import status_acknowledgment
from pipelines.tracking.completing import completions
from pipelines.tracking.deposited import Deposits
from pipelines.tracking.documents import read_documents
from pipelines.tracking.official import StatusRules
from pipelines.tracking.outcomes import write_status_outcomes
from pipelines.tracking.relaying import relays
from pipelines.tracking.taking import TakenEvent, taken
from pipelines.validation.control_date import control_date

log = logging.getLogger("relais.tracking")


def track_statuses(
    *,
    ledger: HistoryLedger,
    store: ObjectStore,
    directory: DirectorySource,
    partners: Partners,
    clock: Clock,
    rules: StatusRules,
    documents_max: int = TRACKED_PER_RUN_MAX,
) -> int:
    """How many status flows were settled: each partner's in its order of landing, until so many documents are.

    `directory` says how completed invoices are told again. `rules` holds the official rules of CDARs; the file in force
    when a flow landed judges it.
    A flow that fails holds back its partner's later status flows and nobody else's.
    Errors   TerminalError for flows that a person must look at, after all others were settled; LedgerConflict and
             StoreUnavailable at once, after which a rerun goes on.
    """
    tracked, documents = 0, 0
    tracker = _Tracker(ledger, store, Deposits(ledger, store), directory, partners, clock, rules)
    stuck = Stuck(log, "flow")
    while documents < documents_max:
        ready = [flow for flow in ledger.trackable() if flow.flow_key not in stuck]
        if not ready:
            break
        for flow in ready:
            if documents >= documents_max:
                break
            with stuck.apart(flow.flow_key):
                tracker.track(flow)
                tracked += 1
                documents += flow.member_count or 0
    stuck.tell("status flows cannot be tracked", f"{tracked} others were")
    return tracked


@dataclass(frozen=True)
class _Tracker:
    """Tracks flow by flow. Tables that one flow's statuses led to are kept for the next ones in `deposits`."""

    ledger: HistoryLedger
    store: ObjectStore
    deposits: Deposits
    directory: DirectorySource
    partners: Partners
    clock: Clock
    rules: StatusRules

    def track(self, flow: Flow) -> None:
        """Nothing; the flow is tracked, or none of its events stays bound.

        The mails of everybody wait for events that may still be taken back: those of a flow that fails, or killed its
        worker when it was tried before, must not hold them.
        """
        self.ledger.bind_statuses(flow.flow_key, [], self.clock.now())
        try:
            self._track(flow)
        except Exception:
            self.ledger.bind_statuses(flow.flow_key, [], self.clock.now())
            raise

    def _track(self, flow: Flow) -> None:
        ledger, store = self.ledger, self.store
        interface = CATALOGUE[flow.interface_code]
        judgement = self.rules.judgement_on(control_date(flow.received_at))
        documents = read_documents(flow, interface, store, judgement)
        made = taken(flow, documents, ledger=ledger, deposits=self.deposits)
        bound = ledger.bind_statuses(flow.flow_key, [one.event for one in made.events], self.clock.now())
        fresh = _fresh(made.events, bound.new)
        root = write_status_outcomes(flow, made, store)
        code, acknowledgment = status_acknowledgment(flow, interface, made, known=len(made.events) - len(fresh))
        completed = completions(
            fresh, deposits=self.deposits, store=store, directory=self.directory, partners=self.partners
        )
        owed = [acknowledgment, *relays(fresh, self.partners), *completed]
        answers = written_answers(flow.flow_key, owed, bound.at, ledger, store)
        integrated = len(made.integrated())
        ledger.settle_statuses(
            flow.flow_key,
            integrated_count=integrated,
            refused_count=len(made.documents) - integrated,
            acknowledgment_code=code,
            receipts=[receipt for _, receipt in made.receipts],
            answers=answers,
            outcomes_root=root,
        )
        log.info(
            "statuses.tracked flow=%s told=%d new=%d receipts=%d refused=%d sent=%d",
            flow.flow_key, made.told, len(fresh), len(made.receipts), len(made.refused), len(owed) - 1,
        )  # fmt: skip


def _fresh(events: Sequence[TakenEvent], new: Container[str]) -> list[TakenEvent]:
    """Each event that this flow brings first, once."""
    first: dict[str, TakenEvent] = {}
    for one in events:
        if one.event.event_key in new:
            first.setdefault(one.event.event_key, one)
    return list(first.values())
