"""What Relais says to people, in French and English: one catalogue, in Fluent.

A room keeps its messages in `fr/{room}.ftl` and `en/{room}.ftl`, under ids that begin with the room's name. Both files
hold the same ids, with the same variables; a test holds them to it. Codes that partners know (rule ids, motive codes)
are part of the id, as in `motive-DOUBLON` and its `.remedy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from data_contracts.errors import ContractBroken

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

Value = str | int | Decimal | date
SENTENCES_KEPT = 4_096
"""Sentences kept formed: a flow of many errors says the same few over and over."""
VALUE_CHARACTERS_MAX = 1_000_000
"""Fluent's own bound on a value, 2,500, guards against strangers' patterns. Ours are our own, and an official sentence
with the values of a document in it is longer; whoever fills one in bounds it."""


class Language(StrEnum):
    FR = "fr"
    EN = "en"


@dataclass(frozen=True)
class Sentences:
    """The same message in both languages."""

    fr: str
    en: str


def told(message_id: str, language: Language, **values: Value) -> str:
    """One message of the catalogue with its values filled in.

    Shape    `message_id` is an id, or `id.attribute`. Text stands as given; numbers and dates are written the way that
             the language writes them, so a number that is an identifier goes in as text.
    Errors   ContractBroken if there is no such message, or a value is missing.
    """
    return _told(message_id, language, tuple(sorted(values.items())))


def both(message_id: str, **values: Value | Sentences) -> Sentences:
    """One message in both languages; a value that is itself in both stands in each. Errors as of `told`."""
    fr = {name: value.fr if isinstance(value, Sentences) else value for name, value in values.items()}
    en = {name: value.en if isinstance(value, Sentences) else value for name, value in values.items()}
    return Sentences(told(message_id, Language.FR, **fr), told(message_id, Language.EN, **en))


def remedy(message_id: str, general: str, **values: Value | Sentences) -> Sentences:
    """What to do about what a message tells, in both languages: its own `.remedy`, else that of the message `general`.

    Errors   as of `told`.
    """
    known = bundle(_room(message_id), Language.FR)
    own = known.has_message(message_id) and "remedy" in known.get_message(message_id).attributes
    return both(f"{message_id}.remedy", **values) if own else both(f"{general}.remedy")


def has(message_id: str) -> bool:
    """Whether the catalogue holds a message, by an id without attribute."""
    return bundle(_room(message_id), Language.FR).has_message(message_id)


@cache
def bundle(room: str, language: Language) -> FluentBundle:
    """The messages of one room in one language, read when the first of them is said; none for a room there is not."""
    # Fluent's runtime takes a tenth of a second to import, which commands that say nothing of it need not pay.
    from fluent.runtime import FluentBundle, FluentResource, resolver

    resolver.MAX_PART_LENGTH = VALUE_CHARACTERS_MAX
    # Isolation marks are for texts of mixed direction; partners' software would show them.
    made = FluentBundle([language.value], use_isolating=False)
    file = files(__package__) / language.value / f"{room}.ftl"
    if file.is_file():
        made.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return made


@lru_cache(maxsize=SENTENCES_KEPT)
def _told(message_id: str, language: Language, values: tuple[tuple[str, Value], ...]) -> str:
    name, _, attribute = message_id.partition(".")
    known = bundle(_room(name), language)
    if not known.has_message(name):
        raise ContractBroken("no such message", where=f"messages, {language.value}", value=message_id)
    message = known.get_message(name)
    pattern = message.attributes.get(attribute) if attribute else message.value
    if pattern is None:
        raise ContractBroken("no such message", where=f"messages, {language.value}", value=message_id)
    text, errors = known.format_pattern(pattern, dict(values))
    if errors:
        raise ContractBroken(
            "a message could not be formed", where=f"messages, {language.value}, {message_id}", value=str(errors[0])
        )
    assert isinstance(text, str)
    return text


def _room(message_id: str) -> str:
    return message_id.partition("-")[0]
