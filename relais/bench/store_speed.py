"""What keeping objects costs: small and large ones, in a folder and in a bucket, beside each other."""

from __future__ import annotations

import io
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from connectors.object_storage import LocalStore
from connectors.settings import FILE_NAME, load
from data_contracts.errors import ConfigurationError
from data_contracts.ports import ObjectStore

FOLDER = "relais-bench"
SMALL_BYTES = 20_000
CHUNK_BYTES = 1 << 20
METHOD = (
    "Wall clock, one object after the other; what is written is durable when the call returns, as far as the server "
    "says so. Large: a stream of unknown hash in, its bytes read to the end. CPU: of this process alone. A pipeline's "
    "objects are flows, batches and answers, never single invoices."
)


@dataclass(frozen=True)
class Rate:
    """One measure: a second's objects or MB (1,000,000 bytes), and what it cost this process."""

    store: str
    work: str
    unit: str
    a_second: float
    cpu_seconds: float


def store_figures(
    home: Path | None, *, objects: int, large_bytes: int, rounds: int, done: Callable[[], None]
) -> list[Rate]:
    """The best of some rounds of every work, on a folder and, with a home, on its bucket.

    Errors   ConfigurationError when the home names no bucket; StoreUnavailable.
    """
    found: list[Rate] = []
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
        local = LocalStore(Path(folder))
        local.prepare()
        found += _best(local, "folder", objects, large_bytes, rounds, done)
    if home is not None:
        with _bucket(home) as store:
            found += _best(store, "bucket", objects, large_bytes, rounds, done)
    return found


def _best(
    store: ObjectStore, name: str, objects: int, large_bytes: int, rounds: int, done: Callable[[], None]
) -> list[Rate]:
    best: dict[str, Rate] = {}
    for number in range(rounds):
        for rate in _round(store, name, number, objects, large_bytes):
            if rate.work not in best or rate.a_second > best[rate.work].a_second:
                best[rate.work] = rate
        done()
    return list(best.values())


def _round(store: ObjectStore, name: str, number: int, objects: int, large_bytes: int) -> Iterator[Rate]:
    data = random.Random(number).randbytes(max(SMALL_BYTES, CHUNK_BYTES))
    keys = [f"{FOLDER}/{number}/{each:06d}" for each in range(objects)]
    small = f"of {SMALL_BYTES:,} bytes"
    large = f"of {large_bytes / 1e6:,.0f} MB"

    def put() -> None:
        for each, key in enumerate(keys):
            store.put(key, data[each : each + SMALL_BYTES])

    def read() -> None:
        for key in keys:
            store.read(key)

    def put_large() -> None:
        landed.append(store.put_by_hash(f"{FOLDER}/large", _Repeated(data, large_bytes)).key)  # type: ignore[arg-type]

    def read_large() -> None:
        with store.open(landed[0]) as stream:
            while stream.read(CHUNK_BYTES):
                pass

    landed: list[str] = []
    yield _timed(name, f"put {small}", "objects/s", objects, put)
    yield _timed(name, f"read {small}", "objects/s", objects, read)
    yield _timed(name, f"put {large}", "MB/s", large_bytes / 1e6, put_large)
    yield _timed(name, f"read {large}", "MB/s", large_bytes / 1e6, read_large)


def _timed(store: str, work: str, unit: str, amount: float, call: Callable[[], None]) -> Rate:
    began, cpu = time.perf_counter(), time.process_time()
    call()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return Rate(store, work, unit, amount / seconds, cpu_seconds)


class _Repeated(io.RawIOBase):
    """A stream of so many bytes, made of the same ones over and over."""

    def __init__(self, data: bytes, size_bytes: int) -> None:
        super().__init__()
        self._data = data
        self._left_bytes = size_bytes

    def read(self, size: int = -1) -> bytes:
        piece = self._data[: min(size if size >= 0 else len(self._data), self._left_bytes)]
        self._left_bytes -= len(piece)
        return piece


@contextmanager
def _bucket(home: Path) -> Iterator[ObjectStore]:
    """The home's bucket. What the bench put there is deleted afterwards."""
    place = load(home).store_place
    if place is None:
        raise ConfigurationError(
            "the home keeps its objects in no bucket",
            where=str(home / FILE_NAME),
            remedy="describe one; our own: python -m infra.seaweedfs.service up",
        )
    from connectors.s3_server import STORE, S3Server
    from connectors.s3_store import S3Store

    store = S3Store(place)
    store.prepare()
    try:
        yield store
    finally:
        server = S3Server(place, STORE)
        for key in store.keys(f"{FOLDER}/"):
            server.call("delete_object", place.prefix + key)


def store_tables(rates: list[Rate]) -> list[RenderableType]:
    """The table of what was measured, and how."""
    stores = list(dict.fromkeys(rate.store for rate in rates))
    table = Table("objects", *(title for store in stores for title in (store, f"{store}: CPU")), box=SIMPLE_HEAD)
    for work in dict.fromkeys(rate.work for rate in rates):
        of_work = [rate for rate in rates if rate.work == work]
        cells = [cell for r in of_work for cell in (f"{r.a_second:,.0f} {r.unit}", f"{r.cpu_seconds:.2f} s")]
        table.add_row(work, *cells)
    return [table, Text(METHOD)]


def store_json(rates: list[Rate]) -> dict[str, Any]:
    """The same as data."""
    return {"method": METHOD, "rates": [asdict(rate) for rate in rates]}
