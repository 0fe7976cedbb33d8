"""Texts of a tree as values: exact decimals and days. A text that is no such value is None, never a guess."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lxml import etree

WHOLE_DIGITS_MAX = 20
FRACTION_DIGITS_MAX = 8
"""Digits before and after the point that `tables.AMOUNT`, decimal128(28, 8), holds."""

BLANK = " \t\r\n"
"""The white space of XML. A no-break space is a character of a value."""

_DECIMAL = re.compile(r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_DAY_102 = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def line_number(element: etree._Element) -> int | None:
    """The line on which an element starts, from 1; None for an element that no parser made."""
    line = element.sourceline
    return line if isinstance(line, int) else None


def decimal_term(text: str | None) -> Decimal | None:
    """The exact value of a decimal in XML Schema's lexical form.

    Units    as written.
    Nulls    None for no text, another form (exponent, INF, NaN, comma, blanks within), or a value that does not fit
             `tables.AMOUNT` exactly. Zeros that carry no value do not count.
    Source   XML Schema Part 2, paragraph 3.2.3.1.
    """
    match = _DECIMAL.fullmatch(text) if text else None
    if match is None:
        return None
    sign, whole, fraction, bare_fraction = match.groups()
    whole = (whole or "").lstrip("0")
    fraction = fraction or bare_fraction or ""
    if len(fraction) > FRACTION_DIGITS_MAX:
        fraction = fraction.rstrip("0")
    if len(whole) > WHOLE_DIGITS_MAX or len(fraction) > FRACTION_DIGITS_MAX:
        return None
    value = Decimal(f"{sign}{whole or '0'}.{fraction}")
    return value if value else abs(value)


def day(text: str | None) -> date | None:
    """The day of an XML Schema date; a time zone is allowed and left out. None when it is no day of the calendar.

    Source   XML Schema Part 2, paragraph 3.2.9.
    """
    return _calendar_day(_DAY.fullmatch(text) if text else None)


def day_102(text: str | None, code: str | None) -> date | None:
    """The day of a CII date string, written YYYYMMDD. None for another format code or no day of the calendar.

    Shape    `code` is the attribute `format`; Chorus Pro's samples leave it out, EN 16931 demands 102.
    Source   UN/CEFACT code list 2379.
    """
    return _calendar_day(_DAY_102.fullmatch(text) if text and code in {None, "102"} else None)


def _calendar_day(match: re.Match[str] | None) -> date | None:
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
