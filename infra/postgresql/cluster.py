"""A private PostgreSQL cluster in a folder of ours: on loopback alone, with a password of its own.

`python -m infra.postgresql.cluster up|down|url FOLDER`. Debian's programs are installed when they are absent and we are
root. PostgreSQL refuses to run as root: then its processes belong to the user `postgres`, else to whoever calls.
"""

from __future__ import annotations

import argparse
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql")
SERVICE_USER = "postgres"
OWNER = "relais"
"""The database role that owns the cluster, and the name of its first database."""

HOST = "127.0.0.1"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "lc_messages": "C",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",  # a full page is written to the log again after each checkpoint: few of them in bulk work
    "checkpoint_timeout": "15min",
}
START_SECONDS_MAX = 60
PORTS_TRIED = 5
NO_CLUSTER_OF_DEBIANS = Path("/etc/postgresql-common/createcluster.conf")


class PostgresqlAbsent(Exception):
    """PostgreSQL is neither here nor installable; `str()` says why."""


class ClusterFailed(Exception):
    """A program of PostgreSQL failed; `str()` holds what it said."""


@dataclass(frozen=True)
class Cluster:
    """`folder` holds `data/`, `password` (mode 600), `port` and `server.log`."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def url(self, database: str = OWNER) -> str:
        """The address that `ledger_url` takes, password included."""
        password = (self.folder / "password").read_text()
        return f"postgresql+psycopg://{OWNER}:{password}@{HOST}:{self.port}/{database}"

    def is_up(self) -> bool:
        """Whether the server runs."""
        return self.data.exists() and _run(["pg_ctl", "-D", str(self.data), "status"], may_fail=True) == 0

    def start(self, settings: Mapping[str, str] | None = None, port: int | None = None) -> None:
        """Start the server, made first if the folder is new; a no-op when it runs. Without a port, any free one.

        Errors   PostgresqlAbsent, ClusterFailed.
        """
        _installed()
        self._make()
        if self.is_up():
            return
        options = SETTINGS | dict(settings or {})
        for left in reversed(range(PORTS_TRIED if port is None else 1)):
            taken = _free_port() if port is None else port
            spelled = " ".join(f"-c {name}='{value}'" for name, value in {**options, "port": str(taken)}.items())
            command = ["pg_ctl", "-D", str(self.data), "-l", str(self.folder / "server.log"), "-o", spelled]
            try:
                _run([*command, "-w", "-t", str(START_SECONDS_MAX), "start"])
            except ClusterFailed:
                if not left or "could not bind" not in self._log():
                    raise
                continue  # someone else took the port between our look and the server's
            (self.folder / "port").write_text(str(taken))
            return

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; a no-op when it does not run. `mode` immediate is a crash: recovery follows at the start."""
        if self.is_up():
            _run(["pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", str(START_SECONDS_MAX), "stop"])

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.data.exists():
            return
        user = _user()
        shutil.chown(self.folder, user, pwd.getpwnam(user).pw_gid)
        self.folder.chmod(0o700)
        if _run(["test", "-w", str(self.folder)], may_fail=True):
            raise ClusterFailed(f"{self.folder}: user {user} cannot get there; choose a folder outside of private ones")
        part = self.folder / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16))
        shutil.chown(password, user)
        made = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--username={OWNER}", f"--pwfile={password}"]
        _run_heard(["initdb", "-D", str(part), "--data-checksums", *made])
        _run_heard(["postgres", "--single", "-j", "-D", str(part), "postgres"], f"CREATE DATABASE {OWNER};\n\n")
        part.rename(self.data)  # a cluster half made is made again

    def _log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""


def install() -> None:
    """Nothing; PostgreSQL's programs are there. Debian's own cluster is not made: it would listen on a port.

    Errors   PostgresqlAbsent when we are not root, or there is no Debian, or it has no package to give.
    """
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        raise PostgresqlAbsent("PostgreSQL is not installed, and only root on Debian can install it")
    if not NO_CLUSTER_OF_DEBIANS.exists():
        NO_CLUSTER_OF_DEBIANS.parent.mkdir(parents=True, exist_ok=True)
        NO_CLUSTER_OF_DEBIANS.write_text("create_main_cluster = false\n")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    kept = ["-o", "Dpkg::Options::=--force-confold"]
    for command in (["update"], ["install", "-y", "--no-install-recommends", *kept, "postgresql"]):
        done = subprocess.run([apt, "-qq", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PostgresqlAbsent(f"apt-get {command[0]} failed: {done.stderr.strip()[-500:]}")


def _installed() -> Path:
    """The folder of the newest PostgreSQL's programs."""
    found = _programs()
    if found is None:
        install()
        found = _programs()
    if found is None:
        raise PostgresqlAbsent(f"no initdb under {PROGRAMS} after the installation")
    return found


def _programs() -> Path | None:
    def version(folder: Path) -> int:
        return int(re.sub(r"\D.*", "", folder.name) or 0)

    found = [folder / "bin" for folder in sorted(PROGRAMS.glob("*"), key=version)]
    return next((folder for folder in reversed(found) if (folder / "initdb").exists()), None)


def _user() -> str:
    return SERVICE_USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _command(arguments: Sequence[str]) -> list[str]:
    program = _installed() / arguments[0]
    command = [str(program) if program.exists() else arguments[0], *arguments[1:]]
    return ["runuser", "-u", SERVICE_USER, "--", *command] if os.geteuid() == 0 else command


def _run(arguments: Sequence[str], *, may_fail: bool = False) -> int:
    """The exit code. Nothing is read: a server that we start keeps our outputs, and a pipe would never end."""
    done = subprocess.run(
        _command(arguments), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    if done.returncode and not may_fail:
        raise ClusterFailed(f"{' '.join(arguments[:3])} ended with {done.returncode}; see server.log beside the data")
    return done.returncode


def _run_heard(arguments: Sequence[str], said: str = "") -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}  # its errors in the words that we look for
    done = subprocess.run(
        _command(arguments), cwd="/", env=environment, input=said, capture_output=True, text=True, check=False
    )
    if done.returncode or "ERROR:" in done.stderr:
        raise ClusterFailed(f"{arguments[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 failed."""
    parser = argparse.ArgumentParser(prog="python -m infra.postgresql.cluster", description=__doc__)
    parser.add_argument("action", choices=("up", "down", "url"))
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    cluster = Cluster(asked.folder.absolute())
    began = time.monotonic()
    try:
        if asked.action == "up":
            cluster.start()
            print(f"PostgreSQL listens on {HOST}:{cluster.port} ({time.monotonic() - began:.1f} s)")
        elif asked.action == "down":
            cluster.stop()
        else:
            print(cluster.url())
    except (PostgresqlAbsent, ClusterFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
