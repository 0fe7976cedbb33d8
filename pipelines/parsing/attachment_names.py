"""Names of attachments: what makes one unfit, and the name under which a fit one goes on.

Sources: DSE-CP p. 50 and 54 (50 characters, cut and never refused; forbidden characters), G4.03 (extensions).
"""

from __future__ import annotations

import unicodedata

from data_contracts.limits import ATTACHMENT_NAME_CHARACTERS_MAX
from pipelines.admission.refusals import HIDDEN_CATEGORIES
from pipelines.parsing.media_types import EXTENSION_OF

FORBIDDEN = frozenset('\\/:*?"<>|')
"""Characters that no file name may hold on one of the systems that recipients store files on."""

EXTENSION_CHARACTERS_MAX = 10
"""What comes after the last point and is longer is no extension, but part of a sentence."""


def extension_of(name: str) -> str:
    """What follows the last point of a name, in capitals; empty when nothing does."""
    stem, point, extension = name.rpartition(".")
    plain = point and stem and len(extension) <= EXTENSION_CHARACTERS_MAX and extension.isalnum()
    return extension.upper() if plain else ""


def forbidden_in(name: str) -> str:
    """The first character of a name that no attachment's name may hold; empty when there is none."""
    for character in name:
        if character in FORBIDDEN or unicodedata.category(character) in HIDDEN_CATEGORIES:
            return character
    return ""


def chosen(candidates: tuple[str, ...]) -> str:
    """The name among those given to a file: the first with an extension, else the first; empty for none."""
    given = [name for name in candidates if name]
    return next((name for name in given if extension_of(name)), given[0] if given else "")


def kept(name: str, declared_media_type: str) -> str:
    """The name under which a file goes on: completed from its declared type where it has no extension, and cut.

    Shape    name, point and extension are 50 characters at most: the name is cut, never the extension.
    """
    if not extension_of(name) and declared_media_type in EXTENSION_OF:
        name = f"{name}.{EXTENSION_OF[declared_media_type]}"
    if len(name) <= ATTACHMENT_NAME_CHARACTERS_MAX:
        return name
    if not extension_of(name):
        return name[:ATTACHMENT_NAME_CHARACTERS_MAX]
    stem, point, extension = name.rpartition(".")
    return stem[: ATTACHMENT_NAME_CHARACTERS_MAX - len(extension) - 1] + point + extension
