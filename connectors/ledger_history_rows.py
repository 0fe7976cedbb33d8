"""Rows of the history: events and receipts as the tables hold them, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from data_contracts.history import Actor, Datum, Event, Note, Payment, Reason
from data_contracts.history_ledger import FlowReceipt, Link
from data_contracts.interfaces import CATALOGUE, Syntax
from data_contracts.ledger import Owner
from data_contracts.statuses import StatusFormat

EVENT_COLUMNS = (
    "flow_key", "position", "interface_code", "code", "at", "motive", "event_key", "format", "actor", "actor_code",
    "reasons", "comment", "mandate_number", "payments", "recorded_at", "source_flow_key", "source_name",
)  # fmt: skip
"""Columns of `status_event` that an event received from others fills."""

RECEIPT_COLUMNS = tuple(FlowReceipt.__dataclass_fields__)

_OWN_FORMATS = {Syntax.CPP_STATUS: StatusFormat.CPP_INVOICE, Syntax.CDAR: StatusFormat.CDAR_INVOICE}


def event_row(event: Event, interface_code: str) -> tuple[object, ...]:
    """The row of an event that a status flow of this interface brought."""
    return (
        event.flow_key,
        event.position,
        interface_code,
        event.code,
        event.at,
        event.reasons[0].code if event.reasons else "",
        event.event_key,
        event.format.value,
        event.actor.value,
        event.actor_code,
        _reasons_text(event.reasons),
        event.comment,
        event.mandate_number,
        json.dumps([asdict(one) for one in event.payments], ensure_ascii=False, default=str),
        event.recorded_at,
        event.source_flow_key,
        event.source_name,
    )


def event_of(row: Any, told: Any) -> Event:
    """The event that a row holds. `told` is when its flow was settled, for a status of our own."""
    own = row.event_key is None
    return Event(
        event_key=_own_key(row) if own else row.event_key,
        flow_key=row.flow_key,
        position=row.position,
        format=_format(row),
        code=row.code,
        at=row.at,
        recorded_at=row.recorded_at or told or row.at,
        actor=Actor(row.actor) if row.actor else Actor.PLATFORM,
        actor_code=row.actor_code or "",
        reasons=((Reason(row.motive),) if row.motive else ()) if own else _reasons(row.reasons),
        comment=row.comment or "",
        mandate_number=row.mandate_number or "",
        payments=_payments(row.payments),
        source_flow_key=row.source_flow_key or "",
        source_name=row.source_name or "",
    )


def owner_of(event: Event) -> Owner:
    """The invoice that an event speaks of."""
    return Owner(event.flow_key, event.position)


def receipt_row(receipt: FlowReceipt) -> tuple[object, ...]:
    """The row of a receipt, in the order of RECEIPT_COLUMNS."""
    values = {name: getattr(receipt, name) for name in RECEIPT_COLUMNS} | {"reasons": _reasons_text(receipt.reasons)}
    return tuple(values.values())


def link_row(link: Link) -> dict[str, object]:
    """The row of a link."""
    return {
        "flow_key": link.later.flow_key,
        "position": link.later.position,
        "kind": link.kind.value,
        "earlier_flow_key": link.earlier.flow_key,
        "earlier_position": link.earlier.position,
    }


def _format(row: Any) -> StatusFormat:
    return StatusFormat(row.format) if row.format else _OWN_FORMATS[CATALOGUE[row.interface_code].syntax]


def _own_key(row: Any) -> str:
    text = f"{row.flow_key}/{row.position}/{row.interface_code}/{row.code}/{row.at.isoformat()}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _reasons_text(reasons: Sequence[Reason]) -> str:
    return json.dumps([asdict(one) for one in reasons], ensure_ascii=False)


def _reasons(text: str | None) -> tuple[Reason, ...]:
    made = []
    for fields in json.loads(text or "[]"):
        notes = tuple(Note(**note) for note in fields.pop("notes"))
        data = tuple(Datum(**datum) for datum in fields.pop("data"))
        made.append(Reason(**fields, notes=notes, data=data))
    return tuple(made)


def _payments(text: str | None) -> tuple[Payment, ...]:
    made = []
    for fields in json.loads(text or "[]"):
        rate, day = fields["vat_rate"], fields["paid_on"]
        fields["amount"] = Decimal(fields["amount"])
        fields["vat_rate"] = None if rate is None else Decimal(rate)
        fields["paid_on"] = None if day is None else date.fromisoformat(day)
        made.append(Payment(**fields))
    return tuple(made)
