"""Numbers read from texts: decimals as mantissa and scale, doubles; each distinct text of a batch once.

Almost all are written plainly (`-12.50`), and those are read together, a column of digits at a time. The rest are read
one by one, by the grammars of XML Schema.
"""

from __future__ import annotations

import re

import numpy as np

from pipelines.parsing.path_tables import Array, Batch
from pipelines.validation.compiled.evaluation.columns import distinct_ids

DECIMALS_MAX = 10
MANTISSA_MAX = 9 * 10**15
MANTISSA_DIGITS_MAX = 16
"""Beyond these a decimal is left to the official engine: inside, int64 mantissas and doubles are both exact."""
PLAIN_CHARACTERS_MAX = 15
"""So long a text has at most 15 digits: its mantissa is exact as a double too."""
PLAIN_COUNT_MIN = 32
"""Fewer texts are read one by one."""

BLANKS = " \t\r\n"
_DECIMAL = re.compile(r"[ \t\r\n]*([+-]?)([0-9]*)(?:\.([0-9]*))?[ \t\r\n]*\Z")
_DOUBLE = re.compile(r"[ \t\r\n]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?INF|NaN)[ \t\r\n]*\Z")
_POWERS = np.array([float(10**power) for power in range(DECIMALS_MAX + 1)])
_UNKNOWN, _READ, _BAD = -2, 0, -1


def decimal_columns(batch: Batch, ids: Array) -> tuple[Array, Array]:
    """Mantissa and scale of each text; scale -1 where it is no decimal within bounds."""
    mantissas, scales = _columns(batch, "decimals", np.int64)
    found = scales[ids]
    if (found == _UNKNOWN).any():
        numbers = distinct_ids(ids[found == _UNKNOWN], len(batch.strings.values))
        texts = [batch.strings.values[number] for number in numbers.tolist()]
        plain, mantissas[numbers], scales[numbers] = _plain(texts)
        for place in (~plain).nonzero()[0].tolist():
            number = numbers[place]
            mantissas[number], scales[number] = decimal_parts(texts[place]) or (0, _BAD)
        found = scales[ids]
    return mantissas[ids], found


def double_columns(batch: Batch, ids: Array) -> tuple[Array, Array]:
    """The double of each text, and a mark where it is none."""
    doubles, states = _columns(batch, "doubles", np.float64)
    found = states[ids]
    if (found == _UNKNOWN).any():
        numbers = distinct_ids(ids[found == _UNKNOWN], len(batch.strings.values))
        texts = [batch.strings.values[number] for number in numbers.tolist()]
        plain, mantissas, scales = _plain(texts)
        # Both are exact, so the quotient is the double nearest to the text.
        doubles[numbers] = mantissas / _POWERS[scales]
        states[numbers] = _READ
        for place in np.flatnonzero(~plain | (mantissas == 0)).tolist():
            text = texts[place]
            known = _DOUBLE.match(text) is not None
            states[numbers[place]] = _READ if known else _BAD
            doubles[numbers[place]] = float(text.strip(BLANKS).replace("INF", "inf")) if known else 0.0
        found = states[ids]
    return doubles[ids], found == _BAD


def _columns(batch: Batch, name: str, kind: type) -> tuple[Array, Array]:
    """A number and a state for each text of the batch; they grow with its strings."""
    size = len(batch.strings.values)
    known: tuple[Array, Array] | None = batch.memo.get(name)
    if known is None or len(known[0]) < size:
        grown: tuple[Array, Array] = np.zeros(size + 1024, kind), np.full(size + 1024, _UNKNOWN, np.int64)
        if known is not None:
            grown[0][: len(known[0])], grown[1][: len(known[1])] = known
        known = batch.memo[name] = grown
    return known


def decimal_parts(text: str) -> tuple[int, int] | None:
    """(mantissa, scale) of a decimal as XPath writes it, trailing zeros off; None when it is none or out of bounds."""
    match = _DECIMAL.match(text)
    if match is None or not (match[2] or match[3]):
        return None
    whole, fraction = (match[2] or "").lstrip("0"), (match[3] or "").rstrip("0")
    # Counted before they are read: Python reads no integer of thousands of digits.
    if len(fraction) > DECIMALS_MAX or len(whole) + len(fraction) > MANTISSA_DIGITS_MAX:
        return None
    mantissa = int(f"{match[1]}{whole}{fraction}") if whole or fraction else 0
    return (mantissa, len(fraction)) if abs(mantissa) <= MANTISSA_MAX else None


def _plain(texts: list[str]) -> tuple[Array, Array, Array]:
    """Which texts are plain numbers, `-?[0-9]+(.[0-9]+)?` of few characters; their mantissas and scales, else zeros."""
    size = len(texts)
    if size < PLAIN_COUNT_MIN:
        return np.zeros(size, bool), np.zeros(size, np.int64), np.zeros(size, np.int64)
    short = [text if len(text) <= PLAIN_CHARACTERS_MAX and text.isascii() else "" for text in texts]
    codes = np.array(short, f"S{PLAIN_CHARACTERS_MAX}").view(np.uint8).reshape(size, PLAIN_CHARACTERS_MAX)
    mantissas, scales = np.zeros(size, np.int64), np.zeros(size, np.int64)
    negative = codes[:, 0] == ord("-")
    bad, pointed, last = np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, bool)
    for place in range(int(codes.any(axis=0).sum())):
        column = codes[:, place]
        digits = column - ord("0")
        digit, point = digits <= 9, column == ord(".")
        mantissas = np.where(digit, mantissas * 10 + digits, mantissas)
        scales += digit & pointed
        # A point stands after a digit, once; a sign comes first; after the end there is nothing.
        bad |= ~(digit | (column == 0) | (point & last & ~pointed) | (negative if place == 0 else False))
        pointed |= point
        last = np.where(column == 0, last, digit)
    plain = ~bad & last & (scales <= DECIMALS_MAX)
    mantissas[~plain], scales[~plain] = 0, 0
    return plain, *_stripped(np.where(negative, -mantissas, mantissas), scales)


def _stripped(mantissas: Array, scales: Array) -> tuple[Array, Array]:
    """Trailing zeros of fractions off."""
    while len(zeros := np.flatnonzero((scales > 0) & (mantissas % 10 == 0))):
        mantissas[zeros] //= 10
        scales[zeros] -= 1
    return mantissas, scales
