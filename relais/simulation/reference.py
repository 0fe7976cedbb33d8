"""The undisturbed run that a schedule is held against: the same flows in the same order, one worker, nothing wrong.

What legitimately depends on chance is given to it: who landed first, who came first among flows that share an invoice,
on which day, and which documents were set aside because their workers were lost too often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

from connectors.memory.ledger import MemoryLedger
from connectors.memory.mailbox import Folders, MemoryMailbox
from connectors.memory.store import MemoryStore
from data_contracts.ledger import Flow, FlowReport, FlowStatus
from data_contracts.tables import Outcome
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.parsing.documents import Document
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from relais.simulation.evidence import Evidence
from relais.simulation.judging import ContentJudge
from relais.simulation.workers import DIRECTORY, EVERYONE


@dataclass(frozen=True)
class Expected:
    """What partners get and what the ledger says at the end, by flow. `outcomes` are the bytes of settled tables."""

    files: dict[tuple[str, str], bytes]
    reports: dict[str, tuple[object, ...]]
    outcomes: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Day:
    """What chance decided."""

    landed: tuple[tuple[str, str, bytes, datetime], ...]
    settled: tuple[tuple[str, datetime], ...]
    aside: frozenset[tuple[str, int]]


def undisturbed(evidence: Evidence) -> Expected:
    """What an undisturbed run gives for the flows of this one. Computed once for each day."""
    kind, day = _day_of(evidence)
    if kind not in _KEPT:
        _KEPT[kind] = _run(day)
    return _KEPT[kind]


_KEPT: dict[Day, Expected] = {}


def result(evidence: Evidence) -> Expected:
    """The same of the run itself."""
    files = {place: min(contents) for place, contents in evidence.contents.items()}
    return Expected(files, _reports(evidence.ledger.reports()), _outcomes(evidence.ledger, evidence.store))


def _reports(reports: Sequence[FlowReport]) -> dict[str, tuple[object, ...]]:
    return {
        row.flow.flow_key: (
            row.flow.status, row.flow.conflicts_with, row.flow.member_count, row.flow.accepted_count,
            row.flow.rejected_count, row.flow.quarantined_count, row.flow.acknowledgment_code, row.motive,
        )
        for row in reports
    }  # fmt: skip


def _outcomes(ledger: Any, store: Any) -> dict[str, list[dict[str, Any]]]:
    told = {}
    for flow in ledger.flows(FlowStatus.SETTLED):
        told[flow.flow_key] = table_rows(store.read(f"settled/{flow.flow_key}/outcomes.parquet"))
    return told


_ROWS: dict[bytes, list[dict[str, Any]]] = {}


def table_rows(content: bytes) -> list[dict[str, Any]]:
    """The rows of a table, by its bytes."""
    import io

    if content not in _ROWS:
        _ROWS[content] = pq.read_table(io.BytesIO(content)).to_pylist()
    return _ROWS[content]


def _day_of(evidence: Evidence) -> tuple[Day, Day]:
    """The day reduced to what may matter, by which runs are kept, and the day itself."""
    reports = sorted((row.flow for row in evidence.ledger.reports()), key=lambda flow: flow.ordinal)
    contents = {(drop.partner_code, drop.name): [] for drop in evidence.scene.drops}
    for drop in evidence.scene.drops:
        contents[drop.partner_code, drop.name].append(drop.content)
    landed = tuple((f.partner_code, f.name, _content(f, contents), f.received_at) for f in reports)
    aside = frozenset(
        (flow_key, row["position"])
        for flow_key, rows in _outcomes(evidence.ledger, evidence.store).items()
        for row in rows
        if row["outcome"] == Outcome.QUARANTINED
    )
    order = Day(landed, tuple(evidence.settled_at.items()), aside)
    senders = list(dict.fromkeys(flow.partner_code for flow in reports))
    by_sender = tuple(sorted(landed, key=lambda row: senders.index(row[0])))
    settled = evidence.settled_at.items() if evidence.scene.shared else sorted(evidence.settled_at.items())
    return Day(by_sender, tuple(settled), aside), order


def _content(flow: Flow, contents: dict[tuple[str, str], list[bytes]]) -> bytes:
    from relais.simulation.evidence import sha256_of

    return next(data for data in contents[flow.partner_code, flow.name] if sha256_of(data) == flow.sha256)


class _OneByOne(MemoryLedger):
    """A ledger that settles flows in a given order."""

    order: tuple[str, ...] = ()

    def settleable(self) -> Sequence[Flow]:
        pending = {flow.flow_key for flow in self.flows(FlowStatus.ADMITTED)}
        due = next((flow_key for flow_key in self.order if flow_key in pending), None)
        return [flow for flow in super().settleable() if flow.flow_key == due]


class _Told:
    """A clock that says what it was told."""

    def __init__(self, times: list[datetime]) -> None:
        self._times = times

    def now(self) -> datetime:
        return self._times.pop(0)


class _Deadly(BaseException):
    pass


def _run(order: Day) -> Expected:
    folders, store = Folders(), MemoryStore()
    ledger, mailbox = _OneByOne(time=lambda: 0.0), MemoryMailbox(folders)
    ledger.order = tuple(flow_key for flow_key, _ in order.settled)
    for partner_code, name, content, at in order.landed:
        folders.drop(partner_code, name, content)
        collect_flows(mailbox=mailbox, store=store, ledger=ledger, clock=_Told([at]))
    admit_flows(ledger=ledger, store=store, partners=EVERYONE)

    def meet(documents: Sequence[Document]) -> None:
        if any((document.flow_key, document.position) in order.aside for document in documents):
            raise _Deadly

    unreleased = _Unreleased(ledger)
    engine = Engine(None, ContentJudge(meet))
    while batch_ids := plan_batches(ledger=ledger, store=store):
        for batch_id in batch_ids:
            try:
                check_batch(batch_id, ledger=unreleased, store=store, worker="w", engine=engine)
            except _Deadly:
                continue
    settle_flows(ledger=ledger, store=store, directory=DIRECTORY, clock=_Told([at for _, at in order.settled]))
    deliver_answers(ledger=ledger, store=store, mailbox=mailbox)
    files = {(code, name): content for code, out in folders.outs.items() for name, content in out.items()}
    return Expected(files, _reports(ledger.reports()), _outcomes(ledger, store))


class _Unreleased:
    """The ledger as a killed worker leaves it: what it held is not given back."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def release(self, _claim: Any) -> None:
        """Dead workers give nothing back."""
