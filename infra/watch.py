"""Watch a run in the ledger until all is answered, and notice when it is not going to be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from connectors.assembly import House
from data_contracts.errors import TransientError
from infra.airflow.client import AirflowUnreachable
from infra.airflow.service import Service
from infra.ground import Ground

POLL_SECONDS = 0.5
HEALTH_EVERY_SECONDS = 5.0
IDLE_SECONDS_MAX = 90.0
"""Airflow begins tasks every minute, so this long without any it hangs: a worker of its executor that is killed while
it waits for work takes the lock of the queue with it, and no other gets any."""

STALL_SECONDS_MAX = 300.0
"""Nothing moved for this long: well above a lost task's way back (about 40 s) and above the check of one batch."""

RECONCILE_SECONDS_MAX = 600.0


class Stuck(Exception):
    """The run will not end by itself; the text says what failed."""


@dataclass
class Watch:
    """Progress of one run, read from the ledger and the drops; nothing is written.

    `expects_kills`: DAG runs may fail for good and components may not come up at once; what counts is that work moves.
    """

    ports: House
    ground: Ground
    service: Service
    expects_kills: bool
    say: Callable[[str], None]
    bar: Progress
    rows: dict[str, TaskID]
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _moved: float = field(default_factory=time.monotonic)
    _state: tuple[object, ...] = ()
    _looked: float = 0.0
    _worked: float = field(default_factory=time.monotonic)

    def until_picked_up(self) -> None:
        """Return once all that was dropped is in the ledger."""
        self._until(self._picked_up)

    def until_answered(self) -> None:
        """Return once no flow is pending and every answer is delivered."""
        self._until(self._looked_at)

    def _picked_up(self) -> bool:
        self._looked_at()
        return self.ground.picked_up(self.ports)

    def _until(self, reached: Callable[[], bool]) -> None:
        while True:
            with suppress(TransientError):  # Busy or away for once; a ledger that stays so counts as a stall.
                if reached():
                    return
            self._look_after()
            time.sleep(POLL_SECONDS)

    def _looked_at(self) -> bool:
        total = self.ports.ledger.reconciliation()
        open_batches = len(self.ports.ledger.open_batches())
        done = total.invoices_accepted + total.invoices_rejected + total.invoices_quarantined
        answered = total.flows_settled + total.flows_refused
        self._show("flows answered", answered, total.flows_received)
        self._show("invoices settled", done, total.invoices_received)
        self._show("answers delivered", total.answers_delivered, total.answers_owed)
        if self._state != (state := (total, open_batches)):
            self._state, self._moved = state, time.monotonic()
        return total.flows_received > 0 and not total.flows_pending and total.answers_owed == total.answers_delivered

    def _show(self, name: str, done: int, total: int) -> None:
        self.bar.update(self.rows[name], completed=done, total=total or None)

    def _look_after(self) -> None:
        now = time.monotonic()
        if now - self._looked < HEALTH_EVERY_SECONDS:
            return
        self._looked = now
        try:
            revive(self.service, self.say)
            self._wake()
        except AirflowUnreachable as error:
            if not self.expects_kills:
                raise
            self.say(f"Airflow is not up yet: {error}")
        if not self.expects_kills and (failed := failures(self.service, self.since)):
            raise Stuck(f"a run failed for good: {', '.join(failed)}")
        if now - self._moved > STALL_SECONDS_MAX:
            raise Stuck(f"nothing moved for {STALL_SECONDS_MAX:.0f} s: {self._state}")

    def _wake(self) -> None:
        """Nothing; a scheduler that begins no task any more is started anew."""
        now = time.monotonic()
        if self.service.tasks():
            self._worked = now
        elif now - max(self._worked, self._moved) > IDLE_SECONDS_MAX:
            self.say(f"Airflow began no task for {IDLE_SECONDS_MAX:.0f} s; starting its scheduler anew")
            self.service.restart_scheduler(self.say)
            self._worked = time.monotonic()


@contextmanager
def watched(
    ports: House, ground: Ground, service: Service, console: Console, *, expects_kills: bool = False
) -> Iterator[Watch]:
    """A watch whose progress is shown while the block lasts."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        names = ("flows answered", "invoices settled", "answers delivered")
        rows = {name: bar.add_task(name, total=None) for name in names}
        yield Watch(ports, ground, service, expects_kills, console.print, bar, rows)


def reconciled(days: Sequence[date], service: Service, console: Console) -> None:
    """Return once each day is reconciled.

    Errors   Stuck when a day's reconciliation fails.
    """
    for day in days:
        run_id = service.client.trigger("reconcile", day=day.isoformat())
        console.print(f"Reconciling {day}")
        deadline = time.monotonic() + RECONCILE_SECONDS_MAX
        while (state := _state(service, run_id)) != "success":
            if state == "failed":
                raise Stuck(f"the reconciliation of {day} failed: run {run_id} of reconcile")
            if time.monotonic() > deadline:
                raise Stuck(f"the reconciliation of {day} takes longer than {RECONCILE_SECONDS_MAX:.0f} s")
            revive(service, console.print)
            time.sleep(POLL_SECONDS)


def revive(service: Service, say: Callable[[str], None]) -> None:
    """Start again what ended of Airflow: its tasks are queued anew, and their work replaces itself."""
    running = service.running()
    if len(running) < len(service.components):
        say("A component of Airflow ended; starting it again")
        service.up(say)


def failures(service: Service, since: datetime) -> list[str]:
    """DAG runs that failed for good since a moment; none while Airflow does not answer."""
    try:
        return service.client.failed_runs(since)
    except AirflowUnreachable:
        return []


def _state(service: Service, run_id: str) -> str:
    try:
        return service.client.run_state("reconcile", run_id)
    except AirflowUnreachable:
        return "unknown"
