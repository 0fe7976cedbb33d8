"""What picking up by SFTP costs, on a partner's account, beside OpenSSH's own `sftp`, round by round."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from connectors.background_loop import BackgroundLoop
from connectors.channels import FILE_NAME, read_channels
from connectors.sftp import sftp_mailbox
from connectors.sftp_account import Complete, Pickup, SftpAccount
from connectors.sftp_session import SftpSession
from data_contracts.errors import ConfigurationError, PartnerUnavailable

FOLDER = "relais-bench"
CHUNK_BYTES = 1 << 20
METHOD = (
    "Wall clock. Every file is read whole and written to a local file, by us as by `sftp -r`; round by round one after "
    "the other, so that other work on the machine meets both. In place: read only, as `sftp -r` does. Claimed: also "
    "renamed before and deleted after, which `sftp -r` does not do. CPU: of this process alone."
)


@dataclass(frozen=True)
class Round:
    """One measure of ours and the one of OpenSSH's `sftp` before it, in files or MB a second."""

    ours: float
    openssh: float
    cpu_seconds: float

    @property
    def ratio(self) -> float:
        return self.ours / self.openssh


@dataclass
class SftpFigures:
    """Rounds by kind; rates of small files in files a second, of the large one in MB (1,000,000 bytes) a second."""

    files: int
    file_bytes: int
    large_bytes: int
    in_place: list[Round] = field(default_factory=list)
    claimed: list[Round] = field(default_factory=list)
    large: list[Round] = field(default_factory=list)


def bench_account(home: Path, partner_code: str | None) -> SftpAccount:
    """The SFTP account of a partner, or the first one of the home.

    Errors   ConfigurationError when the home describes none.
    """
    accounts = read_channels(home.absolute()).sftp
    code = partner_code or next(iter(accounts), "")
    if code not in accounts:
        raise ConfigurationError(
            "no such SFTP account is described",
            where=str(home / FILE_NAME),
            value=code,
            remedy="describe one; our own: python -m infra.openssh.service up --partners AAA111 --channels HOME",
        )
    return accounts[code]


def sftp_figures(
    account: SftpAccount, *, files: int, file_bytes: int, large_bytes: int, rounds: int, done: Callable[[], None]
) -> SftpFigures:
    """Figures of so many rounds, in a folder of their own that is removed afterwards.

    Errors   ConfigurationError when OpenSSH's `sftp` is absent; PartnerUnavailable and PartnerRefused.
    Cost     four times the files written or read for each round.
    """
    if shutil.which("sftp") is None:
        raise ConfigurationError("OpenSSH's client is absent", where="sftp", remedy="install openssh-client")
    folder = f"{account.pickup_folder.rstrip('/')}/{FOLDER}"
    account = replace(account, complete=Complete.RENAMED, pickup_folder=folder)
    figures = SftpFigures(files, file_bytes, large_bytes)
    bench = _Bench(account)
    try:
        bench.cleared()
        for _ in range(rounds):
            bench.filled(files, file_bytes)
            openssh = files / bench.by_openssh()
            figures.in_place.append(bench.ours(replace(account, pickup=Pickup.LEAVE), files, openssh))
            openssh = files / bench.by_openssh()
            figures.claimed.append(bench.ours(replace(account, pickup=Pickup.CLAIM), files, openssh))
            bench.cleared()
            done()
        bench.filled(1, large_bytes)
        for _ in range(rounds):
            megabytes = large_bytes / 1e6
            openssh = megabytes / bench.by_openssh()
            figures.large.append(bench.ours(replace(account, pickup=Pickup.LEAVE), megabytes, openssh))
            done()
    finally:
        bench.close()
    return figures


