"""The members of admitted flows, as answers speak of them: their bytes, and the name of the first of two duplicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow.parquet as pq

from data_contracts.ports import Flow, Ledger, ObjectStore, Owner
from pipelines.validation.control_date import control_date

READ_WHOLE_BYTES = 32_000_000
"""Documents of a flow read at once, rather than each by a request of its own."""


def originals(flow: Flow, store: ObjectStore) -> tuple[Sequence[int], Callable[[int], bytes]]:
    """The members' bytes by position, and a reader of one member.

    Cost     the documents of a flow of at most `READ_WHOLE_BYTES` are read at once, when the first one is asked for; of
             a larger flow, whose recipients each get a few, one by one.
    """
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as file:
        index = pq.read_table(file, columns=["offset", "size_bytes"]).to_pydict()
    offsets, sizes = index["offset"], index["size_bytes"]
    key = f"admitted/{flow.flow_key}/documents"
    whole: list[bytes] = []

    def original(position: int) -> bytes:
        if size_bytes > READ_WHOLE_BYTES:
            return store.read(key, offsets[position], sizes[position])
        if not whole:
            whole.append(store.read(key, 0, size_bytes))
        return whole[0][offsets[position] : offsets[position] + sizes[position]]

    size_bytes = offsets[-1] + sizes[-1] if sizes else 0
    return sizes, original


def described(flow: Flow, ledger: Ledger, store: ObjectStore) -> Callable[[Owner], tuple[str, str]]:
    """Names the first invoice of a duplicate, in French and English: its flow, its file, the day it came."""
    names: dict[str, list[str]] = {}

    def told(owner: Owner) -> tuple[str, str]:
        if owner.flow_key not in names:
            with store.open(f"admitted/{owner.flow_key}/members.parquet") as file:
                names[owner.flow_key] = pq.read_table(file, columns=["name"]).column("name").to_pylist()
        member = names[owner.flow_key][owner.position]
        if owner.flow_key == flow.flow_key:
            return f"le fichier {member} du même flux", f"file {member} of the same flow"
        first = ledger.flow(owner.flow_key)
        day = control_date(first.received_at).isoformat()
        return (
            f"la facture du fichier {member} du flux {first.name} reçu le {day}",
            f"the invoice of file {member} of flow {first.name} received on {day}",
        )

    return told
