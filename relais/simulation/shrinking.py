"""Shrinking: the fewest events that still break the same invariant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from relais.simulation.running import Outcome
from relais.simulation.schedule import Event, Kind, Schedule

RUNS_MAX = 600
"""Runs of each of the two ways, after which the smallest schedule found so far is good enough."""

FEW = 3
"""So few events a person can follow."""


def shrunk(schedule: Schedule, run: Callable[[Schedule], Outcome]) -> Outcome:
    """The outcome of the smallest schedule found that breaks what this one breaks.

    Events are left out in ever smaller shares, drops never: what is not dropped in time is dropped at the end. Of many
    turns of workers none can be left out, since each moves all that come after it; then one event alone, at some other
    operation, often does the same.
    """
    best = _thinned(schedule, run)
    return best if len(_faults(best.schedule.events)) <= FEW else _alone(best, run) or best


def _thinned(schedule: Schedule, run: Callable[[Schedule], Outcome]) -> Outcome:
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


def _alone(found: Outcome, run: Callable[[Schedule], Outcome]) -> Outcome | None:
    """The first outcome that breaks the same with one event, of those that this one needs, the most frequent first."""
    schedule, what = found.schedule, _names(found)
    drops = [event for event in schedule.events if event.kind is Kind.DROP]
    shapes = Counter(replace(event, step=0) for event in _faults(schedule.events))
    tries = (replace(shape, step=step) for shape, _ in shapes.most_common() for step in range(2, schedule.horizon))
    for _, event in zip(range(RUNS_MAX), tries, strict=False):
        tried = run(replace(schedule, events=tuple(sorted([*drops, event]))))
        if what & _names(tried):
            return tried
    return None


def _faults(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.kind is not Kind.DROP]


def _without(events: Sequence[Event], start: int, share: int) -> tuple[Event, ...]:
    gone = {number for number in range(start, start + share) if events[number : number + 1]}
    return tuple(event for number, event in enumerate(events) if number not in gone or event.kind is Kind.DROP)


def _names(outcome: Outcome) -> set[str]:
    return {told.partition(":")[0] for told in outcome.broken}
