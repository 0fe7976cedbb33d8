"""Texts without end: only an attachment is longer than a megabyte."""

from __future__ import annotations

import re

import numpy as np

from data_contracts.limits import MEMBER_BYTES_MAX, XML_TEXT_BYTES_MAX
from data_contracts.refusals import DocumentUnreadable

NEWLINE = b"\n"
_CHUNK_BYTES = 1 << 20
_ATTACHMENT = re.compile(rb"<(?:[\w.-]+:)?(?:EmbeddedDocumentBinaryObject|AttachmentBinaryObject|Contenu)[\s>]")
"""The elements that hold an attachment, by `written_attachments.HOLDERS`."""


def refuse_long_text(data: bytes) -> None:
    """Nothing, for a document without such a text.

    Errors   DocumentUnreadable with IRR_TAILLE_F. Of a document that is too large as a whole, the gate says so.
    Cost     as `long_text`.
    """
    if len(data) > MEMBER_BYTES_MAX:
        return
    place = long_text(data)
    if place is not None:
        where = f"line {data.count(NEWLINE, 0, place) + 1}"
        raise DocumentUnreadable.saying("IRR_TAILLE_F", "parsing-long-text", where=where, most=str(XML_TEXT_BYTES_MAX))


def long_text(data: bytes) -> int | None:
    """Where a tag begins that is followed by XML_TEXT_BYTES_MAX bytes without another, and holds no attachment.

    Shape    a comment, an attribute or a text so long are told alike. Comments, instructions and CDATA sections are no
             tags: what they part is one text, and an attachment may stand in a section.
    Nulls    None when there is none: what stands before the first tag is no text, but says that this is no XML.
    Cost     nothing for a document no longer than that; else some 2 ms a megabyte.
    """
    before = data.find(b"<") if len(data) > XML_TEXT_BYTES_MAX else -1
    if before < 0:
        return None
    whole = np.frombuffer(data, np.uint8)
    for start in range(0, len(data) - 1, _CHUNK_BYTES):
        following = whole[start + 1 : start + 1 + _CHUNK_BYTES]
        begins = whole[start : start + len(following)] == ord("<")
        begins &= (following != ord("!")) & (following != ord("?"))
        places = np.concatenate(([before], np.flatnonzero(begins) + start))
        for place in places[:-1][np.diff(places) > XML_TEXT_BYTES_MAX].tolist():
            if _ATTACHMENT.match(data, place) is None:
                return int(place)
        before = int(places[-1])
    beyond = len(data) - before > XML_TEXT_BYTES_MAX
    return before if beyond and _ATTACHMENT.match(data, before) is None else None
