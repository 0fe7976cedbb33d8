"""The refusals that reading an archive can end in, by motive. Names in them are escaped, contents never appear.

What is refused is told by a message of the catalogue, room `admission`.
"""

from __future__ import annotations

import unicodedata

from data_contracts.refusals import FlowRefused

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that act without being seen: controls, directions, joiners, line separators."""

SHOWN_CHARACTERS_MAX = 255


def shown(name: str) -> str:
    """The name with hidden characters as escapes, so that it can stand in an answer, a log line or a screen."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in HIDDEN_CATEGORIES
        else character
        for character in name[:SHOWN_CHARACTERS_MAX]
    )


def damaged(message_id: str, *, where: str = "archive", value: str = "", **values: str) -> FlowRefused:
    """IRR_EXTRAC: the archive cannot be read to its end without doubt."""
    return FlowRefused.saying("IRR_EXTRAC", message_id, where=where, value=value, **values)


def misnamed(message_id: str, name: str, **values: str) -> FlowRefused:
    """IRR_NOM_F: the name of a file in the archive is not accepted."""
    return FlowRefused.saying("IRR_NOM_F", message_id, where="archive", value=shown(name), **values)


def oversized(message_id: str, *, where: str = "flow", value: str = "", **values: str) -> FlowRefused:
    """IRR_TAILLE: the flow, or what it unpacks to, is larger than allowed."""
    return FlowRefused.saying("IRR_TAILLE", message_id, where=where, value=value, **values)


def oversized_file(name: str, size_bytes: int, limit_bytes: int) -> FlowRefused:
    """IRR_TAILLE_F: one file is larger than allowed."""
    size, most = str(size_bytes), str(limit_bytes)
    return FlowRefused.saying(
        "IRR_TAILLE_F", "admission-file-size", where=shown(name), value=size, size=size, most=most
    )


def empty_file(name: str) -> FlowRefused:
    """IRR_VIDE_F: one file of the archive has no byte."""
    return FlowRefused.saying("IRR_VIDE_F", "admission-file-empty", where=shown(name), value="0")


def empty_flow(message_id: str) -> FlowRefused:
    """IRR_VIDE: there is nothing in the flow."""
    return FlowRefused.saying("IRR_VIDE", message_id, where="flow", value="0")


def mistyped(message_id: str, value: str) -> FlowRefused:
    """IRR_TYPE: the flow is not of a type that can be deposited."""
    return FlowRefused.saying("IRR_TYPE", message_id, where="flow", value=value)
