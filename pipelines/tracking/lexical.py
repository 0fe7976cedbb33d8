"""Texts that fit the simple types of the status schemas. Source: XML Schema Part 2."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from collections.abc import Callable

from pipelines.parsing.values import day
from pipelines.tracking.instants import instant_of

BLANK = " \t\r\n"
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_COUNT = re.compile(r"\+?[0-9]+|-0+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


def anything(text: str) -> bool:
    return True


def decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text.strip(BLANK)) is not None


def count(text: str) -> bool:
    """A nonNegativeInteger."""
    return _COUNT.fullmatch(text.strip(BLANK)) is not None


def boolean(text: str) -> bool:
    return text.strip(BLANK) in ("true", "false", "1", "0")


def date_time(text: str) -> bool:
    return instant_of(text.strip(BLANK)) is not None


def date(text: str) -> bool:
    return day(text.strip(BLANK)) is not None


def base64(text: str) -> bool:
    packed = re.sub(f"[{BLANK}]", "", text)
    if _BASE64.fullmatch(packed) is None:
        return False
    try:
        a2b_base64(packed, strict_mode=True)
    except Error:
        return False
    return True


def counted(low: int, high: int) -> Callable[[str], bool]:
    """A nonNegativeInteger between two numbers."""
    return lambda text: count(text) and len(text.strip(BLANK)) <= 100 and low <= int(text) <= high


def long(low: int, high: int) -> Callable[[str], bool]:
    """A text of so many characters."""
    return lambda text: low <= len(text) <= high


def four_digits(text: str) -> bool:
    return re.fullmatch("[0-9]{4}", text) is not None
