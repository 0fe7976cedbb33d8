"""Bytes of a remote file: small ones in one go, ahead of the reader; large ones in blocks that survive a broken link.

Everything but `RemoteStream` and `ReadAhead` runs in the background loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import deque
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass

import asyncssh

from connectors.background_loop import BackgroundLoop
from connectors.sftp_session import SftpSession
from data_contracts.errors import PartnerUnavailable

BLOCK_BYTES = 4 << 20
_BLOCKS_AHEAD = 2
NOT_ANNOUNCED = "its SHA-256 is not the one announced"


@dataclass(frozen=True)
class Look:
    """Size and modification time as a server shows them: all that tells one file from a later one of its name."""

    size_bytes: int
    modified: int

    @property
    def text(self) -> str:
        return f"{self.size_bytes}:{self.modified}"


def look_of(attributes: asyncssh.SFTPAttrs) -> Look:
    """Size and modification time; what a server does not tell counts as 0."""
    return Look(attributes.size or 0, attributes.mtime or 0)


def is_file(attributes: asyncssh.SFTPAttrs) -> bool:
    """Whether it is a regular file, or a server that tells no kinds may hold it for one."""
    return attributes.type in (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)


async def read_whole(session: SftpSession, path: str, expected: Look) -> bytes:
    """All bytes of a small file.

    Errors   PartnerUnavailable if it is not the file that was listed, before or after reading.
    """

    async def read() -> bytes:
        async with session.reached(path) as client, client.open(path, "rb", block_size=0) as file:
            # One byte more than expected shows a file that grew.
            data: bytes = await file.read(expected.size_bytes + 1, 0)
            while 0 < len(data) < expected.size_bytes and (more := await file.read(expected.size_bytes, len(data))):
                data += more
            if len(data) != expected.size_bytes or look_of(await file.stat()) != expected:
                raise changed(session, path)
        return data

    return await session.kept_up(read)


class RemoteFile:
    """A large file, read by offset. When the link breaks it is opened again and must still be the same."""

    def __init__(self, session: SftpSession, path: str, expected: Look) -> None:
        self._session = session
        self._path = path
        self._expected = expected
        self._file: asyncssh.SFTPClientFile | None = None
        self._client: asyncssh.SFTPClient | None = None
        self._opening = asyncio.Lock()

    async def check(self) -> None:
        """Nothing; under the name lies the file that was listed, and it can be read."""

        async def look() -> None:
            async with self._session.reached(self._path) as client:
                file = await self._on(client)
                named = await client.lstat(self._path)
                if not is_file(named) or not look_of(named) == look_of(await file.stat()) == self._expected:
                    raise self.changed()

        await self._session.kept_up(look)

    async def read(self, offset: int, size_bytes: int) -> bytes:
        """So many bytes at an offset.

        Errors   PartnerUnavailable if the file ends before.
        """

        async def read() -> bytes:
            async with self._session.reached(self._path) as client:
                file = await self._on(client)
                return await file.read(size_bytes, offset)

        data = await self._session.kept_up(read)
        if len(data) < size_bytes:
            raise self.changed("it is shorter now")
        return data

    def changed(self, value: str = "") -> PartnerUnavailable:
        """What is raised when it is not, or no longer, the file that was listed."""
        return changed(self._session, self._path, value)

    async def close(self) -> None:
        """Nothing; the file is closed, unless its connection is gone anyway."""
        file, self._file, self._client = self._file, None, None
        if file is not None:
            with suppress(asyncssh.Error, OSError):
                await file.close()

    async def _on(self, client: asyncssh.SFTPClient) -> asyncssh.SFTPClientFile:
        async with self._opening:
            if self._file is None or self._client is not client:
                self._file, self._client = await client.open(self._path, "rb"), client
                if look_of(await self._file.stat()) != self._expected:
                    raise self.changed()
            return self._file


class RemoteStream(io.RawIOBase):
    """A reader of a remote file for plain code. The next blocks are under way while one is used.

    Errors   PartnerUnavailable at the end, if a SHA-256 was announced and is another.
    """

    def __init__(self, loop: BackgroundLoop, file: RemoteFile, size_bytes: int, announced_sha256: str) -> None:
        super().__init__()
        self._loop = loop
        self._file = file
        self._size_bytes = size_bytes
        self._asked_bytes = 0
        self._under_way: deque[Future[bytes]] = deque()
        self._block = memoryview(b"")
        self._announced_sha256 = announced_sha256
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._block:
            self._block = memoryview(self._following())
        count = min(len(buffer), len(self._block))
        buffer[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    def close(self) -> None:
        # Not cancelled: the server would keep a file open that nobody closes.
        wait(self._under_way)
        self._under_way.clear()
        super().close()

    def _following(self) -> bytes:
        while len(self._under_way) < _BLOCKS_AHEAD and self._asked_bytes < self._size_bytes:
            size_bytes = min(BLOCK_BYTES, self._size_bytes - self._asked_bytes)
            self._under_way.append(self._loop.submit(self._file.read(self._asked_bytes, size_bytes)))
            self._asked_bytes += size_bytes
        block = self._under_way.popleft().result() if self._under_way else b""
        if self._announced_sha256:
            self._digest.update(block)
            if not block and self._digest.hexdigest() != self._announced_sha256:
                raise self._file.changed(NOT_ANNOUNCED)
        return block


def changed(session: SftpSession, path: str, value: str = "") -> PartnerUnavailable:
    """What is raised when a file is not, or no longer, the one that was listed."""
    return PartnerUnavailable(
        "the file changed since it was listed",
        where=session.account.place(path),
        value=value,
        remedy="write under a temporary name such as .part, and rename when complete",
    )
