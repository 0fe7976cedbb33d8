"""Regular expressions of XPath, written as Python's with the same meaning, or refused.

Source: XPath 2.0 functions and operators 7.6.1; XML Schema part 2 appendix F.
"""

from __future__ import annotations

import re

from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable

_SPACE = r" \t\n\r"
_LITERAL = re.compile(r"(?:[A-Za-z0-9 #:;,_/-]|\\[^A-Za-z0-9])+")
_PLAIN = re.compile(r"\\(.)")
_PLAIN_ESCAPES = frozenset(r"\.-+*?|^$(){}[]/nrt")


def translated(pattern: str) -> re.Pattern[str]:
    """The compiled Python pattern. Errors   NotCompilable for constructs whose meaning differs or is not known here."""
    pieces: list[str] = []
    position, inside = 0, False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            pieces.append(_escape(pattern, position, inside))
            position += 2
            continue
        if inside:
            if character == "[" or (character == "-" and pattern[position + 1 : position + 2] == "["):
                raise NotCompilable("a regular expression that subtracts classes")
            if character in "&~|" and pattern[position + 1 : position + 2] == character:
                raise NotCompilable("a regular expression with doubled signs in a class")
            inside = character != "]"
        elif character == "(" and pattern[position + 1 : position + 2] == "?":
            raise NotCompilable("a regular expression with a special group")
        elif character == "[":
            inside = True
            if pattern[position + 1 : position + 2] == "^":
                pieces.append("[")
                position += 1
                character = "^"
        elif character == "$":
            character = r"\Z"
        elif character == ".":
            character = r"[^\n\r]"
        pieces.append(character)
        position += 1
    try:
        return re.compile("".join(pieces))
    except re.error as error:
        raise NotCompilable(f"a regular expression that Python refuses: {error}") from error


def _escape(pattern: str, position: int, inside: bool) -> str:
    """`\\d` is every decimal digit of Unicode in both; `\\s` is four characters in XPath, more in Python."""
    letter = pattern[position + 1 : position + 2]
    if letter in _PLAIN_ESCAPES and letter:
        return f"\\{letter}"
    if letter == "d":
        return r"\d"
    if letter == "s":
        return _SPACE if inside else f"[{_SPACE}]"
    if letter == "S" and not inside:
        return f"[^{_SPACE}]"
    raise NotCompilable(f"a regular expression with the escape \\{letter}")


def never_empty(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """For replace and tokenize, which raise on a pattern that matches the empty string, and where groups differ."""
    if pattern.match("") is not None or pattern.groups:
        raise NotCompilable("a pattern of replace or tokenize that matches nothing or has groups")
    return pattern


def literal(pattern: re.Pattern[str]) -> str | None:
    """The one text that a pattern finds; None when it may find others."""
    return _PLAIN.sub(r"\1", pattern.pattern) if _LITERAL.fullmatch(pattern.pattern) else None
