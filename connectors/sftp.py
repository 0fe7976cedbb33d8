"""Partners' mailboxes on their SFTP servers, or on ours: one account a partner.

Rate     A round trip to a partner takes 20 to 100 ms, and a small file needs five. So while a caller goes through
         `incoming()`, files are claimed ahead of it, small ones are read ahead, and those it removes are deleted behind
         it, many requests under way at a time. All of it is settled when `incoming()` ends.
Crash    A file that was recorded but not yet deleted is found again under the same identity, and only deleted.
"""

from __future__ import annotations

import hashlib
import io
import logging
import weakref
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import BinaryIO

from connectors.background_loop import BackgroundLoop
from connectors.read_ahead import ReadAhead
from connectors.sftp_account import SftpAccount
from connectors.sftp_delivery import OutFolder
from connectors.sftp_drop import Drop
from connectors.sftp_reading import NOT_ANNOUNCED, RemoteFile, RemoteStream, changed, read_whole
from connectors.sftp_session import SftpSession
from data_contracts.errors import ContractBroken, PartnerRefused, PartnerUnavailable, RelaisError
from data_contracts.ports import Deposit

CHUNK_BYTES = 1 << 20
ACCOUNTS_AHEAD = 4
"""Accounts that are connected and listed at a time, so that slow or silent partners do not add up."""

log = logging.getLogger("relais.sftp")


class _Account:
    """The parts of one account."""

    def __init__(self, account: SftpAccount) -> None:
        self.session = SftpSession(account)
        self.drop = Drop(self.session)
        self.out = OutFolder(self.session)


