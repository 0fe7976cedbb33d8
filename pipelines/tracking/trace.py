"""The history of an invoice by its number: each deposit under it, all that was said of it, and by which flows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from data_contracts.answers import FindingRow
from data_contracts.history import Event, Situation
from data_contracts.history_ledger import HistoryLedger, Link
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ledger import Answer, Owner
from data_contracts.ports import ObjectStore
from data_contracts.statuses import DUPLICATE_MOTIVES, StatusFormat
from pipelines.quarantine.invoice import judged_by
from pipelines.tracking.decided_by import findings_of
from pipelines.tracking.deposited import Deposited, deposited
from pipelines.tracking.fold import in_order, situation

SIRET_CHARACTERS, SIREN_CHARACTERS = 14, 9


@dataclass(frozen=True)
class Linked:
    """Another invoice that this one follows, or that follows it."""

    kind: str
    number: str
    flow_name: str
    owner: Owner


@dataclass(frozen=True)
class TracedEvent:
    """One event with the flows that carry it: the one it came by, and those that told the supplier."""

    event: Event
    flow_in: str
    flows_out: tuple[str, ...]


@dataclass(frozen=True)
class Traced:
    """One deposit of an invoice. `situation` is None where nothing was said of it yet; `findings` are those of its
    check and settlement; `diffused_by` names the flows that may have brought it to its recipient, one unless it got
    many at once."""

    deposited: Deposited
    verdict: str
    rule_sets: tuple[str, ...]
    findings: tuple[FindingRow, ...]
    situation: Situation | None
    events: tuple[TracedEvent, ...]
    diffused_by: tuple[str, ...]
    predecessor: Linked | None
    successors: tuple[Linked, ...]


def sellers_of(supplier: str) -> tuple[str, ...]:
    """The identifiers under which a supplier's invoices are kept: a SIRET stands for its SIREN too."""
    if len(supplier) == SIRET_CHARACTERS and supplier.isdigit():
        return (supplier[:SIREN_CHARACTERS], supplier)
    return (supplier,)


def traced(
    sellers: Collection[str], number: str, year: int | None, *, ledger: HistoryLedger, store: ObjectStore
) -> list[Traced]:
    """Every invoice that came under a number, in order of landing; none where no settled flow holds one.

    Cost     a few look-ups and reads for each deposit under the number.
    """
    owners = list(ledger.named(sellers, number, year))
    # Those that only a link leads to, such as an invoice recycled under this number, stand in the list already.
    links = ledger.links(owners)
    every = {*owners, *(link.earlier for link in links), *(link.later for link in links)}
    invoices = deposited(every, ledger=ledger, store=store)
    told = ledger.events(owners)
    answers = _Answers(ledger)
    return [_traced(owner, invoices, told.get(owner, ()), links, answers, ledger, store) for owner in owners]


class _Answers:
    """The first answers of flows, asked for once each."""

    def __init__(self, ledger: HistoryLedger) -> None:
        self._ledger = ledger
        self._known: dict[str, Sequence[Answer]] = {}

    def names(self, flow_key: str, partner_code: str, content: Content) -> tuple[str, ...]:
        if flow_key not in self._known:
            self._known[flow_key] = self._ledger.first_answers(flow_key)
        return tuple(
            one.name
            for one in self._known[flow_key]
            if one.partner_code == partner_code
            and one.interface_code in CATALOGUE
            and CATALOGUE[one.interface_code].content is content
        )


def _traced(
    owner: Owner,
    invoices: Mapping[Owner, Deposited],
    told: Sequence[Event],
    links: Sequence[Link],
    answers: _Answers,
    ledger: HistoryLedger,
    store: ObjectStore,
) -> Traced:
    one = invoices[owner]
    judged = judged_by(owner, ledger, store)
    supplier = one.flow.partner_code
    flows = ledger.flows_of(event.source_flow_key for event in told if event.source_flow_key)
    events = []
    for event in in_order(told):
        source = flows.get(event.source_flow_key, one.flow)
        out = () if _untold(event) else answers.names(source.flow_key, supplier, Content.LIFECYCLE)
        events.append(TracedEvent(event, source.name, out))
    earlier = [link for link in links if link.later == owner]
    later = [link for link in links if link.earlier == owner]
    diffused = answers.names(owner.flow_key, one.partner_code, Content.DIFFUSION) if one.partner_code else ()
    return Traced(
        deposited=one,
        verdict=judged.verdict["verdict"],
        rule_sets=tuple(judged.verdict["rule_sets"]),
        findings=findings_of(owner, judged, ledger, store),
        situation=situation(told) if told else None,
        events=tuple(events),
        diffused_by=diffused,
        predecessor=_linked(earlier[0], invoices[earlier[0].earlier]) if earlier else None,
        successors=tuple(_linked(link, invoices[link.later]) for link in later),
    )


def _untold(event: Event) -> bool:
    """Whether the acknowledgment alone tells it: CPPStatut would speak of the first invoice, not of its duplicate."""
    return event.format is StatusFormat.CPP_INVOICE and event.own_motive in DUPLICATE_MOTIVES


def _linked(link: Link, other: Deposited) -> Linked:
    return Linked(link.kind.value, other.invoice["number"] or "", other.flow.name, other.owner)