class _Bench:
    """The account's bench folder: filled, read by both, removed."""

    def __init__(self, account: SftpAccount) -> None:
        self._account = account
        self._loop = BackgroundLoop()
        self._session = SftpSession(account)
        self._known_hosts = tempfile.NamedTemporaryFile("w", prefix="relais-known-")  # noqa: SIM115
        host = f"[{account.host}]:{account.port}"
        self._known_hosts.writelines(f"{host} {key}\n" for key in account.host_keys)
        self._known_hosts.flush()

    def cleared(self) -> None:
        """Nothing; the folder is gone."""

        async def work() -> None:
            client = (await self._session.opened()).reading
            await client.rmtree(self._account.pickup_folder, ignore_errors=True)

        self._loop.run(work())

    def filled(self, count: int, size_bytes: int) -> None:
        """Nothing; so many files lie in the folder, the same every time."""
        data = random.Random(count).randbytes(min(size_bytes, CHUNK_BYTES))
        data = (data * (size_bytes // len(data) + 1))[:size_bytes]

        async def work() -> None:
            client = (await self._session.opened()).reading
            await client.makedirs(self._account.pickup_folder, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="relais-bench-") as local:
                for number in range(count):
                    (Path(local) / f"flow{number:06d}").write_bytes(data)
                names = (str(path) for path in sorted(Path(local).iterdir()))
                while some := list(islice(names, 1_000)):
                    await client.put(some, self._account.pickup_folder)

        self._loop.run(work())

    def by_openssh(self) -> float:
        """Seconds that `sftp -r` takes for the folder, its login among them."""
        account = self._account
        with tempfile.TemporaryDirectory(prefix="relais-bench-") as local:
            command = ["sftp", "-q", "-r", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"]
            command += ["-o", f"UserKnownHostsFile={self._known_hosts.name}", "-i", str(account.key_file)]
            address = f"{account.user}@{account.host}:{account.pickup_folder}"
            began = time.perf_counter()
            done = subprocess.run(
                [*command, "-P", str(account.port), address, f"{local}/all"], capture_output=True, text=True
            )
            seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise PartnerUnavailable(
                "OpenSSH's sftp could not read the folder",
                where=account.place(account.pickup_folder),
                value=done.stderr.strip()[-300:],
                remedy="it needs a key without passphrase, and no certificate",
            )
        return seconds

    def ours(self, account: SftpAccount, amount: float, openssh: float) -> Round:
        """A round of ours over the folder, its login among it."""
        with tempfile.TemporaryDirectory(prefix="relais-bench-") as local:
            began, cpu = time.perf_counter(), time.process_time()
            mailbox = sftp_mailbox([account])
            for deposit in mailbox.incoming():
                with mailbox.open(deposit) as stream, (Path(local) / deposit.name).open("wb") as target:
                    digest = hashlib.sha256()
                    while chunk := stream.read(CHUNK_BYTES):
                        digest.update(chunk)
                        target.write(chunk)
                mailbox.remove(deposit)
            mailbox.close()
            seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        return Round(amount / seconds, openssh, cpu_seconds)

    def close(self) -> None:
        with suppress(PartnerUnavailable):
            self.cleared()
        self._loop.run(self._session.close())
        self._loop.stop()
        self._known_hosts.close()


def sftp_tables(figures: SftpFigures) -> list[RenderableType]:
    """The table of what was measured, and how."""
    table = Table("picking up", "round", "Relais", "sftp -r", "ratio", "our CPU", box=SIMPLE_HEAD)
    small = f"{figures.files:,} files of {figures.file_bytes:,} bytes"
    large = f"one file of {figures.large_bytes / 1e6:,.0f} MB"
    for label, unit, rounds in (
        (f"{small}, in place", "files/s", figures.in_place),
        (f"{small}, claimed and deleted", "files/s", figures.claimed),
        (large, "MB/s", figures.large),
    ):
        for number, row in enumerate(rounds, 1):
            rates = (f"{row.ours:,.0f} {unit}", f"{row.openssh:,.0f} {unit}", f"{row.ratio:.2f}")
            table.add_row(label if number == 1 else "", str(number), *rates, f"{row.cpu_seconds:.2f} s")
    return [table, Text(METHOD)]


def sftp_json(figures: SftpFigures) -> dict[str, Any]:
    """The same as data."""
    return {"method": METHOD, **asdict(figures)}
