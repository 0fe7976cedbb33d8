"""Who may set which status. Sources: DSE-CP 3.4 and p. 30; ANX-CP; XP Z12-014 annex A (by whom each status is set).

Partners are platforms and connections: a partner speaks for the side of the invoice that it serves, and a platform's
own statuses (202, 203, 213, 221) come from the side that received the invoice.
"""

from __future__ import annotations

from dataclasses import dataclass

from data_contracts.answers import FindingRow
from data_contracts.history import Actor, ReceivedStatus
from data_contracts.statuses import StatusFormat
from pipelines.tracking.findings import NOT_YOURS, NOT_YOURS_TO_SET, OTHER_DEBTOR, Place, finding

_SUPPLIER, _RECIPIENT = frozenset({Actor.SUPPLIER}), frozenset({Actor.RECIPIENT})
_EITHER, _PLATFORM = _SUPPLIER | _RECIPIENT, frozenset({Actor.PLATFORM})
_RECIPIENT_OR_PLATFORM = _RECIPIENT | _PLATFORM

SETTERS: dict[StatusFormat, dict[str, frozenset[Actor]]] = {
    StatusFormat.CPP_INVOICE: {
        "01": _PLATFORM,
        "02": _PLATFORM,
        # A recipient may set an invoice back to « made available ».
        "03": _RECIPIENT_OR_PLATFORM,
        **dict.fromkeys(("04", "05", "06", "07", "08", "09", "10", "11"), _RECIPIENT),
        "12": _SUPPLIER,
    },
    StatusFormat.CDAR_INVOICE: {
        "200": _PLATFORM,
        "201": _PLATFORM,
        **dict.fromkeys(("202", "203", "213", "221"), _RECIPIENT_OR_PLATFORM),
        **dict.fromkeys(("204", "205", "206", "207", "208"), _RECIPIENT),
        "209": _SUPPLIER,
        # A co-contractor's invoice is refused by its validator, on the supplier's side (ANX-CP: FSO1304A).
        "210": _EITHER,
        # Of a credit note it is the seller who pays.
        "211": _EITHER,
        "212": _SUPPLIER,
        "214": _EITHER,
        **dict.fromkeys(("220", "224", "225", "226", "227", "228"), _EITHER),
    },
    StatusFormat.RELAIS: {},
}
"""By format, who may set a code. A code that is not here may be set by either side: it is kept and passed."""


@dataclass(frozen=True)
class Sides:
    """Who stands on each side of an invoice: the partner that deposited it, the partner that serves its recipient, and
    the recipient's SIRET. An empty text is not known."""

    supplier_partner: str
    recipient_partner: str
    recipient_siret: str = ""

    def of(self, partner: str) -> frozenset[Actor]:
        """The sides that a partner speaks for; a public body that invoices another may serve both."""
        sides = ((Actor.SUPPLIER, self.supplier_partner), (Actor.RECIPIENT, self.recipient_partner))
        return frozenset(actor for actor, code in sides if code and code == partner)


def actor(one: ReceivedStatus, sides: Sides, sender: str) -> Actor | None:
    """The side that a sender speaks for with this status; None where it may not set it.

    Shape    where the sender serves both sides, the one that may set the status; the recipient if both may.
    """
    allowed = _setters(one) & sides.of(sender)
    return min(allowed, key=(Actor.RECIPIENT, Actor.SUPPLIER).index) if allowed else None


def rights(one: ReceivedStatus, sides: Sides | None, sender: str) -> tuple[int, FindingRow] | None:
    """What is wrong with this sender setting this status, None when nothing is.

    Shape    `sides` is None where no invoice was found. The answer is the same for an invoice that does not exist and
             for one of others, so that nobody learns of invoices that are not theirs. A debtor other than the
             invoice's is a warning: its partner has the right to both.
    """
    place = Place(one.ordinal, one.line)
    if sides is None or not sides.of(sender):
        return finding(NOT_YOURS, place, found=one.number, number=one.number, supplier=one.seller_id)
    if actor(one, sides, sender) is None:
        who = ", ".join(sorted(one_of.value for one_of in _setters(one)))
        return finding(NOT_YOURS_TO_SET, place, found=one.code, expected=who, code=one.code)
    if one.buyer_siret and sides.recipient_siret and one.buyer_siret != sides.recipient_siret:
        return finding(
            OTHER_DEBTOR, place, found=one.buyer_siret, expected=sides.recipient_siret, siret=one.buyer_siret
        )
    return None


def _setters(one: ReceivedStatus) -> frozenset[Actor]:
    return SETTERS.get(one.format, {}).get(one.code, _EITHER)
