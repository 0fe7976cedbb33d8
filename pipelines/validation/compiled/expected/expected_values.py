"""Expected values as an accountant reads them, in no language: `1250.00`, `<= 2`, `EUR (ISO 4217: 178 codes)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.evaluation.regular_expressions import translated

CODES_LISTED_MAX = 20
NEAREST_MAX = 3
_CODE_CHARACTERS_MAX = 12
"""Characters of a wrong code that are looked at: codes are short, values may be long."""
_DECIMALS_MAX = 6
_SIGNS = {"eq": "", "ne": "<> ", "lt": "< ", "le": "<= ", "gt": "> ", "ge": ">= "}
_NUMBER_TEXT_MAX = 40
_WHOLE_DIGITS_MAX = 16
"""With ten decimals still exact in the 28 digits of Python's decimals."""
_PREFIX_CHARACTERS_MAX = 100
_SIRET_DIGITS, _SIREN_DIGITS = 14, 9

_DATES = (
    ("YYYY-MM-DD", "2024-01-31", "1999-01-31", "9999-99-99"),
    ("YYYYMMDD", "20240131", "19990131", "99999999"),
)
"""A form of dates, two that it takes, and what takes the last too is no form of dates."""

_LIST_NAMES = (
    (re.compile(r"ISO(?: code list)? (\d{4}(?:-\d)?)( ICD)?"), "ISO {}"),
    (re.compile(r"UNTDID ?(\d{4})"), "UNTDID {}"),
    (re.compile(r"UNCL ?(\d{4})"), "UNTDID {}"),
    (re.compile(r"CEF (VATEX|EAS)"), "{}"),
    (re.compile(r"Recommendation (?:N°\. ?)?(20)"), "UN/ECE Rec {}"),
)


def amount(number: Decimal) -> str:
    """An amount: two decimals, more where it has more, at most six."""
    rounded = round(number, _DECIMALS_MAX)
    exponent = rounded.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    text = f"{rounded:.{places}f}"
    return text if Decimal(text) else text.lstrip("-")


def distance(found: str | None, expected: str) -> Decimal:
    """How far an amount is from the one expected; 0 for what is no number."""
    number, wanted = _number(found), _number(expected.lstrip("<=> "))
    return Decimal(0) if number is None or wanted is None else abs(number - wanted)


def bound(op: str, limit: str) -> str:
    """`<= 2`; the number alone where it must be equal."""
    return _SIGNS[op] + limit


def prefix(found: str | None, expected: str | None, length: str = "") -> str | None:
    """A text that a value must start with, of this length when one is given.

    Nulls    None for an empty one, of another length, or that the value starts with: then the fault is not there.
    """
    text = (expected or "").strip()
    if not text or (length and len(text) != int(length)) or (found or "").startswith(text):
        return None
    return f"{text[:_PREFIX_CHARACTERS_MAX]}…"


def with_decimals(found: str | None, places: int) -> str | None:
    """A number rounded to so many decimals, half up; None for what is no number."""
    number = _number(found)
    if number is None:
        return None
    return str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def matching(found: str | None, pattern: str) -> str | None:
    """What matches a regular expression: the value written another way, or the form of a date; None otherwise."""
    try:
        compiled = re.compile(translated(pattern))
    except NotCompilable:
        return None
    for form in _rewritten(found or ""):
        if compiled.search(form):
            return form
    for form, this_century, last_century, other in _DATES:
        if compiled.search(this_century) and not compiled.search(other):
            return form if compiled.search(last_century) else form.replace("YYYY", "20YY")
    return None


