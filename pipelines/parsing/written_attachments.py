"""Where invoices hold attachments, and the attachments of a batch as they are written, from the path tables.

The names of elements say whether a batch holds any at all, so invoices without attachments cost nothing.
Sources: EN 16931 BG-24 and its bindings; official samples of FSO1116A, FSO1110A and FSO1113A.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.parsing.path_tables import INT, Batch
from pipelines.parsing.paths import expanded
from pipelines.parsing.values import BLANK


@dataclass(frozen=True)
class Holder:
    """How a syntax writes an attachment.

    Shape    `content` is the element with the bytes in base64, `levels` above it stands the one that describes it;
             there, or as attributes of the content, are names, kinds and media types, in the order of preference.
    """

    content: str
    levels: int
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    media_types: tuple[str, ...]


def _holder(
    content: str, levels: int, names: tuple[str, ...], kinds: tuple[str, ...], media_types: tuple[str, ...]
) -> Holder:
    (name,) = expanded(content)
    return Holder(name, levels, *(tuple(expanded(one)[0] for one in given) for given in (names, kinds, media_types)))


HOLDERS = (
    _holder(
        "cbc:EmbeddedDocumentBinaryObject",
        2,
        ("@filename", "cbc:ID"),
        ("cbc:DocumentType", "cbc:DocumentDescription", "cbc:DocumentTypeCode"),
        ("@mimeCode",),
    ),
    _holder(
        "ram:AttachmentBinaryObject",
        1,
        ("@filename", "ram:IssuerAssignedID"),
        ("ram:Name", "ram:TypeCode"),
        ("@mimeCode",),
    ),
    _holder("Contenu", 1, ("NomPJ",), ("TypePJ",), ("MimeTypePJ",)),
)


@dataclass(frozen=True)
class Written:
    """An attachment as a document of a batch writes it; (`path`, `row`) is the element with its bytes."""

    document: int
    path: int
    row: int
    names: tuple[str, ...]
    kind: str
    media_type: str


def holds_attachments(batch: Batch) -> bool:
    """Whether any document of the batch holds an attachment. Cost   three look-ups."""
    return any(holder.content in batch.by_name for holder in HOLDERS)


def written_attachments(batch: Batch) -> Iterator[Written]:
    """The attachments of all documents, path by path, within a path in document order."""
    for holder in HOLDERS:
        for path in batch.by_name.get(holder.content, ()):
            yield from _of_path(batch, holder, path)


def text_of(batch: Batch, one: Written) -> str:
    """The base64 of an attachment."""
    (number,) = batch.text_ids(one.path, np.array([one.row], INT)).tolist()
    text: str = batch.strings.values[number]
    return text


def _of_path(batch: Batch, holder: Holder, path: int) -> Iterator[Written]:
    above = path
    for _ in range(holder.levels):
        above = max(0, batch.paths.parents[above])
    documents = batch.document(path).tolist()
    described = batch.ancestors(path, above).tolist()
    for row, (document, describing) in enumerate(zip(documents, described, strict=True)):
        names = tuple(_text(batch, path, row, above, describing, name) for name in holder.names)
        kinds = (_text(batch, path, row, above, describing, name) for name in holder.kinds)
        types = (_text(batch, path, row, above, describing, name) for name in holder.media_types)
        yield Written(document, path, row, names, next(filter(None, kinds), ""), next(filter(None, types), ""))


def _text(batch: Batch, path: int, row: int, above: int, describing: int, name: str) -> str:
    """The text of an attribute of the content, or of the first such child of the element that describes it."""
    parent, parent_row = (path, row) if name.startswith("@") else (above, describing)
    below = batch.children[parent].get(name)
    if below is None:
        return ""
    at = int(np.searchsorted(batch.parents[below], parent_row))
    if at >= batch.count[below] or int(batch.parents[below][at]) != parent_row:
        return ""
    (number,) = batch.text_ids(below, np.array([at], INT)).tolist()
    text: str = batch.strings.values[number]
    return text.strip(BLANK)
