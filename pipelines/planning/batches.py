"""Batches: documents of many flows, grouped so that each batch is bounded and no partner waits behind another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from data_contracts.ledger import Batch, Flow, Slice
from data_contracts.limits import BATCH_BYTES_MAX, BATCH_DOCUMENTS_MAX

_APART = "-apart"


def slices(flow_key: str, sizes: Sequence[int], documents_max: int = BATCH_DOCUMENTS_MAX) -> list[tuple[Slice, int]]:
    """Consecutive members of one flow, cut at the limits of a batch, each with its bytes.

    A member larger than BATCH_BYTES_MAX stands alone.
    """
    cut: list[tuple[Slice, int]] = []
    first, weight = 0, 0
    for position, size in enumerate(sizes):
        full = position - first == documents_max or (position > first and weight + size > BATCH_BYTES_MAX)
        if full:
            cut.append((Slice(flow_key, first, position - first), weight))
            first, weight = position, 0
        weight += size
    if first < len(sizes):
        cut.append((Slice(flow_key, first, len(sizes) - first), weight))
    return cut


def batches(flows: Sequence[tuple[Flow, Sequence[int]]], documents_max: int = BATCH_DOCUMENTS_MAX) -> list[Batch]:
    """Batches that hold all members of these flows, filled in turn by partner.

    Shape    flows in order of landing, each with the byte sizes of its members.
    Cost     O(members). The same flows always give the same batches and ids.
    """
    batch: list[Slice] = []
    documents, weight = 0, 0
    done: list[Batch] = []
    for piece, size in _in_turn(flows, documents_max):
        if batch and (documents + piece.count > documents_max or weight + size > BATCH_BYTES_MAX):
            done.append(_batch(batch))
            batch, documents, weight = [], 0, 0
        batch.append(piece)
        documents += piece.count
        weight += size
    if batch:
        done.append(_batch(batch))
    return done


def halves(batch: Batch) -> tuple[Batch, ...]:
    """The two halves of a batch, cut in its own order; none for a document alone.

    Cost     O(slices). The same batch always gives the same halves and ids.
    """
    rest = sum(piece.count for piece in batch.slices) // 2
    if not rest:
        return ()
    first: list[Slice] = []
    second: list[Slice] = []
    for piece in batch.slices:
        taken = min(piece.count, rest)
        rest -= taken
        if taken:
            first.append(Slice(piece.flow_key, piece.first, taken))
        if taken < piece.count:
            second.append(Slice(piece.flow_key, piece.first + taken, piece.count - taken))
    return _batch(first), _batch(second)


def apart(batch: Batch) -> Batch:
    """The batch that stands for a document alone which took its workers down: it is set aside, unopened.

    Its tables lie elsewhere than those of the batch: a worker that was thought dead may still write the latter, and
    must not change what settlement reads.
    """
    return Batch(f"{batch.batch_id}{_APART}", batch.slices)


def is_apart(batch: Batch) -> bool:
    """Whether the documents of a batch are to be set aside, unopened."""
    return batch.batch_id.endswith(_APART)


def _in_turn(flows: Sequence[tuple[Flow, Sequence[int]]], documents_max: int) -> Iterator[tuple[Slice, int]]:
    """Everyone's first slice before anyone's second."""
    by_partner: dict[str, list[tuple[Slice, int]]] = {}
    for flow, sizes in flows:
        by_partner.setdefault(flow.partner_code, []).extend(slices(flow.flow_key, sizes, documents_max))
    for turn in zip_longest(*by_partner.values()):
        yield from (piece for piece in turn if piece is not None)


def _batch(pieces: Sequence[Slice]) -> Batch:
    text = json.dumps([[piece.flow_key, piece.first, piece.count] for piece in pieces])
    return Batch(hashlib.sha256(text.encode()).hexdigest()[:24], tuple(pieces))
