"""Shrinking: the fewest events that still break the same invariant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from relais.simulation.running import Outcome
from relais.simulation.schedule import Event, Kind, Schedule

RUNS_MAX = 600
"""Runs after which the smallest schedule found so far is good enough."""


def shrunk(schedule: Schedule, run: Callable[[Schedule], Outcome]) -> Outcome:
    """The outcome of the smallest schedule found that breaks what this one breaks.

    Events are left out in ever smaller shares, drops never: what is not dropped in time is dropped at the end.
    """
    best = run(schedule)
    what = _names(best)
    runs, share = 1, max(len(schedule.events) // 2, 1)
    while share and runs < RUNS_MAX:
        start, smaller = 0, False
        while start < len(best.schedule.events) and runs < RUNS_MAX:
            tried = run(replace(best.schedule, events=_without(best.schedule.events, start, share)))
            runs += 1
            if what & _names(tried) and len(tried.schedule.events) < len(best.schedule.events):
                best, smaller = tried, True
            else:
                start += share
        if not smaller or share > 1:
            share //= 2
    return best


def _without(events: Sequence[Event], start: int, share: int) -> tuple[Event, ...]:
    gone = {number for number in range(start, start + share) if events[number : number + 1]}
    return tuple(event for number, event in enumerate(events) if number not in gone or event.kind is Kind.DROP)


def _names(outcome: Outcome) -> set[str]:
    return {told.partition(":")[0] for told in outcome.broken}
