"""Gateways of AS2 tests as processes of their own, and homes on disk for them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from connectors.as2.certificates import OwnCertificate
from tests.connectors.as2_scenes import on_disk

START_SECONDS_MAX = 60
CHECKOUT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_home(folder: Path, code: str, ours: OwnCertificate, theirs: OwnCertificate, **values: str) -> Path:
    """A home whose one AS2 partner has these keys and values."""
    _, key = on_disk(folder / "keys", ours)
    certificate, _ = on_disk(folder / "certificates", theirs)
    lines = [
        f"[partners.{code}.as2]",
        f'keys = ["{key.relative_to(folder)}"]',
        f'certificates = ["{certificate.relative_to(folder)}"]',
        *(f'{name} = "{value}"' for name, value in values.items()),
    ]
    (folder / "channels.toml").write_text("\n".join(lines) + "\n")
    return folder


@dataclass
class GatewayProcess:
    """`relais as2 serve` of a home; started anew on the same port after a kill."""

    home: Path
    port: int
    command: tuple[str, ...] = ("-m", "relais", "as2", "serve")
    environment: Mapping[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/as2"

    def start(self) -> None:
        """Nothing; it listens."""
        with (self.home / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command, "--home", str(self.home), "--port", str(self.port)],
                cwd=CHECKOUT, stdout=log, stderr=log, env=self.environment,
            )  # fmt: skip
        limit = time.monotonic() + START_SECONDS_MAX
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < limit, self.log()
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(self.url, trust_env=False).status_code == 405
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """Nothing; it is gone, as by kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Its exit code, once told to end."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=30)

    def log(self) -> str:
        return (self.home / "gateway.log").read_text()
