"""What the bytes of a flow are, told from their beginning: flows and their files carry no extension."""

from __future__ import annotations

import codecs
from enum import StrEnum

from pipelines.admission.tar_header import BLOCK_BYTES, is_tar_header

HEAD_BYTES = 4_096
"""Bytes of the beginning that are looked at."""


class Content(StrEnum):
    """How a flow, or one file of it, is packed or written."""

    EMPTY = "empty"
    GZIP = "tar.gz"
    TAR = "tar"
    ZIP = "zip"
    PDF = "pdf"
    XML = "xml"
    OTHER = "other"


ARCHIVES = frozenset({Content.GZIP, Content.TAR, Content.ZIP})

_SIGNATURES = (
    (b"\x1f\x8b", Content.GZIP),
    (b"PK\x03\x04", Content.ZIP),
    (b"PK\x05\x06", Content.ZIP),  # a zip without any entry
    (b"%PDF-", Content.PDF),
)

# The byte orders of UTF-32 come before those of UTF-16, whose marks they begin with.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_XML_SPACE = " \t\r\n"


def content_of(head: bytes) -> Content:
    """What bytes that begin like this are; `head` holds the first HEAD_BYTES, or all of a shorter file.

    One answer only: the first bytes decide, so a file that two readers could take for two things is one thing here.
    """
    if not head:
        return Content.EMPTY
    for signature, content in _SIGNATURES:
        if head.startswith(signature):
            return content
    # A tar may begin with its end: two zero blocks and no file.
    if is_tar_header(head[:BLOCK_BYTES]) or head[: 2 * BLOCK_BYTES] == bytes(2 * BLOCK_BYTES):
        return Content.TAR
    return Content.XML if _begins_like_xml(head) else Content.OTHER


def _begins_like_xml(head: bytes) -> bool:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _begins_with_markup(head[len(mark) :], encoding)
    # Without a mark, the place of the zero bytes around the first character tells the width.
    return any(_begins_with_markup(head, encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _begins_with_markup(text: bytes, encoding: str) -> bool:
    start = text.decode(encoding, errors="replace").lstrip(_XML_SPACE)[:2]
    return len(start) == 2 and start[0] == "<" and (start[1] in "?!_:" or start[1].isalpha())
