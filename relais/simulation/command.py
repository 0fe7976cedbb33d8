"""`relais simulate`: nights that break in every way that a seed can draw, replayed at will."""

from __future__ import annotations

import logging
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from data_contracts.errors import ConfigurationError
from relais.progress import progress_bar

if TYPE_CHECKING:
    from relais.simulation.running import MakeLedger, Outcome
    from relais.simulation.schedule import Schedule

HELD, BROKEN = 0, 1
SHARE = 50
"""Seeds that a process takes at a time."""


def simulate(
    seeds: Annotated[int, typer.Option(min=1, help="How many schedules to run.")] = 1_000,
    first: Annotated[int, typer.Option("--from", help="The first seed; the others follow it.")] = 1,
    show: Annotated[int | None, typer.Option(help="Replay one seed: its events, every operation, what broke.")] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Instead of seeds: one fault at every operation, of every kind.")
    ] = False,
    sqlite: Annotated[
        bool, typer.Option("--sqlite", help="On the real ledger, on SQLite; twenty times slower.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Run the stages against partners, networks, disks and workers that fail as a seed draws it.

    Each schedule interleaves one to three workers at every operation of a port; they die, freeze and wake late, answers
    of ports are lost, disks fill up, partners vanish, files come late, twice, or changed under the same name. Then all
    is driven to its end, and the invariants are checked: nothing acknowledged is lost (I1), one end and one
    acknowledgment for each flow (I2), one delivery of each answer (I3), all members accounted for (I4), nothing
    delivered unjudged (I5), reruns change nothing (I6), and partners get the bytes of an undisturbed run.

    The same seed always gives the same operations. A seed that breaks something is told with the fewest events that
    still do.

    Exit codes: 0 all invariants held, 1 some were broken, 2 usage.

    Example: `relais simulate --seeds 10000 --jobs 2`
    """
    with _quiet():
        raise typer.Exit(_simulated(seeds, first, show, everywhere=everywhere, sqlite=sqlite, jobs=jobs))


def _simulated(seeds: int, first: int, show: int | None, *, everywhere: bool, sqlite: bool, jobs: int) -> int:
    if show is not None:
        return _shown(show, sqlite)
    if everywhere:
        return _everywhere(sqlite)
    broken: list[int] = []
    counts: Counter[str] = Counter()
    shares = [range(start, min(start + SHARE, first + seeds)) for start in range(first, first + seeds, SHARE)]
    with progress_bar() as bar:
        task = bar.add_task("schedules", total=seeds)
        for share, (failed, told) in zip(shares, _outcomes(shares, sqlite, jobs), strict=True):
            broken += failed
            counts += told
            bar.advance(task, len(share))
    typer.echo(
        f"{seeds} schedules from seed {first}: {counts['operations']} operations, {counts['checks']} checks, "
        f"{counts['faults']} faults, {counts['set aside']} with documents set aside, {len(broken)} broken"
    )
    for seed in broken[:10]:
        typer.echo(f"\nseed {seed}: relais simulate --show {seed}")
        _tell_shrunk(seed, sqlite)
    return BROKEN if broken else HELD


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing; meanwhile nobody hears what the stages say of faults made on purpose."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


def _outcomes(shares: list[range], sqlite: bool, jobs: int) -> Iterator[tuple[list[int], Counter[str]]]:
    one = partial(_share, sqlite=sqlite)
    if jobs == 1:
        yield from map(one, shares)
        return
    # Spawned, not forked: the column engine's threads do not survive a fork.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(one, shares)


def _share(seeds: range, *, sqlite: bool) -> tuple[list[int], Counter[str]]:
    from relais.simulation.running import run
    from relais.simulation.schedule import Kind

    broken, counts = [], Counter[str]()
    with _quiet(), _ready(sqlite) as ledger:
        for seed in seeds:
            schedule = _drawn(seed)
            outcome = run(schedule, ledger)
            ordinary = (Kind.SWITCH, Kind.DROP, Kind.MIDNIGHT)
            counts["operations"] += outcome.operations
            counts["checks"] += outcome.checks
            counts["faults"] += sum(event.kind not in ordinary for event in schedule.events)
            counts["set aside"] += outcome.set_aside > 0
            if outcome.broken:
                broken.append(seed)
    return broken, counts


def _shown(seed: int, sqlite: bool) -> int:
    from relais.simulation.running import run

    schedule = _drawn(seed)
    with _ready(sqlite) as ledger:
        outcome = run(schedule, ledger, traced=True)
    _tell_schedule(schedule)
    typer.echo("\noperations")
    for line in outcome.trace:
        typer.echo(line)
    for told in outcome.broken:
        typer.echo(f"broken  {told}")
    if outcome.broken:
        typer.echo("\nthe fewest events that still break it")
        _tell_shrunk(seed, sqlite)
    return BROKEN if outcome.broken else HELD


def _tell_shrunk(seed: int, sqlite: bool) -> None:
    from relais.simulation.running import run
    from relais.simulation.shrinking import shrunk

    with _ready(sqlite) as ledger:
        least: Outcome = shrunk(_drawn(seed), lambda schedule: run(schedule, ledger))
    _tell_schedule(least.schedule)
    for told in least.broken:
        typer.echo(f"broken  {told}")


def _tell_schedule(schedule: Schedule) -> None:
    typer.echo(
        f"scene {schedule.scene}, {schedule.workers} workers, {schedule.horizon} operations, at most "
        f"{schedule.documents_max} documents a batch, answers {'taken at once' if schedule.takes_at_once else 'left'}"
    )
    for event in schedule.events:
        typer.echo(str(event))


def _everywhere(sqlite: bool) -> int:
    from relais.simulation.everywhere import FAULTS, faults_everywhere

    found = HELD
    with _ready(sqlite) as ledger:
        for kind in FAULTS:
            outcomes = list(faults_everywhere(kind, ledger))
            broken = [(step, outcome) for step, outcome in enumerate(outcomes, start=1) if outcome.broken]
            checks = sum(outcome.checks for outcome in outcomes)
            typer.echo(f"{kind.value}: at each of {len(outcomes)} operations, {checks} checks, {len(broken)} broken")
            for step, outcome in broken:
                typer.echo(f"  at operation {step}: {outcome.broken[0]}")
                found = BROKEN
    return found


def _drawn(seed: int) -> Schedule:
    from relais.simulation.schedule import drawn

    if seed < 0:
        raise ConfigurationError("a seed is not negative", where="seed", value=str(seed), remedy="give 0 or more")
    return drawn(seed)


@contextmanager
def _ready(sqlite: bool) -> Iterator[MakeLedger]:
    from relais.simulation.computing import computed_once
    from relais.simulation.ledgers import memory_ledger, sqlite_ledgers

    with computed_once():
        if sqlite:
            with sqlite_ledgers() as ledger:
                yield ledger
        else:
            yield memory_ledger
