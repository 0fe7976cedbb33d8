"""An invoice under a number that was accepted before: the same one recycled or completed, or a duplicate. Pure.

Recycling keeps the number and changes the recipient, the service or the engagement alone; completing changes nothing
of what the invoice says (DSE-CP 3.4; API "recycler" and "completer").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from data_contracts.answers import FindingRow, InvoiceRow, Resend
from data_contracts.history import Actor, Event, Phase
from data_contracts.history_ledger import LinkKind
from data_contracts.ledger import Owner
from data_contracts.messages import Sentences, both
from data_contracts.statuses import status
from data_contracts.terms import TERMS
from pipelines.settlement.acceptance import Judged, own_finding
from pipelines.tracking.fold import situation

RULE_SET = "relais.uniqueness:1"
UNIQUENESS_RULE = "G1.45"

KEPT: dict[str, str] = {
    "frame": "BT-23", "number": "BT-1", "issue_date": "BT-2", "type_code": "BT-3", "currency": "BT-5",
    "due_date": "BT-9", "delivery_date": "BT-72", "contract": "BT-12", "preceding_number": "BT-25",
    "seller_name": "BT-27", "seller_id": "BT-29", "seller_siren": "BT-30", "seller_country": "BT-40",
    "payment_means": "BT-81", "iban": "BT-84", "net_amount": "BT-109", "gross_amount": "BT-112",
    "payable_amount": "BT-115",
}  # fmt: skip
"""Columns that neither a recycled nor a completed invoice may change, with their terms."""

ROUTED: dict[str, str] = {
    "buyer_siret": "BT-46", "buyer_address": "BT-49", "service_code": "BT-10", "engagement": "BT-13",
}  # fmt: skip
"""Columns that recycling is for. The buyer's name goes with its identifier."""

LINES_TERM, VAT_TERM = "BG-25", "BG-23"
RESENDS = {LinkKind.RECYCLES: Resend.RECYCLED, LinkKind.COMPLETES: Resend.COMPLETED}
REJECTED_PHASES = frozenset({Phase.REFUSED, Phase.REJECTED, Phase.CANCELLED})
_KEY = ("flow_key", "position")
_ONLY_AVAILABLE = frozenset({Phase.DEPOSITED, Phase.MADE_AVAILABLE})


@dataclass(frozen=True)
class First:
    """The invoice that stands for a number: everything known of it, and how it stands; its description in words."""

    owner: Owner
    judged: Judged | None
    events: tuple[Event, ...]
    described: Sentences


@dataclass(frozen=True)
class Resubmitted:
    """What an invoice under a known number is. `kind` is None for a duplicate, which `finding` tells."""

    kind: LinkKind | None
    finding: FindingRow


def waits(events: Sequence[Event]) -> LinkKind | None:
    """How the invoice of these events may be followed under its own number; None where nothing is expected."""
    if not events:
        return None
    kinds = {Phase.TO_RECYCLE: LinkKind.RECYCLES, Phase.SUSPENDED: LinkKind.COMPLETES}
    return kinds.get(situation(events).phase)


def resubmitted(again: Judged, first: First) -> Resubmitted:
    """What a second invoice under the number of a first is.

    Shape    recycled when the first waits for it and only who receives it changed; completed when the first is
             suspended, nothing that is said changed and the file did; otherwise a duplicate.
    """
    kind = waits(first.events) if first.judged is not None else None
    if kind is not None and first.judged is not None:
        kept, routed = changes(first.judged, again)
        if kind is LinkKind.RECYCLES and routed and not kept:
            return Resubmitted(kind, _duplicate(again.invoice, first))
        same_file = first.judged.invoice["sha256"] == again.invoice["sha256"]
        if kind is LinkKind.COMPLETES and not kept and not routed and not same_file:
            return Resubmitted(kind, _duplicate(again.invoice, first))
        if kept or (kind is LinkKind.COMPLETES and routed):
            return Resubmitted(None, _changed(again.invoice, first, kind, [*kept, *routed]))
    return Resubmitted(None, _duplicate(again.invoice, first))


def changes(first: Judged, again: Judged) -> tuple[list[str], list[str]]:
    """Terms whose values differ: those that must not, and those that say who receives the invoice."""
    one: InvoiceRow = first.invoice
    two: InvoiceRow = again.invoice
    kept = [term for name, term in KEPT.items() if _value(one, name) != _value(two, name)]
    if _rows(first.lines) != _rows(again.lines):
        kept.append(LINES_TERM)
    if _rows(first.vat) != _rows(again.vat):
        kept.append(VAT_TERM)
    return kept, [term for name, term in ROUTED.items() if _value(one, name) != _value(two, name)]


def how_it_stands(events: Sequence[Event]) -> tuple[str, str, str]:
    """The status that somebody gave it, in French, in English, and its day; all empty while it is only available.

    That it was made available is not told with its day: its flow may be settled before or after this one, which is
    chance, and the answer must not depend on it.
    """
    if not events:
        return "", "", ""
    stands = situation(events)
    current = stands.current
    if current.actor is Actor.PLATFORM and stands.phase in _ONLY_AVAILABLE:
        return "", "", ""
    known = status(current.format, current.code)
    label_fr, label_en = (known.label_fr, known.label_en) if known else (current.code, current.code)
    return label_fr, label_en, current.at.date().isoformat()


def _value(row: InvoiceRow, name: str) -> object:
    value = row[name]  # type: ignore[literal-required]
    return value.normalize() if isinstance(value, Decimal) else value


def _rows(rows: Sequence[object]) -> list[tuple[object, ...]]:
    made = []
    for row in rows:
        assert isinstance(row, dict)
        made.append(tuple(_value(row, name) for name in row if name not in _KEY))  # type: ignore[arg-type]
    return made


def _duplicate(invoice: InvoiceRow, first: First) -> FindingRow:
    label_fr, label_en, day = how_it_stands(first.events)
    phase = situation(first.events).phase if first.events else Phase.UNKNOWN
    todo = {
        Phase.TO_RECYCLE: "recycle", Phase.SUSPENDED: "complete",
        **dict.fromkeys(REJECTED_PHASES, "renumber"),
    }.get(phase, "nothing")  # fmt: skip
    # Of the first in the same flow nothing is decided yet: it may be rejected with this one.
    unnamed = "unsettled" if not first.events and first.owner.flow_key == invoice["flow_key"] else "available"
    status = Sentences(label_fr or unnamed, label_en or unnamed)
    said = both("history-duplicate", first=first.described, status=status, day=day, todo=todo)
    return _finding(invoice, ["BT-1", "BT-2", "BT-30"], said)


def _changed(invoice: InvoiceRow, first: First, kind: LinkKind, terms: Sequence[str]) -> FindingRow:
    named_fr = ", ".join(f"{TERMS[code].name_fr} ({code})" if code in TERMS else code for code in terms)
    named_en = ", ".join(f"{TERMS[code].name_en} ({code})" if code in TERMS else code for code in terms)
    said = both("history-changed", kind=kind.value, first=first.described, terms=Sentences(named_fr, named_en))
    return _finding(invoice, list(terms), said)


def _finding(invoice: InvoiceRow, terms: list[str], said: Sentences) -> FindingRow:
    return own_finding(invoice, RULE_SET, UNIQUENESS_RULE, terms, said, found=invoice["number"])
