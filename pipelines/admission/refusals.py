"""The refusals that reading an archive can end in, by motive. Names in them are escaped, contents never appear.

What is refused is told by a message of the catalogue, room `admission`.
"""

from __future__ import annotations

import unicodedata

from data_contracts.errors import FlowRefused
from data_contracts.messages import both

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
    return FlowRefused(
        "IRR_EXTRAC",
        both(message_id, **values),
        where=where,
        value=value,
        remedy="rebuild the archive and drop it under a new flow id",
    )


def misnamed(message_id: str, name: str, **values: str) -> FlowRefused:
    """IRR_NOM_F: the name of a file in the archive is not accepted."""
    return FlowRefused(
        "IRR_NOM_F",
        both(message_id, **values),
        where="archive",
        value=shown(name),
        remedy="rename this file: relative, no '..', no control character, no twin; then drop under a new flow id",
    )


def oversized(message_id: str, *, where: str = "flow", value: str = "", **values: str) -> FlowRefused:
    """IRR_TAILLE: the flow, or what it unpacks to, is larger than allowed."""
    return FlowRefused(
        "IRR_TAILLE",
        both(message_id, **values),
        where=where,
        value=value,
        remedy="spread the invoices over several flows",
    )


def oversized_file(name: str, size_bytes: int, limit_bytes: int) -> FlowRefused:
    """IRR_TAILLE_F: one file is larger than allowed."""
    return FlowRefused(
        "IRR_TAILLE_F",
        both("admission-file-size", size=str(size_bytes), most=str(limit_bytes)),
        where=shown(name),
        value=str(size_bytes),
        remedy="shrink the file or its attachments",
    )


def empty_file(name: str) -> FlowRefused:
    """IRR_VIDE_F: one file of the archive has no byte."""
    return FlowRefused(
        "IRR_VIDE_F",
        both("admission-file-empty"),
        where=shown(name),
        value="0",
        remedy="remove or complete this file, then drop the archive under a new flow id",
    )


def empty_flow(message_id: str) -> FlowRefused:
    """IRR_VIDE: there is nothing in the flow."""
    return FlowRefused(
        "IRR_VIDE", both(message_id), where="flow", value="0", remedy="check the file before dropping it"
    )


def mistyped(message_id: str, value: str) -> FlowRefused:
    """IRR_TYPE: the flow is not of a type that can be deposited."""
    return FlowRefused(
        "IRR_TYPE",
        both(message_id),
        where="position 0",
        value=value,
        remedy="drop one XML, one Factur-X PDF, a tar.gz or a zip, without extension",
    )
