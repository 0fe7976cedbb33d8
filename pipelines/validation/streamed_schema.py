"""A document held against an XML schema as it streams by: libxml2 parses and validates, and nothing is built."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lxml import etree

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import Schema
from pipelines.parsing.xml_gate import parser_for, refuse_malformed
from pipelines.validation.rule_files import file_of

PIECE_BYTES = 1 << 12
"""Bytes parsed between two looks at the errors: so many hold 256 errors at most, which is what is kept too much."""

Errors = list[etree._LogEntry]


def errors_by_piece(
    data: bytes, schema: Schema, pieces: Iterator[tuple[int, int]] | None = None
) -> Iterator[tuple[int, Errors]]:
    """The errors found so far after each piece of a document, with the place where the piece ends.

    Shape    `pieces` are where each starts and ends, without gaps; else they have PIECE_BYTES. Whoever has seen enough
             stops asking. Errors know neither path nor line: there is no tree.
    Errors   DocumentUnreadable with IRR_SYNTAX when it is not well-formed; ConfigurationError as of `compiled_schema`.
    Cost     6 ns a byte; an error of libxml2 takes 3 us and 500 bytes.
    """
    parser = parser_for(data, target=_Silent(), schema=compiled_schema(schema))
    try:
        for start, end in pieces if pieces is not None else even_pieces(0, len(data)):
            parser.feed(data[start:end])
            yield end, list(_log(parser))
        parser.close()
    except etree.XMLSyntaxError as error:
        log = _log(parser)
        refuse_malformed(log[-1].message if len(log) else error.msg, error.lineno)


def even_pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of PIECE_BYTES, the last one shorter."""
    for at in range(start, end, PIECE_BYTES):
        yield at, min(at + PIECE_BYTES, end)


def errors_beyond(data: bytes, schema: Schema, most: int) -> bool:
    """Whether a document that the gate let in has more schema errors than `most`.

    Cost     linear. Of a tree, libxml2 counts the path of each error among the element's twins, which is quadratic.
    """
    return any(len(errors) > most for _, errors in errors_by_piece(data, schema))


def root_of(data: bytes) -> str:
    """The expanded name of a document's root. Errors   as of `errors_by_piece`, where it is not well-formed before."""
    parser = parser_for(data, target=_Root())
    try:
        for start, end in even_pieces(0, len(data)):
            parser.feed(data[start:end])
        parser.close()
    except _RootFound as found:
        return str(found)
    except etree.XMLSyntaxError as error:
        refuse_malformed(error.msg, error.lineno)
    raise AssertionError("a well-formed document has a root")


@cache
def compiled_schema(schema: Schema) -> etree.XMLSchema:
    """A schema as libxml2 holds it, made once a process.

    Errors   ConfigurationError when it is missing or broken.
    """
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    file = file_of(schema)
    try:
        return etree.XMLSchema(etree.parse(str(file), parser))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        raise ConfigurationError(
            "an official schema does not compile",
            where=schema.name,
            value=str(error)[:300],
            remedy="install the locked version of the package that carries it",
        ) from error


def _log(parser: etree.XMLParser) -> Any:
    return parser.feed_error_log


class _Silent:
    """A target that asks for no event."""

    def close(self) -> None:
        return None


class _RootFound(Exception):
    """Ends a parse at the first start tag."""


class _Root:
    def start(self, tag: str, _attributes: object) -> None:
        raise _RootFound(tag)

    def close(self) -> None:
        return None
