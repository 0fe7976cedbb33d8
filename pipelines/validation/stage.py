"""The check stage: a batch of admitted documents becomes tables of terms, verdicts and findings."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts import tables
from data_contracts.answers import FindingRow
from data_contracts.errors import LedgerConflict, TransientError
from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Claim, Flow, Ledger
from data_contracts.limits import BATCH_ATTEMPTS_MAX, BATCH_RENEWAL_SECONDS, JUDGED_BYTES_MAX
from data_contracts.ports import ObjectStore
from data_contracts.rule_sets import INSTALLED_RULES, RuleRegister
from pipelines.parsing.documents import Document
from pipelines.parsing.rows import blank_invoice
from pipelines.planning.batches import apart, halves, is_apart
from pipelines.validation import verdict
from pipelines.validation.batch_documents import documents, members
from pipelines.validation.check import Demand, Engine, Step, checked, demand_of, in_parts
from pipelines.validation.checked import Checked, together
from pipelines.validation.control_date import control_date
from pipelines.validation.management_rules import label, management_findings
from pipelines.validation.rejecting import not_told_twice
from pipelines.validation.rules.facts import Deposit, Terms

Tables = dict[str, pa.Table]


def check_batch(
    batch_id: str,
    *,
    ledger: Ledger,
    store: ObjectStore,
    worker: str,
    engine: Engine,
    register: RuleRegister = INSTALLED_RULES,
    machine_seconds: Callable[[], float] = time.monotonic,
) -> int:
    """The number of documents checked; 0 when the batch was checked already, or was halved.

    A batch that took its worker down too often is halved; its halves wait to be planned like any open batch. So does
    the batch that stands for a document that did so alone: it is set aside, unopened.

    The rule files are those in force on the control date of each flow. `machine_seconds` tells when to renew the lease.
    Shape    `checked/{batch_id}/{table}.parquet` for each of `tables.CHECKED`, rows in the order of the batch. The same
             batch gives the same bytes.
    Errors   LedgerConflict when another worker holds the batch; IntegrityBroken, ConfigurationError, StoreUnavailable
             after giving it back. A refused document is a row, never an error.
    Cost     `relais bench check` measures it; memory of one batch and of its tables.
    """
    claim = ledger.claim(batch_id, worker)
    if claim is None:
        return 0
    alone = is_apart(claim.batch)
    try:
        if claim.attempt > BATCH_ATTEMPTS_MAX and not alone:
            ledger.halve(claim, halves(claim.batch) or (apart(claim.batch),))
            return 0
        lease = _Lease(claim, ledger, machine_seconds)
        found = _set_aside(claim, store) if alone else _checked(claim, ledger, store, engine, register, lease)
        write_tables(f"checked/{batch_id}", found, store)
    except BaseException as error:
        _give_back(claim, ledger, error)
        raise
    count: int = found["invoices"].num_rows
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


def _checked(
    claim: Claim, ledger: Ledger, store: ObjectStore, engine: Engine, register: RuleRegister, lease: _Lease
) -> Tables:
    flows = {part.flow_key: ledger.flow(part.flow_key) for part in claim.batch.slices}
    return tables_found(_documents(claim, flows, store, register), flows, engine, lease.keep)


def tables_found(
    asked: Iterator[tuple[Document, Demand]], flows: dict[str, Flow], engine: Engine, step: Step
) -> Tables:
    """The tables of `tables.CHECKED` for documents of these flows, in the order given. `step` as `check.checked`."""
    found = together([checked(part, engine, step) for part in in_parts(asked, JUDGED_BYTES_MAX)])
    own = _own_findings(found, flows)
    for readable, told in zip(found.invoices["syntax"].is_valid().to_pylist(), found.verdicts, strict=True):
        if readable:
            told["rule_sets"].append(label())
    # Of one document, official layers come before our own rules.
    findings = [
        row
        for told, of in zip(found.findings, found.verdicts, strict=True)
        for row in (*told, *_added(own.get((of["flow_key"], of["position"]), ()), told, flows[of["flow_key"]]))
    ]
    return {
        "invoices": found.invoices,
        "lines": found.lines,
        "vat_breakdown": found.vat_breakdown,
        "verdicts": pa.Table.from_pylist(found.verdicts, schema=tables.VERDICTS),
        "findings": pa.Table.from_pylist(findings, schema=tables.FINDINGS),
    }


def _documents(
    claim: Claim, flows: dict[str, Flow], store: ObjectStore, register: RuleRegister
) -> Iterator[tuple[Document, Demand]]:
    for part in claim.batch.slices:
        flow = flows[part.flow_key]
        demand = demand_of(CATALOGUE[flow.interface_code], register, control_date(flow.received_at))
        for document in documents(store, part):
            yield document, demand


def _own_findings(found: Checked, flows: dict[str, Flow]) -> dict[tuple[str, int], list[FindingRow]]:
    """What the management rules say of the invoices that could be read, by flow and position."""
    deposits = {
        key: Deposit(CATALOGUE[flow.interface_code], control_date(flow.received_at)) for key, flow in flows.items()
    }
    terms = Terms(pl.DataFrame(found.invoices), pl.DataFrame(found.lines), pl.DataFrame(found.vat_breakdown))
    own: dict[tuple[str, int], list[FindingRow]] = {}
    for finding in management_findings(terms, deposits):
        own.setdefault((finding["flow_key"], finding["position"]), []).append(finding)
    return own


def _added(own: Sequence[FindingRow], told: Sequence[FindingRow], flow: Flow) -> Sequence[FindingRow]:
    return own and not_told_twice(own, told, CATALOGUE[flow.interface_code].circuit)


def _set_aside(claim: Claim, store: ObjectStore) -> Tables:
    """Rows of a batch that took its worker down too often: its documents are not opened, so that the rest goes on."""
    rows: dict[str, list[Any]] = {name: [] for name in tables.CHECKED}
    for part in claim.batch.slices:
        for member in members(store, part):
            unopened = Document(part.flow_key, member["position"], member["name"], b"", member["sha256"])
            rows["invoices"].append(blank_invoice(unopened))
            rows["verdicts"].append(verdict.stopped(part.flow_key, member["position"], BATCH_ATTEMPTS_MAX))
    return {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in tables.CHECKED.items()}


def write_tables(folder: str, found: Tables, store: ObjectStore) -> None:
    """Nothing; `folder` holds one Parquet file for each of `tables.CHECKED`."""
    for name in tables.CHECKED:
        store.replace(f"{folder}/{name}.parquet", _parquet(found[name], name))


def _parquet(table: pa.Table, name: str) -> bytes:
    file = io.BytesIO()
    pq.write_table(tables.conforming(table, tables.CHECKED[name], name), file, compression="zstd")
    return file.getvalue()


class _Lease:
    """The lease of a claim, lengthened when it is time. Durations are the machine's, not business time."""

    def __init__(self, claim: Claim, ledger: Ledger, machine_seconds: Callable[[], float]) -> None:
        self._claim = claim
        self._ledger = ledger
        self._now = machine_seconds
        self._renewed = machine_seconds()

    def keep(self, step: str) -> None:
        """Called before each step, whichever it is."""
        now = self._now()
        if now - self._renewed >= BATCH_RENEWAL_SECONDS:
            self._ledger.renew(self._claim)
            self._renewed = now
