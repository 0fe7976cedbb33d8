"""Flows ready to be settled: members in the store, checked tables beside them, ledger entries. What answers are
measured on.

A few hundred generated invoices go through the real check stage once; flows of any size repeat their rows and bytes
under numbers of their own.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.ledger import Batch, Flow, FlowStatus, Slice
from data_contracts.limits import BATCH_DOCUMENTS_MAX
from data_contracts.ports import Deposit, Stored
from data_contracts.rule_sets import INSTALLED_RULES
from data_contracts.tables import CHECKED, MEMBERS
from pipelines.parsing.documents import Document
from pipelines.validation.check import Engine, demand_of
from pipelines.validation.stage import tables_found
from relais.samples.billers import UTILITY
from relais.samples.invoices import composed
from relais.samples.recipients import UNKNOWN_SIRET
from relais.samples.ubl_writer import ubl_bytes

BASE_DOCUMENTS = 500
"""Different invoices; larger flows repeat them."""

MISROUTED_EVERY = 100
"""One invoice in so many names a recipient that no directory knows, and is rejected."""

SENDERS = tuple(f"BEN{number:03d}" for number in range(1, 9))
INTERFACES = {Circuit.CHORUS_PRO: "FSO1100A", Circuit.AFNOR: "FSO1150A"}
AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
NUMBER_DIGITS = 9


@dataclass(frozen=True)
class Base:
    """The different invoices: their bytes, and what checking found."""

    contents: tuple[bytes, ...]
    tables: dict[str, pl.DataFrame]
    circuit: Circuit

    @property
    def mean_bytes(self) -> float:
        return sum(map(len, self.contents)) / len(self.contents)


def base(circuit: Circuit, engine: Engine, seed: int, count: int = BASE_DOCUMENTS) -> Base:
    """Generated invoices of the utility, checked for a circuit."""
    contents = tuple(ubl_bytes(composed(UTILITY, n + 1, circuit, seed)) for n in range(count))
    interface_code = INTERFACES[circuit]
    flow = Flow("base", 1, SENDERS[0], "base", interface_code, "0" * 64, 1, AT, FlowStatus.ADMITTED, member_count=count)
    demand = demand_of(CATALOGUE[interface_code], INSTALLED_RULES, date(AT.year, AT.month, AT.day))
    documents = (
        (Document("base", at, f"invoice-{at:06d}.xml", content, hashlib.sha256(content).hexdigest()), demand)
        for at, content in enumerate(contents)
    )
    found = tables_found(documents, {"base": flow}, engine, lambda _step: None)
    return Base(contents, {name: pl.DataFrame(pl.from_arrow(found[name])) for name in CHECKED}, circuit)


class Scene:
    """A folder with a ledger and a store in which flows stand ready."""

    def __init__(self, folder: Path, found: Base) -> None:
        self._folder = folder
        self._base = found
        self._sequence = 0
        self._sequences: dict[str, int] = {}  # by flow key
        self._batches: list[Batch] = []  # put together, and not planned yet
        self.store = LocalStore(folder / "store")
        self.store.prepare()
        self.ledger = SqlLedger(self.url)
        self.ledger.create_tables()

    @property
    def url(self) -> str:
        return f"sqlite:///{self._folder}/ledger.db"

    @property
    def store_folder(self) -> Path:
        return self._folder / "store"

    def add(self, sizes: Sequence[int]) -> int:
        """Invoices of the flows that were added, one for each size, senders in turns."""
        for size in sizes:
            self._flow(size)
        return sum(sizes)

    def emptied(self) -> None:
        """Nothing; objects of flows that are settled are gone, so that a million invoices need no disk for all."""
        for kind in ("admitted", "checked", "settled", "answers"):
            shutil.rmtree(self.store_folder / kind, ignore_errors=True)

    def close(self) -> None:
        self.ledger.close()

    def _flow(self, size: int) -> None:
        flow_key = self._landed(size)
        for first in range(0, size, BATCH_DOCUMENTS_MAX):
            piece = Slice(flow_key, first, min(BATCH_DOCUMENTS_MAX, size - first))
            self._batches.append(Batch(f"bench-{flow_key}-{first}", (piece,)))
        self._checked()

    def _landed(self, size: int) -> str:
        """The key of one more flow, admitted."""
        self._sequence += 1
        sender, code = SENDERS[self._sequence % len(SENDERS)], INTERFACES[self._base.circuit]
        name = f"{code}_{sender}_{sender}{code[3:7]}{self._sequence:015d}"
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        _, flow_key = self.ledger.land(Deposit(sender, name, 1, name), Stored(f"landing/{sha256}", sha256, 1), AT)
        self._sequences[flow_key] = self._sequence
        contents = self._base.contents
        picked = [contents[at % len(contents)] for at in range(size)]
        self._write_documents(flow_key, picked, [f"invoice-{at:06d}.xml" for at in range(size)], ["0" * 64] * size)
        self.ledger.admit(flow_key, size)
        return flow_key

    def _checked(self) -> None:
        """Nothing; the batches that were put together are planned and checked."""
        self.ledger.plan(self._batches)
        for batch in self._batches:
            self._write_checked(batch)
            claim = self.ledger.claim(batch.batch_id, "bench")
            assert claim is not None
            self.ledger.checked(claim, sum(piece.count for piece in batch.slices))
        self._batches.clear()

    def _write_documents(
        self, flow_key: str, contents: Sequence[bytes], names: Sequence[str], hashes: Sequence[str]
    ) -> None:
        lengths = [len(content) for content in contents]
        offsets = [0]
        for length in lengths[:-1]:
            offsets.append(offsets[-1] + length)
        self.store.replace(f"admitted/{flow_key}/documents", cast(BinaryIO, _Joined(iter(contents))))
        columns = {
            "flow_key": [flow_key] * len(contents),
            "position": range(len(contents)),
            "name": names,
            "offset": offsets,
            "size_bytes": lengths,
            "sha256": hashes,
        }
        self._write(f"admitted/{flow_key}/members.parquet", pa.table(columns, schema=MEMBERS))

    def _write_checked(self, batch: Batch) -> None:
        step = len(self._base.contents)
        for name, schema in CHECKED.items():
            frames = [
                self._repeated(name, piece.flow_key, start, min(step, piece.first + piece.count - start))
                for piece in batch.slices
                for start in range(piece.first, piece.first + piece.count, step)
            ]
            table = pl.concat(frames).to_arrow().cast(schema)
            self._write(f"checked/{batch.batch_id}/{name}.parquet", table)

    def _repeated(self, name: str, flow_key: str, start: int, count: int) -> pl.DataFrame:
        """The rows of the first `count` base invoices, as those of a flow's members from `start` on."""
        frame = self._base.tables[name].filter(pl.col("position") < count)
        moved = frame.with_columns(pl.lit(flow_key).alias("flow_key"), (pl.col("position") + start).cast(pl.Int32))
        if name != "invoices":
            return moved
        counted = pl.col("position").cast(pl.String).str.zfill(NUMBER_DIGITS)
        number = pl.format("{}-{}", pl.lit(f"B{self._sequences[flow_key]:06d}"), counted)
        wrong = pl.col("position") % MISROUTED_EVERY == MISROUTED_EVERY - 1
        siret = pl.when(wrong).then(pl.lit(UNKNOWN_SIRET)).otherwise(pl.col("buyer_siret"))
        member = pl.format("invoice-{}.xml", pl.col("position").cast(pl.String).str.zfill(6))
        return moved.with_columns(
            number.alias("number"), siret.alias("buyer_siret"), member.alias("member_name"), sha256=pl.lit("0" * 64)
        )

    def _write(self, key: str, table: pa.Table) -> None:
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd")
        self.store.replace(key, sink.getvalue())


class _Joined(io.RawIOBase):
    """Contents one after the other, as a stream: a flow of 50,000 is never whole in memory."""

    def __init__(self, contents: Iterator[bytes]) -> None:
        self._contents = contents

    def read(self, size: int = -1) -> bytes:
        parts, held = [], 0
        for content in self._contents:
            parts.append(content)
            held += len(content)
            if 0 <= size <= held:
                break
        return b"".join(parts)
