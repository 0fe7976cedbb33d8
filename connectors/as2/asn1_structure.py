"""ASN.1 from outside: bounded, with definite lengths, and its bulk kept apart.

Codecs write BER in many ways: lengths left open, octet strings in thousands of chunks. Here every structure is walked
once, within bounds, and written anew in one way. What a message carries is cut out of it, so that it is not copied with
every level that is parsed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.as2.limits import ASN1_DEPTH_MAX, ASN1_ELEMENTS_MAX, BULK_BYTES_MIN

OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE, SET = 0x04, 0x06, 0x30, 0x31
CONTENT, TAGGED = 0x80, 0xA0
"""`[0]`, primitive and constructed."""

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_LENGTH_OCTETS_MAX = 4

Buffer = bytes | bytearray | memoryview


class Asn1Refused(ValueError):
    """The bytes are not ASN.1 within our bounds; `str()` says what is wrong."""


@dataclass(frozen=True)
class Structure:
    """`der` with the content left out of it if that was long; then `bulk` is the content."""

    der: bytes
    bulk: Buffer | None

    def content(self, found: bytes | None) -> Buffer:
        """The content: that which was cut out, else what was found in its place."""
        return (found or b"") if self.bulk is None else self.bulk


def structure(data: Buffer) -> Structure:
    """The one structure that the bytes are, definite lengths throughout.

    Errors   Asn1Refused: cut short, trailing bytes, too deep, too many elements, more than one long content.
    """
    walk = _Walk(memoryview(data))
    root, end = walk.node(0, len(data), 0)
    if bytes(walk.data[end : end + 3]) not in (b"", b"\r\n"):
        raise Asn1Refused("bytes follow the structure")
    writing = _Writing()
    der = b"".join(element(*writing.written(root)))
    if len(writing.bulks) > 1:
        raise Asn1Refused("more than one long content")
    return Structure(der, writing.bulks[0] if writing.bulks else None)


def element(tag: int, pieces: Sequence[Buffer]) -> list[Buffer]:
    """Tag, length and the pieces of an element's content, to be joined at the end."""
    length = sum(map(len, pieces))
    if length < 0x80:
        return [bytes((tag, length)), *pieces]
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return [bytes((tag, 0x80 | len(octets))) + octets, *pieces]


@dataclass(slots=True)
class _Node:
    """Either `octets` or `children`."""

    tag: int
    octets: memoryview | None
    children: list[_Node]


class _Walk:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self._elements = 0

    def node(self, at: int, end: int, depth: int) -> tuple[_Node, int]:
        """The element that starts at a place, and where it ends."""
        self._elements += 1
        if depth > ASN1_DEPTH_MAX:
            raise Asn1Refused(f"nested deeper than {ASN1_DEPTH_MAX}")
        if self._elements > ASN1_ELEMENTS_MAX:
            raise Asn1Refused(f"more than {ASN1_ELEMENTS_MAX} elements")
        tag, length, start = self._head(at, end)
        if not tag & _CONSTRUCTED:
            if length is None:
                raise Asn1Refused("a primitive element without length")
            return _Node(tag, self.data[start : start + length], []), start + length
        children: list[_Node] = []
        place, stop = start, end if length is None else start + length
        while length is None or place < stop:
            if length is None and bytes(self.data[place : min(place + 2, stop)]) == b"\0\0":
                return _Node(tag, None, children), place + 2
            child, place = self.node(place, stop, depth + 1)
            children.append(child)
        return _Node(tag, None, children), place

    def _head(self, at: int, end: int) -> tuple[int, int | None, int]:
        if end - at < 2:
            raise Asn1Refused("cut short")
        tag, length = self.data[at], self.data[at + 1]
        if tag & _LONG_TAG == _LONG_TAG:
            raise Asn1Refused("a tag that no message of ours has")
        start = at + 2
        if length == 0x80:
            return tag, None, start
        if length > 0x80:
            count = length & 0x7F
            if count > _LENGTH_OCTETS_MAX:
                raise Asn1Refused("a length beyond all bounds")
            length = int.from_bytes(self.data[start : min(start + count, end)], "big")
            start += count
        if length > end - start:
            raise Asn1Refused("cut short")
        return tag, length, start


class _Writing:
    def __init__(self) -> None:
        self.bulks: list[Buffer] = []

    def written(self, node: _Node) -> tuple[int, list[Buffer]]:
        """Tag and content of an element, written anew."""
        if node.octets is not None:
            return node.tag, self._kept(node.tag, [node.octets])
        if node.tag == OCTET_STRING | _CONSTRUCTED:
            return OCTET_STRING, self._kept(OCTET_STRING, _chunks(node))
        pieces: list[Buffer] = []
        for place, child in enumerate(node.children):
            if place == 2 and node.tag == SEQUENCE and _is_chunked_content(node.children):
                pieces += element(CONTENT, self._kept(CONTENT, _chunks(child)))
            else:
                pieces += element(*self.written(child))
        return node.tag, pieces

    def _kept(self, tag: int, chunks: list[Buffer]) -> list[Buffer]:
        """What stays in its place: nothing of a long content."""
        if tag not in (OCTET_STRING, CONTENT) or sum(map(len, chunks)) < BULK_BYTES_MIN:
            return chunks
        self.bulks.append(chunks[0] if len(chunks) == 1 else b"".join(chunks))
        return []


def _is_chunked_content(children: Sequence[_Node]) -> bool:
    """Whether a sequence is the EncryptedContentInfo of RFC 5652, 6.1, its content in chunks under an implicit tag."""
    return [child.tag for child in children[:3]] == [OBJECT_IDENTIFIER, SEQUENCE, TAGGED]


def _chunks(node: _Node) -> list[Buffer]:
    """The octets of a string in chunks, which may themselves be in chunks."""
    found: list[Buffer] = []
    for child in node.children:
        if child.tag == OCTET_STRING and child.octets is not None:
            found.append(child.octets)
        elif child.tag == OCTET_STRING | _CONSTRUCTED:
            found += _chunks(child)
        else:
            raise Asn1Refused("a string in chunks that are no strings")
    return found
