"""Who is told what by mail: subscriptions, digests owed, and what the ledger keeps of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from data_contracts.history import Event, Phase
from data_contracts.ledger import Owner
from data_contracts.messages import Language


class Role(StrEnum):
    """What a person is to a structure or a supplier. The principal manager is always told."""

    PRINCIPAL_MANAGER = "principal_manager"
    MANAGER = "manager"
    USER = "user"


class Frequency(StrEnum):
    DAILY = "daily"
    AT_ONCE = "at_once"
    NEVER = "never"


ALL_PHASES = frozenset(Phase)


@dataclass(frozen=True)
class Subscription:
    """One line of the register: an address, and what it is told.

    Shape    either `structure` (SIRET of a recipient, with a `service` code, or all services when it is empty) or
             `partner_code` (a supplier's connection). `phases` are the events wanted.
    """

    address: str
    language: Language
    role: Role
    frequency: Frequency
    structure: str = ""
    service: str = ""
    partner_code: str = ""
    phases: frozenset[Phase] = ALL_PHASES

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells a subscription from all others."""
        return (self.structure, self.service, self.partner_code, self.address)


@dataclass(frozen=True)
class Window:
    """The events that one round of digests is about, bound once: those numbered after `after`, up to `upto`. `at` is
    the instant that its mails bear."""

    frequency: Frequency
    after: int
    upto: int
    at: datetime


@dataclass(frozen=True)
class Digest:
    """One mail owed. `digest_key` is derived from its window and recipient, `message_id` from its content."""

    digest_key: str
    address: str
    message_id: str
    object_key: str
    sha256: str


class DigestState(StrEnum):
    """owed -> claimed -> sent or refused; back to owed when the server defers it, or claimed again once the lease of
    a sender that fell silent has run out."""

    OWED = "owed"
    CLAIMED = "claimed"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class DigestClaim:
    """A digest held by one sender. `attempt` counts from 1, before the mail is sent."""

    digest: Digest
    attempt: int


@dataclass(frozen=True)
class DigestRow:
    """A digest as the ledger has it. `detail` is the server's last answer."""

    digest: Digest
    state: DigestState
    attempts: int
    owed_at: datetime
    detail: str


@dataclass(frozen=True)
class InProgress:
    """Where an invoice stands that is not at its end."""

    owner: Owner
    structure: str
    service: str
    partner_code: str
    phase: Phase


@dataclass(frozen=True)
class Count:
    """How many invoices of a structure's service, deposited by a partner, are in progress in a phase."""

    structure: str
    service: str
    partner_code: str
    phase: Phase
    count: int


@dataclass(frozen=True)
class Reminder:
    """A diffusion flow that its recipient is reminded of, for the `rank`th time, from 1."""

    delivery_id: str
    rank: int


Cursor = tuple[str, int, int]
"""How far the events of a window were read: flow key, position and number of the last one."""

START: Cursor = ("", -1, 0)


class DigestLedger(Protocol):
    """The ledger's part in notifications. Each method is one transaction and may be called again."""

    def peek_window(self, frequency: Frequency, at: datetime) -> Window:
        """The window that `open_window` would give; nothing is bound."""
        ...

    def open_window(self, frequency: Frequency, at: datetime) -> Window:
        """The window that is open, else a new one from the end of the last to the newest event.

        An event that is committed later belongs to the next one, and so does all that comes after a status flow which
        is still being taken in."""
        ...

    def last_window(self, frequency: Frequency) -> Window | None:
        """The newest window, open or closed; None before the first."""
        ...

    def events_since(self, window: Window, cursor: Cursor, limit: int) -> Sequence[tuple[Cursor, Event]]:
        """The next events of a window, those of one invoice together, and those of one flow."""
        ...

    def owe_digests(self, window: Window, digests: Sequence[Digest]) -> None:
        """Close the window: its digests are owed, and its events told. A no-op when it is closed already."""
        ...

    def remind(self, reminders: Sequence[Reminder], digests: Sequence[Digest], at: datetime) -> None:
        """Record reminders, and owe the mails that carry them. LedgerConflict if one was recorded meanwhile."""
        ...

    def reminded(self, delivery_ids: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        """The rank and the time of the last reminder of each delivery that has one."""
        ...

    def stand(self, rows: Sequence[InProgress], ended: Sequence[Owner]) -> None:
        """These invoices are in progress, in these phases; those ended are not any more."""
        ...

    def standing(self, structures: Sequence[str], partner_codes: Sequence[str]) -> Sequence[Count]:
        """How many invoices of these structures and partners are in progress."""
        ...

    def claim_digest(self) -> DigestClaim | None:
        """The next digest to send, oldest first, counted as an attempt before it is made; None if none is free."""
        ...

    def digest_done(self, claim: DigestClaim, state: DigestState, detail: str, *, made: bool = True) -> None:
        """How an attempt ended: SENT, REFUSED, OWED (deferred), or CLAIMED (nobody knows: the lease decides). One that
        was not `made`, as the server was away, does not count."""
        ...

    def digests(self, *states: DigestState) -> Sequence[DigestRow]:
        """Digests in these states, all without any, oldest first."""
        ...
