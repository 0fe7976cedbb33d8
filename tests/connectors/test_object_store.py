"""The object store: whole or absent, create-only, whatever happens between two operations."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.object_storage import LEFTOVER_SECONDS, LocalStore
from data_contracts.errors import ContractBroken, IntegrityBroken, StoreUnavailable
from data_contracts.ports import ObjectStore, Stored
from tests.connectors.scenes import in_child, killed_at

BYTES = b"facture " * 10_000
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.mark.parametrize("given", [bytes, io.BytesIO], ids=["bytes", "stream"])
def test_what_is_put_is_read_back(store: ObjectStore, given: Callable[[bytes], bytes | io.BytesIO]) -> None:
    assert store.put("checked/b1/lines.parquet", given(BYTES)) == Stored("checked/b1/lines.parquet", SHA256, len(BYTES))
    assert store.read("checked/b1/lines.parquet") == BYTES
    assert store.read("checked/b1/lines.parquet", 3, 5) == BYTES[3:8]
    assert store.read("checked/b1/lines.parquet", len(BYTES) - 2) == BYTES[-2:]
    assert store.read("checked/b1/lines.parquet", len(BYTES), 0) == b""
    with store.open("checked/b1/lines.parquet") as stream:
        stream.seek(8)
        assert stream.read(7) == b"facture"


def test_a_key_is_created_once(store: ObjectStore) -> None:
    first = store.put("a/b", b"one")
    assert store.put("a/b", io.BytesIO(b"one")) == first
    for other in (b"two", b"", b"one more"):
        with pytest.raises(IntegrityBroken, match="other bytes"):
            store.put("a/b", other)
    assert store.read("a/b") == b"one"
    assert store.replace("a/b", b"two").sha256 == hashlib.sha256(b"two").hexdigest()
    assert store.read("a/b") == b"two"


def test_a_stream_lies_under_its_hash(store: ObjectStore) -> None:
    for _ in range(2):
        assert store.put_by_hash("landing", io.BytesIO(BYTES)) == Stored(f"landing/{SHA256}", SHA256, len(BYTES))
    assert list(store.keys("landing/")) == [f"landing/{SHA256}"]
    empty = store.put_by_hash("landing", io.BytesIO())
    assert (empty.size_bytes, store.read(empty.key)) == (0, b"")


def test_a_stream_is_stored_in_bounded_memory(store: ObjectStore) -> None:
    class Zeros(io.RawIOBase):
        left = 20_000_000
        largest = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 1 << 20, "the whole stream was asked for at once"
            given = min(size, self.left)
            self.left -= given
            return bytes(given)

    assert store.put_by_hash("landing", Zeros()).size_bytes == 20_000_000  # type: ignore[arg-type]


def test_keys_come_sorted_and_by_prefix(store: ObjectStore) -> None:
    keys = ["a.b/x", "a/b", "a/b.c/d", "a/b0", "a0", "settled/f1/outcomes", "settled/f10/outcomes"]
    for key in reversed(keys):
        store.replace(key, b"")
    assert list(store.keys("")) == sorted(keys)
    assert list(store.keys("a/")) == ["a/b", "a/b.c/d", "a/b0"]
    assert list(store.keys("a/b")) == ["a/b", "a/b.c/d", "a/b0"]
    assert list(store.keys("settled/f1/")) == ["settled/f1/outcomes"]
    assert list(store.keys("settled/f1")) == keys[-2:]
    assert list(store.keys("nothing/")) == list(store.keys("nothing")) == []


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".writing/x", "a\\b", "a\0b", "é" * 200]
)
def test_a_key_that_leads_elsewhere_is_refused(store: ObjectStore, key: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.put(key, b""),
        lambda: store.replace(key, b""),
        lambda: store.read(key),
        lambda: store.put_by_hash(key, io.BytesIO()),
        lambda: store.open(key).__enter__(),
    ]
    for call in calls:
        with pytest.raises(ContractBroken, match="not a key"):
            call()


def test_what_is_not_there_is_broken_integrity(store: ObjectStore) -> None:
    store.put("a/b", b"12345")
    for key in ("a/c", "a", "a/b/c", "absent/d"):
        with pytest.raises(IntegrityBroken):
            store.read(key)
    with pytest.raises(IntegrityBroken, match="shorter"):
        store.read("a/b", 3, 3)


def test_on_a_file_system_no_object_lies_below_another(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put("a/b", b"12345")
    with pytest.raises(IntegrityBroken):
        store.put("a/b/c", b"")


@pytest.mark.parametrize("write", ["put", "replace", "put_by_hash"])
def test_killed_at_any_operation_an_object_is_whole_or_absent(tmp_path: Path, write: str) -> None:
    operation, code = 0, 9
    while code == 9:
        operation += 1
        store = LocalStore(tmp_path / str(operation))
        prefix = "landing" if write == "put_by_hash" else f"landing/{SHA256}"

        def work(store: LocalStore = store, prefix: str = prefix) -> None:
            getattr(store, write)(prefix, io.BytesIO(BYTES))

        code = in_child(killed_at(operation, work))
        store.prepare()
        keys = list(store.keys(""))
        assert keys in ([], [f"landing/{SHA256}"])
        assert all(store.read(key) == BYTES for key in keys)
        work()
        assert list(store.keys("")) == [f"landing/{SHA256}"]
        assert store.read(f"landing/{SHA256}") == BYTES
    assert code == 0
    assert operation > 8


@pytest.mark.parametrize("failing", ["write", "fsync", "link"])
def test_a_full_disk_is_said_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    store = LocalStore(tmp_path / "store")
    store.prepare()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, failing, full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            store.put("a/b", BYTES)
    assert list(store.keys("")) == []
    assert list((tmp_path / "store" / ".writing").iterdir()) == []
    store.put("a/b", BYTES)


def test_short_writes_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path / "store")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:1000]))
    assert store.put("a/b", BYTES).size_bytes == len(BYTES)
    assert store.read("a/b") == BYTES


def test_leftovers_of_yesterday_are_swept_and_those_of_today_left(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.prepare()
    old, young = tmp_path / ".writing" / "writing-old", tmp_path / ".writing" / "writing-young"
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    before = time.time() - LEFTOVER_SECONDS - 60
    os.utime(old, (before, before))
    store.prepare()
    assert (old.exists(), young.exists()) == (False, True)
    assert list(store.keys("")) == []


def test_a_store_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "unmounted")
    with pytest.raises(StoreUnavailable):
        store.read("a/b")
