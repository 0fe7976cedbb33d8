"""Terms: by when each thing owed is due, and how it stands at an instant. Pure.

Sources  acknowledgments within 20 minutes for 99.5 % is Relais's promise; statuses within 24 hours of their timestamp
         is DSE 3.6.5; recipients acknowledge diffusion flows by FSO1300A, for which no delay is prescribed: ours is a
         day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from data_contracts.deadlines import Duty, Owed

PERCENT_PLACES = Decimal("0.01")


class Stand(StrEnum):
    """How a thing owed stands. DUE has time left; AT_RISK has passed the warning time; LATE was done after its time."""

    MET = "met"
    LATE = "late"
    DUE = "due"
    AT_RISK = "at risk"
    MISSED = "missed"


@dataclass(frozen=True)
class Term:
    """`within` is the time allowed, `warned_after` the time after which it is called at risk; `target` in percent."""

    within: timedelta
    warned_after: timedelta
    target: Decimal


TERMS: dict[Duty, Term] = {
    Duty.ACKNOWLEDGMENT: Term(timedelta(minutes=20), timedelta(minutes=10), Decimal("99.5")),
    Duty.STATUS: Term(timedelta(hours=24), timedelta(hours=18), Decimal(100)),
    Duty.RECEIPT: Term(timedelta(hours=24), timedelta(hours=24), Decimal(0)),
}
"""Half of its time is left when an acknowledgment is called at risk, and six hours, a working morning, for statuses. A
receipt is the recipient's to give: it is never at risk, and is chased once it is missed."""


@dataclass(frozen=True)
class Standing:
    """One thing owed, judged."""

    owed: Owed
    due_at: datetime
    stand: Stand
    took: timedelta
    """Until it was done, or until now."""


@dataclass(frozen=True)
class Attained:
    """How a duty was kept in a period. `percent` is of what is decided: what still has time left counts neither way.

    Nulls    `percent` is None where nothing is decided.
    """

    duty: Duty
    counts: dict[Stand, int]
    percent: Decimal | None
    target: Decimal

    @property
    def kept(self) -> bool:
        return self.percent is None or self.percent >= self.target


def judged(owed: Owed, now: datetime) -> Standing:
    """How a thing owed stands at an instant. Done exactly at its time is in time."""
    term = TERMS[owed.duty]
    due_at = owed.since + term.within
    took = (owed.done_at or now) - owed.since
    if owed.done_at is not None:
        stand = Stand.MET if owed.done_at <= due_at else Stand.LATE
    elif now > due_at:
        stand = Stand.MISSED
    else:
        stand = Stand.AT_RISK if took >= term.warned_after else Stand.DUE
    return Standing(owed, due_at, stand, took)


def attained(standings: Iterable[Standing]) -> list[Attained]:
    """How each duty was kept, in the order of `Duty`; duties without anything owed included.

    Shape    the percentage is rounded down: 99.499 is not 99.5.
    """
    counts = {duty: dict.fromkeys(Stand, 0) for duty in Duty}
    for one in standings:
        counts[one.owed.duty][one.stand] += 1
    return [Attained(duty, held, _percent(held), TERMS[duty].target) for duty, held in counts.items()]


def alarming(standings: Iterable[Standing]) -> list[Standing]:
    """What a person must look at now, the most urgent first: missed and at risk, of what is ours to do."""
    now = [one for one in standings if one.stand in (Stand.MISSED, Stand.AT_RISK) and one.owed.duty is not Duty.RECEIPT]
    return sorted(now, key=lambda one: (one.due_at, one.owed.partner_code, one.owed.name, one.owed.duty.value))


def _percent(counts: dict[Stand, int]) -> Decimal | None:
    decided = counts[Stand.MET] + counts[Stand.LATE] + counts[Stand.MISSED]
    if not decided:
        return None
    return (Decimal(100 * counts[Stand.MET]) / decided).quantize(PERCENT_PLACES, rounding=ROUND_FLOOR)


def minutes_taken(standings: Sequence[Standing], duty: Duty) -> list[float]:
    """Minutes from receipt to done, sorted, of what was done."""
    done = (one for one in standings if one.owed.duty is duty and one.owed.done_at is not None)
    return sorted(one.took.total_seconds() / 60 for one in done)
