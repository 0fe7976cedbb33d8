"""XML schemas as one automaton: what a scanner needs to prove a document valid while it reads it.

An automaton accepts only what libxml2 would accept under the schema of the document's root. It may accept less: what it
does not accept is no refusal, but goes to libxml2, whose word is final.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from pipelines.parsing.path_tables import Array


class Content(IntEnum):
    """What the text of an element or attribute must look like, as far as a scanner can prove it.

    Each is a safe part of what the schema allows, told in ASCII; anything else of that type is left to libxml2. The
    exact forms are those of `lexis`.
    """

    ANY = 0
    """Any text: string, normalizedString, token without facets."""
    BLANK = 1
    """Only space, TAB and LF between child elements: element-only content. An element without children too."""
    DECIMAL = 2
    """`[+-]?[0-9]{1,15}(\\.[0-9]{1,20})?`"""
    DATE = 3
    """`(19|20)[0-9]{2}-MM-DD`, a day that its month always has, and behind it nothing, `Z` or less than 14 hours."""
    BOOLEAN = 4
    """`true`, `false`, `0`, `1`."""
    TIME = 5
    """`HH:MM:SS` from 00:00:00 to 23:59:59, up to six digits of a fraction, and a zone as a DATE may have."""
    DATE_TIME = 6
    """A DATE without a zone, `T`, a TIME."""
    BASE64 = 7
    """Groups of four letters of the alphabet, the last one padded or not, with no bits left over but zeros; space, TAB
    and LF between groups."""
    LANGUAGE = 8
    """`[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*`"""
    URI = 9
    """Letters, digits and `-._~:/?=&,;+` in forms that are surely a URI."""
    LENGTH = 10
    """Printable ASCII without blanks, its length from `shortest` to `longest`."""
    NEVER = 11
    """Nothing can be proved: libxml2 decides."""


@dataclass(frozen=True)
class SchemaAutomaton:
    """The content models of one or more schemas, by expanded names `{namespace}local`.

    Shape    `names`: every element and attribute name, its number is its place.
             `roots`: int32 (n, 3): name, type, number of the schema in `schemas`.
             `edges`: int32 (n, 4): state, name, next state, type of the child; at most one edge a (state, name).
             `accepting`: bool by state: whether the element may end there.
             `types`: int32 (n, 4): first state (-1: no child elements at all), `Content`, shortest, longest length.
             `attributes`: int32 (n, 6): type, name, `Content`, shortest, longest, 1 when required.
    """

    schemas: tuple[str, ...]
    names: tuple[str, ...]
    roots: Array
    edges: Array
    accepting: Array
    types: Array
    attributes: Array


def no_schemas() -> SchemaAutomaton:
    """The automaton that proves nothing valid: for whoever only reads."""
    tables = (np.zeros((0, width), np.int32) for width in (3, 4, 4, 6))
    roots, edges, types, attributes = tables
    return SchemaAutomaton((), (), roots, edges, np.zeros(0, np.bool_), types, attributes)
