"""The pack of a flow: the bytes of its documents one after the other, and the index that finds them again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.interfaces import Interface, Syntax
from data_contracts.ledger import Flow
from data_contracts.tables import MEMBERS, conforming
from pipelines.admission.admissibility import accepted_content, within_interface
from pipelines.admission.archive import members
from pipelines.admission.content import ARCHIVES, HEAD_BYTES, content_of
from pipelines.admission.gzip_stream import exactly
from pipelines.admission.member import CHUNK_BYTES, Member
from pipelines.admission.units import documents_of


@dataclass(frozen=True)
class Packed:
    """Where one document lies in the pack."""

    name: str
    offset: int
    size_bytes: int
    sha256: str


def packed(flow: Flow, interface: Interface, stream: BinaryIO, pack: BinaryIO) -> list[Packed]:
    """The documents of a flow in its order, their bytes written to `pack`. Nothing counts if this raises.

    Errors   FlowRefused as `archive.members`, and IRR_TYPE or IRR_TAILLE by content and interface.
    Cost     one pass over the flow; memory of a few chunks and of the index.
    """
    index: list[Packed] = []
    offset = 0
    count = 0
    for member in _documents(flow, interface, stream):
        count += 1
        if count > interface.invoices_max:
            continue  # Only counted from here on: the refusal says how many there are.
        digest = hashlib.sha256()
        for chunk in member.chunks:
            digest.update(chunk)
            pack.write(chunk)
        index.append(Packed(member.name, offset, member.size_bytes, digest.hexdigest()))
        offset += member.size_bytes
    within_interface(count, interface)
    return index


def members_file(flow_key: str, index: list[Packed]) -> bytes:
    """The Parquet file of a flow's members (`tables.MEMBERS`), the same bytes for the same index."""
    table = pa.table(
        {
            "flow_key": [flow_key] * len(index),
            "position": list(range(len(index))),
            "name": [document.name for document in index],
            "offset": [document.offset for document in index],
            "size_bytes": [document.size_bytes for document in index],
            "sha256": [document.sha256 for document in index],
        },
        schema=MEMBERS,
    )
    sink = io.BytesIO()
    pq.write_table(conforming(table, MEMBERS, "members"), sink, compression="zstd")
    return sink.getvalue()


def _documents(flow: Flow, interface: Interface, stream: BinaryIO) -> Iterator[Member]:
    """The documents of a flow: its files, and of those that hold several invoices, one for each."""
    files = _files(flow, stream)
    if interface.syntax is not Syntax.CPP_MIXED:
        return files
    return (
        Member(name, len(data), iter((data,)))
        for file in files
        for name, data in documents_of(file.name, b"".join(file.chunks))
    )


def _files(flow: Flow, stream: BinaryIO) -> Iterator[Member]:
    stream.seek(0)
    head = exactly(stream, HEAD_BYTES)
    content = content_of(head)
    accepted_content(content, flow, head)
    if content in ARCHIVES:
        return members(stream, flow.size_bytes)
    stream.seek(0)
    return iter((Member(flow.name, flow.size_bytes, iter(lambda: stream.read(CHUNK_BYTES), b"")),))
