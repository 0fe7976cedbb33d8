"""Identifiers that satisfy their check digits: SIREN, SIRET, French VAT numbers, IBAN.

Sources: Luhn's formula (ISO/IEC 7812-1) for SIREN and SIRET; ISO 13616 for IBAN; article 286 ter of the CGI for VAT.
"""

from __future__ import annotations


def luhn_holds(digits: str) -> bool:
    """True when the last digit is the check digit of the others."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def with_check_digit(digits: str) -> str:
    """The digits followed by the one that makes Luhn's sum right."""
    return next(candidate for last in "0123456789" if luhn_holds(candidate := digits + last))


def siren(eight_digits: str) -> str:
    """The nine digits of a SIREN that begins with these eight."""
    return with_check_digit(eight_digits)


def siret(siren_digits: str, establishment: int) -> str:
    """The fourteen digits of an establishment of this SIREN."""
    return with_check_digit(f"{siren_digits}{establishment:04d}")


def vat_number(siren_digits: str) -> str:
    """The French VAT number (BT-31) of a SIREN."""
    return f"FR{(12 + 3 * (int(siren_digits) % 97)) % 97:02d}{siren_digits}"


def french_iban(bank: str, branch: str, account: int) -> str:
    """A French IBAN without spaces; both its national key and its check digits are right."""
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * account) % 97
    national = f"{bank}{branch}{account:011d}{key:02d}"
    check = 98 - int(f"{national}152700") % 97
    return f"FR{check:02d}{national}"
