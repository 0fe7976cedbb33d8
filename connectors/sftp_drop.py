"""The drop of one SFTP account: which files are whole, and ours to read. Runs in the background loop."""

from __future__ import annotations

import asyncio
import re
import time
from bisect import bisect_right
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import asyncssh

from connectors.local_drop import UNFINISHED
from connectors.sftp_account import Complete, Pickup
from connectors.sftp_claims import Claims
from connectors.sftp_reading import Look, changed, is_file, look_of
from connectors.sftp_session import LinkBroken, Missing, SftpSession
from data_contracts.errors import PartnerUnavailable
from data_contracts.ports import Deposit

PAGE_NAMES = 50_000
"""Names kept of one listing. A drop with more is listed again for the rest, so memory has a bound."""

MARKERS = {Complete.DONE_FILE: ".done", Complete.SIZE_FILE: ".size"}
_ANNOUNCED = re.compile(rb"\s*(\d{1,15})(?:\s+([0-9a-fA-F]{64}))?\s*")
_MARKER_BYTES_MAX = 256


@dataclass(frozen=True)
class Found:
    """A file that may be taken: `run` if it is claimed already; `look` is None for one known by its marker alone."""

    name: str
    look: Look | None
    run: str = ""


class Drop:
    """Deposits of one account, in order of names."""

    def __init__(self, session: SftpSession) -> None:
        self._session = session
        self._account = session.account
        self._folder = session.account.pickup_folder.rstrip("/")
        self._marker = MARKERS.get(session.account.complete, "")
        self._claims = Claims(session) if session.account.pickup is Pickup.CLAIM else None

    async def deposits(self) -> AsyncIterator[list[Deposit]]:
        """Deposits by some dozens, those claimed before among them.

        Errors   PartnerUnavailable or PartnerRefused after all that could be had, naming the first failure.
        Cost     memory for `PAGE_NAMES` names; one listing for each so many.
        """
        failed: PartnerUnavailable | None = None
        async for page in self._pages():
            if self._claims is not None and any(not row.run for row in page):
                await self._claims.start_run()
            for start in range(0, len(page), 4 * self._account.in_flight):
                rows = page[start : start + 4 * self._account.in_flight]
                results = await asyncio.gather(*map(self._taken, rows), return_exceptions=True)
                found: list[Deposit] = []
                broken: LinkBroken | None = None
                for result in results:
                    if isinstance(result, LinkBroken):
                        # Names after it wait, those already answered for too: they land in their order.
                        broken = broken or result
                    elif isinstance(result, PartnerUnavailable):
                        failed = failed or result
                    elif isinstance(result, BaseException):
                        raise result
                    elif result is not None and broken is None:
                        found.append(result)
                yield found
                if broken is not None:
                    raise broken
        if failed is not None:
            raise failed

    def locate(self, deposit: Deposit) -> tuple[str, Look]:
        """Path and look of a deposit."""
        *run, size_bytes, modified = deposit.identity.split(":")
        path = f"{self._folder}/{deposit.name}"
        if run and self._claims is not None:
            path = self._claims.path(run[0], deposit.name)
        return path, Look(int(size_bytes), int(modified))

    async def announced_sha256(self, deposit: Deposit) -> str:
        """The SHA-256 that the partner announced with the size, or nothing."""
        if self._account.complete is not Complete.SIZE_FILE:
            return ""
        path, _ = self.locate(deposit)
        return (await self._announcement(path + self._marker))[1]

    async def remove(self, deposit: Deposit) -> None:
        """Nothing; the file is gone, or was not the one that was listed, or may not be removed."""
        if self._account.pickup is Pickup.LEAVE:
            return
        marker = deposit.name + self._marker if self._marker else ""
        if self._claims is not None:
            # A stalled upload that goes on writes to the claimed file: it is taken again, as another deposit.
            if self._account.complete is Complete.STABLE and not await self._is_same(deposit):
                return
            await self._claims.drop(deposit.identity.split(":")[0], deposit.name, marker=marker)
            return
        path, _ = self.locate(deposit)
        with suppress(Missing):
            if not await self._is_same(deposit):
                return
            async with self._session.changing(path) as client:
                if marker:
                    # Before the file: a marker left behind would vouch for the next file of its name.
                    await client.remove(f"{self._folder}/{marker}")
                await client.remove(path)

    async def _is_same(self, deposit: Deposit) -> bool:
        path, expected = self.locate(deposit)
        try:
            async with self._session.reached(path) as client:
                named = await client.lstat(path)
        except Missing:
            return False
        return is_file(named) and look_of(named) == expected

    async def finish(self) -> None:
        """Nothing; what a listing leaves behind is cleared away."""
        if self._claims is not None:
            await self._claims.finish_run()

    async def close(self) -> None:
        """Nothing; claims still held are free for others, and the connection is closed."""
        if self._claims is not None:
            await self._claims.release()
        await self._session.close()

    # ---- listing ----

    async def _pages(self) -> AsyncIterator[list[Found]]:
        adopted: list[Found] = []
        if self._claims is not None:
            rows = await self._claims.adopted(self._marker)
            adopted = [Found(name, look, run) for run, name, look in rows]
        after = ""
        while True:
            looked_at = time.monotonic()
            page = await self._listed(after)
            if self._account.complete is Complete.STABLE and page:
                await asyncio.sleep(max(0.0, looked_at + self._account.quiet_seconds - time.monotonic()))
            last = len(page) < PAGE_NAMES
            count = len(adopted) if last else bisect_right(adopted, page[-1].name, key=_name)
            yield sorted([*adopted[:count], *page], key=_name)
            if last:
                return
            adopted, after = adopted[count:], page[-1].name

    async def _listed(self, after: str) -> list[Found]:
        """The first names after a name, in order."""
        rows: list[Found] = []
        reach = self._session.reached(self._folder)
        async with reach as client:
            async for entry in client.scandir(self._folder):
                reach.more_time()
                found = self._listable(str(entry.filename), entry.attrs)
                if found is not None and found.name > after:
                    rows.append(found)
                if len(rows) == 2 * PAGE_NAMES:
                    rows.sort(key=_name)
                    del rows[PAGE_NAMES:]
        rows.sort(key=_name)
        return rows[:PAGE_NAMES]

    def _listable(self, name: str, attributes: asyncssh.SFTPAttrs) -> Found | None:
        """What a name of the listing stands for: nothing if it is hidden, unfinished, or no file."""
        if name.startswith(".") or name.lower().endswith(UNFINISHED) or "/" in name or not is_file(attributes):
            return None
        if not self._marker:
            return Found(name, look_of(attributes))
        return Found(name.removesuffix(self._marker), None) if name.endswith(self._marker) else None

    # ---- completeness and claim ----

    async def _taken(self, found: Found) -> Deposit | None:
        """The deposit, if the file is whole and nobody else's."""
        if found.run:
            assert found.look is not None
            return self._deposit(found.name, found.look, found.run)
        try:
            look = await self._whole(found)
        except Missing:
            return None
        if look is None:
            return None
        run = ""
        if self._claims is not None:
            run = await self._claims.take(found.name, marker=found.name + self._marker if self._marker else "") or ""
            if not run:
                return None
        return self._deposit(found.name, look, run)

    def _deposit(self, name: str, look: Look, run: str) -> Deposit:
        identity = f"{run}:{look.text}" if run else look.text
        return Deposit(self._account.partner_code, name, look.size_bytes, identity)

    async def _whole(self, found: Found) -> Look | None:
        """How the file looks; None while it is not whole."""
        if self._account.complete is Complete.RENAMED:
            return found.look
        path = f"{self._folder}/{found.name}"
        async with self._session.reached(path) as client:
            named = await client.lstat(path)
        if not is_file(named):
            return None
        look = look_of(named)
        if self._account.complete is Complete.STABLE:
            return look if look == found.look else None
        if self._account.complete is Complete.DONE_FILE:
            return look
        size_bytes, _ = await self._announcement(path + self._marker)
        if look.size_bytes > size_bytes:
            raise PartnerUnavailable(
                "the file is larger than announced",
                where=self._account.place(path),
                value=f"{look.size_bytes} bytes, announced {size_bytes}",
                remedy="ask the partner to send file and size again",
            )
        return look if look.size_bytes == size_bytes else None

    async def _announcement(self, path: str) -> tuple[int, str]:
        async with self._session.reached(path) as client, client.open(path, "rb", block_size=0) as file:
            text: bytes = await file.read(_MARKER_BYTES_MAX, 0)  # type: ignore[assignment]
        match = _ANNOUNCED.fullmatch(text)
        if match is None:
            raise changed(self._session, path, "no size is announced in it")
        return int(match[1]), (match[2] or b"").decode().lower()


def _name(found: Found) -> str:
    return found.name