class SftpMailbox:
    """`data_contracts.ports.Mailbox` on SFTP accounts, for one caller at a time. Close it: claims are then free.

    Errors   ConfigurationError when a key of an account cannot be read.
    """

    def __init__(self, accounts: Iterable[SftpAccount]) -> None:
        self._loop = BackgroundLoop()
        self._accounts = {account.partner_code: _Account(account) for account in accounts}
        self._ahead: dict[str, ReadAhead] = {}
        self._read_and_done: list[tuple[_Account, Deposit]] = []
        self._leaving: deque[Future[None]] = deque()
        self._failures: list[RelaisError] = []
        self._finalizer = weakref.finalize(self, _shut, self._loop, list(self._accounts.values()))

    def __repr__(self) -> str:
        return f"SftpMailbox({', '.join(sorted(self._accounts))})"

    def close(self) -> None:
        """Nothing; claims are free for other collectors, connections closed. The mailbox is of no more use."""
        self._finalizer()

    def incoming(self) -> Iterator[Deposit]:
        """Complete files of every account's drop, sorted by partner code then name.

        Errors   PartnerRefused, else PartnerUnavailable, after all that could be had: the first failure to list, claim
                 or delete.
        Cost     memory for the names of one listing (`sftp_drop.PAGE_NAMES`) of some accounts, and some small files.
        """
        self._failures = []
        codes = sorted(self._accounts)
        feeds = {code: _Feed(self._loop, self._accounts[code].drop.deposits()) for code in codes}
        whole = False
        try:
            for place, code in enumerate(codes):
                for following in codes[place : place + ACCOUNTS_AHEAD]:
                    feeds[following].start()
                yield from self._dropped(code, feeds[code])
            whole = True
        finally:
            self._ahead.clear()
            for feed in feeds.values():
                feed.stop()
            self._settle()
            if not whole and self._failures:
                log.warning("drop.left_behind count=%d first=%s", len(self._failures), self._failures[0])
        refused = [error for error in self._failures if isinstance(error, PartnerRefused)]
        for error in refused or self._failures:
            raise error

    @contextmanager
    def open(self, deposit: Deposit) -> Iterator[BinaryIO]:
        """A reader of the deposit's bytes.

        Errors   PartnerUnavailable if the file is not the one that was listed, at the start or after the last read, or
                 not the one that was announced.
        """
        ahead = self._ahead.get(deposit.partner_code)
        data = ahead.take(deposit) if ahead is not None else None
        if data is not None:
            yield io.BytesIO(data)
            return
        parts = self._of(deposit.partner_code)
        path, look = parts.drop.locate(deposit)
        sha256 = self._loop.run(parts.drop.announced_sha256(deposit))
        file = RemoteFile(parts.session, path, look)
        try:
            self._loop.run(file.check())
            with io.BufferedReader(RemoteStream(self._loop, file, look.size_bytes, sha256), CHUNK_BYTES) as stream:
                yield stream
            self._loop.run(file.check())
        finally:
            self._loop.run(file.close())

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the file is out of the drop, or is no longer the one that was listed.

        While `incoming()` is gone through, the deletion is only on its way; a failure is raised at the end of it.
        """
        parts = self._of(deposit.partner_code)
        if not self._ahead:
            self._loop.run(parts.drop.remove(deposit))
            return
        self._read_and_done.append((parts, deposit))
        if len(self._read_and_done) >= parts.session.account.in_flight // 2:
            self._send_off()
        while len(self._leaving) > 4 * parts.session.account.in_flight:
            self._left(self._leaving.popleft())

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Nothing; `{name}.{part}.part` lies in the partner's out folder, checked as the account asks."""
        upload = self._loop.run(self._of(partner_code).out.begin(name, part))
        try:
            under_way: Future[None] | None = None
            while chunk := data.read(CHUNK_BYTES):
                if under_way is not None:
                    under_way.result()
                under_way = self._loop.submit(upload.write(chunk))
            if under_way is not None:
                under_way.result()
            self._loop.run(upload.finish())
        except BaseException:
            self._loop.run(upload.abandon())
            raise

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` bears its final name. A no-op once that is done.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for the partner.
        """
        self._loop.run(self._of(partner_code).out.publish(name, part))

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is gone."""
        self._loop.run(self._of(partner_code).out.discard(name, part))

    # ---- going through the drops ----

    def _dropped(self, partner_code: str, feed: _Feed) -> Iterator[Deposit]:
        parts = self._accounts[partner_code]
        loop = self._loop
        in_flight = parts.session.account.in_flight
        ahead = ReadAhead(lambda rows: loop.submit_all(_read(parts, row) for row in rows), in_flight)
        self._ahead = {partner_code: ahead}
        queue: deque[Deposit] = deque()
        while not feed.is_over or queue:
            if feed.is_ready or not queue:
                try:
                    following = feed.following()
                except (PartnerUnavailable, PartnerRefused) as error:
                    self._failures.append(error)
                    continue
                queue.extend(following)
                ahead.add(following)
            if queue:
                deposit = queue.popleft()
                yield deposit
                ahead.passed(deposit)

    def _send_off(self) -> None:
        rows, self._read_and_done = self._read_and_done, []
        self._leaving.extend(self._loop.submit_all(parts.drop.remove(deposit) for parts, deposit in rows))

    def _settle(self) -> None:
        self._send_off()
        while self._leaving:
            self._left(self._leaving.popleft())
        for parts in self._accounts.values():
            try:
                self._loop.run(parts.drop.finish())
            except (PartnerUnavailable, PartnerRefused) as error:
                self._failures.append(error)

    def _left(self, leaving: Future[None]) -> None:
        try:
            leaving.result()
        except (PartnerUnavailable, PartnerRefused) as error:
            self._failures.append(error)

    def _of(self, partner_code: str) -> _Account:
        if partner_code not in self._accounts:
            raise ContractBroken("this partner has no SFTP account", where="mailbox", value=partner_code)
        return self._accounts[partner_code]


class _Feed:
    """The chunks of one account's deposits, one always on its way."""

    def __init__(self, loop: BackgroundLoop, chunks: AsyncIterator[list[Deposit]]) -> None:
        self._loop = loop
        self._chunks = chunks
        self._coming: Future[list[Deposit] | None] | None = None
        self.is_over = False

    @property
    def is_ready(self) -> bool:
        return self._coming is not None and self._coming.done()

    def start(self) -> None:
        """Nothing; a chunk is on its way, if there may be one."""
        if self._coming is None and not self.is_over:
            self._coming = self._loop.submit(_next(self._chunks))

    def following(self) -> list[Deposit]:
        """The next chunk, waited for. It is over once there is none, or with an error."""
        self.start()
        if self._coming is None:
            return []
        coming, self._coming = self._coming, None
        self.is_over = True
        chunk = coming.result()
        self.is_over = chunk is None
        self.start()
        return chunk or []

    def stop(self) -> None:
        """Nothing; no chunk is on its way any more."""
        self.is_over = True
        if self._coming is not None:
            wait([self._coming])


async def _next(chunks: AsyncIterator[list[Deposit]]) -> list[Deposit] | None:
    return await anext(chunks, None)


async def _read(parts: _Account, deposit: Deposit) -> bytes:
    path, look = parts.drop.locate(deposit)
    data = await read_whole(parts.session, path, look)
    sha256 = await parts.drop.announced_sha256(deposit)
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise changed(parts.session, path, NOT_ANNOUNCED)
    return data


def _shut(loop: BackgroundLoop, accounts: list[_Account]) -> None:
    for parts in accounts:
        loop.run(parts.drop.close())
    loop.stop()


def sftp_mailbox(accounts: Iterable[SftpAccount]) -> SftpMailbox:
    """The mailbox of these accounts; nothing is connected before it is used."""
    return SftpMailbox(accounts)
