"""Settle what a person ordered: each invoice of quarantine on its own, after its flow was settled.

Order    count the attempt, check again (release) or take the person's word (reject), decide as for any flow
         (`pipelines.settlement.final`), which claims the invoice's key, bind answer numbers, write the answers, and
         last of all one transaction, which also links the invoice to the one it follows and draws on the commitment it
         quotes. Killed anywhere, the order stands, and the next run carries it out: the same answers, nobody answered
         twice, nothing drawn twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from data_contracts.answers import Header
from data_contracts.directory import Directory, DirectorySource
from data_contracts.errors import RelaisError
from data_contracts.interfaces import CATALOGUE
from data_contracts.late_ledger import LateLedger
from data_contracts.ledger import Answer, Flow
from data_contracts.limits import BATCH_ATTEMPTS_MAX
from data_contracts.partners import NOBODY, Partners
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Order, Quarantined, QuarantineState, Verb
from data_contracts.tables import Outcome
from pipelines.bodies import body
from pipelines.evidence.facts import facts_root
from pipelines.lifecycle.subscribed import as_subscribed
from pipelines.owed import Draft, name_of, owed
from pipelines.quarantine.invoice import judged_at, judged_first, judged_of, late_folder, rechecked_folder
from pipelines.quarantine.late_answers import late_answers, rejected_by_order
from pipelines.quarantine.late_binding import LateBinding, bonds
from pipelines.quarantine.recheck import Recheck
from pipelines.routing.lookup import known_of
from pipelines.running_version import running_version
from pipelines.settlement.acceptance import Decision, proposed
from pipelines.settlement.final import Final, final
from pipelines.settlement.flow_members import originals
from pipelines.settlement.outcome_tables import decided_fact, write_outcomes
from pipelines.settlement.predecessors import link_events
from pipelines.stuck import OUR_FAULTS, Stuck
from pipelines.validation.control_date import control_date

log = logging.getLogger("relais.quarantine")


@dataclass(frozen=True)
class Carried:
    """How one order ended. `told` is the motive of a rejection, which one an accepted invoice follows, or why it still
    waits."""

    entry: Quarantined
    outcome: Outcome
    told: str
    answers: tuple[Answer, ...]


def settle_quarantined(
    *,
    ledger: LateLedger,
    store: ObjectStore,
    directory: DirectorySource,
    recheck: Recheck,
    partners: Partners = NOBODY,
) -> list[Carried]:
    """How each order ended: all that are open, those of an interrupted run included, in order of landing.

    `partners` say which version of the lifecycle each subscribes to.
    Errors   TerminalError for invoices that a person must look at, after all others; ConfigurationError,
             LedgerConflict and StoreUnavailable at once, after which a rerun goes on.
    """
    carrier = _Carrier(ledger, store, directory, recheck, partners)
    carried: list[Carried] = []
    stuck = Stuck(log, "invoice")
    for entry in ledger.quarantine(QuarantineState.ORDERED):
        with stuck.apart(entry.id):
            carried.append(carrier.carry(entry))
    stuck.tell("orders cannot be carried out", f"{len(carried)} others were")
    return carried


class _Carrier:
    """Carries out orders, one after another."""

    def __init__(
        self,
        ledger: LateLedger,
        store: ObjectStore,
        directory: DirectorySource,
        recheck: Recheck,
        partners: Partners,
    ) -> None:
        self._partners = partners
        self._ledger = ledger
        self._store = store
        self._directory = directory
        self._recheck = recheck
        self._members: Callable[[Flow], tuple[Sequence[int], Callable[[int], bytes]]] = lru_cache(maxsize=1)(
            lambda flow: originals(flow, store)
        )

    def carry(self, entry: Quarantined) -> Carried:
        assert entry.order is not None, "an entry is ordered without an order"
        flow = self._ledger.flow(entry.flow_key)
        attempt = self._ledger.take_up(entry.flow_key, entry.position)
        if entry.order.verb is Verb.REJECT:
            known = Directory({})
            proposal = rejected_by_order(judged_of(entry, self._ledger, self._store), entry.order)
        else:
            cause = self._checked_again(entry, entry.order, attempt)
            if cause:
                return self._put_back(entry, attempt, cause, None)
            proposal, known = self._proposed(entry, flow, attempt)
        try:
            return self._decided(entry, entry.order, flow, attempt, proposal, known)
        except (RelaisError, *OUR_FAULTS):
            # The check ended well: what failed since must not look, time and again, as if it stopped its worker.
            self._ledger.excuse(entry.flow_key, entry.position, attempt)
            raise

    def _decided(
        self, entry: Quarantined, order: Order, flow: Flow, attempt: int, proposal: Decision, known: Directory
    ) -> Carried:
        binding = LateBinding(entry, order.at, attempt, self._ledger)
        made = final(flow, [proposal], known, binding, ledger=self._ledger, store=self._store)
        (decision,) = made.decisions
        if decision.outcome is Outcome.QUARANTINED:
            verdict = decision.judged.verdict
            return self._put_back(entry, attempt, verdict["cause"] or "", tuple(verdict["rule_sets"]))
        return self._settled(entry, order, flow, attempt, made)

    def _checked_again(self, entry: Quarantined, order: Order, attempt: int) -> str:
        """Why the invoice could not be checked; empty when it was."""
        if entry.tries >= BATCH_ATTEMPTS_MAX:
            return f"the check stopped its worker {entry.tries} times"
        try:
            return self._recheck(entry, attempt, order.judged_on)
        except RelaisError as error:
            # Our own failure says nothing about the invoice: it waits as before, and the caller hears why.
            self._put_back(entry, attempt, entry.cause, None)
            error.add_note(f"{entry.id} waits as before")
            raise

    def _proposed(self, entry: Quarantined, flow: Flow, attempt: int) -> tuple[Decision, Directory]:
        judged = judged_at(rechecked_folder(entry.flow_key, entry.position, attempt), entry, self._store)
        circuit = CATALOGUE[flow.interface_code].circuit
        on = control_date(flow.received_at)
        known = known_of([judged.invoice], self._directory, on)
        return proposed(judged, circuit, known, on), known

    def _put_back(
        self, entry: Quarantined, attempt: int, cause: str, rule_sets: tuple[str, ...] | None
    ) -> Carried:  # fmt: skip
        self._ledger.put_back(
            entry.flow_key, entry.position, attempt, cause=cause, rule_sets=rule_sets, version=running_version()
        )
        log.warning("invoice.waits invoice=%s cause=%s", entry.id, cause)
        return Carried(entry, Outcome.QUARANTINED, cause, ())

    def _settled(self, entry: Quarantined, order: Order, flow: Flow, attempt: int, made: Final) -> Carried:
        (decision,) = made.decisions
        write_outcomes(late_folder(entry.flow_key, entry.position), [decision], self._store)
        first = judged_first(entry, self._ledger, self._store)
        sizes, original = self._members(flow)
        interface = as_subscribed(CATALOGUE[flow.interface_code], flow.partner_code, self._partners)
        warned = made.quotes.told(made.decisions)
        events, owed = late_answers(
            flow, interface, decision, first, order, sizes, original, self._partners, warned=warned
        )
        numbers = self._ledger.number(flow.flow_key, [draft.slot for draft in owed])
        answers = [self._answer(entry, attempt, draft, numbers[draft.slot], order) for draft in owed]
        self._ledger.settle_late(
            entry.flow_key,
            entry.position,
            attempt,
            outcome=decision.outcome,
            events=[*events, *link_events(made.found, interface, flow, order.at)],
            answers=answers,
            bonds=bonds(made),
            outcomes_root=facts_root([decided_fact(decision)]),
        )
        log.info("invoice.settled invoice=%s outcome=%s answers=%d", entry.id, decision.outcome, len(answers))
        return Carried(entry, decision.outcome, decision.motive or decision.detail_en, tuple(answers))

    def _answer(self, entry: Quarantined, attempt: int, draft: Draft, sequence: int, order: Order) -> Answer:
        name = name_of(draft.slot, sequence)
        content = body(draft.written(Header(name, order.at)))
        # By attempt: a worker that was thought dead must not write over what a later one settled.
        folder = f"late/{entry.position}/{attempt}/"
        return owed(entry.flow_key, draft.slot, name, content, self._store, folder)
