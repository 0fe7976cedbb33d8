"""Processes that outlive the command that started them: each leads a session of its own and leaves a pid file.

A pid alone proves nothing, since the system gives numbers out again: the file also holds the process's start time.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

START_TIME_TOLERANCE_SECONDS = 0.05
POLL_SECONDS = 0.1

_started: list[subprocess.Popen[bytes]] = []
"""What this very process started and has to reap once it ended."""


@dataclass(frozen=True)
class Component:
    """One long-running process. Its pid file and log carry its name; `home` is its working directory."""

    name: str
    home: Path

    @property
    def pid_file(self) -> Path:
        return self.home / "pids" / f"{self.name}.json"

    @property
    def log_file(self) -> Path:
        return self.home / "logs" / f"{self.name}.log"


def start(component: Component, command: list[str], environment: dict[str, str]) -> None:
    """Start a component in a session of its own, its output appended to its log."""
    component.pid_file.parent.mkdir(parents=True, exist_ok=True)
    component.log_file.parent.mkdir(parents=True, exist_ok=True)
    with component.log_file.open("ab") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=component.home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _started.append(process)
    born = psutil.Process(process.pid).create_time()
    part = component.pid_file.with_suffix(".part")
    part.write_text(json.dumps({"pid": process.pid, "born": born}))
    part.replace(component.pid_file)


def is_alive(component: Component) -> bool:
    """Whether the process that the pid file names is the one that runs under this number."""
    return leader(component) is not None


def leftovers(component: Component) -> list[psutil.Process]:
    """Processes of the component's session, its leader among them, dead or alive.

    A session number is not given out again while one member lives, and a member works in the component's home:
    both are checked, so a stale pid file never points at a stranger.
    """
    record = _record(component)
    if record is None:
        return []
    if psutil.pid_exists(record[0]) and not _is_same(*record):
        return []
    return [process for process in psutil.process_iter() if _belongs(process, record[0], component.home)]


def stop(components: list[Component], patience_seconds: float) -> None:
    """Ask the leaders to end, wait, then kill all that is left of their sessions."""
    for component in components:
        leading = leader(component)
        if leading is not None:
            _quietly(leading.terminate)
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline and any(leftovers(component) for component in components):
        time.sleep(POLL_SECONDS)
    for component in components:
        while rest := leftovers(component):
            for process in rest:
                _quietly(process.kill)
            psutil.wait_procs(rest, timeout=1)
        component.pid_file.unlink(missing_ok=True)
    _started[:] = [process for process in _started if process.poll() is None]


def _record(component: Component) -> tuple[int, float] | None:
    try:
        record = json.loads(component.pid_file.read_text())
    except FileNotFoundError:
        return None
    return int(record["pid"]), float(record["born"])


def leader(component: Component) -> psutil.Process | None:
    """The process that leads the component's session; None when it does not run."""
    record = _record(component)
    if record is None or not _is_same(*record):
        return None
    process = psutil.Process(record[0])
    return None if process.status() == psutil.STATUS_ZOMBIE else process


def _is_same(pid: int, born: float) -> bool:
    try:
        return bool(abs(psutil.Process(pid).create_time() - born) < START_TIME_TOLERANCE_SECONDS)
    except psutil.NoSuchProcess:
        return False


def _belongs(process: psutil.Process, session: int, home: Path) -> bool:
    try:
        return (
            os.getsid(process.pid) == session
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()) == home
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError, PermissionError):
        return False


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return
