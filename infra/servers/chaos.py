"""Chaos: kill -9 of something at random, again and again, while a run goes on. What is killed is seeded and told."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

import psutil

from infra.airflow.processes import leader
from infra.airflow.service import Say, Service
from infra.as2.gateway import PID
from infra.openssh.server import connections, kill_server
from infra.servers.stand import Stand


class Chaos:
    """In a `with` block, a thread that kills; the driver's watch starts again what died."""

    def __init__(self, stand: Stand, service: Service, every_seconds: float, seed: int, say: Say) -> None:
        self._stand = stand
        self._service = service
        self._every_seconds = every_seconds
        self._seed = seed
        self._draws = random.Random(seed)
        self._say = say
        self._ended = Event()
        self._thread = Thread(target=self._rounds, name="chaos", daemon=True)
        self.killed: Counter[str] = Counter()

    def __enter__(self) -> Chaos:
        self._say(f"Chaos: kill -9 every {self._every_seconds:g} s, seed {self._seed}")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        told = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        self._say(f"Chaos: {self.killed.total()} killed ({told})")

    def _rounds(self) -> None:
        # In a fixed order, so that the seed alone decides.
        victims: dict[str, Callable[[], bool]] = {
            "Airflow's scheduler": self._scheduler,
            "a task": self._task,
            "sshd": self._sshd,
            "PostgreSQL's postmaster": self._postmaster,
            "a PostgreSQL backend": self._backend,
            "weed": lambda: _killed(leader(self._stand.weed.component)),
            "the AS2 gateway": lambda: _killed(_process(self._stand.home / PID)),
        }
        while not self._ended.wait(self._every_seconds):
            name = self._draws.choice(list(victims))
            if victims[name]():
                self.killed[name] += 1
                self._say(f"Chaos: killed {name}")
            else:
                self._say(f"Chaos: {name} was to be killed, but none runs")

    def _scheduler(self) -> bool:
        return _killed(leader(self._service.components["scheduler"]))

    def _task(self) -> bool:
        return _killed(self._drawn(self._service.tasks()))

    def _sshd(self) -> bool:
        """Half of the time the whole server, else one of its connections."""
        serving = sorted(connections(self._stand.sshd), key=lambda process: process.pid)
        if serving and self._draws.random() < 0.5:
            return _killed(self._drawn(serving))
        alive = leader(self._stand.sshd.component) is not None
        kill_server(self._stand.sshd)
        return alive

    def _postmaster(self) -> bool:
        return _killed(self._postgresql())

    def _backend(self) -> bool:
        return _killed(self._drawn(_below(self._postgresql())))

    def _postgresql(self) -> psutil.Process | None:
        return _process(self._stand.cluster.data / "postmaster.pid")

    def _drawn(self, processes: list[psutil.Process]) -> psutil.Process | None:
        return self._draws.choice(processes) if processes else None


def _process(pid_file: Path) -> psutil.Process | None:
    """The process whose number is the first word of a file."""
    try:
        return psutil.Process(int(pid_file.read_text().split()[0]))
    except (FileNotFoundError, IndexError, psutil.NoSuchProcess):
        return None


def _below(process: psutil.Process | None) -> list[psutil.Process]:
    try:
        return [] if process is None else sorted(process.children(recursive=True), key=lambda row: row.pid)
    except psutil.NoSuchProcess:
        return []


def _killed(process: psutil.Process | None) -> bool:
    """Whether it was killed now."""
    try:
        if process is None or process.status() == psutil.STATUS_ZOMBIE:
            return False
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return False
    return True
