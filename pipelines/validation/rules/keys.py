"""Check digits: SIREN, SIRET, French VAT numbers, IBAN. Pure.

Sources: INSEE (SIREN, SIRET: Luhn's formula, and the exception of La Poste), ISO/IEC 7812-1, article 286 ter of the CGI
and BOI-TVA-DECLA-20-10-20 (key of a VAT number), ISO 13616 and ISO/IEC 7064 (IBAN: modulo 97-10).
Cost     one to two microseconds a number; `facts` asks once for each that a batch holds.
"""

from __future__ import annotations

import re

LA_POSTE = "356000000"
"""The SIREN of La Poste, whose establishments are numbered by another key."""

_SIREN_OR_SIRET = re.compile(r"[0-9]{9}(?:[0-9]{5})?")
_FRENCH_VAT_NUMBER = re.compile(r"FR[0-9]{11}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{4,30}")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""A digit, doubled, and the digits of that added up."""


def insee_keyed(text: str) -> bool | None:
    """Whether a SIREN or SIRET has a right key; None where it is neither.

    The establishments of La Poste have no Luhn key but for its seat: their digits sum to a multiple of 5. Zeros alone
    would have a key, and are nobody's number.
    """
    if not _SIREN_OR_SIRET.fullmatch(text):
        return None
    if not text.strip("0"):
        return False
    digits = [*map(int, reversed(text))]
    if (sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])) % 10 == 0:
        return True
    return len(text) == 14 and text.startswith(LA_POSTE) and sum(digits) % 5 == 0


def french_vat_number(text: str) -> str | None:
    """A French VAT number with the key that its SIREN gives; None for any other, and where the key holds a letter.

    A key with a letter is of a newer kind, which the article does not give the formula of.
    """
    if not _FRENCH_VAT_NUMBER.fullmatch(text):
        return None
    siren = text[4:]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def iban_keyed(text: str) -> bool | None:
    """Whether an account number has a right key; None where it is not spelled as an IBAN without spaces."""
    if not _IBAN.fullmatch(text):
        return None
    # A letter counts as its place in the alphabet and nine, in two digits: its value in base 36.
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1
