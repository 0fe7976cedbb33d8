"""What every refusal owes its sender."""

from __future__ import annotations

import re

from data_contracts.refusals import Refusal

_ENGLISH = re.compile(r"\b(?:the|and|of|is|or|it|file|again|under|with|without)\b")


def explained(refusal: Refusal) -> None:
    """Nothing; what is wrong and what to do are each told in both languages, and neither stands in the other."""
    for told in (refusal.said, refusal.to_do):
        assert told.fr and told.en and told.fr != told.en
    assert (refusal.what, refusal.what_fr, refusal.remedy) == (refusal.said.en, refusal.said.fr, refusal.to_do.en)
    for remedy in (refusal.to_do.fr, refusal.to_do.en):
        assert remedy[0].isupper() and remedy.endswith("."), remedy
    assert not _ENGLISH.search(refusal.to_do.fr), refusal.to_do.fr
