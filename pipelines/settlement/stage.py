"""Settle: from checked batches to each flow's one outcome and its answers.

Order    claim invoice keys, bind answer numbers, write the answers, and last of all one transaction that settles the
         flow. Each step gives the same result when it is done again, so a kill between any two loses nothing and
         answers nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import chain

from data_contracts.directory import DirectorySource
from data_contracts.history_ledger import Link
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ledger import Flow, InvoiceKey, Settlement
from data_contracts.limits import SETTLED_PER_RUN_MAX
from data_contracts.partners import NOBODY, Partners
from data_contracts.ports import Clock, ObjectStore
from data_contracts.quarantine import SetAside
from data_contracts.tables import Outcome
from pipelines.evidence.facts import facts_root
from pipelines.lifecycle.subscribed import as_subscribed
from pipelines.owed import written_answers
from pipelines.routing.lookup import known_of
from pipelines.running_version import running_version
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision, proposed
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.settlement.final import DecidingLedger, final
from pipelines.settlement.flow_members import originals
from pipelines.settlement.outcome_tables import decided_fact, settled_folder, write_outcomes
from pipelines.settlement.predecessors import link_events, unkeyed
from pipelines.settlement.shares import WHOLE, Share
from pipelines.stuck import Stuck
from pipelines.validation.control_date import control_date
from pipelines.validation.uncollected import uncollected

log = logging.getLogger("relais.settlement")


def settle_flows(
    *,
    ledger: DecidingLedger,
    store: ObjectStore,
    directory: DirectorySource,
    clock: Clock,
    invoices_max: int = SETTLED_PER_RUN_MAX,
    share: Share = WHOLE,
    partners: Partners = NOBODY,
) -> int:
    """How many flows were settled: those that are ready, in turns between partners, until so many invoices are.

    Several processes may settle at once, each with a `share` of its own. `partners` say which version of the lifecycle
    each subscribes to.
    A flow that cannot be settled holds back its partner's later flows and nobody else's.
    Errors   TerminalError for flows that a person must look at, after all others were settled; LedgerConflict and
             StoreUnavailable at once, after which a rerun goes on.
    """
    settled, invoices = 0, 0
    stuck = Stuck(log, "flow")
    checked = CheckedTables(ledger, store)
    # Settling a flow may make its partner's next one ready.
    while invoices < invoices_max and (ready := _ready(ledger, share, stuck)):
        for flow in ready:
            if invoices >= invoices_max:
                break
            with stuck.apart(flow.flow_key), uncollected():
                _settle(flow, checked, ledger, store, directory, clock, partners)
                settled += 1
                invoices += flow.member_count or 0
    stuck.tell("flows cannot be settled", f"{settled} others were")
    return settled


@dataclass(frozen=True)
class _Binding:
    """Binds a flow, which is not settled before all of it is decided."""

    besides: str
    ledger: DecidingLedger
    clock: Clock

    def claim(self, keys: Sequence[tuple[InvoiceKey, int]]) -> Settlement:
        return self.ledger.claim_invoices(self.besides, keys, self.clock.now())

    def follow(self, links: Sequence[Link]) -> Sequence[Link]:
        return self.ledger.link(self.besides, links)


def _ready(ledger: DecidingLedger, share: Share, stuck: Container[str]) -> list[Flow]:
    ready = (row for row in ledger.settleable() if share.holds(row.partner_code) and row.flow_key not in stuck)
    return [row for row in ready if CATALOGUE[row.interface_code].content is Content.INVOICES]


def _settle(
    flow: Flow,
    checked: CheckedTables,
    ledger: DecidingLedger,
    store: ObjectStore,
    directory: DirectorySource,
    clock: Clock,
    partners: Partners,
) -> None:
    interface = as_subscribed(CATALOGUE[flow.interface_code], flow.partner_code, partners)
    on = control_date(flow.received_at)
    checks = list(checked.judged(flow))
    known = known_of((judged.invoice for judged in checks), directory, on)
    proposals = [proposed(judged, interface.circuit, known, on) for judged in checks]
    bound = _Binding(flow.flow_key, ledger, clock)
    made = final(flow, proposals, known, bound, ledger=ledger, store=store)
    decisions, found, quotes, settlement = made.decisions, made.found, made.quotes, made.settlement
    ledger.draw(flow.flow_key, quotes.draws(decisions), quotes.instead_of, quotes.seen())
    write_outcomes(settled_folder(flow.flow_key), decisions, store)

    code, acknowledgment = drafts.acknowledgment(flow, interface, decisions, quotes.told(decisions))
    listed = drafts.statuses(flow, interface, decisions, settlement.settled_at)
    sizes, original = originals(flow, store)
    owed = [
        acknowledgment,
        *drafts.lifecycles(flow, listed),
        *drafts.diffusions(flow, decisions, sizes, original, partners),
    ]
    answers = written_answers(flow.flow_key, owed, settlement.settled_at, ledger, store)
    counts = {outcome: sum(d.outcome is outcome for d in decisions) for outcome in Outcome}
    ledger.settle(
        flow.flow_key,
        accepted_count=counts[Outcome.ACCEPTED],
        rejected_count=counts[Outcome.REJECTED],
        quarantined_count=counts[Outcome.QUARANTINED],
        acknowledgment_code=code,
        events=chain(drafts.events(listed), link_events(found, interface, flow, settlement.settled_at)),
        answers=answers,
        set_aside=[_aside(decision, sizes) for decision in decisions if decision.outcome is Outcome.QUARANTINED],
        outcomes_root=facts_root(decided_fact(decision) for decision in decisions),
        unkeyed=unkeyed(decisions, settlement.owners),
    )
    log.info(
        "flow.settled flow=%s received=%d accepted=%d rejected=%d quarantined=%d",
        flow.flow_key, len(decisions), *(counts[outcome] for outcome in Outcome),
    )  # fmt: skip


def _aside(decision: Decision, sizes: Sequence[int]) -> SetAside:
    invoice, verdict = decision.judged.invoice, decision.judged.verdict
    return SetAside(
        position=invoice["position"],
        name=invoice["member_name"],
        sha256=invoice["sha256"],
        size_bytes=sizes[invoice["position"]],
        cause=verdict["cause"] or "",
        rule_sets=tuple(verdict["rule_sets"]),
        relais_version=running_version(),
    )
