"""The servers of `make run PROFILE=servers`, each in a folder of the run's home: `python -m infra.servers.stand down`.

PostgreSQL, OpenSSH, SeaweedFS and our AS2 gateway; and for each AS2 partner of the sample a django-pyas2 of its own.
All listen on 127.0.0.1 alone, keep their ports, and may be killed and started again.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from data_contracts.errors import ConfigurationError
from infra.airflow.processes import is_alive
from infra.airflow.service import ROOT, Say
from infra.as2 import gateway
from infra.as2.peer import Peer, PeerAbsent, installed
from infra.openssh import server as openssh
from infra.postgresql.cluster import Cluster, ClusterFailed, PostgresqlAbsent
from infra.seaweedfs import server as seaweedfs
from infra.servers.certificates import own_key, shown
from infra.servers.spread import Kind, partners_by

HOST = "127.0.0.1"
OUR_ID = "RELAIS"
POSTGRESQL_TRIES = 20
"""After a kill -9 its children may hold the shared memory for some seconds more."""


class Stand:
    """The servers of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.place = home / "servers"
        self.cluster = Cluster(self.place / "postgresql")
        self.sshd = openssh.placed(self.place / "openssh")
        self.weed = seaweedfs.ObjectServer(self.place / "seaweedfs")
        self.certificates = self.place / "certificates"

    @cached_property
    def peers(self) -> dict[str, Peer]:
        """The AS2 partners by code, their environment installed.

        Errors   ConfigurationError when it cannot be.
        """
        try:
            python = installed()
        except PeerAbsent as error:
            raise ConfigurationError(
                "the AS2 partner's environment cannot be made", where="infra/lock/as2_peer.txt", value=str(error),
                remedy="see what the installer says; it needs a package index",
            ) from error  # fmt: skip
        own_key(self.certificates, OUR_ID)
        return {code: self._peer(code, python) for code in partners_by(Kind.AS2)}

    @property
    def gateway_port(self) -> int:
        """The port of the AS2 gateway, which partners know: chosen once."""
        path = self.place / "gateway.port"
        if not path.exists():
            with socket.socket() as probe:
                probe.bind((HOST, 0))
                path.write_text(str(probe.getsockname()[1]))
        return int(path.read_text())

    @property
    def gateway_url(self) -> str:
        return f"http://{HOST}:{self.gateway_port}/as2"

    def up(self, say: Say) -> None:
        """Nothing; all servers answer, but for the gateway, which needs a home that names the others.

        Errors   ConfigurationError when a program is absent and cannot be installed, or a server does not come up.
        """
        begun = time.monotonic()
        self.place.mkdir(parents=True, exist_ok=True)
        for name, started in self._starts().items():
            if name != "gateway":
                started()
        for peer in self.peers.values():
            _told(peer.start, PeerAbsent)
        names = f"PostgreSQL, OpenSSH, SeaweedFS and {len(self.peers)} AS2 partners"
        say(f"{names} are up after {time.monotonic() - begun:.0f} s")

    def gateway_up(self) -> None:
        """Nothing; the gateway answers.

        Errors   ConfigurationError with the end of its log when it does not.
        """
        try:
            gateway.start_gateway(self.home, self.gateway_port)
        except gateway.GatewayFailed as error:
            raise ConfigurationError(
                "the AS2 gateway does not come up", where=str(self.home / gateway.LOG), value=str(error)[-300:],
                remedy="correct what the log names",
            ) from error  # fmt: skip

    def look_after(self, say: Say) -> None:
        """Nothing; what died is started again, or will be at the next look if it does not come up."""
        alive = {
            "PostgreSQL": self.cluster.is_up,
            "sshd": lambda: is_alive(self.sshd.component),
            "weed": lambda: is_alive(self.weed.component),
            "gateway": lambda: gateway.is_up(self.home),
        }
        starts, waits = self._starts(), False
        for name, runs in alive.items():
            # The gateway does not come up without the others, and to wait for it would keep them waiting.
            if runs() or (waits and name == "gateway"):
                continue
            say(f"{name} ended; starting it again")
            try:
                starts[name]()
            except ConfigurationError as error:
                waits = True
                say(f"{name} does not come up yet: {error.value[-200:] or error.what}")

    def down(self) -> None:
        """Nothing; all have ended, and what they hold stays."""
        gateway.stop_gateway(self.home)
        if (self.place / "certificates").exists():
            # Not `peers`: to stop them needs no environment.
            for code in partners_by(Kind.AS2):
                self._peer(code, Path(sys.executable)).stop()
        openssh.stop_server(self.sshd)
        seaweedfs.stop_server(self.weed)
        if self.cluster.data.exists():
            _told(self.cluster.stop, ClusterFailed)

    def clear(self) -> None:
        """Nothing; all have ended, and what lies outside of the home for them is gone."""
        self.down()
        if not self.sshd.place.is_relative_to(self.home):
            shutil.rmtree(self.sshd.place, ignore_errors=True)

    def _starts(self) -> dict[str, Callable[[], None]]:
        return {
            "PostgreSQL": self._postgresql_up,
            "sshd": lambda: openssh.start_server(openssh.prepared(self.place / "openssh")),
            "weed": lambda: seaweedfs.start_server(seaweedfs.prepared(self.weed.place)),
            "gateway": self.gateway_up,
        }

    def _postgresql_up(self) -> None:
        usual = self.cluster.port if (self.cluster.folder / "port").exists() else None
        tries = POSTGRESQL_TRIES if usual else 1
        for left in reversed(range(tries)):
            try:
                self.cluster.start(port=usual)
                return
            except PostgresqlAbsent as error:
                raise ConfigurationError(
                    "PostgreSQL is absent", where="postgresql", value=str(error),
                    remedy="as root: apt-get install --no-install-recommends postgresql",
                ) from error  # fmt: skip
            except ClusterFailed as error:
                if not left:
                    raise ConfigurationError(
                        "PostgreSQL does not come up", where=str(self.cluster.folder / "server.log"), value=str(error),
                        remedy="correct what the log names",
                    ) from error  # fmt: skip
                time.sleep(0.5)

    def _peer(self, code: str, python: Path) -> Peer:
        values = {
            "own_id": code, "partner_id": OUR_ID, "url": self.gateway_url, "cipher": "aes_256_cbc",
            "digest": "sha256", "receipt": "SYNC", "key": str(own_key(self.certificates, code)),
            "certificate": str(shown(self.certificates, OUR_ID)),
        }  # fmt: skip
        return Peer(self.place / "partners" / code, values, python)


def _told(action: Callable[[], None], kind: type[Exception]) -> None:
    try:
        action()
    except kind as error:
        raise ConfigurationError(
            "a server of the stand failed", where="infra/servers", value=str(error), remedy="see its log"
        ) from error


def main() -> int:
    """Exit code 0, or 3 when a server cannot be stopped."""
    parser = argparse.ArgumentParser(prog="python -m infra.servers.stand", description=__doc__)
    parser.add_argument("action", choices=["down"])
    parser.add_argument("home", type=Path, nargs="?", default=ROOT / "var" / "run")
    given = parser.parse_args()
    if (given.home / "servers").exists():
        try:
            Stand(given.home.resolve()).down()
        except ConfigurationError as error:
            print(error, file=sys.stderr)
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
