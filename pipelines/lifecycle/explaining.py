"""What a status and its motive mean and ask for, in both languages: what is told to a supplier beside them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.messages import Language, Sentences, told
from data_contracts.motives import MOTIVES
from data_contracts.statuses import StatusFormat, meaning, status, what_next

SEPARATOR = " | "


@lru_cache(maxsize=256)
def status_explained(format: StatusFormat, code: str, own_motive: str | None = None) -> Sentences | None:
    """The status by its name, what it means and what follows; None for one that takes no motive, or is not known.

    Nulls    `own_motive` as of `data_contracts.statuses.meaning`.
    """
    known = status(format, code)
    if known is None or not known.motive_required:
        return None
    said, then = meaning(format, code, own_motive), what_next(format, code, own_motive)
    return Sentences(
        told("status-explained", Language.FR, label=known.label_fr, code=code, meaning=said.fr, next=then.fr),
        told("status-explained", Language.EN, label=known.label_en, code=code, meaning=said.en, next=then.en),
    )


@lru_cache(maxsize=256)
def motive_explained(code: str) -> Sentences | None:
    """What a motive says and what to do about it; None for one that no table knows."""
    known = MOTIVES.get(code)
    if known is None:
        return None
    return Sentences(
        told("status-motive-explained", Language.FR, code=code, sentence=known.sentence_fr, remedy=known.remedy_fr),
        told("status-motive-explained", Language.EN, code=code, sentence=known.sentence_en, remedy=known.remedy_en),
    )


def with_explanations(said: str, explanations: Iterable[Sentences | None]) -> str:
    """A comment, then what explains it in French and English, each as far as it fits whole: the words of whoever set
    the status come first and are never cut for ours."""
    for one in explanations:
        if one is None:
            continue
        longer = SEPARATOR.join(filter(None, (said, f"{one.fr} / {one.en}")))
        if len(longer) <= COMMENT_CHARACTERS_MAX:
            said = longer
    return said
