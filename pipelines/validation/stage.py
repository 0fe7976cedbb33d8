"""The check stage: a batch of admitted documents becomes tables of terms, verdicts and findings."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts import tables
from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.errors import LedgerConflict, TransientError
from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.limits import BATCH_ATTEMPTS_MAX, BATCH_RENEWAL_SECONDS, JUDGED_BYTES_MAX
from data_contracts.ports import Claim, Flow, Ledger, ObjectStore
from data_contracts.rule_sets import INSTALLED_RULES, RuleRegister
from pipelines.parsing.documents import Document
from pipelines.parsing.rows import blank_invoice
from pipelines.validation import verdict
from pipelines.validation.batch_documents import documents, members
from pipelines.validation.check import Demand, Engine, checked, demand_of, in_parts
from pipelines.validation.control_date import control_date
from pipelines.validation.management_rules import management_findings

Rows = dict[str, list[Any]]


def check_batch(
    batch_id: str,
    *,
    ledger: Ledger,
    store: ObjectStore,
    worker: str,
    engine: Engine,
    register: RuleRegister = INSTALLED_RULES,
) -> int:
    """The number of documents checked; 0 when the batch was checked already.

    The rule files are those in force on the control date of each flow.
    Shape    `checked/{batch_id}/{table}.parquet` for each of `tables.CHECKED`, rows in the order of the batch. The same
             batch gives the same bytes.
    Errors   LedgerConflict when another worker holds the batch; IntegrityBroken, ConfigurationError, StoreUnavailable
             after giving it back. A refused document is a row, never an error.
    Cost     `relais bench check` measures it; memory of one batch, and of the trees of `JUDGED_BYTES_MAX`.
    """
    claim = ledger.claim(batch_id, worker)
    if claim is None:
        return 0
    try:
        spent = claim.attempt > BATCH_ATTEMPTS_MAX
        rows = _set_aside(claim, store) if spent else _checked(claim, ledger, store, engine, register)
        for name in tables.CHECKED:
            store.replace(f"checked/{batch_id}/{name}.parquet", _parquet(rows[name], name))
    except BaseException as error:
        _give_back(claim, ledger, error)
        raise
    count = len(rows["invoices"])
    ledger.checked(claim, count)
    return count


def _give_back(claim: Claim, ledger: Ledger, error: BaseException) -> None:
    """Release after an error of ours. A claim that was lost is not ours to give; the first error is the one to tell."""
    if isinstance(error, LedgerConflict):
        return
    try:
        ledger.release(claim)
    except TransientError as second:
        error.add_note(f"the batch could not be given back: {second}")


def _checked(claim: Claim, ledger: Ledger, store: ObjectStore, engine: Engine, register: RuleRegister) -> Rows:
    lease = _Lease(claim, ledger)
    rows = _no_rows()
    own_rules: dict[tuple[Circuit, date], list[InvoiceRow]] = {}
    flows = {part.flow_key: ledger.flow(part.flow_key) for part in claim.batch.slices}
    for documents_of_part in in_parts(_documents(claim, flows, store, register), JUDGED_BYTES_MAX):
        for result in checked(documents_of_part, engine, lease.keep):
            rows["invoices"].append(result.invoice)
            rows["lines"] += result.lines
            rows["vat_breakdown"] += result.vat
            rows["verdicts"].append(result.verdict)
            rows["findings"] += result.findings
            if result.invoice["syntax"] is not None:
                flow = flows[result.invoice["flow_key"]]
                circuit = CATALOGUE[flow.interface_code].circuit
                own_rules.setdefault((circuit, control_date(flow.received_at)), []).append(result.invoice)
    rows["findings"] = _in_order(rows["invoices"], [*rows["findings"], *_own_findings(own_rules)])
    return rows


def _documents(
    claim: Claim, flows: dict[str, Flow], store: ObjectStore, register: RuleRegister
) -> Iterator[tuple[Document, Demand]]:
    for part in claim.batch.slices:
        flow = flows[part.flow_key]
        demand = demand_of(CATALOGUE[flow.interface_code], register, control_date(flow.received_at))
        for document in documents(store, part):
            yield document, demand


def _own_findings(groups: dict[tuple[Circuit, date], list[InvoiceRow]]) -> Iterator[FindingRow]:
    for (circuit, day), invoices in groups.items():
        table = tables.conforming(pa.Table.from_pylist(invoices, schema=tables.INVOICES), tables.INVOICES, "invoices")
        yield from management_findings(pl.DataFrame(table), circuit, day)


def _in_order(invoices: list[InvoiceRow], findings: list[FindingRow]) -> list[FindingRow]:
    """Findings in the order of the batch's documents; of one document, official layers before our own rules."""
    order = {(row["flow_key"], row["position"]): number for number, row in enumerate(invoices)}
    return sorted(findings, key=lambda row: order[row["flow_key"], row["position"]])


def _set_aside(claim: Claim, store: ObjectStore) -> Rows:
    """Rows of a batch that took its worker down too often: its documents are not opened, so that the rest goes on."""
    rows = _no_rows()
    for part in claim.batch.slices:
        for member in members(store, part):
            unopened = Document(part.flow_key, member["position"], member["name"], b"", member["sha256"])
            rows["invoices"].append(blank_invoice(unopened))
            rows["verdicts"].append(verdict.stopped(part.flow_key, member["position"], claim.attempt - 1))
    return rows


def _no_rows() -> Rows:
    return {name: [] for name in tables.CHECKED}


def _parquet(rows: list[Any], name: str) -> bytes:
    schema = tables.CHECKED[name]
    table = tables.conforming(pa.Table.from_pylist(rows, schema=schema), schema, name)
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


class _Lease:
    """The lease of a claim, lengthened when it is time. Durations are the machine's, not business time."""

    def __init__(self, claim: Claim, ledger: Ledger) -> None:
        self._claim = claim
        self._ledger = ledger
        self._renewed = time.monotonic()

    def keep(self) -> None:
        now = time.monotonic()
        if now - self._renewed >= BATCH_RENEWAL_SECONDS:
            self._ledger.renew(self._claim)
            self._renewed = now
