"""The members of admitted flows, as answers speak of them: their bytes, and the name of the first of two duplicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.ledger import Flow, Ledger, Owner
from data_contracts.messages import Sentences, both
from data_contracts.ports import ObjectStore
from pipelines.validation.control_date import control_date

READ_WHOLE_BYTES = 32_000_000
"""Documents of a flow read at once, rather than each by a request of its own."""

FLOWS_KEPT = 64
"""Flows whose members' names are kept while duplicates are described: 50,000 names are some megabytes."""


def originals(flow: Flow, store: ObjectStore, *, few: bool = False) -> tuple[Sequence[int], Callable[[int], bytes]]:
    """The members' bytes by position, and a reader of one member.

    Cost     the documents of a flow of at most `READ_WHOLE_BYTES` are read at once, when the first one is asked for; of
             a larger flow, whose recipients each get a few, one by one; so also of which only a `few` are wanted.
    """
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as file:
        index = pq.ParquetFile(file).read(["offset", "size_bytes"], use_threads=False).to_pydict()
    offsets, sizes = index["offset"], index["size_bytes"]
    key = f"admitted/{flow.flow_key}/documents"
    whole: list[bytes] = []

    def original(position: int) -> bytes:
        if few or size_bytes > READ_WHOLE_BYTES:
            return store.read(key, offsets[position], sizes[position])
        if not whole:
            whole.append(store.read(key, 0, size_bytes))
        return whole[0][offsets[position] : offsets[position] + sizes[position]]

    size_bytes = offsets[-1] + sizes[-1] if sizes else 0
    return sizes, original


def described(flow: Flow, ledger: Ledger, store: ObjectStore) -> Callable[[Owner], Sentences]:
    """Names the first invoice of a duplicate, in French and English: its flow, its file, the day it came. Of one that
    came through another connection only the day is told: how others name what they send is theirs.

    Cost     one look-up and one read for each flow of first invoices, not for each duplicate.
    """

    @lru_cache(maxsize=FLOWS_KEPT)
    def names(flow_key: str) -> pa.ChunkedArray:
        with store.open(f"admitted/{flow_key}/members.parquet") as file:
            return pq.read_table(file, columns=["name"]).column("name")

    @lru_cache(maxsize=FLOWS_KEPT)
    def came(flow_key: str) -> Flow:
        return ledger.flow(flow_key)

    def told(owner: Owner) -> Sentences:
        first = flow if owner.flow_key == flow.flow_key else came(owner.flow_key)
        day = control_date(first.received_at).isoformat()
        if first.partner_code != flow.partner_code:
            return both("settlement-first-elsewhere", day=day)
        member = names(owner.flow_key)[owner.position].as_py()
        if first is flow:
            return both("settlement-first-here", member=member)
        return both("settlement-first", member=member, flow=first.name, day=day)

    return told
