"""Objects in a bucket of an S3 server: written whole or not at all, and never changed under a name.

Small objects are created by one conditional request. Of a large stream nobody knows the hash before its end: it is
written in parts under a name of its own, then copied by the server to its key, create-only, with the hash in its
metadata. Servers also take conditions where parts become an object, but not all of them keep that promise among several
writers; for copies they do.
"""

from __future__ import annotations

import hashlib
import io
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from connectors.durable_files import streamed
from connectors.object_storage import LEFTOVER_SECONDS, check_key
from connectors.s3_place import S3Place
from connectors.s3_reading import FIRST_BYTES, SHA256, Look, S3Reader, fetched, look
from connectors.s3_server import PAGE_KEYS, STORE, BeyondEnd, ConditionFailed, NothingThere, S3Server
from connectors.s3_writing import (
    COPY_BYTES_MAX,
    PART_BYTES,
    Written,
    first_part,
    sweep_uploads,
    write_large,
    write_small,
)
from data_contracts.errors import ConfigurationError, ContractBroken, IntegrityBroken, StoreUnavailable
from data_contracts.ports import Stored

_ASIDE = ".writing/"  # no key begins with a dot, so no object can lie here
_MARK = ".create-only"


class S3Store:
    """`data_contracts.ports.ObjectStore` on one bucket, below the prefix of the place."""

    def __init__(self, place: S3Place) -> None:
        self._place = place
        self._server = S3Server(place, STORE)

    def __repr__(self) -> str:
        return f"S3Store({self._place.shown()!r})"

    def prepare(self) -> None:
        """Nothing; the server creates and never overwrites, and unfinished writes of a day ago are gone.

        Errors   ConfigurationError when the bucket is missing, refused to us, or on a server that overwrites.
        """
        self._check_create_only()
        aside = self._place.prefix + _ASIDE
        sweep_uploads(self._server, aside, LEFTOVER_SECONDS)
        oldest_seconds = time.time() - LEFTOVER_SECONDS
        for page in self._server.pages("list_objects_v2", Prefix=aside):
            for row in page.get("Contents", ()):
                if row["LastModified"].timestamp() < oldest_seconds:
                    self._server.call("delete_object", row["Key"])

    def put(self, key: str, data: bytes | BinaryIO) -> Stored:
        """What lies under the key, create-only. IntegrityBroken if other bytes lie there."""
        check_key(key)
        return self._written(key, streamed(data), create_only=True)

    def put_by_hash(self, prefix: str, data: BinaryIO) -> Stored:
        """What lies under `{prefix}/{sha256}` of the stream, create-only.

        Cost     memory for some parts; a large stream is copied once by the server.
        """
        check_key(prefix)
        return self._written(prefix, data, create_only=True, by_hash=True)

    def replace(self, key: str, data: bytes | BinaryIO) -> Stored:
        """What lies under the key now, whatever lay there before."""
        check_key(key)
        return self._written(key, streamed(data), create_only=False)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A seekable reader. IntegrityBroken if nothing lies there, or at the end of what is read from the start if it
        is not what was written."""
        check_key(key)
        with io.BufferedReader(self._reader(key), FIRST_BYTES) as stream:
            yield stream

    def read(self, key: str, offset: int = 0, size_bytes: int | None = None) -> bytes:
        """Bytes of an object, to its end without a size. IntegrityBroken if there are fewer than asked."""
        check_key(key)
        if size_bytes:
            return self._read_exactly(key, offset, size_bytes)
        with self._reader(key) as reader:
            reader.seek(offset)
            return b"" if size_bytes == 0 else reader.readall()

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with a prefix, sorted. Memory: the names of one folder a level.

        Listed folder by folder, since servers with folders of their own sort `a/b` before `a.b`.
        """
        lead = self._place.prefix
        names: list[str] = []
        for page in self._server.pages("list_objects_v2", Prefix=lead + prefix, Delimiter="/", MaxKeys=PAGE_KEYS):
            # An object named like a folder is one that another tool made to show it.
            names += [row["Key"] for row in page.get("Contents", ()) if not row["Key"].endswith("/")]
            names += [row["Prefix"] for row in page.get("CommonPrefixes", ())]
        for name in sorted(names):
            key = name.removeprefix(lead)
            if key.startswith("."):
                continue
            if key.endswith("/"):
                yield from self.keys(key)
            else:
                yield key

    # ---- writing ----

    def _written(self, key: str, data: BinaryIO, *, create_only: bool, by_hash: bool = False) -> Stored:
        first = first_part(data)
        if len(first) < PART_BYTES:
            if by_hash:
                key = f"{key}/{hashlib.sha256(first).hexdigest()}"
            return self._small(key, first, create_only)
        # Two writers never share the name, so a killed one can only leave something behind.
        aside = f"{self._place.prefix}{_ASIDE}{uuid.uuid4().hex}"
        written = write_large(self._server, aside, first, data)
        try:
            if by_hash:
                key = f"{key}/{written.sha256}"
            return self._copied(aside, key, written, create_only)
        finally:
            self._server.call("delete_object", aside)

    def _small(self, key: str, data: bytes, create_only: bool) -> Stored:
        try:
            written = write_small(self._server, self._place.prefix + key, data, create_only=create_only)
        except ConditionFailed:
            return self._same(key, Written(hashlib.sha256(data).hexdigest(), len(data)))
        return Stored(key, written.sha256, written.size_bytes)

    def _copied(self, aside: str, key: str, written: Written, create_only: bool) -> Stored:
        if written.size_bytes > COPY_BYTES_MAX:
            raise ContractBroken(
                "an object is larger than servers copy",
                where=key,
                value=f"{written.size_bytes} bytes",
                remedy=f"keep flows below {COPY_BYTES_MAX} bytes",
            )
        try:
            self._server.call(
                "copy_object",
                self._place.prefix + key,
                CopySource={"Bucket": self._place.bucket, "Key": aside},
                MetadataDirective="REPLACE",
                Metadata={SHA256: written.sha256},
                **({"IfNoneMatch": "*"} if create_only else {}),
            )
        except ConditionFailed:
            return self._same(key, written)
        except NothingThere as error:
            raise self._server.unavailable(key, "what was written aside is gone") from error
        return Stored(key, written.sha256, written.size_bytes)

    def _same(self, key: str, written: Written) -> Stored:
        """What lies there already, when it is the same."""
        try:
            there = look(self._server.call("head_object", self._place.prefix + key))
        except NothingThere as error:
            raise self._server.unavailable(key, "the object was there and is gone") from error
        if there.size_bytes != written.size_bytes or self._sha256(key, there) != written.sha256:
            raise IntegrityBroken(
                "other bytes lie under this key already",
                where=key,
                value=written.sha256,
                remedy="a rerun must write what the first run wrote; compare the versions of the two",
            )
        return Stored(key, written.sha256, written.size_bytes)

    def _sha256(self, key: str, there: Look) -> str:
        """Of an object that another tool wrote, by reading it."""
        if there.sha256:
            return there.sha256
        with io.BufferedReader(self._reader(key), FIRST_BYTES) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _check_create_only(self) -> None:
        """A server that overlooks the condition would lose objects without a word: it is asked to overwrite a mark."""
        mark = self._place.prefix + _MARK
        copy = {"CopySource": {"Bucket": self._place.bucket, "Key": mark + "-source"}, "IfNoneMatch": "*"}
        try:
            for _ in range(2):
                write_small(self._server, mark, b"mark", create_only=True)
        except ConditionFailed:
            try:
                self._server.call("copy_object", mark, **copy)
            except ConditionFailed:
                return
            except NothingThere:
                write_small(self._server, mark + "-source", b"source", create_only=False)
                self._check_create_only()
                return
        raise ConfigurationError(
            "the S3 server overwrites what it was asked only to create",
            where=self._place.shown(),
            remedy="use a server that heeds If-None-Match on PutObject and CopyObject",
        )

    # ---- reading ----

    def _reader(self, key: str) -> S3Reader:
        def changed() -> StoreUnavailable:
            return StoreUnavailable(
                "an object was replaced while it was read", where=key, remedy="nothing: it is read again"
            )

        def damaged(sha256: str) -> IntegrityBroken:
            return IntegrityBroken(
                "an object is not what was written", where=key, value=sha256, remedy="restore it from a backup"
            )

        try:
            return S3Reader(self._server, self._place.prefix + key, changed=changed, damaged=damaged)
        except NothingThere as error:
            raise _nothing(key) from error

    def _read_exactly(self, key: str, offset: int, size_bytes: int) -> bytes:
        try:
            data, _ = fetched(self._server, self._place.prefix + key, offset, size_bytes)
        except NothingThere as error:
            raise _nothing(key) from error
        except BeyondEnd:
            data = b""
        if len(data) < size_bytes:
            raise IntegrityBroken(
                "an object is shorter than recorded",
                where=key,
                value=f"{len(data)} bytes from {offset}, {size_bytes} wanted",
                remedy="restore the object from a backup",
            )
        return data


def _nothing(key: str) -> IntegrityBroken:
    return IntegrityBroken(
        "no object lies under this key",
        where=key,
        remedy="run the stage that writes it again, or restore it from a backup",
    )
