"""Schedules: what goes wrong, and when. Drawn from a seed; a run is a pure function of its schedule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_contracts.limits import BATCH_LEASE_SECONDS
from relais.samples.draws import Draws
from relais.simulation.scene import scenes


class Kind(StrEnum):
    """What happens at an operation."""

    SWITCH = "switch"
    """The worker `who` places further goes on; the one at the operation waits."""
    DIE_BEFORE = "die before"
    """The worker's process dies; a file that it was writing into an out folder is left half written."""
    DIE_AFTER = "die after"
    FAIL = "fail"
    """The operation has no effect, and says so; a file under way is left half written."""
    LOSE = "lose the answer"
    """The operation has its effect, and the caller is told that it failed."""
    FREEZE = "freeze"
    """The worker stands still for `amount` operations of others, or until all the rest is done."""
    JUMP = "clock jumps"
    """The machine's clock goes forward by `amount` seconds."""
    MIDNIGHT = "midnight"
    """Business time goes forward by a day."""
    FULL = "disk full"
    """The store takes nothing for `amount` operations."""
    DOWN = "partner down"
    """The partner whose place in the scene is `who` does not answer for `amount` operations."""
    DROP = "drop"
    """A partner drops the file whose place in the scene is `who`."""


@dataclass(frozen=True, order=True)
class Event:
    """`step` counts the operations of all workers, from 1."""

    step: int
    kind: Kind
    who: int = 0
    amount: int = 0

    def __str__(self) -> str:
        told = f"{self.step:>5}  {self.kind.value}"
        if self.kind in (Kind.SWITCH, Kind.DROP, Kind.DOWN):
            told += f" {self.who}"
        return f"{told} for {self.amount}" if self.amount else told


@dataclass(frozen=True)
class Schedule:
    """Events in order. After `horizon` operations nothing goes wrong any more, and all is driven to its end."""

    seed: int
    scene: str
    workers: int
    horizon: int
    documents_max: int
    takes_at_once: bool
    events: tuple[Event, ...]


FOREVER = 1_000_000
"""A worker frozen for so many operations wakes when all the rest is done."""

_FAULTS = (
    (Kind.DIE_BEFORE, 5), (Kind.DIE_AFTER, 5), (Kind.FAIL, 6), (Kind.LOSE, 6), (Kind.FREEZE, 4), (Kind.JUMP, 4),
    (Kind.FULL, 1), (Kind.DOWN, 2), (Kind.MIDNIGHT, 0),
)  # fmt: skip
_TURNS = tuple(kind for kind, weight in _FAULTS for _ in range(weight))
_JUMPS = (11, BATCH_LEASE_SECONDS + 1, 700)


def drawn(seed: int) -> Schedule:
    """The schedule of a seed: the same for ever."""
    draws = Draws(seed, 0x5EED)
    scene = draws.of(tuple(scenes().values()))
    workers, horizon = draws.between(1, 3), draws.between(80, 80 + 45 * len(scene.drops))
    fault_odds, switch_odds = draws.between(12, 60), draws.between(3, 12)
    midnights = draws.one_in(8)
    events: list[Event] = []
    for place in range(len(scene.drops)):
        late = draws.one_in(3)
        events.append(Event(draws.between(1, horizon * 5 // 4) if late else 1, Kind.DROP, place))
    for step in range(2, horizon):
        if workers > 1 and draws.one_in(switch_odds):
            events.append(Event(step, Kind.SWITCH, draws.between(1, workers - 1)))
        if draws.one_in(fault_odds):
            events.append(_fault(step, draws, len(scene.drops)))
        if midnights and draws.one_in(100):
            events.append(Event(step, Kind.MIDNIGHT))
    documents_max, takes_at_once = draws.between(1, 4), not draws.one_in(3)
    ordered = tuple(sorted(events))
    return Schedule(seed, scene.name, workers, horizon, documents_max, takes_at_once, ordered)


def _fault(step: int, draws: Draws, drops: int) -> Event:
    kind = draws.of(_TURNS)
    if kind is Kind.FREEZE:
        return Event(step, kind, 0, FOREVER if draws.one_in(3) else draws.between(5, 80))
    if kind is Kind.JUMP:
        return Event(step, kind, 0, draws.of(_JUMPS))
    if kind is Kind.FULL:
        return Event(step, kind, 0, draws.between(2, 20))
    if kind is Kind.DOWN:
        return Event(step, kind, draws.below(drops), draws.between(2, 60))
    return Event(step, kind)
