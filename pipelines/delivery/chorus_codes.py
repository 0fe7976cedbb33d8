"""Codes of invoices as CPPFacturePivot knows them: frame, type, payment means. Tables, with the reason of each choice.

Source   CPPFacturePivot V2_02 (enumerations of Cadre, Type and ModePaiement/Code); BT-23 of the French reform (G1.02),
         UNTDID 1001 (BT-3), UNTDID 4461 (BT-81).
"""

from __future__ import annotations

PLAIN_INVOICE = "A1"

CHORUS_FRAMES = frozenset(f"A{number}" for number in range(1, 26) if number != 11)
"""The frames of the schema; A11 exists in Chorus Pro's API alone."""

AFNOR_FRAMES: dict[str, str] = {
    # B goods, S services, M both. 1: deposited by the supplier, to be paid.
    "B1": "A1", "S1": "A1", "M1": "A1",
    # 2: already paid.
    "B2": "A2", "S2": "A2", "M2": "A2",
    # S5: deposited by a subcontractor; S6: by a co-contractor.
    "S5": "A9",
    "S6": "A12",
}  # fmt: skip
"""Frames of the reform by Chorus Pro's. The others (S3, x4 after an advance, x7 already reported, x8, x9) say how VAT
or several sellers are treated, which Chorus Pro has no frame for: to their recipient they are plain invoices."""

CREDIT_NOTE_TYPES = frozenset({"261", "381", "396", "502", "503"})
INVOICE_TYPE, CREDIT_NOTE_TYPE = "380", "381"

CREDIT_TRANSFER = "30"
CLEARING = "97"

PAYMENT_MEANS: dict[str, str] = {
    **{code: code for code in ("10", "20", "30", "31", "42", "48", "49", CLEARING)},
    "21": "20", "22": "20", "23": "20", "25": "20", "26": "20",  # banker's drafts and cheques of all kinds
    "54": "48", "55": "48",  # credit card, debit card
    "57": "42",  # standing agreement: paid to the account that is on record
    "58": "30",  # SEPA credit transfer
    "59": "49",  # SEPA direct debit
}  # fmt: skip
"""UNTDID 4461 by the eight means of the schema. Any other, or none, is 30: a public accountant pays by transfer unless
told otherwise. 97 is kept for clearing alone, since it means that nothing is to be paid out."""


def chorus_frame(frame: str | None) -> str:
    """The schema's Cadre for BT-23."""
    if frame in CHORUS_FRAMES:
        return frame or PLAIN_INVOICE
    return AFNOR_FRAMES.get(frame or "", PLAIN_INVOICE)


def chorus_type(type_code: str | None) -> str:
    """The schema's Type for BT-3: a credit note or an invoice."""
    return CREDIT_NOTE_TYPE if type_code in CREDIT_NOTE_TYPES else INVOICE_TYPE


def chorus_payment_means(code: str | None) -> str:
    """The schema's ModePaiement/Code for BT-81."""
    return PAYMENT_MEANS.get(code or "", CREDIT_TRANSFER)
