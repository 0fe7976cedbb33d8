"""Reading ahead: the small files of a drop are on their way before they are asked for, some at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from data_contracts.ports import Deposit

SMALL_BYTES = 128 << 10
"""Files up to this size are read ahead; an SFTP server sends so many bytes in one answer."""


class ReadAhead:
    """Small files that will be wanted next, on their way before they are asked for.

    As long as the reader opens what was fetched, twice as much is fetched; a file passed by unopened (a collector
    does so with what it has seen) brings it back to one. So little is fetched in vain.
    """

    def __init__(self, fetch: Callable[[list[Deposit]], list[Future[bytes]]], files_most: int) -> None:
        self._fetch = fetch
        self._files_most = files_most
        self._window = 1
        self._waiting: deque[Deposit] = deque()
        self._coming: dict[Deposit, Future[bytes]] = {}

    def add(self, deposits: Iterable[Deposit]) -> None:
        """Deposits that come next, in order."""
        self._waiting.extend(deposit for deposit in deposits if deposit.size_bytes <= SMALL_BYTES)

    def take(self, deposit: Deposit) -> bytes | None:
        """The bytes of the deposit whose turn it is; None for one that is not read ahead."""
        if self._waiting and self._waiting[0] == deposit:
            self._begin(1)
        future = self._coming.pop(deposit, None)
        if future is None:
            return None
        self._window = min(2 * self._window, self._files_most)
        if len(self._coming) <= self._window // 2:
            self._begin(self._window - len(self._coming))
        return future.result()

    def passed(self, deposit: Deposit) -> None:
        """The reader has gone on after this deposit."""
        future = self._coming.pop(deposit, None)
        if self._waiting and self._waiting[0] == deposit:
            self._waiting.popleft()
        if future is not None:
            self._window = 1

    def _begin(self, count: int) -> None:
        following = [self._waiting.popleft() for _ in range(min(count, len(self._waiting)))]
        self._coming.update(zip(following, self._fetch(following), strict=True))
