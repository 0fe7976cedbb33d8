"""Tables of the store that many ask for one after the other: read once, and kept within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as Positions
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.ledger import Owner
from data_contracts.limits import MEGABYTE
from data_contracts.ports import ObjectStore
from pipelines.unmade_rows import Row, UnmadeRows

KEPT_BYTES = 64 * MEGABYTE
"""Bytes of tables that are kept. The invoices of a full batch are some 2 MB: statuses of a day speak of few batches."""

TABLE_BYTES = 8_000
"""Bytes that a table takes besides its rows, about."""

FEW_ROWS = 32
"""Up to so many rows, making them all costs less than looking for some."""


class KeptTables:
    """Reads Parquet objects that never change, and keeps the last ones used."""

    def __init__(self, store: ObjectStore, kept_bytes: int = KEPT_BYTES) -> None:
        self._store = store
        self._kept_bytes = kept_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, pa.Table] = OrderedDict()

    def table(self, key: str, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of an object; of one that is ever asked for the same columns. What an older release did not write
        yet is null."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        data = pa.BufferReader(self._store.read(key))
        file = pq.ParquetFile(data)
        # The general road finds its way through other schemas, and takes eight times as long for a small table.
        if file.schema_arrow.equals(schema):
            found = file.read(columns=columns, use_threads=False)
        else:
            found = pq.read_table(data, schema=schema, columns=columns)
        self._kept[key] = found
        self._bytes += _size_bytes(found)
        while self._bytes > self._kept_bytes and len(self._kept) > 1:
            self._bytes -= _size_bytes(self._kept.popitem(last=False)[1])
        return found


class TableRows(UnmadeRows[Row]):
    """Consecutive rows of a table, each a dict, made when they are read: as columns they take a tenth."""

    __slots__ = ("_count", "_start", "_table")

    def __init__(self, table: pa.Table, start: int, count: int) -> None:
        self._table, self._start, self._count = table, start, count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        return iter(self._table.slice(self._start, self._count).to_pylist())


def rows_of(
    table: pa.Table, wanted: Mapping[str, Positions[int]], *, unmade: bool = False
) -> dict[Owner, Sequence[Any]]:
    """The rows of invoices, named by positions of flows, in the order of the table; of those that have some.

    Shape    `unmade`: each becomes a dict when it is read; those of a small table are made at once.
    Cost     a scan of the keys; memory of the rows found.
    """
    if table.num_rows <= FEW_ROWS:
        return _looked_through(table.to_pylist(), wanted)
    places = _places(table, wanted)
    few = table.take(pa.array([place for held in places.values() for place in held], pa.uint64()))
    made = None if unmade else few.to_pylist()
    found: dict[Owner, Sequence[Any]] = {}
    start = 0
    for owner, held in places.items():
        end = start + len(held)
        found[owner] = TableRows[Any](few, start, len(held)) if made is None else made[start:end]
        start = end
    return found


def _looked_through(rows: Sequence[dict[str, Any]], wanted: Mapping[str, Positions[int]]) -> dict[Owner, Sequence[Any]]:
    found: dict[Owner, list[Any]] = {}
    for row in rows:
        if row["position"] in wanted.get(row["flow_key"], ()):
            found.setdefault(Owner(row["flow_key"], row["position"]), []).append(row)
    return dict(found)


def _places(table: pa.Table, wanted: Mapping[str, Positions[int]]) -> dict[Owner, list[int]]:
    positions = pa.array(sorted(set().union(*wanted.values())), table.schema.field("position").type)
    inside = pc.and_(
        pc.is_in(table.column("flow_key"), value_set=pa.array(sorted(wanted), pa.string())),
        pc.is_in(table.column("position"), value_set=positions),
    )
    at = pc.indices_nonzero(inside)
    keys = table.select(["flow_key", "position"]).take(at).to_pydict()
    places: dict[Owner, list[int]] = {}
    for flow_key, position, place in zip(keys["flow_key"], keys["position"], at.to_pylist(), strict=True):
        if position in wanted[flow_key]:
            places.setdefault(Owner(flow_key, position), []).append(place)
    return places


def _size_bytes(table: pa.Table) -> int:
    return int(table.get_total_buffer_size()) + TABLE_BYTES
