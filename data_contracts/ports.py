"""Ports: what the stages ask of the outside.

Connectors implement them; tests run the same suite on every implementation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

# ---- time ----------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Business time: what is written on answers. Leases and durations use the machine's own clock instead."""

    def now(self) -> datetime:
        """An aware UTC datetime."""
        ...


# ---- objects -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stored:
    """What lies in the store under a key. `sha256` is lower-case hex of the bytes."""

    key: str
    sha256: str
    size_bytes: int


class ObjectStore(Protocol):
    """Keys are relative paths with `/`. Writes are atomic and durable before the call returns.

    Errors   StoreUnavailable when the store cannot be reached or is full; IntegrityBroken as each method says.
    """

    def put(self, key: str, data: bytes | BinaryIO) -> Stored:
        """Create-only. The same bytes again are a no-op; IntegrityBroken if other bytes lie there."""
        ...

    def put_by_hash(self, prefix: str, data: BinaryIO) -> Stored:
        """Store a stream of unknown hash under `{prefix}/{sha256}`, create-only, in bounded memory."""
        ...

    def replace(self, key: str, data: bytes | BinaryIO) -> Stored:
        """Write atomically, whatever lies there. For intermediate results that a rerun computes again."""
        ...

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """A seekable reader. IntegrityBroken if nothing lies there."""
        ...

    def read(self, key: str, offset: int = 0, size_bytes: int | None = None) -> bytes:
        """Bytes of an object. IntegrityBroken if nothing lies there or fewer bytes than asked."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with a prefix, sorted."""
        ...


# ---- partners' mailboxes -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deposit:
    """One complete file in a partner's drop. `identity` tells this file from a later one of the same name
    (device, inode, size and times of change for a local drop), so a crash is never taken for a resend."""

    partner_code: str
    name: str
    size_bytes: int
    identity: str


class Mailbox(Protocol):
    """Partners' drops and out folders. Errors: PartnerUnavailable when one cannot be reached."""

    def incoming(self) -> Iterator[Deposit]:
        """Complete files of every partner's drop, sorted by partner code then name; bounded memory."""
        ...

    def open(self, deposit: Deposit) -> AbstractContextManager[BinaryIO]:
        """A reader of the deposit's bytes. PartnerUnavailable if the file changed or vanished since it was listed."""
        ...

    def remove(self, deposit: Deposit) -> None:
        """Take the file out of the drop; a no-op if it is gone or no longer the same file."""
        ...

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Write `{name}.{part}.part` durably in the partner's out folder, replacing a leftover."""
        ...

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Give what was staged as `part` its final name, atomically and durably. A no-op if it is gone: nothing but
        publishing takes away a part that is to be published. IntegrityBroken if other bytes bear the final name."""
        ...

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Take away what was staged as `part` and is not to be published; a no-op if nothing was."""
        ...
