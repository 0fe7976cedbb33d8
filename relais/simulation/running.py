"""Runs one schedule to its end: what goes wrong, then calm, then the late wake up, then every stage once more."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass

from data_contracts.errors import TransientError
from data_contracts.ledger import FlowStatus, Ledger
from data_contracts.limits import DELIVERY_ATTEMPT_SECONDS_MAX, DELIVERY_BACKOFF_SECONDS_MAX
from relais.simulation.invariants import INVARIANTS, Rerun, snapshot
from relais.simulation.reference import undisturbed
from relais.simulation.scene import scenes
from relais.simulation.schedule import Schedule
from relais.simulation.workers import ROUND, Stages, Worker
from relais.simulation.world import Died, Process, World

ROUNDS_MAX = 60
"""Rounds after which a calm world must have come to its end. Each lets every lease and every pause run out."""

MakeLedger = Callable[[Callable[[], float]], Ledger]


@dataclass(frozen=True)
class Outcome:
    """What came of a schedule. `broken` says which invariants were broken, and how; `checks` counts those judged;
    `set_aside` the documents in quarantine."""

    schedule: Schedule
    broken: tuple[str, ...]
    operations: int
    checks: int
    set_aside: int = 0
    trace: tuple[str, ...] = ()


def run(schedule: Schedule, ledger: MakeLedger, *, traced: bool = False) -> Outcome:
    """What comes of a schedule: the same schedule and kind of ledger always give the same."""
    world = World(schedule, scenes()[schedule.scene], ledger)
    world.trace = [] if traced else None
    workers = [Worker(world, rank) for rank in range(schedule.workers)]
    world.actors[:] = workers
    broken: list[str] = []
    checks = 0
    try:
        _disturbed(world, workers)
        _driven(world)
        _woken(world, workers)
        world.seconds += DELIVERY_ATTEMPT_SECONDS_MAX  # whoever was late at a delivery has ended since
        _driven(world)
        before = snapshot(world.evidence)
        _again(world)
        rerun = Rerun(before, snapshot(world.evidence))
        expected = undisturbed(world.evidence)
        for invariant in INVARIANTS:
            broken += [f"{invariant.name}: {found}" for found in invariant.check(world.evidence, rerun, expected)]
            checks += 1
    except Unended as error:
        broken.append(str(error))
    except Exception:
        broken.append(f"stopped: {traceback.format_exc()}")
    finally:
        _ended(world, workers)
    told = (*world.evidence.broken, *(f"stopped: {w.failure}" for w in workers if w.failure), *broken)
    aside = world.ledger.reconciliation().invoices_quarantined
    return Outcome(schedule, told, world.step, checks, aside, tuple(world.trace or ()))


class Unended(Exception):
    """A calm world that does not come to its end."""


def _disturbed(world: World, workers: list[Worker]) -> None:
    for worker in workers:
        worker.thread.start()
    world.pass_on(world.main, workers[0])
    world.calm = True


def _driven(world: World) -> None:
    """Nothing, once every flow has its answers."""
    world.drop_all()
    process = Process("calm")
    for _ in range(ROUNDS_MAX):
        for stage in ROUND:
            try:
                getattr(Stages(world, world.main, process), stage)()
            except TransientError:
                continue
            except Died:
                process = Process("calm")
        world.drop_all()
        if _quiet(world):
            return
        world.seconds += DELIVERY_BACKOFF_SECONDS_MAX + 1
    sums = world.ledger.reconciliation()
    raise Unended(f"I2: not at an end after {ROUNDS_MAX} calm rounds: {sums}")


def _quiet(world: World) -> bool:
    sums = world.ledger.reconciliation()
    pending = any(drop for drop in world.folders.drops.values()) or bool(world.to_drop)
    return not pending and sums.flows_pending == 0 and sums.answers_owed == sums.answers_delivered


def _woken(world: World, workers: list[Worker]) -> None:
    """Late workers wake one by one, each to the end of what it was doing."""
    for worker in workers:
        if not worker.gone:
            world.pass_on(world.main, worker)


def _again(world: World) -> None:
    """Every stage, and every batch that ever was, once more."""
    stages = Stages(world, world.main, Process("again"))
    for stage in ROUND:
        getattr(stages, stage)()
    for batch_id in sorted(world.evidence.checked):
        stages.check_one(batch_id)
    assert not world.ledger.flows(FlowStatus.LANDED)


def _ended(world: World, workers: list[Worker]) -> None:
    world.calm = True
    for worker in workers:
        worker.process.dead = True
    for worker in workers:
        if not worker.gone:
            world.pass_on(world.main, worker)
        worker.thread.join()
