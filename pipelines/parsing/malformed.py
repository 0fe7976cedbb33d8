"""What libxml2 says of a document that is not well-formed, by kind, so that it can be told in every language."""

from __future__ import annotations

import re

_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"Opening and ending tag mismatch", "mismatch"),
        (r"Premature end of data", "unclosed"),
        (r"Couldn't find end of Start Tag|expected '>'|EndTag: '</' not found", "cut"),
        (r"xmlParseEntityRef: no name|StartTag: invalid element name|Unescaped '<' not allowed", "bare"),
        (r"EntityRef: expecting ';'", "ampersand"),
        (r"Entity '.*' not defined", "entity"),
        (r"(?i:.*invalid (?:xml)?char)|Invalid bytes|Incomplete UTF-8|Input is not proper UTF-8", "character"),
        (r"Extra content at the end", "after"),
        (r"Start tag expected|Document is empty", "before"),
        (r"AttValue|Specification mandates value", "value"),
        (r"Attribute .* redefined", "twice"),
        (r"Namespace prefix .* not defined", "prefix"),
    )
)


def kind(reason: str) -> str:
    """The kind of a reason, as the message `parsing-malformed` knows it; `other` for one that it has no words for.

    Source   errors of libxml2 2.9 to 2.15; what another version words otherwise is told in its words.
    """
    return next((name for pattern, name in _KINDS if pattern.match(reason)), "other")
