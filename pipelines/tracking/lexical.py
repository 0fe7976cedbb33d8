"""Texts that fit the simple types of the status schemas. Source: XML Schema Part 2."""

from __future__ import annotations

import re
from collections.abc import Callable

BLANK = " \t\r\n"
_COUNT = re.compile(r"\+?[0-9]+|-0+")


def anything(text: str) -> bool:
    return True


def count(text: str) -> bool:
    """A nonNegativeInteger."""
    return _COUNT.fullmatch(text.strip(BLANK)) is not None


def counted(low: int, high: int) -> Callable[[str], bool]:
    """A nonNegativeInteger between two numbers."""
    return lambda text: count(text) and len(text.strip(BLANK)) <= 100 and low <= int(text) <= high


def long(low: int, high: int) -> Callable[[str], bool]:
    """A text of so many characters."""
    return lambda text: low <= len(text) <= high


def four_digits(text: str) -> bool:
    return re.fullmatch("[0-9]{4}", text) is not None
