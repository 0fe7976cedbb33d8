"""The bytes of an answer on their way to the store: whole when there are few, else a stream that is written as it is
read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

WHOLE_BYTES_MAX = 8_000_000
"""Bytes of an answer held whole: a store takes them in one request. A larger answer is streamed."""

BUFFER_BYTES = 1 << 20


def body(parts: Iterable[bytes]) -> bytes | BinaryIO:
    """What the store is given for an answer made of these parts. Memory: `WHOLE_BYTES_MAX` and one part."""
    remaining = iter(parts)
    held: list[bytes] = []
    size = 0
    for part in remaining:
        held.append(part)
        size += len(part)
        if size > WHOLE_BYTES_MAX:
            return io.BufferedReader(_Parts(chain(held, remaining)), BUFFER_BYTES)
    return b"".join(held)


class _Parts(io.RawIOBase):
    """Parts one after the other."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(part)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
