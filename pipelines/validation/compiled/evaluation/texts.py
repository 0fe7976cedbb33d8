"""Values written as text, as string() and xsl:value-of write them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from pipelines.parsing.path_tables import INT, Batch
from pipelines.validation.compiled.evaluation.casts import atoms
from pipelines.validation.compiled.evaluation.exact_doubles import as_fractions
from pipelines.validation.compiled.evaluation.not_compilable import NotDecided
from pipelines.validation.compiled.evaluation.values import BOOLEAN, DECIMAL, DOUBLE, STRING, TEXTS, Value, either

_EXPONENT_FROM = 1e6
"""From here on a double is written with an exponent."""


def as_strings(value: Value, batch: Batch) -> Value:
    """Each item as xs:string.

    Shape    a double that is written with an exponent is an error mark: where it comes of the sum of no nodes it is a
             whole number to XPath, written without, and a column does not tell the two apart.
    """
    value = as_fractions(atoms(value, batch))
    if value.kind in TEXTS:
        return Value(
            STRING, value.size, value.data, its=value.its, constant=value.constant, errors=value.errors
        )  # fmt: skip
    put = batch.strings.put
    if value.constant:
        text = written(value.kind, value.data, value.scale)
        return Value(STRING, value.size, np.int32(put(text)), constant=True, errors=value.errors)
    ids = np.fromiter((put(written(value.kind, item, value.scale)) for item in value.data), INT, len(value.data))
    errors = value.errors
    if value.kind == DOUBLE and (far := np.abs(value.data) >= _EXPONENT_FROM).any():
        marks = np.zeros(value.size, bool)
        marks[value.iterations()[far]] = True
        errors = either(errors, marks)
    return Value(STRING, value.size, ids, its=value.its, errors=errors)


def written(kind: str, item: object, scale: int) -> str:
    """One atomic item. Source: XPath 2.0 functions and operators 17.1.2, casting to xs:string."""
    if kind == BOOLEAN:
        return "true" if item else "false"
    if kind == DECIMAL:
        return _decimal(Fraction(item) / 10**scale if isinstance(item, Fraction) else Fraction(int(item), 10**scale))  # type: ignore[call-overload]
    if kind == DOUBLE:
        return _double(float(item))  # type: ignore[arg-type]
    raise NotDecided(f"a {kind} written as text")


def _decimal(number: Fraction) -> str:
    """Canonical: no exponent, no trailing zeros. Fractions here come from doubles or quotients, so they end."""
    digits = 0
    scaled = number
    while scaled.denominator != 1:
        digits += 1
        scaled *= 10
        if digits > 1100:
            raise NotDecided("a number without end written as text")
    sign = "-" if scaled < 0 else ""
    text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def _double(number: float) -> str:
    """Between 1e-6 and 1e6 a double is written as a decimal, shortest digits that read back the same."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "INF" if number > 0 else "-INF"
    if number == 0:
        return "-0" if math.copysign(1.0, number) < 0 else "0"
    if 1e-6 <= abs(number) < 1e6:
        return _decimal(Fraction(repr(number)))
    mantissa, _, exponent = f"{number!r}".partition("e")
    if exponent:
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
    whole = Fraction(repr(abs(number)))
    power = len(str(whole.__floor__())) - 1
    body = _decimal(whole / 10**power)
    return f"{'-' if number < 0 else ''}{body if '.' in body else body + '.0'}E{power}"
