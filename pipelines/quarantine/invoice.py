"""One invoice in quarantine, as the store holds it: its bytes, and what was found out about it so far."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from data_contracts.errors import IntegrityBroken
from data_contracts.ledger import Ledger, Owner, Slice
from data_contracts.operations import QuarantineLedger
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined, QuarantineState
from data_contracts.tables import CHECKED
from pipelines.parsing.documents import Document
from pipelines.settlement.acceptance import Judged
from pipelines.validation.batch_documents import documents


def rechecked_folder(flow_key: str, position: int, attempt: int) -> str:
    """Where the tables of one attempt at an invoice lie in the store."""
    return f"rechecked/{flow_key}/{position}/{attempt}"


def late_folder(flow_key: str, position: int) -> str:
    """Where the outcome of an invoice that left quarantine lies in the store."""
    return f"settled/{flow_key}/late/{position}"


def document_of(entry: Quarantined, store: ObjectStore) -> Document:
    """The document with its bytes, their hash proved. IntegrityBroken if they are not those that were admitted."""
    (document,) = documents(store, Slice(entry.flow_key, entry.position, 1))
    if document.sha256 != entry.sha256:
        raise IntegrityBroken(
            "the document in quarantine is not the one that was set aside",
            where=entry.id,
            value=f"sha256 {document.sha256} for {entry.sha256}",
            remedy="restore the flow's objects from a backup",
        )
    return document


def judged_of(entry: Quarantined, ledger: Ledger, store: ObjectStore) -> Judged:
    """What the newest check found out about an invoice."""
    if entry.checked_attempt:
        return judged_at(rechecked_folder(entry.flow_key, entry.position, entry.checked_attempt), entry, store)
    return judged_first(entry, ledger, store)


def judged_by(owner: Owner, ledger: QuarantineLedger, store: ObjectStore) -> Judged:
    """What is known of an invoice of a settled flow: since it left quarantine, or since its flow was settled."""
    for entry in ledger.quarantine(QuarantineState.ACCEPTED, QuarantineState.REJECTED, flow_key=owner.flow_key):
        if entry.position == owner.position:
            return judged_of(entry, ledger, store)
    return judged_first(owner, ledger, store)


def judged_first(entry: Quarantined | Owner, ledger: Ledger, store: ObjectStore) -> Judged:
    """What was known of an invoice when its flow was settled. IntegrityBroken if no batch holds it."""
    for batch in ledger.batches_of(entry.flow_key):
        for piece in batch.slices:
            if piece.flow_key == entry.flow_key and piece.first <= entry.position < piece.first + piece.count:
                return judged_at(f"checked/{batch.batch_id}", entry, store)
    raise IntegrityBroken("no batch holds the invoice", where=f"{entry.flow_key}/{entry.position}")


def judged_at(folder: str, entry: Quarantined | Owner, store: ObjectStore) -> Judged:
    """What the tables of a folder say of an invoice. IntegrityBroken if they do not hold exactly one row of it."""
    invoice, verdict = (_rows(folder, name, entry, store) for name in ("invoices", "verdicts"))
    if len(invoice) != 1 or len(verdict) != 1:
        raise IntegrityBroken(
            "an invoice has not exactly one checked row", where=f"{folder}, {entry.flow_key}/{entry.position}"
        )
    findings, lines, vat = (_rows(folder, name, entry, store) for name in ("findings", "lines", "vat_breakdown"))
    return Judged(invoice[0], verdict[0], tuple(findings), tuple(lines), tuple(vat))  # type: ignore[arg-type]


def _rows(folder: str, name: str, entry: Quarantined | Owner, store: ObjectStore) -> list[dict[str, Any]]:
    wanted = [("flow_key", "=", entry.flow_key), ("position", "=", entry.position)]
    with store.open(f"{folder}/{name}.parquet") as file:
        rows: list[dict[str, Any]] = pq.read_table(file, schema=CHECKED[name], filters=wanted).to_pylist()
    return rows
