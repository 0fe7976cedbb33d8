"""The first of two duplicates, named: as often as asked, from one look-up of its flow."""

from __future__ import annotations

import io
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.ledger import Flow, Owner
from data_contracts.messages import Sentences
from pipelines.settlement.flow_members import described, originals
from tests.unit.rows import flow

OTHER = "e" * 24


class Asked:
    """A ledger and a store that count what they are asked."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def flow(self, flow_key: str) -> Flow:
        self.count["ledger"] += 1
        return flow(flow_key=flow_key, received_at=datetime(2026, 9, 1, 22, 30, tzinfo=UTC))

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        self.count["store"] += 1
        sink = io.BytesIO()
        pq.write_table(pa.table({"name": ["a.xml", "b.xml"]}), sink)
        sink.seek(0)
        return nullcontext(sink)


class Kept(Asked):
    """A store that holds two documents of three bytes, and counts the bytes that it reads."""

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        sink = io.BytesIO()
        pq.write_table(pa.table({"offset": [0, 3], "size_bytes": [3, 3]}), sink)
        sink.seek(0)
        return nullcontext(sink)

    def read(self, key: str, offset: int = 0, size_bytes: int | None = None) -> bytes:
        data = b"onetwo"[offset : None if size_bytes is None else offset + size_bytes]
        self.count["bytes"] += len(data)
        return data


def test_of_a_few_documents_only_their_bytes_are_read_and_none_are_kept() -> None:
    for few, read in ((True, 6), (False, 6)):
        store: Any = Kept()
        sizes, original = originals(flow(), store, few=few)
        assert list(sizes) == [3, 3]
        assert (original(1), original(1)) == (b"two", b"two")
        assert store.count["bytes"] == read
    store = Kept()
    _, original = originals(flow(), store, few=True)
    original(0)
    assert store.count["bytes"] == 3


def test_a_flow_of_duplicates_asks_for_the_flow_of_their_firsts_once() -> None:
    asked: Any = Asked()
    mine = flow()
    told = described(mine, asked, asked)
    said = {told(Owner(OTHER, position % 2)) for position in range(1_000)}
    assert len(said) == 2
    first = told(Owner(OTHER, 1))
    assert "b.xml" in first.fr and "2026-09-02" in first.fr and "b.xml" in first.en
    assert told(Owner(mine.flow_key, 0)) == Sentences("le fichier a.xml du même flux", "file a.xml of the same flow")
    assert asked.count == {"ledger": 1, "store": 2}


def test_of_a_first_invoice_that_came_through_another_connection_only_the_day_is_told() -> None:
    asked: Any = Asked()
    told = described(flow(partner_code="BBB222"), asked, asked)
    assert told(Owner(OTHER, 1)) == Sentences(
        "la facture reçue le 2026-09-02 par un autre raccordement",
        "the invoice received on 2026-09-02 through another connection",
    )
    assert asked.count == {"ledger": 1}, "the names of the other's files are not even read"
