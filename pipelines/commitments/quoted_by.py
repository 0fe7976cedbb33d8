"""Commitments that invoices quote: whether each is known, open, the supplier's, in force and not overdrawn. Pure.

A finding is a warning, told in the acknowledgment; it rejects the invoice where its structure says that commitments
must stand (`Structure.commitment_required`). Rules RLS-EJ-11 to 15 are ours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.commitments import Commitment, CommitmentKey, CommitmentState, Draw, Held
from data_contracts.messages import Sentences, both
from data_contracts.tables import Flag
from pipelines.acknowledgment.elements import quoted

RULE_SET = "relais.commitments:1"
MOTIVE = "REJ_CONT_B2G"
CREDIT_NOTES = frozenset({"261", "381", "396", "502", "503"})
"""Types that give back what they are about: UNTDID 1001 codes of credit notes among those of G1.01."""

WARNINGS_TOLD = 5
"""Warnings that an acknowledgment's comment names; of more, how many."""

_ENGAGEMENT, _GROSS, _ISSUED, _SELLER = "BT-13", "BT-112", "BT-2", "BT-30"


def key_of(invoice: InvoiceRow) -> CommitmentKey | None:
    """The commitment that an invoice quotes; None without one."""
    structure, number = invoice["buyer_siret"], invoice["engagement"]
    return (structure, number) if structure and number else None


def commitment_findings(
    invoices: Sequence[InvoiceRow],
    commitments: Mapping[CommitmentKey, Held],
    announcing: Collection[str],
    required: Collection[str],
) -> list[FindingRow]:
    """What is wrong with the commitments that invoices quote, in the invoices' order.

    Shape    `announcing` are the structures that deposit commitments: of others, an unknown number means nothing.
             `required` are those whose commitments must stand: findings on them are fatal. Invoices of one flow draw
             one after the other; one with a finding draws nothing where findings are fatal.
    """
    findings: list[FindingRow] = []
    drawn: dict[CommitmentKey, Decimal] = {}
    for invoice in invoices:
        key = key_of(invoice)
        if key is None:
            continue
        fatal, held = key[0] in required, commitments.get(key)
        if held is None:
            if fatal or key[0] in announcing:
                findings.append(_finding(invoice, "RLS-EJ-11", _ENGAGEMENT, fatal, key[1]))
            continue
        before = drawn.get(key, held.drawn)
        if not _given_to_seller(invoice, held.commitment):
            findings.append(_not_theirs(invoice, held.commitment, fatal))
            continue
        found = _findings(invoice, held.commitment, before, fatal)
        findings += found
        if not (fatal and found):
            drawn[key] = before + amount_of(invoice, held.commitment)
    return findings


def draws(invoices: Sequence[InvoiceRow], commitments: Mapping[CommitmentKey, Held]) -> list[Draw]:
    """What accepted invoices take of the commitments they quote, as far as these were given to their sellers."""
    taken = []
    for invoice in invoices:
        key = key_of(invoice)
        held = commitments.get(key) if key is not None else None
        if key is None or held is None or not _given_to_seller(invoice, held.commitment):
            continue
        if amount := amount_of(invoice, held.commitment):
            taken.append(Draw(invoice["position"], *key, amount))
    return taken


def amount_of(invoice: InvoiceRow, commitment: Commitment) -> Decimal:
    """What an invoice takes, with VAT; nothing in another currency, less than nothing for a credit note."""
    gross = invoice["gross_amount"]
    if gross is None or invoice["currency"] != commitment.currency:
        return Decimal(0)
    return -abs(gross) if invoice["type_code"] in CREDIT_NOTES else gross


def warned(findings: Sequence[FindingRow], numbers: Mapping[int, str]) -> Sentences | None:
    """The warnings as an acknowledgment's comment tells them, None without any. `numbers` are invoices by position."""
    warnings = [finding for finding in findings if finding["flag"] == Flag.WARNING]
    if not warnings:
        return None
    named = warnings[:WARNINGS_TOLD]
    left = len(warnings) - len(named)
    told_fr = " ".join(f"{quoted(numbers.get(one['position'], '?'))} : {one['message_fr']}" for one in named)
    told_en = " ".join(f"{quoted(numbers.get(one['position'], '?'))}: {one['message_en']}" for one in named)
    more = both("commitment-more", count=left) if left else Sentences("", "")
    fr = both("commitment-warned", count=len(warnings), told=f"{told_fr} {more.fr}".strip()).fr
    en = both("commitment-warned", count=len(warnings), told=f"{told_en} {more.en}".strip()).en
    return Sentences(fr, en)


def _given_to_seller(invoice: InvoiceRow, commitment: Commitment) -> bool:
    """By SIREN, since an establishment may invoice for another; whoever has none was given no commitment."""
    return invoice["seller_siren"] == commitment.supplier[:9]


def _not_theirs(invoice: InvoiceRow, commitment: Commitment, fatal: bool) -> FindingRow:
    """All that a seller learns of a commitment that was given to another: neither its state nor what is left of it."""
    seller = quoted(invoice["seller_siren"] or invoice["seller_id"] or "?")
    return _finding(invoice, "RLS-EJ-13", _SELLER, fatal, commitment.number, seller=seller)


def _findings(invoice: InvoiceRow, commitment: Commitment, before: Decimal, fatal: bool) -> list[FindingRow]:
    found: list[FindingRow] = []
    number = commitment.number
    if commitment.state is not CommitmentState.OPEN:
        found.append(_finding(invoice, "RLS-EJ-12", _ENGAGEMENT, fatal, number))
    issued = invoice["issue_date"]
    starts, ends = commitment.valid_from, commitment.valid_to
    if issued is not None and ((starts is not None and issued < starts) or (ends is not None and issued > ends)):
        found.append(_finding(invoice, "RLS-EJ-14", _ISSUED, fatal, number, on=issued.isoformat()))
    amount = amount_of(invoice, commitment)
    if amount > 0 and before + amount > commitment.amount:
        left = f"{max(commitment.amount - before, Decimal(0)):.2f} {commitment.currency}"
        found.append(_finding(invoice, "RLS-EJ-15", _GROSS, fatal, number, left=left, asked=f"{amount:.2f}"))
    return found


def _finding(
    invoice: InvoiceRow, rule: str, term: str, fatal: bool, number: str, **values: str
) -> FindingRow:  # fmt: skip
    said = both(f"commitment-{rule}", number=quoted(number), **values)
    return FindingRow(
        flow_key=invoice["flow_key"],
        position=invoice["position"],
        rule_set=RULE_SET,
        rule=rule,
        flag=Flag.FATAL if fatal else Flag.WARNING,
        terms=sorted({_ENGAGEMENT, term}),
        location=None,
        line=None,
        found=quoted(number),
        expected=None,
        message_fr=said.fr,
        message_en=said.en,
    )
