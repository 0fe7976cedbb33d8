"""The two acts of a run: suppliers' flows are carried to their answers; then public bodies answer the invoices of the
sample, and suppliers are told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from connectors.assembly import House
from connectors.settings import Settings
from data_contracts.interfaces import STATUS_CODES
from infra.airflow.client import AirflowUnreachable
from infra.airflow.service import Service
from infra.ground import Ground
from infra.watch import Stuck, Watch, watched
from relais.samples.statuses import TAKEN_WHOLE, write_statuses

LATER = "resent"
"""Sub-folder of files that are dropped once the others were picked up."""

STATUSES = "statuses"
"""Sub-folder of a run's home: the flows of the second act. It is there as soon as it is whole."""

WRITTEN_IN_PART = "statuses.part"


@dataclass(frozen=True)
class Manner:
    """How a run is carried, whatever it carries."""

    keep: bool
    compare: bool
    chaos_seconds: float
    seed: int


@dataclass(frozen=True)
class Stage:
    """Where both acts are played."""

    settings: Settings
    ports: House
    ground: Ground
    service: Service
    console: Console
    manner: Manner

    def carry(self, flows: Path) -> None:
        """Return once every flow is answered; files sent again are dropped when the first ones were picked up."""
        later = flows / LATER
        self.service.client.trigger("collect_flows")
        with self._watched(self.manner.seed) as watch:
            watch.until_picked_up()
            if later.is_dir() and self.ground.drop(later):
                self._collect_now()
                watch.until_picked_up()
            watch.until_answered()

    def answer(self) -> None:
        """Return once what public bodies say of the invoices delivered to them is recorded and told.

        Errors   Stuck when one of their flows was not taken whole.
        """
        folder = self._statuses()
        if not any(folder.iterdir()):
            return
        dropped = self.ground.drop(folder)
        self.console.print(f"Public bodies dropped {dropped} status flows")
        with self._watched(self.manner.seed + 1) as watch:
            self._collect_now()
            watch.until_picked_up()
            watch.until_answered()
        flows = [one.flow for one in self.ports.ledger.reports() if one.flow.interface_code in STATUS_CODES]
        if bad := [flow.name for flow in flows if flow.acknowledgment_code != TAKEN_WHOLE]:
            raise Stuck(f"{len(bad)} of {len(flows)} status flows were not taken whole: {', '.join(bad)}")

    def _statuses(self) -> Path:
        """The flows of the second act, written once: a run that is taken up drops the same bytes, and none twice."""
        folder = self.settings.home / STATUSES
        if not folder.exists():
            part = folder.with_name(WRITTEN_IN_PART)
            for left in part.glob("*"):
                left.unlink()
            self.ground.taken_home(self.ports)
            written = write_statuses(self.settings.mailbox_dir, part, now=self.ports.clock.now())
            part.rename(folder)
            self.console.print(
                f"{written.bodies} public bodies answer {written.invoices:,} invoices with {written.statuses:,} "
                f"statuses, and acknowledge {written.receipts:,} flows"
            )
        return folder

    @contextlib.contextmanager
    def _watched(self, seed: int) -> Iterator[Watch]:
        """The watch of one act. With chaos, something is killed so often meanwhile, and Airflow is whole at the end."""
        chaos_seconds, say = self.manner.chaos_seconds, self.console.print
        with contextlib.ExitStack() as killing:
            watch = killing.enter_context(
                watched(self.ports, self.ground, self.service, self.console, expects_kills=chaos_seconds > 0)
            )
            if chaos_seconds:
                killing.enter_context(self.ground.shaken(self.service, chaos_seconds, seed, say))
            yield watch
        if chaos_seconds:
            self.service.up(say)
            # What was killed last may still be on its way up.
            with watched(self.ports, self.ground, self.service, self.console, expects_kills=True) as calm:
                calm.until_answered()

    def _collect_now(self) -> None:
        """Nothing; `collect_flows` runs now, or within the minute if Airflow does not answer."""
        with contextlib.suppress(AirflowUnreachable):
            self.service.client.trigger("collect_flows")
