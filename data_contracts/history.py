"""The history of an invoice: what others say of it (statuses received), what the ledger keeps of it (events), and how
it stands (situation). Events only grow; how an invoice stands is a fold of them that does not depend on their order.

Sources: DSE-CP 3.4 (recipients set statuses in any order), CPPStatutPivot V1_19, annex 2 (CDAR), ANX-CP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from data_contracts.answers import FindingRow
from data_contracts.statuses import StatusFormat


class Actor(StrEnum):
    """Who set a status."""

    SUPPLIER = "supplier"
    RECIPIENT = "recipient"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Payment:
    """One amount of a payment status. `kind` is a MDT-207 code (MEN cashed, MPA paid); `vat_rate` in percent."""

    kind: str
    amount: Decimal
    currency: str = ""
    vat_rate: Decimal | None = None


@dataclass(frozen=True)
class Reason:
    """Why a status was set. `code` is kept as it came, also when no table knows it."""

    code: str
    text: str = ""
    requested_action: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReceivedStatus:
    """One status of one invoice as a message says it, before anything is known of the invoice.

    Nulls    an empty text or None is absent from the message. `at` is None where the time cannot be read; `at_text`
             holds what was written.
    """

    format: StatusFormat
    code: str
    label: str
    at: datetime | None
    at_text: str
    number: str
    issued_on: date | None
    type_code: str
    seller_id: str
    seller_id_type: str
    seller_siren: str
    seller_name: str
    buyer_siret: str
    service_code: str
    actor_code: str
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    mandate_number: str = ""
    payments: tuple[Payment, ...] = ()
    message_id: str = ""
    ordinal: int = 0
    line: int | None = None


@dataclass(frozen=True)
class ReceivedFlowStatus:
    """What a counterpart says of a flow that we sent. `flow_id` has 25 characters, or is whatever was written."""

    format: StatusFormat
    code: str
    label: str
    at: datetime | None
    at_text: str
    flow_id: str
    actor_code: str
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    ordinal: int = 0
    line: int | None = None


@dataclass(frozen=True)
class StatusMessage:
    """One status document, read. `findings` are what is wrong with it as a message (schema, official rules), by
    ordinal of the status concerned, or -1 where all of it is."""

    invoices: tuple[ReceivedStatus, ...]
    flows: tuple[ReceivedFlowStatus, ...]
    findings: tuple[tuple[int, FindingRow], ...] = ()


@dataclass(frozen=True)
class Event:
    """One dated status of one invoice, append-only.

    `event_key` is derived from the invoice and what is said of it, not from the flow that said it: the same status sent
    twice is one event. `flow_key` and `position` name the invoice as it was deposited; `source_name` is the name of the
    status flow, empty for our own statuses. `recorded_at` is when Relais learned it, `at` when it happened.
    """

    event_key: str
    flow_key: str
    position: int
    format: StatusFormat
    code: str
    at: datetime
    recorded_at: datetime
    actor: Actor
    actor_code: str
    reasons: tuple[Reason, ...] = ()
    comment: str = ""
    mandate_number: str = ""
    payments: tuple[Payment, ...] = ()
    source_flow_key: str = ""
    source_name: str = ""


class Phase(StrEnum):
    """Where an invoice stands, in the words that all formats share."""

    DEPOSITED = "deposited"
    MADE_AVAILABLE = "made available"
    TO_RECYCLE = "to recycle"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    IN_PROGRESS = "in progress"
    PAYMENT_SENT = "payment sent"
    CASHED = "cashed"
    REFUSED = "refused"
    REJECTED = "rejected"
    RECYCLED = "recycled"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Situation:
    """How an invoice stands: the fold of its events. `current` is the event that decides it."""

    phase: Phase
    current: Event
    terminal: bool
