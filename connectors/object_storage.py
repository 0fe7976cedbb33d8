"""Objects in a local folder: written whole or not at all, and never changed under a name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from connectors.durable_files import make_folder, sha256_of, streamed, sync_folder, written_aside
from data_contracts.errors import ContractBroken, IntegrityBroken, StoreUnavailable
from data_contracts.ports import Stored

KEY_PART_BYTES_MAX = 255
"""UTF-8 bytes between two `/` of a key: what file systems take."""

LEFTOVER_SECONDS = 24 * 3600.0
"""Age at which an unfinished write is taken for one of a killed process."""

_ASIDE = ".writing"  # no key begins with a dot, so no object can lie here


def check_key(key: str) -> None:
    """Nothing, when it can be the key of an object in every store. Errors: ContractBroken."""
    for part in key.split("/"):
        clean = part.isprintable() and "\\" not in part and not part.startswith(".")
        if not part or not clean or len(part.encode()) > KEY_PART_BYTES_MAX:
            raise ContractBroken("this is not a key of the store", where="object key", value=key)


class LocalStore:
    """`data_contracts.ports.ObjectStore` on one file system that knows hard links."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __repr__(self) -> str:
        return f"LocalStore({str(self._root)!r})"

    def prepare(self) -> None:
        """Nothing; the folder exists, and unfinished writes of processes killed a day ago are gone."""
        with _reaching(self._root, "."):
            aside = self._aside()
            oldest_seconds = time.time() - LEFTOVER_SECONDS
            for leftover in aside.iterdir():
                with suppress(FileNotFoundError):
                    if leftover.stat().st_mtime < oldest_seconds:
                        leftover.unlink()

    def put(self, key: str, data: bytes | BinaryIO) -> Stored:
        """What lies under the key, create-only. IntegrityBroken if other bytes lie there."""
        path = self._path(key)
        with (
            _reaching(self._root, key),
            written_aside(self._aside(), streamed(data)) as (aside, sha256, size_bytes),
        ):
            self._create(aside, path, key, sha256, size_bytes)
            return Stored(key, sha256, size_bytes)

    def put_by_hash(self, prefix: str, data: BinaryIO) -> Stored:
        """What lies under `{prefix}/{sha256}` of the stream, create-only. Memory: one chunk."""
        self._path(prefix)
        with (
            _reaching(self._root, prefix),
            written_aside(self._aside(), data) as (aside, sha256, size_bytes),
        ):
            key = f"{prefix}/{sha256}"
            self._create(aside, self._path(key), key, sha256, size_bytes)
            return Stored(key, sha256, size_bytes)

    def replace(self, key: str, data: bytes | BinaryIO) -> Stored:
        """What lies under the key now, whatever lay there before."""
        path = self._path(key)
        with (
            _reaching(self._root, key),
            written_aside(self._aside(), streamed(data)) as (aside, sha256, size_bytes),
        ):
            make_folder(path.parent)
            aside.replace(path)
            sync_folder(path.parent)
            return Stored(key, sha256, size_bytes)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A seekable reader. IntegrityBroken if nothing lies there."""
        path = self._path(key)
        with _reaching(self._root, key):
            stream = path.open("rb")
        with stream:
            yield stream

    def read(self, key: str, offset: int = 0, size_bytes: int | None = None) -> bytes:
        """Bytes of an object, to its end without a size. IntegrityBroken if there are fewer than asked."""
        with self.open(key) as stream, _reaching(self._root, key):
            stream.seek(offset)
            data = stream.read() if size_bytes is None else stream.read(size_bytes)
        if size_bytes is not None and len(data) < size_bytes:
            raise IntegrityBroken(
                "an object is shorter than recorded",
                where=key,
                value=f"{len(data)} bytes from {offset}, {size_bytes} wanted",
                remedy="restore the object from a backup",
            )
        return data

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with a prefix, sorted. Memory: the names of one folder a level."""
        folder, _, _ = prefix.rpartition("/")
        start = self._path(folder) if folder else self._root
        with _reaching(self._root, prefix):
            yield from _keys_under(start, f"{folder}/" if folder else "", prefix)

    def _aside(self) -> Path:
        folder = self._root / _ASIDE
        make_folder(folder)
        return folder

    def _create(self, aside: Path, path: Path, key: str, sha256: str, size_bytes: int) -> None:
        make_folder(path.parent)
        try:
            os.link(aside, path)
        except FileExistsError:
            if path.stat().st_size != size_bytes or sha256_of(path) != sha256:
                raise IntegrityBroken(
                    "other bytes lie under this key already",
                    where=key,
                    value=sha256,
                    remedy="a rerun must write what the first run wrote; compare the versions of the two",
                ) from None
        # Also when the name was there: its writer may have been killed before it was durable.
        sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / key


def _keys_under(folder: Path, lead: str, prefix: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            # A folder sorts with its slash, as its keys do.
            found = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries)
    except FileNotFoundError:
        return
    for name in found:
        key = lead + name
        if name.startswith(".") or not (key.startswith(prefix) or prefix.startswith(key)):
            continue
        if name.endswith("/"):
            yield from _keys_under(folder / name, key, prefix)
        elif key.startswith(prefix):
            yield key


@contextmanager
def _reaching(root: Path, key: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        if not root.is_dir():
            raise _unavailable(root, error) from error
        nothing = isinstance(error, FileNotFoundError)
        raise IntegrityBroken(
            "no object lies under this key" if nothing else "this key is not the key of one object",
            where=key,
            value=error.strerror or "",
            remedy="run the stage that writes it again, or restore it from a backup",
        ) from error
    except OSError as error:
        raise _unavailable(root, error) from error


def _unavailable(root: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        "the object store does not answer or is full",
        where=str(root),
        value=error.strerror or str(error),
        remedy="free some space, or mount the disk again",
    )
