"""Texts from outside as a mail may show them: one line, nothing hidden, never longer than allowed. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal

from data_contracts.messages import Language, told
from pipelines.admission.refusals import HIDDEN_CATEGORIES
from pipelines.validation.control_date import CONTROL_ZONE

VALUE_CHARACTERS_MAX = 200
"""Characters of a name or a number that a mail shows."""

_ODD = re.compile(r"[^ -~\u00a1-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
"""Characters that are looked at one by one; most texts have none."""

_GROUPS = {Language.FR: ("\u202f", ","), Language.EN: (",", ".")}


def one_line(text: str) -> str:
    """The text on one line: runs of white space become a space, characters that act unseen are spelled out."""
    joined = " ".join(text.split())
    return _ODD.sub(_spelled, joined)


def value(text: str | None, characters_max: int = VALUE_CHARACTERS_MAX) -> str:
    """A name or a number as it is shown: one line, cut visibly. Empty when absent."""
    shown = one_line(text or "")
    return shown if len(shown) <= characters_max else shown[: characters_max - 1] + "…"


def comment(text: str, characters_max: int, language: Language) -> str:
    """A comment as it is shown; what is cut is said."""
    shown = one_line(text)
    if len(shown) <= characters_max:
        return shown
    left = len(shown) - characters_max
    return told("notification-cut", language, comment=shown[:characters_max], left=left)


def money(amount: Decimal | None, currency: str | None, language: Language) -> str:
    """An amount as the language writes it, exact, with two decimals or more. Empty when absent."""
    if amount is None:
        return ""
    group, point = _GROUPS[language]
    sign = "-" if amount < 0 else ""
    whole, _, rest = f"{abs(amount):f}".partition(".")
    rest = rest.rstrip("0").ljust(2, "0")
    grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", group, whole)
    return f"{sign}{grouped}{point}{rest} {value(currency, 3)}".rstrip()


def moment(at: datetime, language: Language) -> str:
    """An instant by the clocks of Paris, to the minute."""
    local = at.astimezone(CONTROL_ZONE)
    return local.strftime("%d/%m/%Y à %H:%M" if language is Language.FR else "%Y-%m-%d at %H:%M")


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character) in HIDDEN_CATEGORIES:
        return character.encode("unicode_escape").decode("ascii")
    return character
