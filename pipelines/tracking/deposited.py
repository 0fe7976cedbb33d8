"""Deposited invoices, read back from the store for those who speak of them again: who sent each, who received it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from data_contracts.answers import InvoiceRow
from data_contracts.errors import IntegrityBroken
from data_contracts.history_ledger import HistoryLedger
from data_contracts.ledger import Flow, Owner
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined
from data_contracts.tables import CHECKED, OUTCOMES
from pipelines.quarantine.invoice import late_folder, rechecked_folder
from pipelines.settlement.acceptance import Judged
from pipelines.settlement.checked_tables import DETAILS
from pipelines.settlement.outcome_tables import settled_folder
from pipelines.tracking.kept_tables import KeptTables, rows_of

_OUTCOME = ["flow_key", "position", "outcome", "motive", "partner_code"]


@dataclass(frozen=True)
class Deposited:
    """One invoice as it was deposited in `flow`, and what became of it then. `partner_code` received it; it is empty
    where nobody did. `folder` holds the tables of its newest check. `came_at`: from then on it may be what others speak
    of, since its flow came, or since the order by which it left quarantine."""

    owner: Owner
    flow: Flow
    invoice: InvoiceRow
    outcome: str
    motive: str
    partner_code: str
    folder: str
    came_at: datetime


class Deposits:
    """Reads deposited invoices of settled flows. Tables are kept for those who speak of the same batches next."""

    def __init__(self, ledger: HistoryLedger, store: ObjectStore) -> None:
        self._ledger = ledger
        self._checked = KeptTables(store)
        self._settled = KeptTables(store)

    def invoices(self, owners: Collection[Owner]) -> dict[Owner, Deposited]:
        """The invoices, by owner.

        Errors   IntegrityBroken if a table does not hold exactly one row of one.
        Cost     three queries for every 500 flows, a read for each batch and one for each flow concerned, never for
                 each invoice; memory of the rows asked for.
        """
        flow_keys = {owner.flow_key for owner in owners}
        flows = self._ledger.flows_of(flow_keys)
        late = {Owner(one.flow_key, one.position): one for one in self._ledger.left_quarantine(flow_keys)}
        folders = self._checked_folders(owners, late)
        settled = {
            owner: late_folder(owner.flow_key, owner.position) if owner in late else settled_folder(owner.flow_key)
            for owner in owners
        }
        found = {}
        outcomes = dict(self._rows("outcomes", settled, self._settled, OUTCOMES, _OUTCOME))
        for owner, rows in self._rows("invoices", folders, self._checked, CHECKED["invoices"]):
            outcome = _only(outcomes.get(owner), owner, settled[owner])
            found[owner] = Deposited(
                owner,
                flows[owner.flow_key],
                _only(rows, owner, folders[owner]),
                outcome["outcome"],
                outcome["motive"] or "",
                outcome["partner_code"] or "",
                folders[owner],
                _came_at(flows[owner.flow_key], late.get(owner)),
            )
        for owner in owners:
            if owner not in found:
                _only(None, owner, folders[owner])
        return found

    def judged(self, invoices: Iterable[Deposited]) -> dict[Owner, Judged]:
        """All that the newest check of each invoice found, by owner.

        Errors   IntegrityBroken if not exactly one verdict is there.
        Cost     four reads for each batch concerned; lines and VAT groups stay columns until they are read.
        """
        asked = {one.owner: one for one in invoices}
        folders = {owner: one.folder for owner, one in asked.items()}
        verdicts, findings, lines, vat = (
            dict(self._rows(name, folders, self._checked, CHECKED[name], unmade=name in DETAILS))
            for name in ("verdicts", "findings", *DETAILS)
        )
        return {
            owner: Judged(
                one.invoice,
                _only(verdicts.get(owner), owner, one.folder),
                tuple(findings.get(owner, ())),
                lines.get(owner, ()),
                vat.get(owner, ()),
            )
            for owner, one in asked.items()
        }

    def _checked_folders(self, owners: Collection[Owner], late: Mapping[Owner, Quarantined]) -> dict[Owner, str]:
        """Where the tables of each invoice's newest check lie."""
        wanted = _by_flow(owners)
        folders = {}
        for batch in self._ledger.batches_holding(wanted):
            for piece in batch.slices:
                held = range(piece.first, piece.first + piece.count)
                for position in wanted[piece.flow_key]:
                    if position in held:
                        folders[Owner(piece.flow_key, position)] = f"checked/{batch.batch_id}"
        for owner in owners:
            if owner in late and late[owner].checked_attempt:
                folders[owner] = rechecked_folder(owner.flow_key, owner.position, late[owner].checked_attempt)
        missing = sorted(f"{owner.flow_key}/{owner.position}" for owner in owners if owner not in folders)
        if missing:
            raise IntegrityBroken("no batch holds the invoice", where=missing[0], value=f"{len(missing)} in all")
        return folders

    def _rows(
        self,
        name: str,
        folders: Mapping[Owner, str],
        tables: KeptTables,
        schema: pa.Schema,
        columns: list[str] | None = None,
        unmade: bool = False,
    ) -> Iterator[tuple[Owner, Sequence[Any]]]:
        """The rows of each invoice in the table of this name of its folder, a folder at a time."""
        grouped: dict[str, list[Owner]] = {}
        for owner, folder in folders.items():
            grouped.setdefault(folder, []).append(owner)
        for folder, ours in sorted(grouped.items()):
            table = tables.table(f"{folder}/{name}.parquet", schema, columns)
            yield from rows_of(table, _by_flow(ours), unmade=unmade).items()


def deposited(owners: Collection[Owner], *, ledger: HistoryLedger, store: ObjectStore) -> dict[Owner, Deposited]:
    """The invoices of settled flows, by owner, for one who asks once: `Deposits.invoices`."""
    return Deposits(ledger, store).invoices(owners)


def _came_at(flow: Flow, left: Quarantined | None) -> datetime:
    return flow.received_at if left is None or left.order is None else left.order.at


def _by_flow(owners: Iterable[Owner]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for owner in owners:
        wanted.setdefault(owner.flow_key, set()).add(owner.position)
    return wanted


def _only(rows: Sequence[Any] | None, owner: Owner, folder: str) -> Any:
    """The one row of an invoice."""
    if rows is None or len(rows) != 1:
        raise IntegrityBroken(
            "an invoice has not exactly one row",
            where=f"{folder}, {owner.flow_key}/{owner.position}",
            value=f"{0 if rows is None else len(rows)} rows",
            remedy="restore the folder's objects from a backup",
        )
    return rows[0]
