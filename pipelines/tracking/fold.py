"""How an invoice stands: a fold of its events that does not depend on their order, nor on how often each was told.

No automaton is invented: recipients may set any status after any other (DSE-CP 3.4), so what was set last stands. Four
things are known besides, all of the reform's statuses: 210 and 213 end an invoice; a 213 for a duplicate refuses a
delivery, not the invoice that is held; 221 rejects nothing; 212 may come again, also with amounts taken back.
Sources  DSE-CP 3.4; XP Z12-014 annex A 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Context, Decimal

from data_contracts.errors import ContractBroken
from data_contracts.history import Event, Phase, Situation
from data_contracts.statuses import RECYCLED, StatusFormat

PHASES: dict[StatusFormat, dict[str, Phase]] = {
    StatusFormat.CPP_INVOICE: {
        "01": Phase.DEPOSITED,
        "02": Phase.DEPOSITED,
        "03": Phase.MADE_AVAILABLE,
        "04": Phase.TO_RECYCLE,
        "05": Phase.REJECTED,
        "06": Phase.SUSPENDED,
        "07": Phase.IN_PROGRESS,
        "08": Phase.IN_PROGRESS,
        "09": Phase.IN_PROGRESS,
        "10": Phase.IN_PROGRESS,
        "11": Phase.PAYMENT_SENT,
        "12": Phase.COMPLETED,
    },
    StatusFormat.CDAR_INVOICE: {
        "200": Phase.DEPOSITED,
        "201": Phase.DEPOSITED,
        "202": Phase.DEPOSITED,
        "203": Phase.MADE_AVAILABLE,
        "204": Phase.IN_PROGRESS,
        "205": Phase.IN_PROGRESS,
        "206": Phase.IN_PROGRESS,
        "207": Phase.DISPUTED,
        "208": Phase.SUSPENDED,
        "209": Phase.COMPLETED,
        "210": Phase.REFUSED,
        "211": Phase.PAYMENT_SENT,
        "212": Phase.CASHED,
        "213": Phase.REJECTED,
        "214": Phase.IN_PROGRESS,
        "220": Phase.CANCELLED,
    },
    StatusFormat.RELAIS: {RECYCLED: Phase.RECYCLED},
}
"""The phase that a status means. A status without one changes none: unknown codes, 221 (the sender's platform tries
again), 224 to 228 (who is to be paid, not how the invoice fares)."""

ORDER = (
    Phase.DEPOSITED, Phase.RECYCLED, Phase.MADE_AVAILABLE, Phase.TO_RECYCLE, Phase.SUSPENDED, Phase.COMPLETED,
    Phase.DISPUTED, Phase.IN_PROGRESS, Phase.PAYMENT_SENT, Phase.CASHED, Phase.REFUSED, Phase.REJECTED, Phase.CANCELLED,
    Phase.UNKNOWN,
)  # fmt: skip
"""Which of two statuses of the same instant came last: the usual course, for clocks tell seconds."""

ENDING = frozenset({"210", "213"})
"""Statuses of the reform that end an invoice for good."""

TERMINAL = frozenset({Phase.REFUSED, Phase.REJECTED, Phase.CANCELLED})
CASHING = "212"
CASHED_KIND = "MEN"
_EXACT = Context(prec=60)
"""No sum of amounts of 28 digits is rounded."""
DUPLICATE_MOTIVES = frozenset({"DOUBLON", "DOUBLE_FACT"})


def phase_of(event: Event) -> Phase | None:
    """The phase that a status means; None for one that changes none."""
    return PHASES.get(event.format, {}).get(event.code)


def situation(events: Iterable[Event]) -> Situation:
    """How the invoice of these events stands.

    Shape    events of one invoice, in any order, with any repetitions: those of one `event_key` count once. Of those
             that mean a phase, an ending one (210, 213) decides, the earliest if there are several; else the latest.
             Where none means a phase, the phase is unknown and the latest event is the current one.
    Errors   ContractBroken without any event.
    """
    known = in_order(events)
    if not known:
        raise ContractBroken("an invoice without events has no situation", where="situation")
    cashed = _cashed(known)
    deciding = [event for event in known if phase_of(event) is not None and not _set_aside(event, known, cashed)]
    if not deciding:
        return Situation(Phase.UNKNOWN, known[-1], terminal=False, cashed=cashed)
    ending = [event for event in deciding if _ends(event)]
    current = ending[0] if ending else deciding[-1]
    phase = phase_of(current)
    assert phase is not None
    return Situation(phase, current, terminal=phase in TERMINAL, cashed=cashed)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Each event once, by time, those of one instant in the usual course. Of two with the same key, the one told first
    is kept, whichever comes first here. What others date later than they told it counts from when they told it: a slip
    of a year must not hide all that comes after."""
    kept: dict[str, Event] = {}
    for event in events:
        held = kept.get(event.event_key)
        if held is None or _told(event) < _told(held):
            kept[event.event_key] = event
    return sorted(kept.values(), key=lambda event: (happened(event), event.at, *_rank(event)))


def happened(event: Event) -> datetime:
    """When an event counts as having happened: at its own time, but no later than it was told by others."""
    return min(event.at, event.recorded_at) if event.source_name else event.at


def _told(event: Event) -> tuple[datetime, datetime, str, str]:
    return event.recorded_at, event.at, event.source_name, repr(event)


def _rank(event: Event) -> tuple[int, str, str, str]:
    phase = phase_of(event) or Phase.UNKNOWN
    return ORDER.index(phase), event.format.value, event.code, event.event_key


def _ends(event: Event) -> bool:
    return event.format is StatusFormat.CDAR_INVOICE and event.code in ENDING


def _set_aside(event: Event, known: list[Event], cashed: tuple[tuple[str, Decimal], ...]) -> bool:
    """Whether an event that means a phase leaves the invoice where it stands all the same."""
    if event.format is not StatusFormat.CDAR_INVOICE:
        return False
    if event.code == CASHING:
        # All that was cashed was taken back.
        return bool(cashed) and all(amount <= 0 for _, amount in cashed)
    return event.code == "213" and _of_a_duplicate(event) and any(_held(other) for other in known)


def _of_a_duplicate(event: Event) -> bool:
    """Whether somebody else refused a delivery because the invoice is held already. Our own refusal of a second deposit
    stands: that deposit has a history of its own."""
    codes = {reason.code for reason in event.reasons if reason.code}
    return bool(event.source_name) and bool(codes) and codes <= DUPLICATE_MOTIVES


def _held(event: Event) -> bool:
    """Whether an event shows that the invoice lives: any that means a phase and does not end it."""
    return phase_of(event) is not None and not _ends(event)


def _cashed(known: list[Event]) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, Decimal] = {}
    for currency, amount in _amounts(known):
        sums[currency] = _EXACT.add(sums.get(currency, Decimal(0)), amount)
    return tuple(sorted(sums.items()))


def _amounts(known: list[Event]) -> Iterator[tuple[str, Decimal]]:
    for event in known:
        if event.format is StatusFormat.CDAR_INVOICE and event.code == CASHING:
            for payment in event.payments:
                if payment.kind == CASHED_KIND:
                    yield payment.currency, payment.amount