def _rewritten(found: str) -> Iterator[str]:
    """The ways in which a value is often meant: without blanks, with a point, rounded, a date in another order, a SIREN
    where a SIRET stands."""
    if len(found) > _NUMBER_TEXT_MAX:
        return
    text = "".join(found.split())
    yield text
    yield text.replace(",", ".").rstrip("%€").removeprefix("+")
    if len(text) == _SIRET_DIGITS and text.isdigit():
        yield text[:_SIREN_DIGITS]
    if (date := re.fullmatch(r"(\d\d)[/.-](\d\d)[/.-](\d{4})", text)) is not None:
        day, month, year = date.groups()
        yield f"{year}-{month}-{day}"
        yield f"{year}{month}{day}"
    if (date := re.fullmatch(r"(\d{4})[/.-]?(\d\d)[/.-]?(\d\d)(?:T.*|[+-].*|Z)?", text)) is not None:
        yield "-".join(date.groups())
        yield "".join(date.groups())
    number = _number(text.replace(",", "."))
    if number is not None:
        for places in range(_DECIMALS_MAX, -1, -1):
            yield str(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def _number(text: str | None) -> Decimal | None:
    text = (text or "").strip()
    if not text or len(text) > _NUMBER_TEXT_MAX:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _WHOLE_DIGITS_MAX else None


class CodeList:
    """The codes that a value may have, and how to tell them: all when few, else the nearest, the list and their number.

    Codes that are the same number count once: `20`, `20.0` and `20.00`.
    """

    def __init__(self, codes: tuple[str, ...], sentence: str) -> None:
        distinct: dict[str, str] = {}
        for code in codes:
            distinct.setdefault(_same(code), code)
        self._codes = tuple(distinct.values())
        self._name = _list_name(sentence)
        self._near: dict[str, list[str]] | None = None

    def told(self, found: str | None) -> str:
        """`S, E, AE`; `EUR (ISO 4217: 178 codes)`; `ISO 4217: 178 codes` when none is near what was found."""
        if len(self._codes) <= CODES_LISTED_MAX:
            return ", ".join(self._codes)
        size = f"{len(self._codes)} codes"
        named = f"{self._name}: {size}" if self._name else size
        near = self._nearest(found or "")
        return f"{', '.join(near)} ({named})" if near else named

    def _nearest(self, found: str) -> list[str]:
        """Codes of the same first letter that are one letter away, or that the value begins with.

        A code of digits is near to none but itself with zeros before it: 0021 is no more like 0321 than any other.
        """
        text = found.strip().upper()[:_CODE_CHARACTERS_MAX]
        if not text:
            return []
        if text.isdigit():
            return [code for code in self._codes if code.isdigit() and code.lstrip("0") == text.lstrip("0")]
        near, shorter = self._index(), _shorter(text)
        starts = [f"={text[:length]}" for length in range(len(text) - 1, 1, -1)]
        for keys in ([f"={text}"], [*(f"={one}" for one in shorter), text], starts, shorter):
            codes = [code for key in keys for code in near.get(key, ()) if code[:1].upper() == text[0]]
            if codes:
                return list(dict.fromkeys(codes))[:NEAREST_MAX]
        return []

    def _index(self) -> dict[str, list[str]]:
        """Codes by themselves (after `=`) and by themselves less one letter."""
        if self._near is None:
            self._near = {}
            for code in self._codes:
                upper = code.upper()
                for key in (f"={upper}", *_shorter(upper)):
                    self._near.setdefault(key, []).append(code)
        return self._near


def _shorter(text: str) -> dict[str, None]:
    """The text less one letter, each once, two letters at least."""
    return dict.fromkeys(text[:at] + text[at + 1 :] for at in range(len(text)) if len(text) > 2)


def _same(code: str) -> str:
    """The number that a code is; itself when it is none, or a name made of digits such as 0002."""
    number = _number(code) if code.replace(".", "", 1).isdigit() and not re.match(r"0\d", code) else None
    return code if number is None else f"{number.normalize():f}"


def _list_name(sentence: str) -> str:
    for pattern, name in _LIST_NAMES:
        if (match := pattern.search(" ".join(sentence.split()))) is not None:
            return name.format(match.group(1))
    return ""
