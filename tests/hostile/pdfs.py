"""PDFs made object by object, so that each says what it likes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

Object = tuple[int, bytes]

NAMED = b"/Names<</EmbeddedFiles<</Names[(factur-x.xml)2 0 R]>>>>"
FILE = b"<</Type/Filespec/UF(factur-x.xml)/F(factur-x.xml)/EF<</F 3 0 R>>>>"


def written(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, body)


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data)


def catalog(entries: bytes) -> Object:
    return 1, b"<</Type/Catalog%b>>" % entries


def holding(packed: bytes, entries: bytes = b"", more: bytes = b"") -> list[Object]:
    """The objects of a PDF with one embedded file."""
    return [catalog(NAMED + more), (2, FILE), (3, stream(b"/Type/EmbeddedFile" + entries, packed))]


def tail(start: int) -> bytes:
    return b"startxref\n%d\n%%%%EOF\n" % start


def pdf_of(objects: Sequence[Object], trailer: bytes = b"") -> bytes:
    """A PDF with a table of cross-references; the catalogue is object 1."""
    data = b"%PDF-1.7\n"
    places: dict[int, int] = {}
    for number, body in objects:
        places[number] = len(data)
        data += written(number, body)
    size = max(places) + 1
    rows = b"".join(b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, size))
    table = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R%b>>\n" % (size, rows, size, trailer)
    return data + table + tail(len(data))


def updated(xml: bytes, later: bytes) -> bytes:
    """A PDF whose second revision puts another file in the place of the embedded one."""
    data = pdf_of(holding(xml))
    first = int(data.rsplit(b"startxref", 1)[1].split()[0])
    body = written(3, stream(b"/Type/EmbeddedFile", later))
    table = b"xref\n3 1\n%010d 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\n" % (len(data), first)
    return data + body + table + tail(len(data) + len(body))


def many_references(count: int) -> bytes:
    """A table of so many cross-references, all to one object."""
    start = b"%PDF-1.7\n" + written(1, b"<</Type/Catalog>>")
    rows = b"%010d 00000 n \n" % 9 * (count - 1)
    table = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\n" % (count, rows, count)
    return start + table + tail(len(start))


def reference_stream(count: int) -> bytes:
    """As many, packed: a few kilobytes."""
    start = b"%PDF-1.7\n%%%%%%\n"
    place = bytes([1, len(start)])
    start += written(1, b"<</Type/Catalog>>")
    packed = zlib.compress(place * count, 9)
    told = b"/Type/XRef/Size %d/W[1 1 0]/Root 1 0 R/Filter/FlateDecode" % count
    return start + written(2, stream(told, packed)) + tail(len(start))


def object_stream(count: int, body: bytes) -> bytes:
    """A catalogue in a stream of objects that says it holds so many."""
    head = b"".join(b"%d 0 " % (number + 1) for number in range(count))
    start = b"%PDF-1.7\n"
    told = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (count, len(head))
    objects = written(3, stream(told, zlib.compress(head + body, 9)))
    end = len(start) + len(objects)
    rows = b"".join(
        bytes([kind]) + struct.pack(">L", place) + b"\0"
        for kind, place in ((0, 0), (2, 3), (0, 0), (1, len(start)), (1, end))
    )
    table = written(4, stream(b"/Type/XRef/Size 5/W[1 4 1]/Root 1 0 R", rows))
    return start + objects + table + tail(end)


def chained(count: int) -> bytes:
    """So many revisions, each pointing to the one before."""
    data = [b"%PDF-1.7\n" + written(1, b"<</Type/Catalog>>")]
    at = len(data[0])
    before = b""
    for _ in range(count):
        table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 2/Root 1 0 R%b>>\n" % before
        before = b"/Prev %d" % at
        data.append(table)
        at += len(table)
    return b"".join(data) + tail(at - len(data[-1]))
