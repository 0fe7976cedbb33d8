"""What a CDAR may quote of an invoice: its number, date, SIREN and type, or the defaults of G1.114."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts.answers import InvoiceRow
from data_contracts.messages import Sentences, both
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
        both(
            "lifecycle-value" if value else "lifecycle-missing",
            name=both(f"lifecycle-{name}"),
            value=quoted(value or ""),
        )
        for fits, name, value in (
            (number_fits, "number", number),
            (issued is not None, "day", None),
            (siren_fits, "siren", siren or invoice["seller_id"]),
            (type_code in INVOICE_TYPES, "type", type_code),
        )
        if not fits
    ]
    note = _note(invoice, replaced) if replaced else Sentences("", "")
    return Usable(
        number=number if number and number_fits else DEFAULT_NUMBER,
        issue_day=issued.isoformat().replace("-", "") if issued else DEFAULT_DAY,
        siren=siren if siren and siren_fits else DEFAULT_SIREN,
        type_code=type_code if type_code in INVOICE_TYPES and type_code else DEFAULT_TYPE,
        note_fr=note.fr,
        note_en=note.en,
    )


def _note(invoice: InvoiceRow, replaced: list[Sentences]) -> Sentences:
    listed = Sentences(", ".join(one.fr for one in replaced), ", ".join(one.en for one in replaced))
    return both("lifecycle-unusable", file=quoted(invoice["member_name"]), values=listed)
