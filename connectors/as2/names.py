"""Names in AS2 headers: AS2-From and AS2-To, Message-IDs, file names. All are data, none is ever a path."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from connectors.as2.dispositions import malformed
from connectors.as2.limits import FILE_NAME_BYTES_MAX, IDENTIFIER_CHARACTERS_MAX, MESSAGE_ID_CHARACTERS_MAX

_PLAIN = re.compile(r"[!#-\[\]-~]+")
"""Printable ASCII but space, quote and backslash: needs no quotes. RFC 4130, 6.2."""
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
QUOTES_MAX = 2
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+>|[!-;=?-~]+")


def identifier(value: str) -> str:
    """The AS2 name that a header holds, quotes taken off.

    Errors   MessageRefused when it is none.
    """
    name = value.strip()
    # Some peers quote once more, in their receipts, what came to them in quotes.
    for _ in range(QUOTES_MAX):
        quoted = _QUOTED.fullmatch(name)
        if quoted:
            name = re.sub(r"\\(.)", r"\1", quoted[1])
    if not is_identifier(name) or (name == value.strip() and not _PLAIN.fullmatch(name)):
        raise malformed("as2-names")
    return name


def is_identifier(name: str) -> bool:
    """Whether it may be an AS2 name: printable ASCII, 1 to 128 characters."""
    return 0 < len(name) <= IDENTIFIER_CHARACTERS_MAX and name.isascii() and name.isprintable()


def quoted(name: str) -> str:
    """The name as a header holds it, in quotes where it needs them."""
    if _PLAIN.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def message_id(value: str) -> str:
    """The Message-ID that a header holds.

    Errors   MessageRefused when it is none.
    """
    value = value.strip()
    if len(value) > MESSAGE_ID_CHARACTERS_MAX or not _MESSAGE_ID.fullmatch(value):
        raise malformed("as2-message-id")
    return value


def file_name(said: str, message: str) -> str:
    """The name of a deposit: what the sender said if that is plain, else one made of the Message-ID."""
    name = unicodedata.normalize("NFC", said.replace("\\", "/").rpartition("/")[2].strip())
    plain = (
        name.isprintable() and not name.startswith(".") and len(name.encode("utf-8", "replace")) <= FILE_NAME_BYTES_MAX
    )
    if name and plain:
        return name
    return f"as2-{hashlib.sha256(message.encode()).hexdigest()[:32]}"
