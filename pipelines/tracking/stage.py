"""Track: from admitted status flows to the histories of invoices, and to the suppliers that must hear of them.

Order    bind the events to the flow that brings them first, bind answer numbers, write the answers, and last of all one
         transaction that settles the flow. Each step gives the same result when it is done again, so a kill between any
         two loses no status and tells no supplier twice.
"""

from __future__ import annotations

import logging

from data_contracts.history_ledger import HistoryLedger
from data_contracts.interfaces import CATALOGUE
from data_contracts.limits import TRACKED_PER_RUN_MAX
from data_contracts.partners import Partners
from data_contracts.ports import Clock, Flow, ObjectStore
from pipelines.owed import written_answers
from pipelines.stuck import Stuck
from pipelines.tracking.acknowledging import status_acknowledgment
from pipelines.tracking.completing import completions
from pipelines.tracking.documents import read_documents
from pipelines.tracking.official import StatusRules
from pipelines.tracking.outcomes import write_status_outcomes
from pipelines.tracking.relaying import relays
from pipelines.tracking.taking import taken
from pipelines.validation.control_date import control_date

log = logging.getLogger("relais.tracking")


def track_statuses(
    *,
    ledger: HistoryLedger,
    store: ObjectStore,
    partners: Partners,
    clock: Clock,
    rules: StatusRules,
    documents_max: int = TRACKED_PER_RUN_MAX,
) -> int:
    """How many status flows were settled: each partner's in its order of landing, until so many documents are.

    `rules` holds the official rules of CDARs; the file in force when a flow landed judges it.
    A flow that fails holds back its partner's later status flows and nobody else's.
    Errors   TerminalError for flows that a person must look at, after all others were settled; LedgerConflict and
             StoreUnavailable at once, after which a rerun goes on.
    """
    tracked, documents = 0, 0
    stuck = Stuck(log, "flow")
    while documents < documents_max:
        ready = [flow for flow in ledger.trackable() if flow.flow_key not in stuck]
        if not ready:
            break
        for flow in ready:
            if documents >= documents_max:
                break
            with stuck.apart(flow.flow_key):
                _attempted(flow, ledger, store, partners, clock, rules)
                tracked += 1
                documents += flow.member_count or 0
    stuck.tell("status flows cannot be tracked", f"{tracked} others were")
    return tracked


def _attempted(
    flow: Flow,
    ledger: HistoryLedger,
    store: ObjectStore,
    partners: Partners,
    clock: Clock,
    rules: StatusRules,
) -> None:
    """Nothing; the flow is tracked, or none of its events stays bound.

    The mails of everybody wait for events that may still be taken back: those of a flow that fails, or killed its
    worker when it was tried before, must not hold them.
    """
    ledger.bind_statuses(flow.flow_key, [], clock.now())
    try:
        _track(flow, ledger, store, partners, clock, rules)
    except Exception:
        ledger.bind_statuses(flow.flow_key, [], clock.now())
        raise


def _track(
    flow: Flow,
    ledger: HistoryLedger,
    store: ObjectStore,
    partners: Partners,
    clock: Clock,
    rules: StatusRules,
) -> None:
    interface = CATALOGUE[flow.interface_code]
    judgement = rules.judgement_on(control_date(flow.received_at))
    made = taken(flow, read_documents(flow, interface, store, judgement), ledger=ledger, store=store)
    bound = ledger.bind_statuses(flow.flow_key, [one.event for one in made.events], clock.now())
    told: set[str] = set()
    fresh = []
    for one in made.events:
        if one.event.event_key in bound.new and one.event.event_key not in told:
            told.add(one.event.event_key)
            fresh.append(one)
    root = write_status_outcomes(flow, made, store)
    code, acknowledgment = status_acknowledgment(flow, interface, made, known=len(made.events) - len(fresh))
    completed = completions(fresh, ledger=ledger, store=store, partners=partners)
    owed = [acknowledgment, *relays(fresh, partners), *completed]
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
