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


@dataclass(frozen=True, slots=True)
class Payment:
    """One amount of a payment status. `kind` is a MDT-207 code (MEN cashed, MPA paid); `vat_rate` in percent; `paid_on`
    is MDT-219, None where the message gives no day."""

    kind: str
    amount: Decimal
    currency: str = ""
    vat_rate: Decimal | None = None
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Datum:
    """One datum of the invoice that a status speaks of (MDG-43), each value as written.

    `kind` is MDT-207 (DIV the wrong value, DVA the expected one, MAJ a new one), `term` MDT-206 (such as BT-152),
    `value_type` the element that holds the value (ValuePercent, ValueAmount).
    """

    kind: str
    term: str = ""
    name: str = ""
    location: str = ""
    value: str = ""
    value_type: str = ""
    currency: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One remark of a reason: `text` is MDT-126, `code` the rule concerned (MDT-125), `subject` the place (MDT-127)."""

    text: str
    code: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a status was set. `code` is kept as it came, also when no table knows it; it is empty where a message gives
    notes or data without a motive. `requested_action` is MDT-121, its sentence `requested_action_text` MDT-122."""

    code: str
    text: str = ""
    requested_action: str = ""
    requested_action_text: str = ""
    notes: tuple[Note, ...] = ()
    data: tuple[Datum, ...] = ()


@dataclass(frozen=True)
class Party:
    """A party of a message. `part` is its element (`SenderTradeParty`); `id_type` the scheme of `id` (0002, 0238)."""

    part: str
    id: str = ""
    id_type: str = ""
    name: str = ""
    role: str = ""
    address: str = ""
    address_type: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedStatus:
    """One status of one invoice as a message says it, before anything is known of the invoice.

    Shape    `ordinal` counts the statuses of the message from 0. `actor_code` is who set the status: CPPStatut's
             Producteur/@Id, CDAR's issuer (MDT-38); `actor_role` the role code of CDAR (MDT-40: BY, SE, WK).
             `comment` is Commentaire, or the texts of all notes. `buyer_siret` stands only where the message gives 14
             characters for it; the SIREN of a buyer is `buyer_siren`. `rest` holds what has no field of its own, as
             path and text, so that nothing of a status is lost.
    Nulls    an empty text or None is absent from the message. `at` and `issued_on` are None where they cannot be read;
             `at_text` and `issued_on_text` hold what was written. A time without zone is one of Paris.
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
    issued_on_text: str = ""
    seller_country: str = ""
    buyer_siren: str = ""
    buyer_name: str = ""
    service_name: str = ""
    actor_role: str = ""
    actor_name: str = ""
    unece_code: str = ""
    phase_code: str = ""
    received_text: str = ""
    rest: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ReceivedFlowStatus:
    """What a counterpart says of a flow that we sent. `flow_id` has 25 characters, or is whatever was written. Each
    error line is a reason: its code and label, its nature and description as a note."""

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
    message_id: str = ""
    rest: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MessageHead:
    """What a message says of itself: MDT-4 or IdFlx, when it was written, under which process (MDT-2) and guideline
    (MDT-3), between whom."""

    message_id: str = ""
    name: str = ""
    produced_text: str = ""
    process: str = ""
    guideline: str = ""
    parties: tuple[Party, ...] = ()
    rest: tuple[tuple[str, str], ...] = ()


MESSAGE = -1
"""The ordinal of a finding that concerns the whole message."""


@dataclass(frozen=True)
class StatusMessage:
    """One status document, read. `findings` are what is wrong with it as a message (schema, rules), by ordinal of the
    status concerned, or `MESSAGE` where all of it is. Ordinals count `invoices` and `flows` alike: a message holds one
    kind. A fatal finding takes its status out, or with `MESSAGE` all; the others stand (`sound`)."""

    invoices: tuple[ReceivedStatus, ...]
    flows: tuple[ReceivedFlowStatus, ...]
    findings: tuple[tuple[int, FindingRow], ...] = ()
    head: MessageHead = MessageHead()

    def refused(self) -> frozenset[int]:
        """Ordinals that a fatal finding takes out; all of them where one concerns the message."""
        fatal = {ordinal for ordinal, finding in self.findings if finding["flag"] == "fatal"}
        every = {one.ordinal for one in self.invoices} | {one.ordinal for one in self.flows}
        return frozenset(every if MESSAGE in fatal else fatal & every)

    def sound(self) -> tuple[ReceivedStatus, ...]:
        """The statuses of invoices that no fatal finding takes out, in order. Each has a time and a number."""
        refused = self.refused()
        return tuple(one for one in self.invoices if one.ordinal not in refused)


@dataclass(frozen=True, slots=True)
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

    @property
    def own_motive(self) -> str | None:
        """The motive of a status that Relais itself set as it took the deposit in, maybe empty; None of any other."""
        if self.source_name or self.actor is not Actor.PLATFORM:
            return None
        return next((reason.code for reason in self.reasons), "")


class Phase(StrEnum):
    """Where an invoice stands, in the words that all formats share."""

    DEPOSITED = "deposited"
    MADE_AVAILABLE = "made available"
    TO_RECYCLE = "to recycle"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    IN_PROGRESS = "in progress"
    DISPUTED = "disputed"
    PAYMENT_SENT = "payment sent"
    CASHED = "cashed"
    REFUSED = "refused"
    REJECTED = "rejected"
    RECYCLED = "recycled"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Situation:
    """How an invoice stands: the fold of its events. `current` is the event that decides it.

    `terminal`: nothing more is expected of this invoice under its number. `cashed` sums the amounts of all cashing
    statuses (212) by currency, sorted; it is empty where none gives an amount.
    """

    phase: Phase
    current: Event
    terminal: bool
    cashed: tuple[tuple[str, Decimal], ...] = ()
