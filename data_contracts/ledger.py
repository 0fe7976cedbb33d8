"""The ledger: where each flow, batch, invoice and answer stands, and what stages may do about it, a transaction each.

A port, as those of `data_contracts.ports`: connectors implement it, tests run the same suite on every implementation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from data_contracts.ports import Deposit, Stored
from data_contracts.quarantine import SetAside


class FlowStatus(StrEnum):
    """landed -> admitted -> settled, or landed -> refused."""

    LANDED = "landed"
    ADMITTED = "admitted"
    REFUSED = "refused"
    SETTLED = "settled"


@dataclass(frozen=True)
class Flow:
    """One received flow. `ordinal` is its place in the order of landing; `flow_key` is derived from partner, name and
    bytes, so the same flow always has the same key. Counts are None until known."""

    flow_key: str
    ordinal: int
    partner_code: str
    name: str
    interface_code: str
    sha256: str
    size_bytes: int
    received_at: datetime
    status: FlowStatus
    conflicts_with: str = ""
    member_count: int | None = None
    accepted_count: int | None = None
    rejected_count: int | None = None
    quarantined_count: int | None = None
    acknowledgment_code: str = ""


class Landing(StrEnum):
    """What the ledger made of a deposit."""

    NEW = "new"
    RESENT = "resent"
    CONFLICTING = "conflicting"
    SEEN = "seen"


@dataclass(frozen=True)
class Slice:
    """Consecutive members of one flow."""

    flow_key: str
    first: int
    count: int


@dataclass(frozen=True)
class Batch:
    batch_id: str
    slices: tuple[Slice, ...]


@dataclass(frozen=True)
class Claim:
    """A batch held by one worker. `token` grows with every claim; a late worker's token is refused when it settles.
    `attempt` counts from 1 and was recorded before this claim was given out."""

    batch: Batch
    token: int
    attempt: int


@dataclass(frozen=True)
class InvoiceKey:
    """Uniqueness of an invoice: year of issue, issuer's SIREN (or other identifier), number. DSE-CP 3.2.1.4."""

    year: int
    seller: str
    number: str


@dataclass(frozen=True)
class Owner:
    """The flow and position that first claimed an invoice key."""

    flow_key: str
    position: int


@dataclass(frozen=True)
class Settlement:
    """What a flow's settlement is bound to, the same at every rerun."""

    settled_at: datetime
    owners: dict[InvoiceKey, Owner]


@dataclass(frozen=True)
class Answer:
    """One file owed to a partner. `delivery_id` is derived from the flow, so a rerun owes nothing twice."""

    delivery_id: str
    flow_key: str
    partner_code: str
    interface_code: str
    name: str
    object_key: str
    sha256: str
    size_bytes: int


class DeliveryState(StrEnum):
    """owed -> staged (one part is durable, and is the one to be published) -> delivered."""

    OWED = "owed"
    STAGED = "staged"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class Delivery:
    answer: Answer
    state: DeliveryState
    attempts: int


@dataclass(frozen=True)
class Attempt:
    """One try at a delivery, counted from 1. `part` is what it may stage, under a name that no other attempt bears;
    `earlier` are those of the attempts before it. `staged` is the part to be published, None while there is none."""

    state: DeliveryState
    number: int
    part: str
    earlier: tuple[str, ...] = ()
    staged: str | None = None


@dataclass(frozen=True)
class Leftovers:
    """Parts that attempts at a delivery may have left behind, and that are never to be published."""

    delivery_id: str
    partner_code: str
    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class StatusEvent:
    """One dated status of one invoice that Relais sets, append-only. `format`, `actor` (`data_contracts.history`) and
    `source_flow_key` are None where the interface, Relais and the invoice's own flow say it."""

    flow_key: str
    position: int
    interface_code: str
    code: str
    at: datetime
    motive: str = ""
    format: str | None = None
    actor: str | None = None
    source_flow_key: str | None = None


@dataclass(frozen=True)
class Named:
    """An invoice that holds no key (rejected, set aside, exempt), by the names that a person looks for it under.

    Shape    `replaceable`: it was rejected for what it says, so another may take its place; not so a duplicate.
    Nulls    `year` is None where the invoice has no readable date.
    """

    position: int
    seller: str
    number: str
    year: int | None
    replaceable: bool


@dataclass(frozen=True)
class FlowReport:
    """One row of the summary: a flow and how it was answered. `seconds` from pickup to its last answer delivered.

    `answers_repeated` are those among the owed that a flow sent again brought once more."""

    flow: Flow
    resent_count: int
    motive: str
    answers_owed: int
    answers_delivered: int
    seconds: float | None
    answers_repeated: int = 0


@dataclass(frozen=True)
class Reconciliation:
    """The number that says all is accounted for. `gap` must be 0 once nothing is pending."""

    flows_received: int
    flows_settled: int
    flows_refused: int
    flows_pending: int
    invoices_received: int
    invoices_accepted: int
    invoices_rejected: int
    invoices_quarantined: int
    invoices_pending: int
    answers_owed: int
    answers_delivered: int

    @property
    def gap(self) -> int:
        return self.invoices_received - (
            self.invoices_accepted + self.invoices_rejected + self.invoices_quarantined + self.invoices_pending
        )


