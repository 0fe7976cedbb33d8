"""Reading commitments: JSON or CSV of ours, into raw rows that know where they stand. Pure.

The format is described in docs/commitments.md. A document is read whole or refused; what its rows mean is judged later,
row by row. Source: ours, since no public specification of a flow of commitments is known.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_contracts.refusals import DocumentUnreadable

FORMAT = "relais.commitments/1"

FIELDS = (
    "number", "structure", "service", "supplier", "amount", "currency", "issued_on", "valid_from", "valid_to", "state",
)  # fmt: skip
LINE_FIELDS = ("number", "label", "amount")
CSV_COLUMNS = (*FIELDS, *(f"line_{name}" for name in LINE_FIELDS))

COMMITMENTS_BYTES_MAX = 16_000_000
"""Bytes of one document: some 50,000 commitments. Reading takes about ten times as much memory."""

COMMITMENTS_MAX = 50_000
"""Commitments of one document."""

LINES_MAX = 1_000
"""Lines of one commitment."""

ALL_LINES_MAX = 200_000
"""Lines of one document. Lines without a word would be counted in millions, each with a flaw to tell."""


@dataclass(frozen=True)
class RawCommitment:
    """One commitment as written: texts by field, empty where absent; `place` is for people."""

    place: str
    fields: Mapping[str, str]
    lines: tuple[Mapping[str, str], ...] = ()


def read_commitments(data: bytes) -> list[RawCommitment]:
    """The commitments of a document, in its order.

    Shape    a document that begins with `{` is JSON, any other is CSV: UTF-8, commas, a header line. Rows of one
             commitment follow each other, one for each of its lines.
    Errors   DocumentUnreadable, IRR_SYNTAX or IRR_TAILLE_F, saying where.
    """
    if len(data) > COMMITMENTS_BYTES_MAX:
        raise _refused("IRR_TAILLE_F", "commitment-size", bytes=len(data), most=COMMITMENTS_BYTES_MAX)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("IRR_SYNTAX", "commitment-encoding", place=str(error.start)) from None
    return _of_json(text) if text.lstrip().startswith("{") else _of_csv(text)


def _counted(commitments: int, lines: int) -> None:
    """Nothing; asked before rows are made of what was counted, which takes ten times the memory.

    Errors   DocumentUnreadable, IRR_TAILLE_F.
    """
    if commitments > COMMITMENTS_MAX:
        raise _refused("IRR_TAILLE_F", "commitment-many", count=commitments, most=COMMITMENTS_MAX)
    if lines > ALL_LINES_MAX:
        raise _refused("IRR_TAILLE_F", "commitment-many-lines", count=lines, most=ALL_LINES_MAX)


def _of_json(text: str) -> list[RawCommitment]:
    try:
        # Numbers stay as they are written: 1200.10 is not a binary fraction, and 0001 no number at all.
        document = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except RecursionError:
        raise _refused("IRR_SYNTAX", "commitment-json", what="nesting", place="") from None
    except json.JSONDecodeError as error:
        place = f"{error.lineno}:{error.colno}"
        raise _refused("IRR_SYNTAX", "commitment-json", what="syntax", place=place) from None
    except ValueError as error:
        raise _refused("IRR_SYNTAX", "commitment-json", what=str(error), place="") from None
    if set(document) != {"format", "commitments"} or document["format"] != FORMAT:
        raise _refused("IRR_SYNTAX", "commitment-format", format=FORMAT)
    rows = document["commitments"]
    if not isinstance(rows, list):
        raise _refused("IRR_SYNTAX", "commitment-format", format=FORMAT)
    held = (row.get("lines") for row in rows if isinstance(row, dict))
    _counted(len(rows), sum(len(lines) for lines in held if isinstance(lines, list)))
    return [_object(row, f"commitments[{at}]") for at, row in enumerate(rows)]


def _object(row: Any, place: str) -> RawCommitment:
    if not isinstance(row, dict):
        raise _refused("IRR_SYNTAX", "commitment-shape", place=place)
    held = dict(row)
    lines = held.pop("lines", None) or []
    if not isinstance(lines, list) or len(lines) > LINES_MAX:
        raise _refused("IRR_SYNTAX", "commitment-shape", place=f"{place}.lines")
    fields = _texts(held, FIELDS, place)
    read = tuple(_texts(line, LINE_FIELDS, f"{place}.lines[{at}]") for at, line in enumerate(lines))
    return RawCommitment(place, fields, read)


def _texts(row: Any, known: tuple[str, ...], place: str) -> dict[str, str]:
    if not isinstance(row, dict) or not set(row) <= set(known):
        raise _refused("IRR_SYNTAX", "commitment-shape", place=place)
    if not all(value is None or isinstance(value, str) for value in row.values()):
        raise _refused("IRR_SYNTAX", "commitment-shape", place=place)
    return {name: (row.get(name) or "").strip() for name in known}


def _of_csv(text: str) -> list[RawCommitment]:
    grown: list[tuple[str, dict[str, str], list[dict[str, str]]]] = []
    count = 0
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(next(reader, [])) != CSV_COLUMNS:
            raise _refused("IRR_SYNTAX", "commitment-columns", columns=",".join(CSV_COLUMNS))
        for cells in reader:
            place = str(reader.line_num)
            if len(cells) != len(CSV_COLUMNS):
                raise _refused("IRR_SYNTAX", "commitment-cells", place=place, count=len(cells), most=len(CSV_COLUMNS))
            row = {name: cell.strip() for name, cell in zip(CSV_COLUMNS, cells, strict=True)}
            fields = {name: row[name] for name in FIELDS}
            line = {name: row[f"line_{name}"] for name in LINE_FIELDS}
            continues = bool(grown) and any(line.values()) and fields == grown[-1][1]
            if not continues:
                grown.append((f"line {place}", fields, []))
            if any(line.values()):
                count += 1
                grown[-1][2].append(line)
                if len(grown[-1][2]) > LINES_MAX:
                    raise _refused("IRR_SYNTAX", "commitment-shape", place=f"line {place}")
            _counted(len(grown), count)
    except csv.Error:
        raise _refused("IRR_SYNTAX", "commitment-csv", place=str(reader.line_num)) from None
    return [RawCommitment(place, fields, tuple(lines)) for place, fields, lines in grown]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object. Errors: ValueError, whose word is a variant of `commitment-json`."""
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("twice")
    return held


def _no_constant(_name: str) -> str:
    raise ValueError("constant")


def _refused(motive: str, message: str, **values: str | int) -> DocumentUnreadable:
    return DocumentUnreadable.saying(motive, message, where="", value="", **values)
