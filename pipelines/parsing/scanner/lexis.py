"""The lexical forms that a scanner can prove, told once for every scanner.

Each is a safe part of what libxml2 accepts (2.14's real verdicts, which are not always the standard's): whatever is
outside is left to libxml2.
"""

from __future__ import annotations

import re

from pipelines.parsing.scanner.automaton import Content

_DAY_OF_MONTH = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_DATE = r"(?:19|20)[0-9]{2}-" + _DAY_OF_MONTH
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?" + _ZONE
_BASE64 = (
    r"[ \t\n]*+(?:[A-Za-z0-9+/]{4}[ \t\n]*+)*+"
    r"(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?[ \t\n]*+"
)

FORMS: dict[Content, re.Pattern[str]] = {
    Content.BLANK: re.compile(r"[ \t\n]*"),
    Content.DECIMAL: re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?"),
    Content.DATE: re.compile(_DATE + _ZONE),
    Content.BOOLEAN: re.compile(r"true|false|0|1"),
    Content.TIME: re.compile(_TIME),
    Content.DATE_TIME: re.compile(_DATE + r"T" + _TIME),
    Content.BASE64: re.compile(_BASE64),
    Content.LANGUAGE: re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"),
    Content.URI: re.compile(
        r"[A-Za-z0-9._-]+"
        r"|[A-Za-z]{2,12}:(?://[A-Za-z0-9.-]+(?:[/?][A-Za-z0-9._~:/?=,;+-]*)?|[A-Za-z0-9][A-Za-z0-9._~:/?=,;+-]*)"
    ),
}
"""The whole of a text must have its form. `Content.ANY` has none, `Content.LENGTH` has `PRINTABLE` and its bounds."""

PRINTABLE = re.compile(r"[\x21-\x7e]*")


def proved(content: Content, shortest: int, longest: int, text: str) -> bool:
    """Whether a text, its references resolved and comments cut, is surely of its type."""
    if content is Content.ANY:
        return True
    if content is Content.NEVER:
        return False
    if content is Content.LENGTH:
        return shortest <= len(text) <= longest and PRINTABLE.fullmatch(text) is not None
    return FORMS[content].fullmatch(text) is not None
