"""The texts of business terms: each distinct one is trimmed, and read as an amount, once a batch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.tables import AMOUNT
from pipelines.parsing.path_tables import INT, Array, Batch
from pipelines.parsing.values import BLANK, FRACTION_DIGITS_MAX, WHOLE_DIGITS_MAX, decimal_term

NONE = 0
"""In a column of text ids: no text. It is the id of the empty string, which is no value of a term either."""

_PLAIN = rf"^-?[0-9]{{1,{WHOLE_DIGITS_MAX}}}(\.[0-9]{{1,{FRACTION_DIGITS_MAX}}})?$"
"""Amounts that Arrow casts exactly. Others are read one by one."""


class Texts:
    """The texts of a batch that terms hold, without the white space around them.

    Shape    `used` are columns of text ids; only those may be asked for. `filled` says of each text id whether
             anything is left of the text.
    """

    def __init__(self, batch: Batch, used: Iterable[Array]) -> None:
        strings = batch.strings.values
        chosen, self._places = _distinct(len(strings), used)
        self.values = pc.ascii_trim(pa.array([strings[number] for number in chosen.tolist()], pa.string()), BLANK)
        self.filled = np.zeros(len(strings), np.bool_)
        self.filled[chosen] = pc.greater(pc.binary_length(self.values), 0).to_numpy(zero_copy_only=False)

    def column(self, ids: Array) -> pa.Array:
        """The texts of a column of ids. Nulls   null for `NONE`."""
        return self.values.take(_places(self._places, ids))

    def of(self, number: int) -> str:
        """One text."""
        text = self.values[int(self._places[number])].as_py()
        assert isinstance(text, str)
        return text


class Amounts:
    """The exact values of the texts of amounts.

    Shape    `used` are columns of text ids; only those may be asked for. `odd` says of each text id whether it holds
             a text that is no exact amount.
    """

    def __init__(self, texts: Texts, used: Iterable[Array]) -> None:
        size = len(texts.filled)
        chosen, self._places = _distinct(size, (ids[texts.filled[ids]] for ids in used))
        self._values = _decimals(texts.column(chosen))
        self.odd = np.zeros(size, np.bool_)
        self.odd[chosen] = self._values.is_null().to_numpy(zero_copy_only=False)

    def column(self, ids: Array) -> pa.Array:
        """The amounts of a column of ids. Nulls   null for `NONE`, and for what is no exact amount."""
        return self._values.take(_places(self._places, ids))


def _distinct(size: int, used: Iterable[Array]) -> tuple[Array, Array]:
    """The ids that are used, rising, and the place of each id among them."""
    known = np.zeros(size, np.bool_)
    for ids in used:
        known[ids] = True
    chosen = np.flatnonzero(known).astype(INT)
    places = np.zeros(size, INT)
    places[chosen] = np.arange(len(chosen), dtype=INT)
    return chosen, places


def _places(places: Array, ids: Array) -> pa.Array:
    nothing = ids == NONE
    return pa.array(places[ids], mask=nothing if nothing.any() else None)


def _decimals(texts: pa.Array) -> pa.Array:
    plain = pc.match_substring_regex(texts, _PLAIN)
    cast = texts.filter(plain).cast(AMOUNT)
    if len(cast) == len(texts):
        return cast
    values = pa.array([decimal_term(text) for text in texts.filter(pc.invert(plain)).to_pylist()], AMOUNT)
    return pc.replace_with_mask(
        pc.replace_with_mask(pa.nulls(len(texts), AMOUNT), plain, cast), pc.invert(plain), values
    )
