"""Partners at our SFTP server: they drop files as their completeness protocol says, and take answers home."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncssh

from infra.openssh.server import HOST, partner_folder
from infra.servers.journal import Journal
from infra.servers.spread import SPREAD
from infra.servers.stand import Stand


class SftpPartners:
    """The partners that come by SFTP."""

    def __init__(self, stand: Stand, codes: Sequence[str]) -> None:
        self._stand = stand
        self._codes = codes

    def prepare(self) -> None:
        """Nothing; each has its folders."""
        for code in self._codes:
            partner_folder(self._stand.sshd, code)

    def drop(self, code: str, sources: Sequence[Path], journal: Journal) -> int:
        """How many files were dropped now."""
        return asyncio.run(self._drop(code, sources, journal))

    def take(self, code: str, out: Path) -> None:
        """Nothing; the partner's answers lie in the folder."""
        asyncio.run(self._take(code, out))

    async def _drop(self, code: str, sources: Sequence[Path], journal: Journal) -> int:
        folder = os.fsencode(self._seen(code) + "/in")
        new = [source for source in sources if source not in journal]
        async with self._connected() as connection, connection.start_sftp_client() as client:
            for source in new:
                await client.put(os.fsencode(source), folder + b"/" + _temporary(source))
            journal.add(new)
            # In order of names: the smallest is seen first.
            for source in sources:
                temporary = folder + b"/" + _temporary(source)
                if await client.exists(temporary):
                    await _announce(client, SPREAD[code].complete, source, folder)
                    await client.posix_rename(temporary, folder + b"/" + os.fsencode(source.name))
        return len(new)

    async def _take(self, code: str, out: Path) -> None:
        folder = self._seen(code) + "/out"
        async with self._connected() as connection, connection.start_sftp_client() as client:
            for name in sorted(await client.listdir(folder)):
                if not name.startswith(".") and not name.endswith(".part"):
                    await client.get(f"{folder}/{name}", str(out / name))

    def _connected(self) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
        sshd = self._stand.sshd
        pinned = [asyncssh.import_public_key(sshd.host_key)]
        return asyncssh.connect(
            HOST, sshd.port, username=sshd.user, client_keys=[str(sshd.client_key)], known_hosts=(pinned, [], []),
            config=None, agent_path=None, preferred_auth="publickey",
        )  # fmt: skip

    def _seen(self, code: str) -> str:
        return self._stand.sshd.seen_as(self._stand.sshd.files / code)


async def _announce(client: asyncssh.SFTPClient, complete: str, source: Path, folder: bytes) -> None:
    """Before the file bears its name: a marker without its file means nothing yet."""
    path = folder + b"/" + os.fsencode(source.name)
    if complete == "done_file":
        async with client.open(path + b".done", "wb"):
            pass
    elif complete == "size_file":
        data = source.read_bytes()
        async with client.open(path + b".size", "wb") as file:
            await file.write(f"{len(data)} {hashlib.sha256(data).hexdigest()}\n".encode())


def _temporary(source: Path) -> bytes:
    return b"." + hashlib.sha256(os.fsencode(source.name)).hexdigest().encode() + b".part"
