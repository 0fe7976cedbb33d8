"""Documents of a batch, read back from the store with their hashes proved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts import tables
from data_contracts.errors import IntegrityBroken
from data_contracts.ledger import Slice
from data_contracts.ports import ObjectStore
from pipelines.parsing.documents import Document


def members(store: ObjectStore, part: Slice) -> list[dict[str, Any]]:
    """The rows of `tables.MEMBERS` that a slice holds, by position.

    Errors   IntegrityBroken when a member of the slice is not in the table.
    """
    key = f"admitted/{part.flow_key}/members.parquet"
    with store.open(key) as file:
        table = tables.conforming(pq.read_table(file), tables.MEMBERS, key)
    position = table.column("position")
    inside = pc.and_(pc.greater_equal(position, part.first), pc.less(position, part.first + part.count))
    rows: list[dict[str, Any]] = table.filter(inside).sort_by("position").to_pylist()
    if [row["position"] for row in rows] != list(range(part.first, part.first + part.count)):
        raise IntegrityBroken(
            "the table of members does not hold every member of the batch",
            where=key,
            value=f"{len(rows)} of {part.count} from {part.first}",
            remedy="restore the object from a backup, then run the batch again",
        )
    return rows


def documents(store: ObjectStore, part: Slice) -> Iterator[Document]:
    """The documents of a slice, by position. One read of the store a slice, one document in memory beside it.

    Errors   IntegrityBroken when bytes are missing, or are not those whose hash admission recorded.
    """
    rows = members(store, part)
    if not rows:
        return
    key = f"admitted/{part.flow_key}/documents"
    start = min(row["offset"] for row in rows)
    end = max(row["offset"] + row["size_bytes"] for row in rows)
    pack = memoryview(store.read(key, start, end - start))
    for row in rows:
        offset = row["offset"] - start
        data = bytes(pack[offset : offset + row["size_bytes"]])
        digest = hashlib.sha256(data).hexdigest()
        if digest != row["sha256"]:
            raise IntegrityBroken(
                "a stored document is not the one that was admitted",
                where=f"{key} member {row['position']}",
                value=f"sha256 {digest} for {row['sha256']}",
                remedy="restore the object from a backup, then run the batch again",
            )
        yield Document(part.flow_key, row["position"], row["name"], data, digest)
