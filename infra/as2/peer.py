"""A partner that we did not write: django-pyas2 as a live server and sender, in an environment of its own.

It is for tests and trials alone: GPL, and built on older versions of what Relais stands on. Pinned and hashed in
`infra/lock/as2_peer.txt`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.airflow.processes import Component, is_alive, start, stop

CHECKOUT = Path(__file__).parents[2]
LOCK = CHECKOUT / "infra" / "lock" / "as2_peer.txt"
ENVIRONMENT = CHECKOUT / "var" / "as2_peer"
SITE = Path(__file__).with_name("peer_site.py")
START_SECONDS_MAX = 60
RUN_SECONDS_MAX = 120


class PeerAbsent(Exception):
    """The peer is neither here nor installable; `str()` says why."""


def installed() -> Path:
    """The Python of the peer's environment, installed when the lock changed.

    Errors   PeerAbsent when it cannot be installed.
    """
    mark = ENVIRONMENT / f"installed-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    python = ENVIRONMENT / "bin" / "python"
    if mark.exists():
        return python
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        raise PeerAbsent("no uv beside this Python: make install")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    hashed = ["--require-hashes", "-r", str(LOCK)]
    for command in (
        [str(uv), "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)],
        [str(uv), "pip", "install", "--quiet", "--system-certs", "--python", str(python), *hashed],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PeerAbsent(f"{' '.join(command[1:3])} failed: {done.stderr.strip()[-500:]}")
    mark.touch()
    return python


@dataclass
class Peer:
    """A peer with a folder of its own. `values` as `peer_site.py` reads them: own_id, partner_id, key (PEM with its
    certificate), certificate (ours), url (where it sends), cipher, digest, receipt (SYNC or ASYNC)."""

    folder: Path
    values: dict[str, Any]
    python: Path

    @property
    def port(self) -> int:
        """The port of last time, which others know, or a free one."""
        path = self.folder / "port"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(str(_free_port()))
        return int(path.read_text())

    @property
    def url(self) -> str:
        """Where it receives messages and receipts."""
        return f"http://127.0.0.1:{self.port}/pyas2/as2receive"

    @property
    def component(self) -> Component:
        return Component("peer", self.folder)

    def start(self) -> None:
        """Nothing; it listens. Started again, it remembers what it received and sent."""
        if is_alive(self.component):
            return
        written = {**self.values, "receipt_url": self.url}
        (self.folder / "peer.json").write_text(json.dumps(written))
        prepared = self.folder / "prepared"
        if not prepared.exists():
            (self.folder / "peer.db").unlink(missing_ok=True)
            self._run("prepare")
            prepared.touch()
        start(self.component, self._command("serve", str(self.port)), _environment())
        limit = time.monotonic() + START_SECONDS_MAX
        while not _listens(self.port):
            if not is_alive(self.component) or time.monotonic() > limit:
                raise PeerAbsent(f"the peer did not start: {self.log()[-500:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Nothing; it is gone."""
        stop([self.component], patience_seconds=0)

    def send(self, path: Path, times: int = 1) -> None:
        """Nothing; a file went out so many times under one Message-ID, and the answers were read."""
        self._run("send", str(path), str(times))

    def send_all(self, folder: Path) -> None:
        """Nothing; the files of a folder went out, one after another, each until its receipt came. One that was sent by
        an earlier call is not sent again, or again under its Message-ID if its receipt did not come.

        Errors   PeerAbsent when a receipt does not come, or says no.
        """
        self._run("send_all", str(folder), seconds_max=RUN_SECONDS_MAX * 10)

    def post_receipts(self) -> None:
        """Nothing; asynchronous receipts that it owed were posted."""
        self._run("receipts")

    def messages(self) -> list[dict[str, Any]]:
        """What it received and sent, in order, with the receipts."""
        found: list[dict[str, Any]] = json.loads(self._run("state"))
        return found

    def inbox(self) -> list[tuple[str, Path]]:
        """Names and places of the files that it received, in order; one received twice is there twice."""
        return [(name, self.folder / "media" / place) for name, place in json.loads(self._run("inbox"))]

    def log(self) -> str:
        return self.component.log_file.read_text()

    def _run(self, *arguments: str, seconds_max: float = RUN_SECONDS_MAX) -> str:
        done = subprocess.run(
            self._command(*arguments), capture_output=True, text=True, check=False, env=_environment(),
            timeout=seconds_max,
        )  # fmt: skip
        if done.returncode:
            raise PeerAbsent(f"the peer failed to {arguments[0]}: {done.stderr.strip()[-1000:]}")
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return [str(self.python), str(SITE), str(self.folder), *arguments]


def _environment() -> dict[str, str]:
    """Nothing of ours: its Python must find its own packages."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "VIRTUAL_ENV"))
    }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
