"""Decimals as a pivot writes them: plain, at most six places, never an exponent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

PLACES_MAX = 6
"""Decimals of an amount towards Chorus Pro. G7.07, and every official pivot."""

PLACES_OF_MONEY = 2
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP)
_SMALLEST = Decimal(1).scaleb(-PLACES_MAX)


def figure(value: Decimal) -> str:
    """A quantity or a rate without trailing zeros: 2.50000000 is 2.5.

    Shape    a seventh decimal is rounded half up; the exact value stays in the original.
    """
    text = str(value)
    if text[-9:-8] != "." or text[-2:] != "00" or "E" in text:
        # Not the eight decimals of a table, or a seventh that counts.
        text = f"{value.quantize(_SMALLEST, context=_EXACT):f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def amount(value: Decimal) -> str:
    """A sum or a price, with at least two decimals: 1789.000000 is 1789.00."""
    text = figure(value)
    places = len(text) - 1 - text.find(".") if "." in text else 0
    if places >= PLACES_OF_MONEY:
        return text
    return text + ("0" if places else ".00")
