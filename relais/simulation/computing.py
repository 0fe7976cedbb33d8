"""What is pure and dear is computed once a process: the same bytes always give the same tables.

A thousand schedules check the same few documents again and again. Every operation on a port is still made, in the same
order and with the same bytes; only what lies between two operations is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.memory.store import MemoryStore
from data_contracts import tables
from data_contracts.answers import DiffusedInvoice, Header
from data_contracts.ledger import Batch, Flow
from data_contracts.ports import ObjectStore
from pipelines.admission import stage as admission
from pipelines.admission.pack import Packed
from pipelines.parsing.documents import Document
from pipelines.settlement import drafts
from pipelines.settlement import stage as settlement
from pipelines.settlement.acceptance import Decision, Judged
from pipelines.settlement.checked_tables import CheckedTables
from pipelines.validation import stage as validation
from pipelines.validation.check import JUDGING, OPENING, TERMS, Demand, Engine, Step


@contextmanager
def computed_once() -> Iterator[None]:
    """While it lasts, this process remembers what it reads and checks; one thread of pyarrow is as good as many."""
    if isinstance(pq.read_table, _Read):
        yield
        return
    threads = pa.cpu_count()
    pa.set_cpu_count(1)
    found = _Found(validation.tables_found)
    with ExitStack() as patched:
        for where, name, what in (
            (pq, "read_table", _Read(pq.read_table)),
            (validation, "tables_found", found),
            (validation, "write_tables", found.write),
            (settlement, "CheckedTables", _KeptTables),
            (settlement, "write_outcomes", _Outcomes(settlement.write_outcomes)),
            (drafts, "pivot_parts", _Pivots(drafts.pivot_parts)),
            (admission, "members_file", cache_of_members(admission.members_file)),
        ):
            patched.enter_context(mock.patch.object(where, name, what))
        yield
    pa.set_cpu_count(threads)


class _Read:
    """Tables by the bytes that they were read from."""

    def __init__(self, read: Callable[..., pa.Table]) -> None:
        self._read = read
        self._kept: dict[tuple[bytes, tuple[str, ...]], pa.Table] = {}

    def __call__(self, file: BinaryIO, columns: list[str] | None = None) -> pa.Table:
        key = (file.read(), tuple(columns or ()))
        if key not in self._kept:
            self._kept[key] = self._read(pa.BufferReader(key[0]), columns=columns, use_threads=False)
        return self._kept[key]


class _Found:
    """Tables by the documents that they tell of, and the bytes of those tables."""

    def __init__(self, tables_found: Callable[..., validation.Tables]) -> None:
        self._tables_found = tables_found
        self._kept: dict[tuple[object, ...], validation.Tables] = {}
        self._written: dict[int, dict[str, bytes]] = {}

    def __call__(
        self, asked: Iterator[tuple[Document, Demand]], flows: dict[str, Flow], engine: Engine, step: Step
    ) -> validation.Tables:
        documents = list(asked)
        for _ in documents:
            step(OPENING)
        step(JUDGING)
        engine.judge.meet([document for document, _ in documents])  # type: ignore[attr-defined]
        step(TERMS)
        key = tuple((one.flow_key, one.position, one.sha256, flows[one.flow_key].received_at) for one, _ in documents)
        if key not in self._kept:
            self._kept[key] = self._tables_found(iter(documents), flows, engine, lambda _step: None)
        return self._kept[key]

    def write(self, folder: str, found: validation.Tables, store: ObjectStore) -> None:
        """Nothing; as the stage does. Tables that are kept are told by identity."""
        known = any(found is kept for kept in self._kept.values())
        written = self._written.get(id(found)) if known else None
        if written is None:
            written = {name: validation._parquet(found[name], name) for name in tables.CHECKED}
            if known:
                self._written[id(found)] = written
        for name in tables.CHECKED:
            store.replace(f"{folder}/{name}.parquet", written[name])


class _KeptTables(CheckedTables):
    """Checked tables that are read each time, and understood once."""

    _frames: dict[tuple[bytes, ...], dict[str, Any]] = {}  # noqa: RUF012 - kept by the process, like the class
    _judged: dict[tuple[object, ...], tuple[object, list[Judged]]] = {}  # noqa: RUF012

    def _read(self, batch_id: str) -> dict[str, Any]:
        contents = []
        for name in tables.CHECKED:
            with self._store.open(f"checked/{batch_id}/{name}.parquet") as file:
                contents.append(file.read())
        key = tuple(contents)
        if key not in self._frames:
            of_name = dict(zip(tables.CHECKED, contents, strict=True))
            self._frames[key] = CheckedTables(self._ledger, _OfOne(of_name))._read(batch_id)  # type: ignore[arg-type]
        return self._frames[key]

    def judged(self, flow: Flow) -> list[Judged]:
        """As the stage's."""
        batches = self._ledger.batches_of(flow.flow_key)
        frames = {batch.batch_id: self._batch(batch.batch_id) for batch in batches}
        key = (flow.flow_key, flow.member_count, *map(id, frames.values()))
        if key not in self._judged:
            # Understood without the ports: whether it is remembered must not change the operations that are made.
            apart = CheckedTables(_Batches(batches), self._store)  # type: ignore[arg-type]
            apart._batch = frames.__getitem__  # type: ignore[assignment, method-assign]
            self._judged[key] = (frames, apart.judged(flow))
        return self._judged[key][1]


class _Batches:
    """A ledger that knows the batches of one flow."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches

    def batches_of(self, _flow_key: str) -> Sequence[Batch]:
        return self._batches


class _Outcomes:
    """The bytes of settled tables, by the decisions that they tell of."""

    def __init__(self, write: Callable[..., None]) -> None:
        self._write = write
        self._kept: dict[tuple[object, ...], dict[str, bytes]] = {}

    def __call__(self, folder: str, decisions: Sequence[Decision], store: ObjectStore) -> None:
        key = (folder, *((id(one.judged), one.outcome, one.detail_fr, one.original) for one in decisions))
        if key not in self._kept:
            apart = MemoryStore()
            self._write(folder, decisions, apart)
            self._kept[key] = {name: apart.read(name) for name in (f"{folder}/{kind}.parquet" for kind in _SETTLED)}
        for name, content in self._kept[key].items():
            store.replace(name, content)


_SETTLED = ("outcomes", "findings")


class _Pivots:
    """The bytes of diffusions, by header and invoices."""

    def __init__(self, parts: Callable[..., Iterable[bytes]]) -> None:
        self._parts = parts
        self._kept: dict[tuple[object, ...], bytes] = {}

    def __call__(self, header: Header, count: int, invoices: Iterable[DiffusedInvoice]) -> Iterator[bytes]:
        found = list(invoices)
        key = (header, *((id(one.invoice), one.service_name, one.received_on, one.resend) for one in found))
        if key not in self._kept:
            self._kept[key] = b"".join(self._parts(header, count, found))
        yield self._kept[key]


def cache_of_members(members_file: Callable[..., bytes]) -> Callable[..., bytes]:
    """The same function, which remembers."""
    kept: dict[tuple[object, ...], bytes] = {}

    def remembered(flow_key: str, index: Sequence[Packed]) -> bytes:
        key = (flow_key, *index)
        if key not in kept:
            kept[key] = members_file(flow_key, index)
        return kept[key]

    return remembered


class _OfOne:
    """The tables of one batch, as a store that can only be opened."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """A reader of the table that the key ends with."""
        yield pa.BufferReader(self._contents[key.rpartition("/")[2].removesuffix(".parquet")])
