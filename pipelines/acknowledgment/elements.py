"""XML elements of the answers: built with lxml, in the order written, the same bytes for the same values.

Every text passes through `visible`, so no value quoted from an invoice can break the answer that quotes it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from lxml import etree

from data_contracts.messages import Language, told

_CONTROL_PICTURES = {code: 0x2400 + code for code in range(32) if code not in {0x09, 0x0A, 0x0D}}
_NOT_XML = dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)
_VISIBLE = {**_CONTROL_PICTURES, **_NOT_XML}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Looked for first: nearly no text has one, and the search costs a tenth of the replacement."""
_ONE_LINE = {0x09: "⇥", 0x0A: "↵", 0x0D: "␍"}
TIMES_KEPT = 64
"""Times kept written out: the answers of one flow share a few."""
ELLIPSIS = "…"
QUOTED_CHARACTERS_MAX = 200
"""Characters of a value quoted in a sentence: enough to find it again, too few to carry an attachment."""


def visible(text: str) -> str:
    """The text, with each character that XML 1.0 forbids replaced by a picture of it (NUL by ␀) or by U+FFFD."""
    return text.translate(_VISIBLE) if _FORBIDDEN.search(text) else text


def cut(text: str, characters_max: int) -> str:
    """The text, ended by an ellipsis when it is longer than allowed."""
    return text if len(text) <= characters_max else text[: characters_max - 1] + ELLIPSIS


def quoted(value: str) -> str:
    """A value as a sentence quotes it: one line, whole or cut visibly."""
    return cut(value.translate(_ONE_LINE), QUOTED_CHARACTERS_MAX)


def shortened(text: str, characters_max: int, language: Language) -> str:
    """A comment, which says how much of it is missing when it is longer than allowed, where there is room to say so."""
    if len(text) <= characters_max:
        return text
    longest = told("acknowledgment-cut", language, characters=len(text))
    if characters_max < 2 * len(longest):
        return cut(text, characters_max)
    kept = text[: characters_max - len(longest)]
    return kept + told("acknowledgment-cut", language, characters=len(text) - len(kept))


def bilingual(fr: str, en: str, characters_max: int) -> str:
    """French then English in one text; of what does not fit, each language keeps at least its half and says so."""
    if not (fr and en):
        return shortened(fr or en, characters_max, Language.FR if fr else Language.EN)
    joined = f"{fr} / {en}"
    if len(joined) <= characters_max:
        return joined
    half = (characters_max - len(" / ")) // 2
    fr_max = max(half, 2 * half - len(en))
    en_max = max(half, 2 * half - len(fr))
    return f"{shortened(fr, fr_max, Language.FR)} / {shortened(en, en_max, Language.EN)}"


def child(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A new last child of `parent`, with its text and attributes made visible."""
    element = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        element.set(name, visible(value))
    if text is not None:
        element.text = visible(text)
    return element


def document(root: etree._Element) -> bytes:
    """The bytes of a whole document: UTF-8, declared, indented."""
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


@lru_cache(maxsize=TIMES_KEPT)
def instant(at: datetime) -> str:
    """An xs:dateTime in UTC, to the second. A naive time is a bug: it would depend on the machine."""
    return _utc(at).isoformat(timespec="seconds")


@lru_cache(maxsize=TIMES_KEPT)
def compact_instant(at: datetime) -> str:
    """yyyymmddhhmmss (UNTDID 2379 format 204), in UTC.

    The format has no offset. UTC is behind the French hour all year, so no stamp lies in its reader's future.
    """
    return _utc(at).strftime("%Y%m%d%H%M%S")


def _utc(at: datetime) -> datetime:
    assert at.tzinfo is not None, "times on answers are aware"
    return at.astimezone(UTC)
