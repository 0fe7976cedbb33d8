"""Start, stop and look at Airflow on one machine, without root: `python -m infra.airflow.service up|down|status`.

Three processes: API server, scheduler (which runs the tasks), DAG processor. No triggerer: no DAG defers. All that
Airflow writes lies in its home; nothing outside of it is touched.
"""

from __future__ import annotations

import argparse
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from infra.airflow import processes
from infra.airflow.client import AirflowUnreachable, Client
from infra.airflow.settings import configuration, secret_keys, write_private

ROOT = Path(__file__).resolve().parents[2]
PORT_DEFAULT = 8080
PORTS_TRIED = 100
READY_SECONDS_MAX = 180.0
TURN_SECONDS = 5.0
STOP_PATIENCE_SECONDS = 8.0
"""A task gets this long to end by itself. Killing it does no harm: it is run again and its work replaces itself."""

COMMANDS = {
    "api-server": ["api-server"],
    # Logs are read from the folder; the server that would offer them to other machines listens on every address.
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Service:
    """One Airflow: its home, the DAG folder, and the home of Relais that its tasks work in."""

    home: Path
    dags: Path
    relais_home: Path

    @property
    def components(self) -> dict[str, processes.Component]:
        return {name: processes.Component(name, self.home) for name in COMMANDS}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port()}"

    @property
    def client(self) -> Client:
        return Client(self.url)

    def running(self) -> list[str]:
        """Names of the components that run."""
        return [name for name, component in self.components.items() if processes.is_alive(component)]

    def tasks(self) -> list[psutil.Process]:
        """Processes that do tasks now: what the scheduler's workers started."""
        leader = processes.leader(self.components["scheduler"])
        try:
            workers = [] if leader is None else leader.children()
            found = [process for worker in workers for process in worker.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
        return sorted(found, key=lambda process: process.pid)

    def restart_scheduler(self, say: Say) -> None:
        """Nothing; the scheduler and its workers are killed and started anew. Its tasks are queued again."""
        processes.stop([self.components["scheduler"]], 0.0)
        self.up(say)

    def up(self, say: Say, port: int | None = None) -> None:
        """Start what does not run yet and return once Airflow is ready.

        Errors   AirflowUnreachable when it does not become ready; its text says where the logs lie.
        """
        running = self.running()
        missing = [name for name in COMMANDS if name not in running]
        if not missing:
            say(f"Airflow is already running: {self.url}")
        else:
            begun = time.monotonic()
            processes.stop([self.components[name] for name in missing], 0.0)
            if not running:
                self._configure(port)
            self._prepare_database(say)
            for name in missing:
                if name != "scheduler":
                    self._start(name)
            # Last, and once the API answers: a task that starts before would sit in a slot and wait for it.
            if "scheduler" in missing:
                self._await(self.client.await_answer)
                self._disown_lost_tasks()
                self._start("scheduler")
            dag_ids = {path.stem for path in self.dags.glob("[a-z]*.py")}
            self._await(lambda seconds: self.client.await_ready(dag_ids, seconds))
            say(f"Airflow is ready after {time.monotonic() - begun:.0f} s: {self.url}")

    def down(self, say: Say) -> None:
        """Stop all components, tasks included."""
        running = self.running()
        processes.stop(list(self.components.values()), STOP_PATIENCE_SECONDS)
        say("Airflow is stopped" if running else "Airflow was not running")

    def _port(self) -> int:
        path = self.home / "port"
        return int(path.read_text()) if path.exists() else PORT_DEFAULT

    def _configure(self, port: int | None) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        chosen = port or _free_port(self._port())
        (self.home / "port").write_text(str(chosen))
        keys = secret_keys(self.home)
        write_private(self.home / "airflow.cfg", configuration(self.home, self.dags, chosen, keys))

    def _prepare_database(self, say: Say) -> None:
        done = self.home / "database.version"
        wanted = version("apache-airflow-core")
        if done.exists() and done.read_text() == wanted and (self.home / "airflow.db").exists():
            return
        say("Airflow prepares its database")
        log = self.home / "logs" / "database.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            command = [sys.executable, "-m", "airflow", "db", "migrate"]
            code = subprocess.run(command, env=self._env(), cwd=self.home, stdout=out, stderr=out, check=False)
        if code.returncode != 0:
            raise AirflowUnreachable(f"Airflow could not prepare its database; see {log}")
        done.write_text(wanted)

    def _disown_lost_tasks(self) -> None:
        """A scheduler that was killed still stands as running in the database, and its tasks as being worked on, until
        its heartbeat is old. No scheduler of this home runs now: saying so lets the new one queue them again at once.
        """
        with sqlite3.connect(self.home / "airflow.db", timeout=30) as database:
            database.execute("UPDATE job SET state = 'failed' WHERE job_type = 'SchedulerJob' AND state = 'running'")
        database.close()

    def _start(self, name: str) -> None:
        processes.start(self.components[name], [sys.executable, "-m", "airflow", *COMMANDS[name]], self._env())

    def _await(self, waited: Callable[[float], None]) -> None:
        """Wait in short turns and look in between whether what was started still runs."""
        started = self.running()
        deadline = time.monotonic() + READY_SECONDS_MAX
        while True:
            try:
                waited(TURN_SECONDS)
                return
            except AirflowUnreachable as error:
                dead = sorted(set(started) - set(self.running()))
                reason = f"{', '.join(dead)} ended at the start" if dead else str(error)
                if dead or time.monotonic() > deadline:
                    raise AirflowUnreachable(f"{reason}; logs: {self.home / 'logs'}") from error

    def _env(self) -> dict[str, str]:
        """The environment of Airflow's processes: the caller's, less what would steer Python or Airflow elsewhere."""
        dropped = ("AIRFLOW", "XDG_", "PYTHON", "GX_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return kept | {
            "AIRFLOW_HOME": str(self.home),
            "HOME": str(self.home),
            "RELAIS_HOME": str(self.relais_home),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "infra" / "airflow" / "config"), str(ROOT)]),
            "PYTHONNOUSERSITE": "1",
            "PYTHONUNBUFFERED": "1",
            "GX_ANALYTICS_ENABLED": "False",
        }


def local(relais_home: Path | None = None, root: Path = ROOT) -> Service:
    """The Airflow of this checkout."""
    var = root / "var"
    return Service(home=var / "airflow", dags=root / "dags", relais_home=relais_home or var / "run")


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AirflowUnreachable(f"no free port between {wanted} and {wanted + PORTS_TRIED}")


def main() -> int:
    """Exit code 0, or 3 when Airflow does not come up."""
    parser = argparse.ArgumentParser(prog="python -m infra.airflow.service", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status"])
    parser.add_argument("--port", type=int, help=f"port of the web page on 127.0.0.1 (default: {PORT_DEFAULT} or next)")
    parser.add_argument("--relais-home", type=Path, help="home of Relais that the tasks work in (default: var/run)")
    given = parser.parse_args()
    service = local(given.relais_home.resolve() if given.relais_home else None)
    try:
        if given.action == "up":
            if not (service.relais_home / "relais.toml").is_file():
                raise AirflowUnreachable(f"{service.relais_home} holds no relais.toml; `make run` writes one")
            service.up(print, given.port)
        elif given.action == "down":
            service.down(print)
        else:
            running = service.running()
            print(f"running: {', '.join(running) or 'nothing'}" + (f" ({service.url})" if running else ""))
    except AirflowUnreachable as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
