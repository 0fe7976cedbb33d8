"""Reading objects by ranges: seekable, in bounded memory, taken up again where a broken connection left off."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.s3_server import BeyondEnd, ConditionFailed, NothingThere, S3Server

FIRST_BYTES = 1 << 20
"""Fetched at once when a reader opens: most objects are smaller, and need no second request."""

BLOCK_BYTES_MAX = 1 << 23
"""Blocks double in size up to this as long as a reader goes straight on."""

SHA256 = "sha256"
"""The metadata of an object that holds the SHA-256 of its bytes."""


@dataclass(frozen=True)
class Look:
    """What the server says of an object. `etag` with its quotes; `sha256` empty if its writer did not say."""

    size_bytes: int
    etag: str
    modified: datetime
    sha256: str


def look(answer: dict[str, Any]) -> Look:
    """What the answer to a request about one object says of it."""
    whole = str(answer.get("ContentRange", "")).rpartition("/")[2]
    size_bytes = int(whole) if whole.isdigit() else int(answer["ContentLength"])
    return Look(size_bytes, answer["ETag"], answer["LastModified"], answer.get("Metadata", {}).get(SHA256, ""))


def fetched(server: S3Server, key: str, start: int, size_bytes: int, **of_which: str) -> tuple[bytes, Look]:
    """Bytes from an offset on, fewer at the object's end; with IfMatch or VersionId, only of that very object.

    Errors   NothingThere, BeyondEnd, ConditionFailed.
    """
    wanted = f"bytes={start}-{start + size_bytes - 1}"

    def work() -> tuple[bytes, Look]:
        answer = server.call("get_object", key, Range=wanted, **of_which)
        # As a context, the body would be the bare stream, whose errors are not botocore's.
        with closing(answer["Body"]) as body:
            return body.read(), look(answer)

    return server.kept_up(key, work)


class S3Reader(io.RawIOBase):
    """A seekable reader of one object, or of one version of it. `changed` makes the error for an object that is another
    at a later request; `damaged` the one for bytes, read from start to end, whose SHA-256 is not the recorded one.

    Errors   NothingThere when it opens.
    """

    def __init__(
        self,
        server: S3Server,
        key: str,
        *,
        changed: Callable[[], Exception],
        damaged: Callable[[str], Exception],
        version: str = "",
    ) -> None:
        super().__init__()
        self._server = server
        self._key = key
        self._changed = changed
        self._damaged = damaged
        self._version = {"VersionId": version} if version else {}
        self._at = 0
        self._block_at = 0
        self._block_bytes = FIRST_BYTES
        try:
            block, self.look = fetched(server, key, 0, FIRST_BYTES, **self._version)
        except BeyondEnd:
            block, self.look = b"", look(server.call("head_object", key, **self._version))
        self._block = memoryview(block)
        self._digest = hashlib.sha256()
        self._digested_bytes = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.look.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError("a reader cannot go before the start")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._piece(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: bytes(self._piece(BLOCK_BYTES_MAX)), b""))

    def _piece(self, bytes_most: int) -> memoryview:
        """What follows, as far as it is here."""
        if self._at >= self.look.size_bytes:
            return memoryview(b"")
        if not 0 <= self._at - self._block_at < len(self._block):
            self._fetch()
        start = self._at - self._block_at
        piece = self._block[start : start + bytes_most]
        self._digest_next(piece)
        self._at += len(piece)
        return piece

    def _fetch(self) -> None:
        straight_on = self._at == self._block_at + len(self._block)
        self._block_bytes = min(2 * self._block_bytes, BLOCK_BYTES_MAX) if straight_on else FIRST_BYTES
        self._block = memoryview(b"")
        try:
            condition = {"IfMatch": self.look.etag} | self._version
            block, now = fetched(self._server, self._key, self._at, self._block_bytes, **condition)
        except (NothingThere, ConditionFailed, BeyondEnd) as error:
            raise self._changed() from error
        if now.etag != self.look.etag or not block:
            raise self._changed()
        self._block_at, self._block = self._at, memoryview(block)

    def _digest_next(self, piece: memoryview) -> None:
        """A reader that skips proves nothing; one that goes from start to end proves the whole object."""
        if not self.look.sha256 or self._at != self._digested_bytes:
            return
        self._digest.update(piece)
        self._digested_bytes += len(piece)
        if self._digested_bytes == self.look.size_bytes and self._digest.hexdigest() != self.look.sha256:
            raise self._damaged(self._digest.hexdigest())
