"""XML of the answers that are many: written as text, a hundred times cheaper than elements, and the same bytes.

What is escaped is what libxml2 escapes: tests compare with documents built of elements, character by character. Every
text passes through `visible`, so no value quoted from an invoice can break the answer that quotes it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.acknowledgment.elements import visible

DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"

_ODD = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Looked for first: nearly no text has one."""
_ODD_IN_ATTRIBUTE = re.compile('[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
TEXTS_KEPT = 4_096
"""Escaped texts kept: names and identifiers of parties, which a flow repeats on each invoice."""


def text(value: str) -> str:
    """The value as an element holds it."""
    if _ODD.search(value) is None:
        return value
    escaped = visible(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")


def attribute(value: str) -> str:
    """The value as an attribute holds it, between double quotes."""
    if _ODD_IN_ATTRIBUTE.search(value) is None:
        return value
    escaped = text(value).replace('"', "&quot;")
    return escaped.replace("\t", "&#9;").replace("\n", "&#10;")


kept_text = lru_cache(maxsize=TEXTS_KEPT)(text)
"""`text`, remembered: for values that come again and again."""


def element(indent: str, tag: str, value: str | None) -> str:
    """One line with an element, or nothing for None."""
    return "" if value is None else f"{indent}<{tag}>{text(value)}</{tag}>\n"
