"""What a CDAR may quote of an invoice: its number, date, SIREN and type, or the defaults of G1.114."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts.answers import InvoiceRow
from pipelines.acknowledgment.elements import quoted

DEFAULT_NUMBER = "X" * 20
DEFAULT_DAY = "19000101"
DEFAULT_SIREN = "0" * 9
DEFAULT_TYPE = "380"

INVOICE_TYPES = frozenset({
    "380", "389", "393", "501", "386", "500", "384", "471", "472", "473", "261", "262", "381", "396", "502", "503",
})  # fmt: skip
"""BR-FR-04."""

NUMBER_CHARACTERS_MAX = 35
_NUMBER = re.compile(r"[A-Za-z0-9+\-_/]+(?: [A-Za-z0-9+\-_/]+)*")
"""G1.05: letters, digits, - + _ / and single inner spaces. Platforms turn down a CDAR that quotes any other number."""
_SIREN = re.compile(r"[0-9]{9}")


@dataclass(frozen=True)
class Usable:
    """Values fit for a CDAR. `note_fr` and `note_en` quote what was replaced; empty when nothing was."""

    number: str
    issue_day: str
    siren: str
    type_code: str
    note_fr: str
    note_en: str


def usable(invoice: InvoiceRow) -> Usable:
    """The invoice's identity as a CDAR can carry it.

    Nulls    a missing or malformed value takes its default and is quoted in the notes, as G1.114 asks.
    """
    number, siren, type_code = invoice["number"], invoice["seller_siren"], invoice["type_code"]
    issued = invoice["issue_date"]
    number_fits = bool(number and len(number) <= NUMBER_CHARACTERS_MAX and _NUMBER.fullmatch(number))
    siren_fits = bool(siren and _SIREN.fullmatch(siren))
    replaced = [
        (fits, name_fr, name_en, value)
        for fits, name_fr, name_en, value in (
            (number_fits, "numéro (BT-1)", "number (BT-1)", number),
            (issued is not None, "date d'émission (BT-2)", "issue date (BT-2)", None),
            (siren_fits, "SIREN du vendeur (BT-30)", "seller's SIREN (BT-30)", siren or invoice["seller_id"]),
            (type_code in INVOICE_TYPES, "type (BT-3)", "type (BT-3)", type_code),
        )
        if not fits
    ]
    return Usable(
        number=number if number and number_fits else DEFAULT_NUMBER,
        issue_day=issued.isoformat().replace("-", "") if issued else DEFAULT_DAY,
        siren=siren if siren and siren_fits else DEFAULT_SIREN,
        type_code=type_code if type_code in INVOICE_TYPES and type_code else DEFAULT_TYPE,
        note_fr=_note_fr(invoice, [(name, value) for _, name, _, value in replaced]),
        note_en=_note_en(invoice, [(name, value) for _, _, name, value in replaced]),
    )


def _note_fr(invoice: InvoiceRow, replaced: list[tuple[str, str | None]]) -> str:
    if not replaced:
        return ""
    values = ", ".join(f"{name} « {quoted(value)} »" if value else f"{name} absent" for name, value in replaced)
    return (
        f"Fichier {quoted(invoice['member_name'])} : des données d'identification sont inutilisables et ont ici une "
        f"valeur par défaut. Valeurs reçues : {values}."
    )


def _note_en(invoice: InvoiceRow, replaced: list[tuple[str, str | None]]) -> str:
    if not replaced:
        return ""
    values = ", ".join(f'{name} "{quoted(value)}"' if value else f"{name} missing" for name, value in replaced)
    return (
        f"File {quoted(invoice['member_name'])}: identifying data cannot be used and have a default value here. "
        f"Values received: {values}."
    )
