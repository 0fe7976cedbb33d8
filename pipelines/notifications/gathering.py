"""Gathering: which invoices concern whom, and as many of them as a mail can hold. Pure.

Memory is bounded by the people who are told, not by what happened: of each group of invoices a mail shows the first
ENTRIES_MAX, and counts the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.history import Actor, Event, Phase
from data_contracts.interfaces import Circuit
from data_contracts.messages import Language
from data_contracts.notifications import Frequency, Role, Subscription
from pipelines.tracking.fold import phase_of

ENTRIES_MAX = 30
"""Invoices of one group that a mail shows in full; nobody reads more, and a mail stays under a megabyte."""


class Group(StrEnum):
    """How much an invoice asks of its reader."""

    URGENT = "urgent"
    MOVING = "moving"
    ENDED = "ended"
    OTHER = "other"


GROUPS: dict[Phase, Group] = {
    Phase.TO_RECYCLE: Group.URGENT,
    Phase.SUSPENDED: Group.URGENT,
    Phase.DISPUTED: Group.URGENT,
    Phase.REFUSED: Group.URGENT,
    Phase.REJECTED: Group.URGENT,
    Phase.DEPOSITED: Group.MOVING,
    Phase.MADE_AVAILABLE: Group.MOVING,
    Phase.COMPLETED: Group.MOVING,
    Phase.IN_PROGRESS: Group.MOVING,
    Phase.RECYCLED: Group.MOVING,
    Phase.PAYMENT_SENT: Group.ENDED,
    Phase.CASHED: Group.ENDED,
    Phase.CANCELLED: Group.ENDED,
    Phase.UNKNOWN: Group.OTHER,
}

ENDED = frozenset({Phase.PAYMENT_SENT, Phase.CASHED, Phase.CANCELLED, Phase.REFUSED, Phase.REJECTED})
"""Phases after which an invoice is no longer in progress."""


@dataclass(frozen=True)
class Entry:
    """One invoice of which something is told: `event` says how it stands, of all that happened to it in the window;
    `earlier` are the others, by time. `successor` is the number of the invoice that replaces it, where there is one;
    `faults` are the findings for which we rejected it."""

    event: Event
    invoice: InvoiceRow
    partner_code: str
    successor: str = ""
    earlier: tuple[Event, ...] = ()
    circuit: Circuit = Circuit.CHORUS_PRO
    faults: tuple[FindingRow, ...] = ()

    @property
    def phase(self) -> Phase:
        return phase_of(self.event) or Phase.UNKNOWN

    @property
    def phases(self) -> frozenset[Phase]:
        """Everything that happened, in the words of subscriptions."""
        return frozenset(phase_of(event) or Phase.UNKNOWN for event in (self.event, *self.earlier))


@dataclass
class Gathered:
    """What one address is told in one language. Counts are of all invoices, entries the first of each group."""

    address: str
    language: Language
    role: Role
    subscriptions: tuple[Subscription, ...]
    counts: Counter[Phase] = field(default_factory=Counter)
    entries: dict[Group, list[Entry]] = field(default_factory=dict)
    shown: Counter[Phase] = field(default_factory=Counter)

    def add(self, entry: Entry) -> None:
        """Nothing; the invoice is shown if its group has room, and counted."""
        phase = entry.phase
        self.counts[phase] += 1
        held = self.entries.setdefault(GROUPS[phase], [])
        if len(held) < ENTRIES_MAX:
            held.append(entry)
            self.shown[phase] += 1

    @property
    def count(self) -> int:
        return sum(self.counts.values())


class Gathering:
    """Everyone who is told in one round. An invoice that concerns an address twice is told once."""

    def __init__(self, subscriptions: Iterable[Subscription], frequency: Frequency) -> None:
        self._readers: dict[tuple[str, Language], Gathered] = {}
        self._by_structure: dict[str, list[Subscription]] = {}
        self._by_partner: dict[str, list[Subscription]] = {}
        grouped: dict[tuple[str, Language], list[Subscription]] = {}
        for one in subscriptions:
            if one.frequency is frequency:
                grouped.setdefault((one.address, one.language), []).append(one)
                side, key = (
                    (self._by_structure, one.structure) if one.structure else (self._by_partner, one.partner_code)
                )
                side.setdefault(key, []).append(one)
        for reader, held in sorted(grouped.items()):
            self._readers[reader] = Gathered(*reader, role=_role(held), subscriptions=tuple(held))

    def __bool__(self) -> bool:
        return bool(self._readers)

    def add(self, entry: Entry) -> None:
        """Nothing; whoever the invoice concerns is told."""
        readers = {(one.address, one.language): None for one in self._concerned(entry)}
        for reader in readers:
            self._readers[reader].add(entry)

    def told(self) -> list[Gathered]:
        """Those who are told something, by address."""
        return [one for one in self._readers.values() if one.count]

    def _concerned(self, entry: Entry) -> Iterable[Subscription]:
        phases = entry.phases
        for one in self._by_partner.get(entry.partner_code, ()):
            if phases & one.phases:
                yield one
        if entry.phase is Phase.REJECTED and entry.event.actor is Actor.PLATFORM:
            return  # The recipient never gets an invoice that was not taken in.
        service = entry.invoice["service_code"] or ""
        for one in self._by_structure.get(entry.invoice["buyer_siret"] or "", ()):
            if phases & one.phases and one.service in ("", service):
                yield one


def _role(held: Sequence[Subscription]) -> Role:
    """The strongest role of an address: it says whether it can opt out."""
    order = list(Role)
    return min((one.role for one in held), key=order.index)
