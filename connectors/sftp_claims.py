"""Claims on a partner's files: a collector renames what it takes into a folder of its own, which only one can do.

Layout   `{pickup folder}/.relais/{run}.{owner}/{name}`, and `.alive` in it, written again and again by a living owner.
         A run is one listing by one owner; run and name tell a file from every later one of that name, even if the
         sender keeps its times, so the run is part of the deposit's identity.
Crash    Files stay in the folder of the dead owner. The next collector that finds its `.alive` older than the lease,
         by the server's own clock, takes the whole folder over by renaming it: again only one can.
Runs in the background loop.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress

import asyncssh

from connectors.sftp_reading import Look, is_file, look_of
from connectors.sftp_session import Missing, SftpSession
from data_contracts.errors import PartnerUnavailable

FOLDER = ".relais"
ALIVE = ".alive"
_FREE = "free"
_BEATS_IN_LEASE = 4
log = logging.getLogger("relais.sftp")


class Claims:
    """What one collector holds of one account."""

    def __init__(self, session: SftpSession) -> None:
        self._session = session
        self._base = f"{session.account.pickup_folder.rstrip('/')}/{FOLDER}"
        self._owner = secrets.token_hex(4)
        self._held: dict[str, set[str]] = {}
        self._run = ""
        self._beating: asyncio.Task[None] | None = None

    def path(self, run: str, name: str) -> str:
        """Where a claimed file lies."""
        return f"{self._folder(run)}/{name}"

    async def start_run(self) -> str:
        """The run that claims belong to from now on, until it is finished. A no-op when it is started."""
        if not self._run:
            run = secrets.token_hex(8)
            await self._make_folder(self._base)
            await self._make_folder(self._folder(run))
            self._hold(run)
            self._run = run
            await self._beat(run)
        return self._run

    async def take(self, name: str, *, marker: str = "") -> str | None:
        """The run that the file, and before it its marker, now belongs to; None if another got it first."""
        run = await self.start_run()
        try:
            if marker:
                await self._move(name=marker, run=run)
            await self._move(name=name, run=run)
        except Missing:
            return None
        self._held[run].add(name)
        return run

    async def drop(self, run: str, name: str, *, marker: str = "") -> None:
        """Nothing; a claimed file and its marker are deleted. A no-op for what is gone."""
        for gone in (marker, name) if marker else (name,):
            path = self.path(run, gone)
            with suppress(Missing):
                async with self._session.changing(path) as client:
                    await client.remove(path)
        self._held.get(run, set()).discard(name)
        if not self._held.get(run) and run != self._run:
            await self._end_run(run)

    async def adopted(self, marker_suffix: str) -> list[tuple[str, str, Look]]:
        """Run, name and look of every file that is claimed already, by us before or by a collector that is gone."""
        runs = [entry.rpartition(".") for entry in await self._names(self._base) if "." in entry]
        found: list[tuple[str, str, Look]] = []
        for run, _, owner in runs:
            if owner == self._owner or await self._taken_over(run, owner):
                found += await self._adopt(run, marker_suffix)
        return sorted(found, key=lambda row: row[1])

    async def finish_run(self) -> None:
        """Nothing; runs of which nothing is left are cleared away."""
        self._run = ""
        for run in [run for run, names in self._held.items() if not names]:
            await self._end_run(run)

    async def release(self) -> None:
        """Nothing; what is still held may be taken over at once, or after the lease if the connection is gone."""
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None
        for run in list(self._held) if self._session.is_open else ():
            path = self._folder(run)
            with suppress(PartnerUnavailable):
                async with self._session.reached(path) as client:
                    await renamed(client, path, f"{self._base}/{run}.{_FREE}")
        self._held.clear()

    # ---- runs ----

    def _folder(self, run: str, owner: str = "") -> str:
        return f"{self._base}/{run}.{owner or self._owner}"

    def _hold(self, run: str) -> None:
        self._held.setdefault(run, set())
        if self._beating is None:
            self._beating = asyncio.create_task(self._keep_beating())

    async def _end_run(self, run: str) -> None:
        """Clear an empty run away. Should it not be empty after all, it lapses and is adopted."""
        self._held.pop(run, None)
        folder = self._folder(run)
        with suppress(PartnerUnavailable):
            async with self._session.reached(folder) as client:
                await client.remove(f"{folder}/{ALIVE}")
                await client.rmdir(folder)

    async def _make_folder(self, path: str) -> None:
        async with self._session.reached(path) as client:
            try:
                await client.mkdir(path)
            except asyncssh.SFTPFailure:
                # Version 3 of the protocol does not say "it exists", so look.
                if not await client.isdir(path):
                    raise

    async def _move(self, *, name: str, run: str) -> None:
        path = f"{self._session.account.pickup_folder.rstrip('/')}/{name}"
        async with self._session.changing(path) as client:
            await renamed(client, path, self.path(run, name))

    # ---- signs of life, and taking over ----

    async def _beat(self, run: str) -> None:
        path = f"{self._folder(run)}/{ALIVE}"
        async with self._session.reached(path) as client, client.open(path, "wb") as file:
            await file.write(b".")

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(self._session.account.lease_seconds / _BEATS_IN_LEASE)
            for run in list(self._held):
                try:
                    await self._beat(run)
                except PartnerUnavailable as error:
                    log.warning("claim.silent run=%s cause=%s", run, error)

    async def _taken_over(self, run: str, owner: str) -> bool:
        """Whether the run is ours now, its owner being gone."""
        if owner != _FREE and not await self._lapsed(run, owner):
            return False
        path = self._folder(run, owner)
        try:
            async with self._session.reached(path) as client:
                await renamed(client, path, self._folder(run))
        except Missing:
            return False
        log.info("claim.taken_over partner=%s run=%s", self._session.account.partner_code, run)
        return True

    async def _lapsed(self, run: str, owner: str) -> bool:
        """By the server's clock on both sides: what we just wrote against what the owner wrote last."""
        now = await self._modified(f"{self._folder(await self.start_run())}/{ALIVE}")
        folder = self._folder(run, owner)
        try:
            last = await self._modified(f"{folder}/{ALIVE}")
        except Missing:
            # Its owner died before the first sign, or is just now clearing the run away.
            try:
                last = await self._modified(folder)
            except Missing:
                return False
        return now - last > self._session.account.lease_seconds

    async def _modified(self, path: str) -> int:
        async with self._session.reached(path) as client:
            return look_of(await client.lstat(path)).modified

    async def _adopt(self, run: str, marker_suffix: str) -> list[tuple[str, str, Look]]:
        self._hold(run)
        await self._beat(run)
        async with self._session.reached(self._folder(run)) as client:
            entries = [entry async for entry in client.scandir(self._folder(run))]
        rows = {str(entry.filename): look_of(entry.attrs) for entry in entries if is_file(entry.attrs)}
        rows.pop(ALIVE, None)
        markers = {name for name in rows if marker_suffix and name.endswith(marker_suffix)}
        for name in sorted(marker.removesuffix(marker_suffix) for marker in markers):
            if name not in rows:
                # Its owner died between the marker and the file that goes with it.
                look = await self._follow(name, run)
                if look is None:
                    async with self._session.reached(self.path(run, name)) as client:
                        await client.remove(self.path(run, name + marker_suffix))
                else:
                    rows[name] = look
        self._held[run] |= rows.keys() - markers
        return [(run, name, look) for name, look in rows.items() if name not in markers]

    async def _follow(self, name: str, run: str) -> Look | None:
        path = self.path(run, name)
        try:
            await self._move(name=name, run=run)
            async with self._session.reached(path) as client:
                return look_of(await client.lstat(path))
        except Missing:
            return None

    async def _names(self, path: str) -> list[str]:
        try:
            async with self._session.reached(path) as client:
                return [str(entry.filename) async for entry in client.scandir(path) if entry.filename[:1] != "."]
        except Missing:
            return []


async def renamed(client: asyncssh.SFTPClient, old: str, new: str) -> None:
    """Nothing; the file has the new name, at once. Servers without OpenSSH's rename get the plain one, which replaces
    nothing."""
    try:
        await client.posix_rename(old, new)
    except asyncssh.SFTPOpUnsupported:
        await client.rename(old, new)
