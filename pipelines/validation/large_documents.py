"""Large documents held against the schema of their root before anything is built of them.

What is no invoice is refused at its first error, so that whoever sends millions of elements must send an invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from data_contracts.limits import TREE_NODES_MAX
from data_contracts.messages import Sentences
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import Schema
from pipelines.parsing.xml_gate import screen
from pipelines.validation.proved_schemas import PROVED_SCHEMAS
from pipelines.validation.schema_sentences import explained
from pipelines.validation.streamed_schema import PIECE_BYTES, errors_by_piece, even_pieces, root_of


def hold_to_schema(data: bytes, schema: Schema | None = None) -> None:
    """Nothing, for a large document that is well-formed and valid by a schema; without one, by that of its root.

    Errors   DocumentUnreadable as of `gated` for its bytes, or with IRR_TAILLE_F when no schema knows its root, or the
             schema does not accept it: the first error is told, with its line.
    Cost     20 ns a byte up to the first error, and half as much again where there is one; no memory.
    """
    screen(data)
    due = schema if schema is not None else PROVED_SCHEMAS.get(root_of(data))
    if due is None:
        _refuse("parsing-large-other")
    for end, errors in errors_by_piece(data, due):
        if errors:
            told = explained(errors[0].message)
            line = _line(data, due, max(0, end - PIECE_BYTES))
            # It becomes part of a sentence, which has a full stop of its own.
            what = Sentences(told.message_fr.removesuffix("."), told.message_en.removesuffix("."))
            _refuse("parsing-large-invalid", line, what)


def _refuse(message_id: str, line: int | None = None, what: Sentences | None = None) -> NoReturn:
    where = "" if line is None else f"line {line}"
    raise DocumentUnreadable.saying("IRR_TAILLE_F", message_id, where=where, most=str(TREE_NODES_MAX), what=what or "")


def _line(data: bytes, schema: Schema, start: int) -> int:
    """The line of the tag that shows the first error, which lies behind `start`."""
    shown = next(end for end, errors in errors_by_piece(data, schema, _by_tag(data, start)) if errors)
    return data.count(b"\n", 0, shown) + 1


def _by_tag(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Even pieces up to a place, and from there on one for each tag."""
    yield from even_pieces(0, start)
    while start < len(data):
        end = data.find(b">", start) + 1 or len(data)
        yield start, end
        start = end
