"""One fault at every operation of a good day: the harness that fails or kills at the Nth operation, for every N."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from relais.simulation.running import MakeLedger, Outcome, run
from relais.simulation.scene import scenes
from relais.simulation.schedule import Event, Kind, Schedule

SCENE = "everything"
FAULTS = (Kind.DIE_BEFORE, Kind.DIE_AFTER, Kind.FAIL, Kind.LOSE)
LONG = 4_000
"""More operations than the day has."""
_DOWN_FROM, _DOWN_FOR = 200, 60
_REST = 40


def good_day(ledger: MakeLedger) -> Schedule:
    """One worker, every file dropped at once, one partner out of reach for a while; as long as the work lasts.

    Shape    the horizon is a few operations after the last that delivers something.
    """
    drops = tuple(Event(1, Kind.DROP, place) for place in range(len(scenes()[SCENE].drops)))
    events = (*drops, Event(_DOWN_FROM, Kind.DOWN, 0, _DOWN_FOR))
    day = Schedule(0, SCENE, 1, LONG, 3, True, events)
    trace = run(day, ledger, traced=True).trace
    last = max(int(line.split()[0]) for line in trace if line.endswith("ledger.delivered"))
    return replace(day, horizon=last + _REST)


def faults_everywhere(kind: Kind, ledger: MakeLedger, *, first: int = 1, stride: int = 1) -> Iterator[Outcome]:
    """The outcome of each N: the day with one fault of this kind at the Nth operation, until N is after the last."""
    day = good_day(ledger)
    for step in range(first, day.horizon - _REST + 1, stride):
        yield run(replace(day, events=tuple(sorted((*day.events, Event(step, kind))))), ledger)
