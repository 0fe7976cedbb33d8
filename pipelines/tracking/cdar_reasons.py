"""Why an invoice has its status, and what was paid, as a CDAR says it: the blocks SpecifiedDocumentStatus (MDG-37).

Source   annex 2, MDG-37 to MDG-43; BR-FR-CDV-CL-11 (codes of data).
"""

from __future__ import annotations

from lxml import etree

from data_contracts.history import Datum, Note, Payment, Reason
from pipelines.parsing.values import decimal_term
from pipelines.tracking.instants import day_of_stamp
from pipelines.tracking.taken import Taken

PAYMENT_KINDS = frozenset({
    "MEN", "MPA", "RAP", "ESC", "RAB", "REM", "MAP", "MAPTTC", "MNA", "MNATTC",
})  # fmt: skip
"""MDT-207 of amounts: cashed, paid, left to pay, discounts, approved, not approved. The others are data of the
invoice: CBB a bank account, DIV and DVA a wrong and an expected value, MAJ a new one."""

UNCHANGED = "false"
_VALUES = (
    "ValueAmount", "ValuePercent", "ValueQuantity", "ValueNumeric", "ValueMeasure", "ValueCode", "Value",
)  # fmt: skip


def reasons_and_payments(reference: etree._Element, taken: Taken) -> tuple[tuple[Reason, ...], tuple[Payment, ...]]:
    """The reasons of a status, in order, and the amounts that it gives.

    Shape    a block that gives only amounts is no reason. The order of the blocks stands for MDT-124-2.
    """
    reasons: list[Reason] = []
    payments: list[Payment] = []
    for block in taken.all(reference, "SpecifiedDocumentStatus"):
        data: list[Datum] = []
        for characteristic in taken.all(block, "SpecifiedDocumentCharacteristic"):
            payment = _payment(characteristic, taken)
            if payment is None:
                data.append(_datum(characteristic, taken))
            else:
                payments.append(payment)
        reason = _reason(block, tuple(data), taken)
        if reason != Reason(""):
            reasons.append(reason)
    return tuple(reasons), tuple(payments)


def _reason(block: etree._Element, data: tuple[Datum, ...], taken: Taken) -> Reason:
    taken.text(block, "SequenceNumeric")
    notes = []
    for note in taken.all(block, "IncludedNote"):
        contents = taken.all(note, "Content")
        for content in contents:
            taken.attribute(content, "languageID")
        code, subject = taken.text(note, "ContentCode"), taken.text(note, "SubjectCode")
        notes.append(Note(" / ".join(taken.texts(note, "Content")), code, subject))
    return Reason(
        code=taken.text(block, "ReasonCode"),
        text=" ".join(taken.texts(block, "Reason")),
        requested_action=taken.text(block, "RequestedActionCode"),
        requested_action_text=" ".join(taken.texts(block, "RequestedAction")),
        notes=tuple(notes),
        data=data,
    )


def _payment(characteristic: etree._Element, taken: Taken) -> Payment | None:
    """An amount, where there is one that can be read exactly: any other stays a datum, with its text."""
    kind = taken.text(characteristic, "TypeCode")
    written = taken.first(characteristic, "ValueAmount")
    amount = None if written is None or kind not in PAYMENT_KINDS else decimal_term((written.text or "").strip())
    if amount is None:
        return None
    rate = taken.first(characteristic, "ValuePercent")
    vat_rate = None if rate is None else decimal_term((rate.text or "").strip())
    taken.text(characteristic, "ValueAmount")
    if vat_rate is not None:
        taken.text(characteristic, "ValuePercent")
    day = taken.first(characteristic, "ValueDateTime", "DateTimeString")
    paid_on = None if day is None else day_of_stamp((day.text or "").strip(), day.get("format", ""))
    if paid_on is not None:
        taken.text(characteristic, "ValueDateTime", "DateTimeString")
        taken.attribute(day, "format")
    for name in ("IndicatorString", "Indicator"):
        changed = taken.first(characteristic, "ValueChangedIndicator", name)
        if changed is not None and (changed.text or "").strip() == UNCHANGED:
            taken.taken(changed)
    currency = taken.attribute(taken.first(characteristic, "ValueAmount"), "currencyID")
    return Payment(kind, amount, currency, vat_rate, paid_on)


def _datum(characteristic: etree._Element, taken: Taken) -> Datum:
    value_name = next((name for name in _VALUES if taken.first(characteristic, name) is not None), "")
    value, currency = "", ""
    if value_name:
        value = taken.text(characteristic, value_name)
        currency = taken.attribute(taken.first(characteristic, value_name), "currencyID")
    else:
        day = taken.first(characteristic, "ValueDateTime", "DateTimeString")
        if day is not None:
            value_name = "ValueDateTime"
            value = taken.text(characteristic, value_name, "DateTimeString")
            taken.attribute(day, "format")
    indicator = taken.first(characteristic, "ValueChangedIndicator")
    return Datum(
        kind=taken.text(characteristic, "TypeCode"),
        term=taken.text(characteristic, "ID"),
        name=taken.text(characteristic, "Name"),
        location=taken.text(characteristic, "Location"),
        value=value,
        value_type=value_name,
        currency=currency,
        changed=taken.text(indicator, "IndicatorString") or taken.text(indicator, "Indicator"),
    )
