"""Answers on their way to the outbox: drafted, numbered, written to the store, owed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from data_contracts.answers import Header
from data_contracts.envelope import EnvelopeName
from data_contracts.ledger import Answer, Ledger
from data_contracts.partners import RELAIS_CODE
from data_contracts.ports import ObjectStore
from pipelines.bodies import body

Slot = tuple[str, str, int]
"""(interface code, partner code, part): what the ledger numbers."""


@dataclass(frozen=True)
class Draft:
    """An answer without its number. `written` gives its bytes part by part, made as they are asked for."""

    slot: Slot
    written: Callable[[Header], Iterable[bytes]]


def name_of(slot: Slot, sequence: int) -> EnvelopeName:
    """The envelope name of an answer of ours."""
    interface_code, partner_code, _ = slot
    return EnvelopeName(interface_code, partner_code, RELAIS_CODE, sequence)


def written_answers(
    flow_key: str, drafts: Sequence[Draft], at: datetime, ledger: Ledger, store: ObjectStore
) -> list[Answer]:
    """The answers of a flow, in order: each numbered for good, dated and durable in the store."""
    numbers = ledger.number(flow_key, [draft.slot for draft in drafts])
    return [written_answer(flow_key, draft, numbers[draft.slot], at, store) for draft in drafts]


def written_answer(flow_key: str, draft: Draft, sequence: int, at: datetime, store: ObjectStore) -> Answer:
    """One answer under its number, dated and durable in the store."""
    name = name_of(draft.slot, sequence)
    return owed(flow_key, draft.slot, name, body(draft.written(Header(name, at))), store)


def owed(
    flow_key: str, slot: Slot, name: EnvelopeName, content: bytes | BinaryIO, store: ObjectStore, folder: str = ""
) -> Answer:
    """One answer, durable in the store under the flow's answers, or in a `folder` of them, by its name and hash.

    By hash: a rerun may word it otherwise (a status came in between, a register was changed), and a worker that was
    thought dead must not write over what another one owes.
    """
    interface_code, partner_code, part = slot
    data = io.BytesIO(content) if isinstance(content, bytes) else content
    stored = store.put_by_hash(f"answers/{flow_key}/{folder}{name}", data)
    return Answer(
        delivery_id=f"{flow_key}:{interface_code}:{partner_code}:{part}",
        flow_key=flow_key,
        partner_code=partner_code,
        interface_code=interface_code,
        name=str(name),
        object_key=stored.key,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
    )
