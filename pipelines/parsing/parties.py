"""Who sells and who buys: which of a party's identifiers Chorus Pro goes by.

Sources: DSE-CP (supplier identifier types), CPPStatut TypeIdentifiant, ISO 6523 codes of the French reform (G1.73),
official samples FSO1116A and FSO1117A (scheme written "1" to "5", "ETR" or "RIDET").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Identifier(NamedTuple):
    """An identifier with its scheme as written; the scheme is None where the document gives none."""

    value: str
    scheme: str | None


class SellerIdentity(NamedTuple):
    """`type_code` is TypeIdentifiant 1 to 7, None when unknown; `siren` has nine digits."""

    identifier: str | None
    type_code: str | None
    siren: str | None


SIRET, SIREN, EU_VAT, OUTSIDE_EU, RIDET, TAHITI, REGISTERING, INDIVIDUAL = (
    "siret", "siren", "eu vat", "outside eu", "ridet", "tahiti", "registering", "individual",
)  # fmt: skip

KINDS = {
    "1": SIRET, "SIRET": SIRET, "0009": SIRET,
    "0002": SIREN, "SIREN": SIREN,
    "2": EU_VAT, "0223": EU_VAT,
    "3": OUTSIDE_EU, "ETR": OUTSIDE_EU, "0227": OUTSIDE_EU,
    "4": RIDET, "RIDET": RIDET, "0228": RIDET,
    "5": TAHITI, "TAHITI": TAHITI, "0229": TAHITI,
    "6": REGISTERING,
    "7": INDIVIDUAL, "0226": INDIVIDUAL,
}  # fmt: skip
"""What a scheme names. Schemes that are not here (0088 GLN, 0060 DUNS...) name no supplier of Chorus Pro."""

TYPE_CODES = {
    SIRET: "1", SIREN: "1", EU_VAT: "2", OUTSIDE_EU: "3", RIDET: "4", TAHITI: "5", REGISTERING: "6", INDIVIDUAL: "7",
}  # fmt: skip
"""CPPStatut TypeIdentifiant."""

ROUTING_CODE_SCHEME = "0224"

_EU_VAT_PREFIXES = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "HR", "HU", "IE",
    "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
})  # fmt: skip
_SIRET = re.compile(r"[0-9]{14}")
_SIREN = re.compile(r"[0-9]{9}")


def seller_identity(legal: Sequence[Identifier], own: Sequence[Identifier], vat: Sequence[str]) -> SellerIdentity:
    """The identifier that Chorus Pro knows a seller by: SIRET, else SIREN, else RIDET, TAHITI, VAT number...

    Shape    `legal` is BT-30, `own` BT-29, `vat` BT-31, each in document order; BT-30 comes before BT-29.
    Nulls    All three None when the party has no identifier.
    """
    known = [(each, KINDS.get((each.scheme or "").upper())) for each in (*legal, *own)]
    siret = next(_sirets(known), None)
    siren = next((each.value for each, kind in known if kind == SIREN and _SIREN.fullmatch(each.value)), None)
    if siret is not None:
        return SellerIdentity(siret, "1", siren or siret[:9])
    if siren is not None:
        return SellerIdentity(siren, "1", siren)
    for each, kind in known:
        if kind is not None:
            return SellerIdentity(each.value, TYPE_CODES[kind], None)
    for number in vat:
        return SellerIdentity(number, "2" if number[:2].upper() in _EU_VAT_PREFIXES else None, None)
    return SellerIdentity(known[0][0].value if known else None, None, None)


def buyer_siret(legal: Sequence[Identifier], own: Sequence[Identifier]) -> str | None:
    """The buyer's SIRET as written: BT-46 of scheme 0009, else BT-47, else any BT-46 of fourteen digits.

    Nulls    None when nothing there says it is one. A wrong SIRET is kept, so that the refusal can name it.
    """
    for each in own:
        if each.scheme == "0009":
            return each.value
    for each in legal:
        if KINDS.get((each.scheme or "").upper()) == SIRET or _SIRET.fullmatch(each.value):
            return each.value
    for each in own:
        if each.scheme != ROUTING_CODE_SCHEME and _SIRET.fullmatch(each.value):
            return each.value
    return None


def routing_code(own: Sequence[Identifier]) -> str | None:
    """The routing code (BT-46 of scheme 0224), which Chorus Pro reads as service code. None when absent."""
    return next((each.value for each in own if each.scheme == ROUTING_CODE_SCHEME), None)


def _sirets(known: Sequence[tuple[Identifier, str | None]]) -> Iterator[str]:
    for each, kind in known:
        named = kind in {SIRET, SIREN} or not each.scheme
        if named and _SIRET.fullmatch(each.value):
            yield each.value
