"""Objects in memory: the semantics of every store, without a disk."""

from __future__ import annotations

import hashlib
import io
from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from connectors.durable_files import CHUNK_BYTES
from connectors.object_storage import check_key
from data_contracts.errors import IntegrityBroken
from data_contracts.ports import Stored


class MemoryStore:
    """`data_contracts.ports.ObjectStore` that lives as long as the process. Not for threads at once."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._keys: list[str] = []

    def put(self, key: str, data: bytes | BinaryIO) -> Stored:
        """What lies under the key, create-only. IntegrityBroken if other bytes lie there."""
        check_key(key)
        return self._created(key, _whole(data))

    def put_by_hash(self, prefix: str, data: BinaryIO) -> Stored:
        """What lies under `{prefix}/{sha256}` of the stream, create-only."""
        check_key(prefix)
        content = _whole(data)
        return self._created(f"{prefix}/{hashlib.sha256(content).hexdigest()}", content)

    def replace(self, key: str, data: bytes | BinaryIO) -> Stored:
        """What lies under the key now, whatever lay there before."""
        check_key(key)
        return self._kept(key, _whole(data))

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A seekable reader. IntegrityBroken if nothing lies there."""
        yield io.BytesIO(self._found(key))

    def read(self, key: str, offset: int = 0, size_bytes: int | None = None) -> bytes:
        """Bytes of an object, to its end without a size. IntegrityBroken if there are fewer than asked."""
        data = self._found(key)[offset : None if size_bytes is None else offset + size_bytes]
        if size_bytes is not None and len(data) < size_bytes:
            raise IntegrityBroken("an object is shorter than recorded", where=key, value=f"{len(data)} bytes")
        return data

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with a prefix, sorted."""
        at = bisect_left(self._keys, prefix)
        while at < len(self._keys) and self._keys[at].startswith(prefix):
            yield self._keys[at]
            at += 1

    def contents(self) -> dict[str, bytes]:
        """Every object by its key, as it is now."""
        return dict(self._objects)

    def _found(self, key: str) -> bytes:
        check_key(key)
        try:
            return self._objects[key]
        except KeyError as error:
            raise IntegrityBroken("no object lies under this key", where=key) from error

    def _created(self, key: str, content: bytes) -> Stored:
        if self._objects.get(key, content) != content:
            raise IntegrityBroken("other bytes lie under this key already", where=key)
        return self._kept(key, content)

    def _kept(self, key: str, content: bytes) -> Stored:
        if key not in self._objects:
            self._check_apart(key)
            insort(self._keys, key)
        self._objects[key] = content
        return Stored(key, hashlib.sha256(content).hexdigest(), len(content))

    def _check_apart(self, key: str) -> None:
        """No key is the folder of another, as on a file system."""
        parts = key.split("/")
        above = any("/".join(parts[:size]) in self._objects for size in range(1, len(parts)))
        if above or next(self.keys(f"{key}/"), None) is not None:
            raise IntegrityBroken("this key is not the key of one object", where=key)


def _whole(data: bytes | BinaryIO) -> bytes:
    if isinstance(data, bytes):
        return data
    sink = io.BytesIO()
    while chunk := data.read(CHUNK_BYTES):
        sink.write(chunk)
    return sink.getvalue()
