"""The files that a PDF embeds, by the two places where readers look for them: its tree of names and its /AF.

Sources: ISO 32000-2 paragraphs 7.9.6 (name trees), 7.11 (file specifications) and 14.13 (associated files).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

NAME_TREE_NODES_MAX = 1_000
"""Nodes of the tree of embedded files; a real one has one node."""

FILES_MAX = 2_000
"""File specifications of one PDF, in both places together."""


@dataclass(frozen=True)
class PdfFile:
    """One file specification. Shape   `names` are all that it goes by; `associated` says that /AF holds it."""

    names: tuple[str, ...]
    relationship: str
    associated: bool
    specification: DictionaryObject

    def references(self) -> list[PdfObject]:
        """What leads to its bytes: for one file, one and the same stream."""
        embedded = self.specification["/EF"]
        if not isinstance(embedded, DictionaryObject):
            raise PyPdfError("/EF is no dictionary")
        return [embedded.raw_get(key) for key in ("/UF", "/F") if key in embedded]

    def media_type(self) -> str:
        """The declared media type; empty when there is none. It reads the stream."""
        for reference in self.references():
            stream = reference.get_object()
            if isinstance(stream, StreamObject):
                return text_of(stream.get("/Subtype")).removeprefix("/")
        return ""


def files_of(root: DictionaryObject) -> list[PdfFile]:
    """The file specifications of a PDF's catalogue, those of the tree of names first, without their bytes.

    Errors   PyPdfError when the tree does not end, or there are too many.
    """
    files = [_file(name, one, associated=False) for name, one in _named_files(root)]
    files += [_file("", dictionary(one), associated=True) for one in array(root.get("/AF"))]
    if len(files) > FILES_MAX:
        raise PyPdfError("too many embedded files")
    return files


def packing_of(stream: StreamObject) -> tuple[bytes, bool] | None:
    """The bytes of an embedded file as they lie there, and whether they are deflated; None for any other packing.

    Other filters cost a hundred times as much to take off, and no Factur-X tool uses them.
    """
    filters = names_of(stream.get("/Filter"))
    parameters = stream.get("/DecodeParms")
    each = parameters if isinstance(parameters, ArrayObject) else [parameters]
    predicted = any(dictionary(one).get("/Predictor", 1) != 1 for one in each)
    if filters not in ([], ["/FlateDecode"]) or predicted:
        return None
    data = stream._data
    assert isinstance(data, bytes)
    return data, bool(filters)


def inflated(packed: bytes, bytes_max: int) -> bytes | None:
    """The unpacked bytes, whole and with the right checksum; one byte more than the most where there are more.

    pypdf would give the part that can still be unpacked.
    Nulls    None where the data is damaged or other bytes follow it.
    """
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed, bytes_max + 1)
    except zlib.error:
        return None
    if len(data) <= bytes_max and (not inflater.eof or inflater.unused_data.strip()):
        return None
    return data


def names_of(found: PdfObject | None) -> list[str]:
    """The names of a value that is one name, or an array of them."""
    value = found.get_object() if found is not None else None
    return [text_of(one) for one in value] if isinstance(value, ArrayObject) else [text_of(value)] if value else []


def dictionary(found: PdfObject | None) -> DictionaryObject:
    """The dictionary of a value; an empty one where it is something else."""
    value = found.get_object() if found is not None else None
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def array(found: PdfObject | None) -> ArrayObject:
    """The array of a value; an empty one where it is something else."""
    value = found.get_object() if found is not None else None
    return value if isinstance(value, ArrayObject) else ArrayObject()


def text_of(found: PdfObject | None) -> str:
    """The text of a value; empty where it is something else."""
    value = found.get_object() if found is not None else None
    return value if isinstance(value, str) else ""


def _file(name: str, specification: DictionaryObject, *, associated: bool) -> PdfFile:
    names = (text_of(specification.get("/UF")), text_of(specification.get("/F")), name)
    given = tuple(dict.fromkeys(filter(None, names)))
    return PdfFile(given, text_of(specification.get("/AFRelationship")).removeprefix("/"), associated, specification)


def _named_files(root: DictionaryObject) -> Iterator[tuple[str, DictionaryObject]]:
    names = dictionary(root.get("/Names"))
    waiting = [dictionary(names.get("/EmbeddedFiles"))]
    node_count = 1
    while waiting:
        node = waiting.pop()
        pairs = array(node.get("/Names"))
        for index in range(0, len(pairs) - 1, 2):
            yield text_of(pairs[index]), dictionary(pairs[index + 1])
        kids = array(node.get("/Kids"))
        node_count += len(kids)
        if node_count > NAME_TREE_NODES_MAX:
            raise PyPdfError("the tree of embedded files does not end")
        waiting.extend(dictionary(kid) for kid in kids)
