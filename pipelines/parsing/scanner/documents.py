"""One document as text between `>` signs, when its bytes are such that nothing else is needed to read it.

Comments and processing instructions are replaced by a mark, and `>` in texts by a sign: control characters that no
document holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts import limits
from pipelines.parsing.large_documents import SHORTEST_ELEMENT_BYTES

MARK = "\x02"
GREATER = "\x03"
"""Stands for a `>` in a text."""

BLANK = " \t\n"

_MARK_BYTE = b"\x02"
_UTF8_MARK = b"\xef\xbb\xbf"
_LEGAL = bytes(code for code in range(256) if code >= 0x20 or code in b"\t\n\r")
_DECLARATION = re.compile(
    rb"""<\?xml[ \t\r\n]++version[ \t\r\n]*+=[ \t\r\n]*+(?:"1\.0"|'1\.0')"""
    rb"""(?:[ \t\r\n]++encoding[ \t\r\n]*+=[ \t\r\n]*+(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?"""
    rb"""(?:[ \t\r\n]++standalone[ \t\r\n]*+=[ \t\r\n]*+(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*+\?>"""
)
_INERT = re.compile(
    rb"<!--(?:[^-]|-[^-])*+-->"
    rb"|<\?(?![xX][mM][lL][ \t\r\n?])[A-Za-z_][A-Za-z0-9_.-]{0,99}+(?:[ \t\r\n](?:[^?]|\?(?!>))*+)?\?>"
)
_OPENS_INERT = re.compile(rb"<[!?]")


@dataclass(frozen=True)
class Opened:
    """A document that may be read.

    Shape    `pieces`: the text up to each `>`, behind the declaration, line ends as LF. `marked`: its bytes, comments
             and processing instructions overwritten, so that each `<` opens a tag. `greater`: a text holds a `>`.
    """

    pieces: list[str]
    marked: bytes
    greater: bool


def opened(data: bytes) -> Opened | None:
    """A document in pieces; None when its bytes are not of the dialect.

    Every piece but the text of a leaf is later compared with known ones, which hold one `<` each, and a leaf's ends
    with its end tag. As there are as many `<` as pieces, a text cannot hold one.
    """
    if len(data) > limits.MEMBER_BYTES_MAX or data.translate(None, _LEGAL) or _crowded(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if "\uffff" in text or "\ufffe" in text:
        return None
    start = len(_UTF8_MARK) if data.startswith(_UTF8_MARK) else 0
    declaration = _DECLARATION.match(data, start)
    if declaration is not None:
        start = declaration.end()
    marked = data
    if data.find(b"!", start) >= 0 or data.find(b"?", start) >= 0:
        cut = _cut(data, start)
        if cut is None:
            return None
        text, marked = cut
    elif start:
        # The declaration is ASCII, the byte order mark is one character.
        text = text[start - 2 :] if data.startswith(_UTF8_MARK) else text[start:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    pieces = text.split(">")
    if pieces.pop().strip(BLANK + MARK):
        return None
    tags = text.count("<")
    greater = tags < len(pieces)
    if greater:
        if "]]>" in text:
            return None
        pieces = _joined(pieces)
    return Opened(pieces, marked, greater) if tags == len(pieces) else None


def _joined(pieces: list[str]) -> list[str]:
    """The pieces, those without a `<` as the text that they are: part of the next one, a sign for their `>`.

    A `>` that stands in a tag cuts the tag in two, and neither part is a tag for any scanner.
    """
    found: list[str] = []
    texts: list[str] = []
    for piece in pieces:
        texts.append(piece)
        if "<" in piece:
            found.append(GREATER.join(texts))
            texts = []
    return found + texts


def _crowded(data: bytes) -> bool:
    """Whether there may be more elements or attributes than the gate lets in. Shorter bytes cannot hold as many."""
    most = limits.XML_ELEMENTS_MAX
    if data.count(b"xmlns") > limits.XML_DECLARATIONS_MAX:
        return True
    return len(data) > SHORTEST_ELEMENT_BYTES * most and (data.count(b"<") > most or data.count(b"=") > most)


def _cut(data: bytes, start: int) -> tuple[str, bytes] | None:
    """Text with a mark for each comment and processing instruction, and bytes with as many marks as they had bytes."""
    texts: list[bytes] = []
    marked: list[bytes] = [data[:start]]
    at = start
    # The gate counts the declarations of a tag in tags that comments hold, too.
    declaring = data.count(b"xmlns") > limits.XML_ATTRIBUTES_MAX
    while (opening := _OPENS_INERT.search(data, at)) is not None:
        inert = _INERT.match(data, opening.start())
        before = data[at : opening.start()]
        # A comment inside a tag is none.
        if inert is None or before.rfind(b"<") > before.rfind(b">"):
            return None
        if declaring and inert[0].rfind(b"<"):
            return None
        texts += (before, _MARK_BYTE)
        marked += (before, _MARK_BYTE * (inert.end() - inert.start()))
        at = inert.end()
    texts.append(data[at:])
    marked.append(data[at:])
    return b"".join(texts).decode(), b"".join(marked)
