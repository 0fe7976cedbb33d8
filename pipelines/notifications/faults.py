"""Faults: what an invoice that was rejected at its deposit breaks, for the mails that show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data_contracts.answers import FindingRow
from data_contracts.history import Actor, Phase
from data_contracts.history_ledger import HistoryLedger
from data_contracts.ledger import Owner
from data_contracts.ports import ObjectStore
from pipelines.notifications.gathering import Entry, Gathered
from pipelines.quarantine.invoice import judged_by
from pipelines.tracking.decided_by import findings_of
from pipelines.validation.rejecting import rejects


class Faults:
    """Reads the findings that reject invoices, each invoice once a round."""

    def __init__(self, ledger: HistoryLedger, store: ObjectStore) -> None:
        self._ledger = ledger
        self._store = store
        self._known: dict[Owner, tuple[FindingRow, ...]] = {}

    def explain(self, gathered: Iterable[Gathered]) -> None:
        """Nothing; entries of invoices that we rejected hold why.

        Cost     a few reads for each invoice that a mail shows and we rejected, not for those that it counts.
        """
        for one in gathered:
            for group, entries in one.entries.items():
                one.entries[group] = [self._explained(entry) for entry in entries]

    def _explained(self, entry: Entry) -> Entry:
        event = entry.event
        if entry.phase is not Phase.REJECTED or event.actor is not Actor.PLATFORM:
            return entry
        owner = Owner(event.flow_key, event.position)
        if owner not in self._known:
            found = findings_of(owner, judged_by(owner, self._ledger, self._store), self._ledger, self._store)
            self._known[owner] = tuple(row for row in found if rejects(row, entry.circuit))
        return replace(entry, faults=self._known[owner])
