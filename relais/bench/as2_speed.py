"""What AS2 costs: messages received a second by a gateway in a process of its own, over HTTP on loopback."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
from rich.box import SIMPLE_HEAD
from rich.table import Table

from connectors.as2.certificates import OwnCertificate
from connectors.as2.key_making import certificate_pem, self_signed, write_key
from connectors.as2.message import Form, Keys, pack
from connectors.as2.receipt import read_receipt
from data_contracts.errors import ConfigurationError, ContractBroken

PARTNER, THEM, US = "BENCH0", "bench-partner", "bench-relais"
START_SECONDS_MAX = 60
KEY_BITS = 2_048
"""Bits of both keys, as most partners have."""
METHOD = (
    f"Messages signed (SHA-256, RSA {KEY_BITS:,}), encrypted (AES-256) and compressed before the clock starts; each "
    "posted on one of the connections, and answered with a signed synchronous receipt once its payload, its record and "
    "the receipt are durable. All receipts are verified afterwards, MIC included. CPU: of the gateway alone; senders "
    "share the machine."
)
_LISTENS = re.compile(r"listens on \S+:(\d+)\n")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class As2Speed:
    """One measurement. `latencies_seconds` are those of single messages, `cpu_seconds` of the gateway for all."""

    messages: int
    payload_bytes: int
    connections: int
    seconds: float
    cpu_seconds: float
    latencies_seconds: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    def percentile(self, percent: int) -> float:
        """Seconds within which so many of a hundred messages were answered."""
        return quantiles(self.latencies_seconds, n=100)[percent - 1]


def received(folder: Path, messages: int, payload_bytes: int, connections: int, progress: Progress) -> As2Speed:
    """How fast a gateway of a home made in the folder receives.

    Errors   ContractBroken when a receipt is not what it must be: then the figures mean nothing.
    """
    ours, theirs = _made_key("ours"), _made_key("theirs")
    _write_home(folder, ours, theirs)
    process, port = _started(folder)
    try:
        prepared = [_message(ours, theirs, number, payload_bytes) for number in range(messages)]
        before, began = _cpu_seconds(process.pid), time.perf_counter()
        answers = _posted(f"http://127.0.0.1:{port}/as2", prepared, connections, progress)
        seconds, cpu_seconds = time.perf_counter() - began, _cpu_seconds(process.pid) - before
    finally:
        process.terminate()
        process.wait()
    keys = Keys((theirs,), (ours,))
    for (headers, _, mic), (answer, _) in zip(prepared, answers, strict=True):
        read = read_receipt(answer.headers, answer.content, keys, datetime.now(UTC))
        if not read.is_positive or (read.message_id, read.mic) != (headers["Message-ID"], mic):
            raise ContractBroken("a receipt does not prove its message", where=read.message_id, value=read.disposition)
    latencies = tuple(latency for _, latency in answers)
    return As2Speed(messages, payload_bytes, connections, seconds, cpu_seconds, latencies)


def as2_table(rows: Sequence[As2Speed]) -> Table:
    """A table of measurements."""
    table = Table("connections", "messages", "bytes", "a second", "CPU ms each", "p50 ms", "p99 ms", box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(
            str(row.connections), f"{row.messages:,}", f"{row.payload_bytes:,}", f"{row.per_second:,.0f}",
            f"{1000 * row.cpu_seconds / row.messages:.1f}", f"{1000 * row.percentile(50):.0f}",
            f"{1000 * row.percentile(99):.0f}",
        )  # fmt: skip
    return table


def as2_json(rows: Sequence[As2Speed]) -> dict[str, Any]:
    """The same as data."""
    return {
        "method": METHOD,
        "measured": [
            {
                "connections": row.connections,
                "messages": row.messages,
                "payload_bytes": row.payload_bytes,
                "per_second": row.per_second,
                "cpu_seconds_each": row.cpu_seconds / row.messages,
                "p50_seconds": row.percentile(50),
                "p99_seconds": row.percentile(99),
            }
            for row in rows
        ],
    }


def _message(ours: OwnCertificate, theirs: OwnCertificate, number: int, size: int) -> tuple[dict[str, str], bytes, str]:
    # Compresses to about a fifth, as invoices do.
    words = random.Random(number)
    payload = "".join(f"<Line>{words.randrange(10**6):06d}</Line>\n" for _ in range(1 + size // 20)).encode()[:size]
    packed = pack(payload, f"FSO1100A_{PARTNER}_{number:020d}", Form(theirs, ours), datetime.now(UTC))
    headers = {
        "AS2-Version": "1.2",
        "AS2-From": THEM,
        "AS2-To": US,
        "Message-ID": f"<{number}@bench>",
        "Disposition-Notification-To": "bench",
        "Disposition-Notification-Options": (
            "signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, sha-256"
        ),
        **packed.headers,
    }
    return headers, b"".join(packed.body), packed.mic


def _posted(
    url: str, prepared: Sequence[tuple[dict[str, str], bytes, str]], connections: int, progress: Progress
) -> list[tuple[httpx.Response, float]]:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    with httpx.Client(trust_env=False, timeout=60, limits=limits) as client, ThreadPoolExecutor(connections) as pool:

        def post(message: tuple[dict[str, str], bytes, str]) -> tuple[httpx.Response, float]:
            began = time.perf_counter()
            answer = client.post(url, headers=message[0], content=message[1])
            latency = time.perf_counter() - began
            progress(1)
            return answer, latency

        return list(pool.map(post, prepared))


def _made_key(name: str) -> OwnCertificate:
    today = datetime.now(UTC)
    return self_signed(name, today - timedelta(days=1), today + timedelta(days=2), KEY_BITS)


def _write_home(folder: Path, ours: OwnCertificate, theirs: OwnCertificate) -> None:
    write_key(ours, folder / "ours.pem")
    (folder / "theirs.crt").write_bytes(certificate_pem(theirs))
    (folder / "channels.toml").write_text(
        f'[partners.{PARTNER}.as2]\nas2_id = "{THEM}"\nour_id = "{US}"\nkeys = ["ours.pem"]\n'
        'certificates = ["theirs.crt"]\n'
    )


def _started(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "gateway.log"
    command = [sys.executable, "-m", "relais", "as2", "serve", "--home", str(folder), "--port", "0"]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stderr=stream)
    limit = time.monotonic() + START_SECONDS_MAX
    while not (found := _LISTENS.search(log.read_text())) or not _answers(int(found[1])):
        if process.poll() is not None or time.monotonic() > limit:
            process.kill()
            process.wait()
            raise ConfigurationError(
                "the gateway did not start", where="relais as2 serve", value=log.read_text()[-500:].strip()
            )
        time.sleep(0.05)
    return process, int(found[1])


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    except httpx.HTTPError:
        return False
    return True


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
