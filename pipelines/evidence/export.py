"""Export: all that proves what was received and answered, of one invoice or of a whole flow, in one file.

The file holds the flow's events up to the last one that an hour's root covers, each with its path to that root; the
invoice's fact as admitted and as settled, each with its path to the root that an event names (of a flow: all facts);
the fact of one that left quarantine, as it was settled then; the answers' bytes; and the invoice's bytes, or the flow's
as they were received.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import takewhile
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from data_contracts.errors import ConfigurationError
from data_contracts.evidence import ChainEvent, EvidenceLedger, instant
from data_contracts.ledger import Answer, Flow, FlowStatus
from data_contracts.ports import ObjectStore
from data_contracts.quarantine import LATE_PARTS, Quarantined
from data_contracts.tables import Outcome
from pipelines.evidence.facts import Fact, leaf, member_fact
from pipelines.evidence.flow_outcomes import late_facts, outcome_facts
from pipelines.evidence.merkle import path_of
from pipelines.evidence.proof_file import DOCUMENT, RECEIVED, Opener, Part, write_proof
from pipelines.evidence.seal import hour_name, links_of
from pipelines.settlement.outcome_tables import settled_folder

_LATE = re.compile(r"^settled late position=(\d+) outcome=\w+ root=[0-9a-f]{64}$", re.MULTILINE)


def export_proof(
    file: BinaryIO, flow: Flow, position: int | None, *, ledger: EvidenceLedger, store: ObjectStore,
    with_received: bool = True,
) -> int:  # fmt: skip
    """How many events the file proves; written to `file`. `position` is None for the whole flow.

    Shape    the same ledger gives the same bytes. Of an invoice, only its own facts, its own bytes and the answers to
             its sender and recipient are told; of a flow, all.
    Errors   ConfigurationError while the flow's landing is under no root yet, or it has no such invoice.
    Cost     the links of each hour concerned in memory; the flow's bytes are copied in chunks.
    """
    events = list(takewhile(lambda event: event.sealed_in is not None, ledger.chain(flow.flow_key)))
    if not events:
        raise ConfigurationError(
            "nothing of this flow is under a root yet",
            where=f"flow {flow.flow_key}",
            remedy="an hour is sealed once it is over: run `relais evidence seal` then",
        )
    manifest: dict[str, Any] = {
        "flow": [flow.flow_key, flow.partner_code, flow.name, flow.sha256, flow.size_bytes],
        "position": position,
        "events": _events(events, flow, ledger, store),
        "seals": _seals(events, ledger, store),
    }
    told = "\n".join(event.what for event in events)
    members = _members(flow, store) if f"\nadmitted members={flow.member_count} " in told else []
    manifest["members"] = _chosen(members, position, flow)
    settled = flow.status is FlowStatus.SETTLED and "\nsettled accepted=" in told
    manifest["outcomes"] = _chosen(outcome_facts(flow, ledger, store), position, flow) if settled else []
    manifest["late"] = _late(flow, position, told, ledger, store)
    answers = [one for one in _answers(flow, position, ledger, store) if f"\nowed {one.name} to " in told]
    manifest["answers"] = [[one.name, one.partner_code, one.sha256, one.size_bytes] for one in answers]
    parts = _bytes(flow, members, position, store) if with_received else []
    parts += [(one.name, one.size_bytes, _opener(one.object_key, store)) for one in answers]
    write_proof(file, manifest, parts)
    return len(events)


def _events(events: Sequence[ChainEvent], flow: Flow, ledger: EvidenceLedger, store: ObjectStore) -> list[object]:
    listed: list[object] = []
    hour, links = None, list[bytes]()
    for event in events:
        assert event.sealed_in is not None
        if event.sealed_in != hour:
            hour, links = event.sealed_in, links_of(event.sealed_in, store)
        place = ledger.place(flow.flow_key, event.sequence)
        path = [node.hex() for node in path_of(links, place)]
        listed.append(
            [event.sequence, instant(event.at), event.what, event.link, hour_name(event.sealed_in), place, path]
        )
    return listed


def _seals(events: Sequence[ChainEvent], ledger: EvidenceLedger, store: ObjectStore) -> list[list[object]]:
    hours = {event.sealed_in for event in events}
    return [
        [hour_name(seal.hour), len(links_of(seal.hour, store)), seal.root]
        for seal in ledger.seals()
        if seal.hour in hours
    ]


def _members(flow: Flow, store: ObjectStore) -> list[Fact]:
    with store.open(f"admitted/{flow.flow_key}/members.parquet") as file:
        rows = pq.read_table(file, columns=["position", "name", "size_bytes", "sha256"]).to_pylist()
    return [member_fact(**row) for row in rows]


def _chosen(facts: list[Fact], position: int | None, flow: Flow) -> list[Any]:
    """Of a flow: all facts. Of an invoice: its fact, and the path to the root over all."""
    if position is None or not facts:
        return facts
    if not 0 <= position < len(facts):
        raise ConfigurationError("the flow has no such invoice", where=f"flow {flow.flow_key}", value=str(position))
    return [facts[position], [node.hex() for node in path_of([leaf(fact) for fact in facts], position)]]


def _late(flow: Flow, position: int | None, told: str, ledger: EvidenceLedger, store: ObjectStore) -> list[Fact]:
    """What became of invoices that left quarantine, as far as an event under a root commits to it."""
    rooted = {int(place) for place in _LATE.findall(told) if position is None or int(place) == position}
    return [fact for fact in late_facts(flow, ledger, store) if fact[0] in rooted] if rooted else []


def _answers(flow: Flow, position: int | None, ledger: EvidenceLedger, store: ObjectStore) -> list[Answer]:
    answers = list(ledger.first_answers(flow.flow_key))
    if position is None:
        return answers
    concerned = {flow.partner_code, _recipient(flow, position, ledger.quarantine(flow_key=flow.flow_key), store)}
    late = [one for one in answers if _part(one) == LATE_PARTS + position]
    return [one for one in answers if _part(one) < LATE_PARTS and one.partner_code in concerned] + late


def _part(answer: Answer) -> int:
    return int(answer.delivery_id.rpartition(":")[2])


def _recipient(flow: Flow, position: int, late: Sequence[Quarantined], store: ObjectStore) -> str:
    """Who got the invoice with the flow's first answers; empty if nobody."""
    if flow.status is not FlowStatus.SETTLED or any(entry.position == position for entry in late):
        return ""
    with store.open(f"{settled_folder(flow.flow_key)}/outcomes.parquet") as file:
        (row,) = pq.read_table(file, filters=[("position", "=", position)]).to_pylist()
    return row["partner_code"] or "" if row["outcome"] == Outcome.ACCEPTED else ""


def _bytes(flow: Flow, members: Sequence[Fact], position: int | None, store: ObjectStore) -> list[Part]:
    if position is None:
        return [(RECEIVED, flow.size_bytes, _opener(f"landing/{flow.sha256}", store))]
    if not members:
        return []
    offset = sum(int(str(fact[2])) for fact in members[:position])
    size = int(str(members[position][2]))
    return [(DOCUMENT, size, lambda: nullcontext(_slice(flow, offset, size, store)))]


def _slice(flow: Flow, offset: int, size: int, store: ObjectStore) -> BinaryIO:
    return io.BytesIO(store.read(f"admitted/{flow.flow_key}/documents", offset, size))


def _opener(key: str, store: ObjectStore) -> Opener:
    return lambda: store.open(key)
