"""What other rule files would say of a flow's invoices, beside what was said: nothing is written, nobody answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow.parquet as pq

from data_contracts.directory import DirectorySource
from data_contracts.interfaces import CATALOGUE, Interface
from data_contracts.ledger import Flow, Slice
from data_contracts.operations import QuarantineLedger
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined, QuarantineState
from data_contracts.rule_sets import RuleRegister
from data_contracts.tables import Outcome
from pipelines.quarantine.invoice import judged_of
from pipelines.quarantine.late_tables import left
from pipelines.routing.lookup import known_of
from pipelines.settlement.acceptance import DUPLICATE, Decision, Judged, proposed
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.settlement.outcome_tables import settled_folder
from pipelines.validation.batch_documents import documents
from pipelines.validation.check import Engine, Step, demand_of
from pipelines.validation.control_date import control_date
from pipelines.validation.stage import tables_found


@dataclass(frozen=True)
class Difference:
    """One invoice that would come out otherwise. `gained` and `lost` are rules, as rule set and id."""

    flow_key: str
    position: int
    name: str
    number: str
    before: Outcome
    after: Outcome
    gained: tuple[str, ...]
    lost: tuple[str, ...]


class Comparison:
    """Compares settled flows with what the rule files of a day say of them."""

    def __init__(
        self, ledger: QuarantineLedger, store: ObjectStore, directory: DirectorySource, engine: Engine,
        register: RuleRegister, judged_on: date,
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._store = store
        self._directory = directory
        self._engine = engine
        self._register = register
        self._judged_on = judged_on
        self._tables = CheckedTables(ledger, store)

    def differences(self, flow: Flow, step: Step) -> Iterator[Difference]:
        """Every invoice whose outcome or fatal rules would differ, in order of position.

        Shape    what is in quarantine is left out: it may kill whoever opens it. Uniqueness is not judged again: a
                 duplicate stays one.
        Cost     that of checking the flow; memory of one slice of a batch and of the flow's old tables.
        """
        interface = CATALOGUE[flow.interface_code]
        entries = {one.position: one for one in self._ledger.quarantine(flow_key=flow.flow_key)}
        before = self._before(flow, entries)
        on = control_date(flow.received_at)
        old = {judged.invoice["position"]: judged for judged in self._tables.judged(flow)}
        for entry in left(list(entries.values())):
            old[entry.position] = judged_of(entry, self._ledger, self._store)
        for piece in self._slices(flow):
            for judged in self._judged_again(flow, interface, piece, before, step):
                position = judged.invoice["position"]
                known = known_of((old[position].invoice, judged.invoice), self._directory, on)
                was = proposed(old[position], interface.circuit, known, on)
                will = proposed(judged, interface.circuit, known, on)
                outcome, motive = before[position]
                if motive == DUPLICATE and will.outcome is Outcome.ACCEPTED:
                    continue
                gained, lost = _rules(will) - _rules(was), _rules(was) - _rules(will)
                if outcome is not will.outcome or gained or lost:
                    yield _difference(judged, outcome, will.outcome, gained, lost)

    def _before(self, flow: Flow, entries: dict[int, Quarantined]) -> dict[int, tuple[Outcome, str]]:
        """Outcome and motive by position, of what is not in quarantine."""
        with self._store.open(f"{settled_folder(flow.flow_key)}/outcomes.parquet") as file:
            rows = pq.read_table(file, columns=["position", "outcome", "motive"]).to_pylist()
        known = {row["position"]: (Outcome(row["outcome"]), row["motive"] or "") for row in rows}
        for position, entry in entries.items():
            del known[position]
            if entry.state in (QuarantineState.ACCEPTED, QuarantineState.REJECTED):
                known[position] = (Outcome(entry.state.value), "")
        return known

    def _slices(self, flow: Flow) -> list[Slice]:
        batches = self._ledger.batches_of(flow.flow_key)
        pieces = [piece for batch in batches for piece in batch.slices if piece.flow_key == flow.flow_key]
        return sorted(pieces, key=lambda piece: piece.first)

    def _judged_again(
        self, flow: Flow, interface: Interface, piece: Slice, known: dict[int, tuple[Outcome, str]], step: Step
    ) -> Iterator[Judged]:
        demand = demand_of(interface, self._register, self._judged_on)
        asked = ((one, demand) for one in documents(self._store, piece) if one.position in known)
        found = tables_found(asked, {flow.flow_key: flow}, self._engine, step)
        rows = {
            name: table.to_pylist() for name, table in found.items() if name in ("invoices", "verdicts", "findings")
        }
        findings: dict[int, list[object]] = {}
        for row in rows["findings"]:
            findings.setdefault(row["position"], []).append(row)
        for invoice, verdict in zip(rows["invoices"], rows["verdicts"], strict=True):
            told = tuple(findings.get(invoice["position"], ()))
            yield Judged(invoice, verdict, told, (), ())  # type: ignore[arg-type]


def _rules(decision: Decision) -> set[str]:
    return {f"{_group(finding['rule_set'])} {finding['rule']}" for finding in decision.fatal}


def _group(rule_set: str) -> str:
    """A rule set without its version: the same rule in a new release is the same rule."""
    return rule_set.rpartition(":")[0] or rule_set


def _difference(
    judged: Judged, before: Outcome, after: Outcome, gained: set[str], lost: set[str]
) -> Difference:  # fmt: skip
    invoice = judged.invoice
    return Difference(
        flow_key=invoice["flow_key"],
        position=invoice["position"],
        name=invoice["member_name"],
        number=invoice["number"] or "",
        before=before,
        after=after,
        gained=tuple(sorted(gained)),
        lost=tuple(sorted(lost)),
    )
