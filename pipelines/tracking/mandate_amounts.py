"""The amount of a payment order: CPPStatut has a field for the order's number and none for its amount, so recipients
write it in the comment of status 08. Pure.

Ours     the form « Montant mandaté : 1 234,56 EUR » (docs/evolutions.md); DSE-CP and CPPStatutPivot V1_19 give none.
         Where a comment says it in another way, it is kept as a comment and no amount is guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal

from data_contracts.history import Payment

PAYMENT_ORDERED = "08"
APPROVED_WITH_VAT = "MAPTTC"
"""MDT-207: the amount approved, with VAT. The nearest of the reform's codes to the amount of a payment order."""

_WRITTEN = re.compile(
    r"\b(?i:montant\s+mandaté|montant\s+du\s+mandat|amount\s+(?:of\s+the\s+payment\s+order|ordered))\s*:\s*"
    r"(?P<whole>[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+|[0-9]{1,15})(?:[.,](?P<cents>[0-9]{1,2}))?"
    r"(?![0-9]|[.,][0-9])(?:[ \u00a0\u202f]?(?P<currency>€|[A-Z]{3}\b))?"
)
_BLANKS = dict.fromkeys(map(ord, " \u00a0\u202f"))


def mandated(code: str, comment: str) -> tuple[Payment, ...]:
    """The amount that the comment of a payment order says it is about; nothing where it says none, or two.

    Nulls    the currency is empty where none is written.
    """
    if code != PAYMENT_ORDERED:
        return ()
    found = list(_WRITTEN.finditer(comment))
    if len(found) != 1:
        return ()
    (one,) = found
    currency = (one["currency"] or "").replace("€", "EUR")
    amount = Decimal(f"{one['whole'].translate(_BLANKS)}.{one['cents'] or '0'}")
    return (Payment(APPROVED_WITH_VAT, amount, currency),)
