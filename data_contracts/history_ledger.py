"""The ledger's history: statuses received, how invoices follow one another, which diffusions were acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from data_contracts.evidence import EvidenceLedger
from data_contracts.history import Event, Reason
from data_contracts.ledger import Answer, Batch, Flow, InvoiceKey, Owner
from data_contracts.operations import QuarantineLedger
from data_contracts.quarantine import Quarantined


class LinkKind(StrEnum):
    """How an invoice follows an earlier one: under the same number with another recipient, service or engagement;
    under the same number with what the recipient waited for; or in the place of one that was rejected or refused."""

    RECYCLES = "recycles"
    COMPLETES = "completes"
    REPLACES = "replaces"


@dataclass(frozen=True)
class Link:
    """`later` follows `earlier`. An invoice follows at most one, and at most one recycles or completes it."""

    later: Owner
    earlier: Owner
    kind: LinkKind


@dataclass(frozen=True)
class Standing:
    """The invoices that stood for a key, one after the other: the first, then those that recycle or complete it. The
    last one stands now. The events are those of the whole line."""

    line: tuple[Owner, ...]
    events: tuple[Event, ...]

    @property
    def owner(self) -> Owner:
        """The invoice that stands now."""
        return self.line[-1]


class Receipt(StrEnum):
    """What a recipient said of a diffusion flow."""

    NONE = "none"
    IN_TRANSIT = "in transit"
    ACKNOWLEDGED = "acknowledged"
    PARTLY = "partly"
    REFUSED = "refused"


@dataclass(frozen=True)
class FlowReceipt:
    """One status that a partner set on a flow that we sent it. `name` is that of the answer."""

    event_key: str
    partner_code: str
    name: str
    code: str
    at: datetime
    recorded_at: datetime
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    source_flow_key: str = ""
    source_name: str = ""


@dataclass(frozen=True)
class Diffused:
    """A diffusion flow of ours that was delivered, and the last word of its recipient."""

    answer: Answer
    delivered_at: datetime
    receipt: Receipt


@dataclass(frozen=True)
class Bound:
    """What the tracking of a status flow is bound to, the same at every rerun: its instant, and the keys of events that
    no other flow brought before."""

    at: datetime
    new: frozenset[str]


class LinkLedger(QuarantineLedger, Protocol):
    """What settlement asks of the history. Each method is one transaction and may be called again."""

    def owners_of(self, keys: Collection[InvoiceKey]) -> Mapping[InvoiceKey, Owner]:
        """Who owns each key that an invoice of a settled flow owns."""
        ...

    def standings(self, owners: Collection[Owner], besides: str = "") -> Mapping[Owner, Standing]:
        """How the line of each first invoice stands, without links and events of the flow `besides`."""
        ...

    def rejected_before(self, names: Collection[tuple[str, str]], besides: str) -> Mapping[tuple[str, str], Owner]:
        """The latest invoice that was rejected at its deposit under each (seller, number), if there is one."""
        ...

    def link(self, flow_key: str, links: Sequence[Link]) -> Sequence[Link]:
        """The links that the flow is bound to: these, as far as nothing else follows their earlier invoices. Until the
        flow is settled the last call counts."""
        ...


class HistoryLedger(EvidenceLedger, LinkLedger, Protocol):
    """The ledger with the history of invoices. Each method is one transaction and may be called again."""

    def trackable(self) -> Sequence[Flow]:
        """Admitted status flows, in order of landing: of each partner only its first pending one."""
        ...

    def exempt_of(self, keys: Collection[InvoiceKey]) -> Mapping[InvoiceKey, Sequence[Owner]]:
        """Invoices of settled flows that hold no key and follow none, by the key that they would hold: those that are
        exempt from uniqueness, and others that were never accepted."""
        ...

    def flows_of(self, flow_keys: Iterable[str]) -> Mapping[str, Flow]:
        """Flows by their keys."""
        ...

    def lines(self, owners: Collection[Owner]) -> Mapping[Owner, Sequence[Owner]]:
        """The line of each first invoice, as of `Standing`: itself, then those that recycle or complete it."""
        ...

    def batches_holding(self, flow_keys: Collection[str]) -> Sequence[Batch]:
        """The batches that hold members of these flows, in order of planning, each with its slices of them alone."""
        ...

    def left_quarantine(self, flow_keys: Collection[str]) -> Sequence[Quarantined]:
        """The entries of these flows that left quarantine, in order of landing and position."""
        ...

    def named(self, sellers: Collection[str], number: str, year: int | None = None) -> Sequence[Owner]:
        """Every invoice that ever came under a number from a seller of these identifiers, also rejected ones, in order
        of landing and position."""
        ...

    def links(self, owners: Collection[Owner]) -> Sequence[Link]:
        """The links that these invoices are part of, on either side."""
        ...

    def events(self, owners: Collection[Owner]) -> Mapping[Owner, Sequence[Event]]:
        """Everything that was said of each invoice, our own statuses included, by the time it happened."""
        ...

    def sent(self, partner_code: str, flow_ids: Collection[str]) -> Mapping[str, Answer]:
        """The flows that a partner was sent, by flow id."""
        ...

    def bind_statuses(self, flow_key: str, events: Sequence[Event], at: datetime) -> Bound:
        """Record the events of a status flow, each once whichever flow brings it first. Until the flow is settled the
        last call counts; the first `at` stands."""
        ...

    def settle_statuses(
        self,
        flow_key: str,
        *,
        integrated_count: int,
        refused_count: int,
        acknowledgment_code: str,
        receipts: Sequence[FlowReceipt],
        answers: Sequence[Answer],
        outcomes_root: str = "",
    ) -> None:
        """Terminal: the status flow's documents are accounted for, and its answers owed, at once."""
        ...

    def unacknowledged(self, before: datetime) -> Sequence[Diffused]:
        """Diffusion flows delivered before an instant that their recipient has not acknowledged, partly or wholly, nor
        refused; in order of delivery."""
        ...

    def receipts(self, *states: Receipt) -> Sequence[Diffused]:
        """Delivered diffusion flows in these states (all without any), in order of delivery."""
        ...
