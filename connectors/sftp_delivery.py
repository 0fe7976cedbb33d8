"""Delivery into one SFTP account: `.part`, checked, then its final name at once. Runs in the background loop."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import asyncssh

from connectors.part_names import part_name
from connectors.sftp_account import Verify
from connectors.sftp_claims import renamed
from connectors.sftp_reading import BLOCK_BYTES, is_file
from connectors.sftp_session import Missing, Reach, SftpSession
from data_contracts.errors import IntegrityBroken, PartnerUnavailable


class OutFolder:
    """Where answers for one partner go."""

    def __init__(self, session: SftpSession) -> None:
        self._session = session
        self._folder = session.account.delivery_folder.rstrip("/")

    async def begin(self, name: str, part: str) -> Upload:
        """An upload under `{name}.{part}.part`; a leftover is emptied.

        Errors   PartnerUnavailable as the server says.
        """
        path = self._path(part_name(name, part))
        async with self._session.reached(path) as client:
            return Upload(self._session, path, await client.open(path, "wb"))

    async def publish(self, name: str, part: str) -> None:
        """Nothing; what was staged as `part` bears its final name. A no-op once that is done.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for the partner.
        """
        path, staged = self._path(name), self._path(part_name(name, part))
        if await self._differ(path, staged):
            raise IntegrityBroken(
                "another answer of the same name still waits for the partner",
                where=self._session.account.place(path),
                value=name,
                remedy="find out which ledger wrote it; move it away if it is of an earlier trial",
            )
        try:
            async with self._session.reached(staged) as client:
                await renamed(client, staged, path)
        except Missing:
            # Published before, unless there is not even a folder, as when a volume of the server's is not mounted.
            async with self._session.reached(self._folder) as client:
                await client.lstat(self._folder)

    async def discard(self, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is gone."""
        staged = self._path(part_name(name, part))
        with suppress(Missing):
            async with self._session.reached(staged) as client:
                await client.remove(staged)

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"

    async def _differ(self, path: str, staged: str) -> bool:
        """Whether both lie there with other bytes. One may vanish meanwhile: the partner took it, or it was
        published."""
        try:
            async with self._session.reached(path) as client:
                if not is_file(await client.lstat(path)):
                    return False
            return await sha256_of(self._session, staged) != await sha256_of(self._session, path)
        except Missing:
            return False


class Upload:
    """One answer on its way: written, then closed and checked."""

    def __init__(self, session: SftpSession, path: str, file: asyncssh.SFTPClientFile) -> None:
        self._session = session
        self._path = path
        self._file = file
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    async def write(self, data: bytes) -> None:
        """Nothing; the server took the bytes.

        Errors   PartnerUnavailable, saying so when the server's disk is full.
        """
        with_reason = _WithReason(self._session, self._path)
        async with with_reason:
            await self._file.write(data, self._size_bytes)
        self._digest.update(data)
        self._size_bytes += len(data)

    async def finish(self) -> None:
        """Nothing; what lies there is what was written, as far as the account asks to look.

        Errors   PartnerUnavailable when it is not, so that it is written again.
        """
        async with _WithReason(self._session, self._path):
            with suppress(asyncssh.SFTPOpUnsupported):
                await self._file.fsync()
            await self._file.close()
        async with self._session.reached(self._path) as client:
            size_bytes = (await client.lstat(self._path)).size
        found = f"{size_bytes} bytes"
        same = size_bytes == self._size_bytes
        if same and self._session.account.verify is Verify.CONTENT:
            found = await sha256_of(self._session, self._path)
            same = found == self._digest.hexdigest()
        if not same:
            raise PartnerUnavailable(
                "the server does not hold what we wrote",
                where=self._session.account.place(self._path),
                value=found,
                remedy="it is written again; if it lasts, call the partner",
            )

    async def abandon(self) -> None:
        """Nothing; the file is closed as it is. It is taken away once another attempt has staged the answer."""
        with suppress(PartnerUnavailable):
            async with self._session.reached(self._path):
                await self._file.close()


class _WithReason(Reach):
    """Requests that write. The protocol has no word for a full disk, so after a failure the free space is asked."""

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, asyncssh.SFTPFailure) and await self._is_full():
            await super().__aexit__(None, None, None)
            raise PartnerUnavailable(
                "the disk of a partner's server is full",
                where=self._session.account.place(self._path),
                value=error.reason,
                remedy="ask the partner to make room; the answer is kept and tried again",
            ) from error
        await super().__aexit__(kind, error, trace)  # type: ignore[arg-type]

    async def _is_full(self) -> bool:
        try:
            return bool((await self._client.statvfs(self._path)).bavail == 0)
        except asyncssh.SFTPError:
            return False


async def sha256_of(session: SftpSession, path: str) -> str:
    """SHA-256 of a remote file's bytes, read in blocks."""
    digest = hashlib.sha256()
    offset = 0
    reach = session.reached(path)
    async with reach as client, client.open(path, "rb") as file:
        while block := await file.read(BLOCK_BYTES, offset):
            digest.update(block)
            offset += len(block)
            reach.more_time()
    return digest.hexdigest()
