"""Motive codes that people quote in the free texts of CPPStatut, which has no field for them."""

from __future__ import annotations

import re

from data_contracts.motives import MOTIVES

_WORD = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
AMBIGUOUS = frozenset({"AUTRE"})
"""Codes that are words of French as well: taken only where a text is nothing else, or begins with them and a colon."""


def quoted_motives(*texts: str) -> tuple[str, ...]:
    """The motive codes that texts quote, each once, in their order.

    Shape    a code is taken where it stands as a word of its own, in capitals, as in `DEST_ERR : mauvais SIRET`. Words
             that no table of motives holds are no codes.
    """
    found: dict[str, None] = {}
    for text in texts:
        for match in _WORD.finditer(text):
            if _alone(text, match) and match[0] in MOTIVES and not _a_word(text, match):
                found[match[0]] = None
    return tuple(found)


def _alone(text: str, match: re.Match[str]) -> bool:
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")


def _a_word(text: str, match: re.Match[str]) -> bool:
    if match[0] not in AMBIGUOUS:
        return False
    after = text[match.end() :].lstrip()
    return bool(text[: match.start()].strip()) or not (after == "" or after[0] in ":-|")
