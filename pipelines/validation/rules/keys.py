"""Check digits over whole columns: SIREN, SIRET, French VAT numbers, IBAN. Pure.

Sources: INSEE (SIREN, SIRET: Luhn's formula, and the exception of La Poste), ISO/IEC 7812-1, article 286 ter of the CGI
and BOI-TVA-DECLA-20-10-20 (key of a VAT number), ISO 13616 and ISO/IEC 7064 (IBAN: modulo 97-10).
"""

from __future__ import annotations

import polars as pl

SIREN = r"^[0-9]{9}$"
SIRET = r"^[0-9]{14}$"
LA_POSTE_SIREN = 356_000_000
NIC = 10**5
"""A SIRET is a SIREN and five digits that number the establishment."""

_IBAN_CHUNK, _IBAN_CHUNKS = 9, 8
_LETTERS = {chr(ord("A") + place): str(10 + place) for place in range(26)}


def insee_keyed(text: pl.Expr) -> pl.Expr:
    """Whether a SIREN or SIRET has a right key; null where it is neither.

    The establishments of La Poste have no Luhn key: their digits sum to a multiple of 5.
    """
    siret = _number(text, SIRET)
    la_poste = (siret // NIC == LA_POSTE_SIREN) & (_digits(siret, 14) % 5 == 0)
    return ((_luhn(siret, 14) % 10 == 0) | la_poste).fill_null(_luhn(_number(text, SIREN), 9) % 10 == 0)


def vat_keyed(text: pl.Expr) -> pl.Expr:
    """Whether a French VAT number has a right key; null where it is none, or has a key that holds a letter.

    A key with a letter is of the newer kind, whose formula is not published with the older one.
    """
    return pl.when(text.str.contains(r"^FR[0-9]{11}$")).then(vat_number_of(text.str.slice(4)) == text)


def vat_number_of(siren: pl.Expr) -> pl.Expr:
    """The French VAT number of a SIREN; null where it is no number."""
    key = (12 + 3 * (siren.cast(pl.Int64, strict=False) % 97)) % 97
    return pl.concat_str(pl.lit("FR"), key.cast(pl.String).str.zfill(2), siren)


def iban_keyed(text: pl.Expr) -> pl.Expr:
    """Whether an account number that is spelled as an IBAN, without spaces, has a right key; null for any other."""
    shaped = pl.when(text.str.contains(r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{4,30}$")).then(text)
    turned = shaped.str.slice(4) + shaped.str.slice(0, 4)
    digits = turned.str.replace_many(_LETTERS).str.zfill(_IBAN_CHUNK * _IBAN_CHUNKS)
    rest: pl.Expr = pl.lit(0, dtype=pl.Int64)
    for chunk in range(_IBAN_CHUNKS):
        part = digits.str.slice(chunk * _IBAN_CHUNK, _IBAN_CHUNK).cast(pl.Int64, strict=False)
        rest = (rest * 10**_IBAN_CHUNK + part) % 97
    return rest == 1


def _number(text: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(text.str.contains(pattern)).then(text).cast(pl.Int64, strict=False)


def _digit(number: pl.Expr, place: int) -> pl.Expr:
    """The digit that stands so many places from the right."""
    divisor: int = 10**place
    return number // divisor % 10


def _digits(number: pl.Expr, places: int) -> pl.Expr:
    """The sum of the digits."""
    return pl.sum_horizontal([_digit(number, place) for place in range(places)])


def _luhn(number: pl.Expr, places: int) -> pl.Expr:
    """Luhn's sum: every second digit from the right is doubled and counts the digits of its double."""
    total = _digit(number, 0)
    for place in range(1, places):
        digit = _digit(number, place)
        # Twice a digit, less nine above four: that is 2d - 9 * (d // 5).
        total = total + (2 * digit - 9 * (digit // 5) if place % 2 else digit)
    return total
