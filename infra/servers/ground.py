"""The ground of `make run PROFILE=servers`: real servers, and partners that come to them by their own channels."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Protocol, TypeVar

import asyncssh
from botocore.exceptions import BotoCoreError, ClientError

from connectors.as2.sent import Sending, SentRecords
from connectors.assembly import House
from connectors.settings import Settings, write
from data_contracts.errors import ConfigurationError, TransientError
from infra.airflow.service import Say, Service
from infra.servers.as2_partner import As2Partners
from infra.servers.channels_file import write_channels
from infra.servers.chaos import Chaos
from infra.servers.journal import Journal
from infra.servers.s3_partner import S3Partners, make_bucket
from infra.servers.sftp_partner import SftpPartners
from infra.servers.spread import SPREAD, Kind, partners_by
from infra.servers.stand import Stand
from relais.dropping import drop, flow_files, partner_of

STORE_BUCKET = "relais-store"
T = TypeVar("T")
LOOK_SECONDS = 1.0
"""Between two looks for servers that died."""

SENT_SECONDS_MAX = 1_500.0
"""A message in the hand of a gateway that was killed is taken up by another after ten minutes."""

AWAY_SECONDS_MAX = 60.0
"""A server that was killed is back by then."""


class Partners(Protocol):
    """The partners of one kind of channel, as they see it."""

    def prepare(self) -> None: ...

    def drop(self, code: str, sources: list[Path], journal: Journal) -> int: ...

    def take(self, code: str, out: Path) -> None: ...


class ServersGround:
    """`infra.ground.Ground` on the servers of a stand."""

    def __init__(self, home: Path) -> None:
        self.stand = stand = Stand(home)
        self._partners: dict[Kind, Partners] = {
            Kind.SFTP: SftpPartners(stand, partners_by(Kind.SFTP)),
            Kind.S3: S3Partners(stand, partners_by(Kind.S3)),
            Kind.AS2: As2Partners(stand),
        }
        self._settings: Settings | None = None
        self._dropped = 0

    def up(self, settings: Settings, say: Say) -> Settings:
        self.stand.up(say)
        for partners in self._partners.values():
            partners.prepare()
        make_bucket(self.stand, STORE_BUCKET)
        write_channels(self.stand)
        self._settings = replace(
            settings,
            ledger_url=self.stand.cluster.url(),
            store_url=f"s3://{STORE_BUCKET}",
            store_endpoint=self.stand.weed.endpoint,
            store_credentials_file=self.stand.weed.credentials_file,
        )
        write(self._settings)
        self.stand.gateway_up()
        return self._settings

    def drop(self, flows: Path) -> int:
        assert self._settings is not None, "dropped before the ground was up"
        by_partner: dict[str, list[Path]] = defaultdict(list)
        local = self._settings.home / "local" / flows.name
        local.mkdir(parents=True, exist_ok=True)
        for source in flow_files(flows):
            self._dropped += 1
            code = partner_of(source.name)
            if code in SPREAD:
                by_partner[code].append(source)
            elif not (local / source.name).exists():
                (local / source.name).symlink_to(source.resolve())
        journal = Journal(self._settings.home)
        dropped = 0
        for code, sources in sorted(by_partner.items()):
            there = self._partners[SPREAD[code].kind]
            dropped += self._patiently(partial(there.drop, code, sources, journal))
        if any(local.iterdir()):
            dropped += drop(local, self._settings.mailbox_dir, self._settings.home)
        return dropped

    def picked_up(self, ports: House) -> bool:
        reports = ports.ledger.reports()
        return len(reports) + sum(report.resent_count for report in reports) >= self._dropped

    @contextmanager
    def kept_up(self, say: Say) -> Iterator[None]:
        ended = Event()

        def rounds() -> None:
            while not ended.wait(LOOK_SECONDS):
                self.stand.look_after(say)

        # A thread of its own: whoever watches the run may be waiting for the very server that died.
        keeper = Thread(target=rounds, name="keeper", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()

    def taken_home(self, ports: House) -> None:
        assert self._settings is not None, "taken home before the ground was up"
        self._sent(self._settings)
        for code, reached in sorted(SPREAD.items()):
            out = self._settings.mailbox_dir / code / "out"
            out.mkdir(parents=True, exist_ok=True)
            self._patiently(partial(self._partners[reached.kind].take, code, out))

    def shaken(self, service: Service, every_seconds: float, seed: int, say: Say) -> Chaos:
        return Chaos(self.stand, service, every_seconds, seed, say)

    def down(self) -> None:
        self.stand.down()

    def clear(self) -> None:
        """Nothing; the servers of an earlier run have ended, and leave nothing outside of its home."""
        self.stand.clear()

    def _patiently(self, done: Callable[[], T]) -> T:
        """What a partner did, tried again while the server it comes to may be on its way up. To drop and to take may
        both be done again.

        Errors   the last one, when none of it helped for so long.
        """
        deadline = time.monotonic() + AWAY_SECONDS_MAX
        while True:
            try:
                return done()
            except (OSError, asyncssh.Error, BotoCoreError, ClientError, ConfigurationError):
                if time.monotonic() > deadline:
                    raise
            time.sleep(LOOK_SECONDS)

    def _sent(self, settings: Settings) -> None:
        """Return once every AS2 message has its receipt."""
        records = SentRecords(settings.ledger_url)
        deadline = time.monotonic() + SENT_SECONDS_MAX
        try:
            while True:
                try:
                    left = {key: count for key, count in records.counts().items() if key[1] != Sending.DELIVERED}
                except TransientError as error:
                    left = {("ledger", str(error)): 1}
                if not left:
                    return
                if time.monotonic() > deadline:
                    raise ConfigurationError(
                        "messages over AS2 wait for their receipts", where="as2_sent", value=str(left),
                        remedy="see `relais as2 messages` and the gateway's log",
                    )  # fmt: skip
                time.sleep(0.5)
        finally:
            records.close()
