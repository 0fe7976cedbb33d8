"""Files that survive a power cut: written whole beside their place, then given their name at once."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20


def streamed(data: bytes | BinaryIO) -> BinaryIO:
    """A stream of the data."""
    return io.BytesIO(data) if isinstance(data, bytes) else data


def write_durably(descriptor: int, data: BinaryIO) -> tuple[str, int]:
    """SHA-256 and size of what was written to an open file, which is on disk when this returns.

    Cost     one chunk of memory whatever the size.
    """
    digest = hashlib.sha256()
    size_bytes = 0
    while chunk := data.read(CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)
    return digest.hexdigest(), size_bytes


@contextmanager
def written_aside(folder: Path, data: BinaryIO) -> Iterator[tuple[Path, str, int]]:
    """Path, SHA-256 and size of a temporary file with the data. It is gone afterwards, unless renamed."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix="writing-")
    aside = Path(name)
    try:
        try:
            sha256, size_bytes = write_durably(descriptor, data)
        finally:
            os.close(descriptor)
        yield aside, sha256, size_bytes
    finally:
        aside.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Nothing; names given or taken in the folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Nothing; the folder and those above it exist, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
