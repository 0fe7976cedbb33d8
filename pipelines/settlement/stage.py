"""Settle: from checked batches to each flow's one outcome and its answers.

Order    claim invoice keys, bind answer numbers, write the answers, and last of all one transaction that settles the
         flow. Each step gives the same result when it is done again, so a kill between any two loses nothing and
         answers nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.answers import FindingRow, Header
from data_contracts.directory import Directory
from data_contracts.envelope import EnvelopeName
from data_contracts.errors import TerminalError
from data_contracts.interfaces import CATALOGUE
from data_contracts.partners import RELAIS_CODE
from data_contracts.ports import Answer, Clock, Flow, Ledger, ObjectStore, Owner
from data_contracts.tables import FINDINGS, OUTCOMES, Outcome, conforming
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision, decided, keys, proposed
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.validation.control_date import control_date

log = logging.getLogger("relais.settlement")


def settle_flows(*, ledger: Ledger, store: ObjectStore, directory: Directory, clock: Clock) -> int:
    """How many flows were settled: all that are ready, in order of landing.

    A flow that cannot be settled holds back its partner's later flows and nobody else's.
    Errors   TerminalError for flows that a person must look at, after all others were settled; LedgerConflict and
             StoreUnavailable at once, after which a rerun goes on.
    """
    settled = 0
    failed: dict[str, TerminalError] = {}
    checked = CheckedTables(ledger, store)
    # Settling a flow may make its partner's next one ready.
    while ready := [flow for flow in ledger.settleable() if flow.flow_key not in failed]:
        for flow in ready:
            try:
                _settle(flow, checked, ledger, store, directory, clock)
                settled += 1
            except TerminalError as error:
                log.error("flow.stuck flow=%s cause=%s", flow.flow_key, error)
                failed[flow.flow_key] = error
    if failed:
        raise TerminalError(
            f"{len(failed)} flows cannot be settled; {settled} others were",
            where=", ".join(sorted(failed)),
            value=str(next(iter(failed.values()))),
            remedy="see the cause of each in the log",
        )
    return settled


def _settle(
    flow: Flow, checked: CheckedTables, ledger: Ledger, store: ObjectStore, directory: Directory, clock: Clock
) -> None:
    interface = CATALOGUE[flow.interface_code]
    on = control_date(flow.received_at)
    proposals = [proposed(judged, interface.circuit, directory, on) for judged in checked.judged(flow)]
    settlement = ledger.claim_invoices(flow.flow_key, keys(proposals), clock.now())
    decisions = decided(proposals, settlement.owners, _described(flow, ledger, store))
    _write_tables(flow, decisions, store)

    code, acknowledgment = drafts.acknowledgment(flow, interface, decisions)
    listed = drafts.statuses(flow, interface, decisions, settlement.settled_at)
    sizes, original = _originals(flow, store)
    owed = [
        acknowledgment,
        *drafts.lifecycles(flow, listed),
        *drafts.diffusions(flow, decisions, sizes, original),
    ]
    numbers = ledger.number(flow.flow_key, [draft.slot for draft in owed])
    answers = [_answer(flow, draft, numbers[draft.slot], settlement.settled_at, store) for draft in owed]
    counts = {outcome: sum(d.outcome is outcome for d in decisions) for outcome in Outcome}
    ledger.settle(
        flow.flow_key,
        accepted_count=counts[Outcome.ACCEPTED],
        rejected_count=counts[Outcome.REJECTED],
        quarantined_count=counts[Outcome.QUARANTINED],
        acknowledgment_code=code,
        events=drafts.events(listed),
        answers=answers,
    )
    log.info(
        "flow.settled flow=%s received=%d accepted=%d rejected=%d quarantined=%d",
        flow.flow_key, len(decisions), *(counts[outcome] for outcome in Outcome),
    )  # fmt: skip


def _answer(flow: Flow, draft: drafts.Draft, sequence: int, at: datetime, store: ObjectStore) -> Answer:
    interface_code, partner_code, part = draft.slot
    name = EnvelopeName(interface_code, partner_code, RELAIS_CODE, sequence)
    content = draft.written(Header(name, at))
    # Not create-only: a release between a kill and its rerun may write the answer better, and nobody has seen it yet.
    stored = store.replace(f"answers/{flow.flow_key}/{name}", content)
    return Answer(
        delivery_id=f"{flow.flow_key}:{interface_code}:{partner_code}:{part}",
        flow_key=flow.flow_key,
        partner_code=partner_code,
        interface_code=interface_code,
        name=str(name),
        object_key=stored.key,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
    )


def _originals(flow: Flow, store: ObjectStore) -> tuple[Sequence[int], Callable[[int], bytes]]:
    """The members' bytes by position, and a reader of one member."""
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as file:
        index = pq.read_table(file, columns=["offset", "size_bytes"]).to_pydict()
    offsets, sizes = index["offset"], index["size_bytes"]

    def original(position: int) -> bytes:
        return store.read(f"admitted/{flow.flow_key}/documents", offsets[position], sizes[position])

    return sizes, original


def _described(flow: Flow, ledger: Ledger, store: ObjectStore) -> Callable[[Owner], tuple[str, str]]:
    """Names the first invoice of a duplicate: its flow, its file, the day it came."""
    names: dict[str, list[str]] = {}

    def described(owner: Owner) -> tuple[str, str]:
        if owner.flow_key not in names:
            with store.open(f"admitted/{owner.flow_key}/members.parquet") as file:
                names[owner.flow_key] = pq.read_table(file, columns=["name"]).column("name").to_pylist()
        member = names[owner.flow_key][owner.position]
        if owner.flow_key == flow.flow_key:
            return f"le fichier {member} du même flux", f"file {member} of the same flow"
        first = ledger.flow(owner.flow_key)
        day = control_date(first.received_at).isoformat()
        return (
            f"la facture du fichier {member} du flux {first.name} reçu le {day}",
            f"the invoice of file {member} of flow {first.name} received on {day}",
        )

    return described


def _write_tables(flow: Flow, decisions: Sequence[Decision], store: ObjectStore) -> None:
    """Outcomes, and the findings that settlement itself added (routing, duplicates)."""
    outcomes: list[dict[str, Any]] = [
        {
            "flow_key": flow.flow_key,
            "position": decision.judged.invoice["position"],
            "outcome": decision.outcome,
            "motive": decision.motive or None,
            "detail_fr": decision.detail_fr or None,
            "detail_en": decision.detail_en or None,
            "partner_code": decision.route.partner_code if decision.outcome is Outcome.ACCEPTED else None,
            "original_flow_key": decision.original.flow_key if decision.original else None,
            "original_position": decision.original.position if decision.original else None,
        }
        for decision in decisions
    ]
    added = [finding for decision in decisions for finding in _added(decision)]
    for name, rows, schema in (("outcomes", outcomes, OUTCOMES), ("findings", added, FINDINGS)):
        table = conforming(pa.Table.from_pylist(rows, schema=schema), schema, name)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        store.replace(f"settled/{flow.flow_key}/{name}.parquet", sink.getvalue().to_pybytes())


def _added(decision: Decision) -> list[FindingRow]:
    """The findings that are not those of the check stage; told apart by identity, an invoice may have 50,000."""
    checked = {id(finding) for finding in decision.judged.findings}
    return [finding for finding in decision.fatal if id(finding) not in checked]