class Ledger(Protocol):
    """State of every flow. Each method is one transaction and may be called again with the same arguments.

    Errors   LedgerConflict when the ledger stays locked or a claim is lost; IntegrityBroken when a rerun contradicts
             what was recorded.
    """

    # collect
    def seen(self, deposit: Deposit) -> bool:
        """Whether this very file was already recorded, so only its removal is left to do."""
        ...

    def land(self, deposit: Deposit, stored: Stored, received_at: datetime) -> tuple[Landing, str]:
        """Record a deposit; returns what it is and its flow key.

        NEW creates a flow. RESENT (same partner, name and bytes) counts on the first flow and owes its stored
        acknowledgment again. CONFLICTING (same partner and name, other bytes) creates a flow that names the first.
        """
        ...

    # admit
    def flows(self, status: FlowStatus) -> Sequence[Flow]:
        """Flows of a status, in order of landing."""
        ...

    def flow(self, flow_key: str) -> Flow:
        """One flow. IntegrityBroken if unknown."""
        ...

    def admit(self, flow_key: str, member_count: int, members_root: str = "") -> None:
        """`members_root` is the Merkle root over the members, for the flow's evidence."""
        ...

    def refuse(
        self, flow_key: str, motive: str, detail: str, acknowledgment_code: str, answers: Sequence[Answer]
    ) -> None:
        """Terminal: the flow is refused under a motive and owes these answers."""
        ...

    # plan
    def unplanned(self) -> Sequence[Flow]:
        """Admitted flows of invoices whose members are in no batch yet, in order of landing."""
        ...

    def plan(self, batches: Sequence[Batch]) -> None:
        """Record batches; a batch already recorded is left as it is. A flow's slices come all in one call."""
        ...

    # check
    def open_batches(self) -> Sequence[str]:
        """Ids of batches not yet checked, fair between partners: everyone's first before anyone's second, each as often
        as its weight says; of one partner those under work first, then in order of planning."""
        ...

    def claim(self, batch_id: str, worker: str) -> Claim | None:
        """Hold a batch; None if it is already checked. LedgerConflict if another worker's lease still runs."""
        ...

    def claim_next(self, worker: str, in_flight_max: int | None = None) -> Claim | None:
        """Hold the free batch whose turn it is; None if none is free.

        A partner with `in_flight_max` batches under work waits."""
        ...

    def renew(self, claim: Claim) -> None:
        """Lengthen the lease of a batch under work. LedgerConflict if the claim was lost to a later one."""
        ...

    def checked(self, claim: Claim, document_count: int) -> None:
        """The batch's tables are written. LedgerConflict if the claim was lost to a later one."""
        ...

    def release(self, claim: Claim) -> None:
        """Give a batch back unchecked after an error of ours, so that a retry need not wait for the lease."""
        ...

    def halve(self, claim: Claim, halves: Sequence[Batch]) -> None:
        """Put two halves in the place of a batch that took its worker down too often, so that the poison is found.

        LedgerConflict if the claim was lost to a later one.
        """
        ...

    def batches_of(self, flow_key: str) -> Sequence[Batch]:
        """The batches that hold members of a flow, in order of planning."""
        ...

    # settle
    def settleable(self) -> Sequence[Flow]:
        """Admitted flows of invoices with all batches checked, in order of landing; a flow waits for its partner's
        earlier ones."""
        ...

    def claim_invoices(self, flow_key: str, keys: Sequence[tuple[InvoiceKey, int]], at: datetime) -> Settlement:
        """Claim invoice keys for (flow, position), first come first served; the last call before settling counts.

        Returns who owns each, and the first `at` recorded for the flow.
        """
        ...

    def number(self, flow_key: str, slots: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str, int], int]:
        """Sequence numbers of answers, by slot (interface code, partner code, part), bound to the flow; until it is
        settled the last call counts, and numbers that it does not use any more are given back.

        For each (interface code, partner code) there are series (see `data_contracts.envelope`): answers to the sender
        of a flow that is settled, to the sender of one that is refused, and one for each sender towards others. In a
        series numbers run from 1 without gap, and do not depend on what other senders do.
        """
        ...

    def settle(
        self,
        flow_key: str,
        *,
        accepted_count: int,
        rejected_count: int,
        quarantined_count: int,
        acknowledgment_code: str,
        events: Iterable[StatusEvent],
        answers: Sequence[Answer],
        set_aside: Sequence[SetAside] = (),
        outcomes_root: str = "",
        unkeyed: Sequence[Named] = (),
    ) -> None:
        """Terminal: counts, statuses, answers and quarantine of a flow, at once. A no-op when already settled.

        `outcomes_root` is the Merkle root over its outcomes, for the flow's evidence."""
        ...

    # deliver
    def owed(self) -> Sequence[Delivery]:
        """Deliveries to be tried now, acknowledgments first, then in order of landing. A partner that several attempts
        in a row brought nothing to is left out for a while, longer each time."""
        ...

    def attempt(self, delivery_id: str) -> Attempt:
        """Count an attempt before it is made; returns the state of now, as another worker may have got there first."""
        ...

    def staged(self, delivery_id: str, part: str) -> str:
        """Say that a part is durable; returns the part to be published: that of whoever said so first."""
        ...

    def delivered(self, delivery_id: str) -> None: ...

    def leftovers(self) -> Sequence[Leftovers]:
        """What earlier attempts may have left of deliveries that are done, once all of them are over for sure."""
        ...

    def cleared(self, delivery_id: str) -> None:
        """The leftovers of a delivery are gone."""
        ...

    # report
    def reports(self) -> Sequence[FlowReport]: ...

    def reconciliation(self) -> Reconciliation: ...
