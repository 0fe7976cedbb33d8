"""What `relais trace` tells of an invoice, as JSON: codes with their meaning in French and English."""

from __future__ import annotations

from typing import Any

from data_contracts.answers import FindingRow
from data_contracts.history import Event, Reason
from data_contracts.messages import Language, Sentences, both, has
from data_contracts.statuses import meaning, status, what_next


def facts(one: Any) -> dict[str, Any]:
    """One deposit (`pipelines.tracking.trace.Traced`) as a program reads it."""
    deposited, stands = one.deposited, one.situation
    invoice = deposited.invoice
    return {
        "id": f"{deposited.owner.flow_key}/{deposited.owner.position}",
        "number": invoice["number"],
        "issue_date": None if invoice["issue_date"] is None else invoice["issue_date"].isoformat(),
        "supplier": invoice["seller_id"],
        "supplier_name": invoice["seller_name"],
        "buyer": invoice["buyer_siret"],
        "amount": None if invoice["payable_amount"] is None else f"{invoice['payable_amount'].normalize():f}",
        "currency": invoice["currency"],
        "flow_in": deposited.flow.name,
        "received_at": deposited.flow.received_at.isoformat(),
        "position": deposited.owner.position,
        "file": invoice["member_name"],
        "sha256": invoice["sha256"],
        "outcome": deposited.outcome,
        "motive": _motive(deposited.motive) if deposited.motive else None,
        "recipient": deposited.partner_code or None,
        "diffused_by": list(one.diffused_by),
        "verdict": one.verdict,
        "rule_sets": list(one.rule_sets),
        "findings": [_finding(row) for row in one.findings],
        "situation": None
        if stands is None
        else {
            "phase": stands.phase.value,
            "terminal": stands.terminal,
            "since": stands.current.at.isoformat(),
            "cashed": {currency: f"{amount:f}" for currency, amount in stands.cashed},
        },
        "predecessor": None if one.predecessor is None else _linked(one.predecessor),
        "successors": [_linked(link) for link in one.successors],
        "events": [event_facts(event) for event in one.events],
    }


def event_facts(traced: Any) -> dict[str, Any]:
    """One event (`pipelines.tracking.trace.TracedEvent`)."""
    event: Event = traced.event
    known = status(event.format, event.code)
    return {
        "at": event.at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "actor": event.actor.value,
        "actor_code": event.actor_code,
        "format": event.format.value,
        "code": event.code,
        "label": None if known is None else {"fr": known.label_fr, "en": known.label_en},
        "meaning": None if known is None else _both(meaning(event.format, event.code, event.own_motive)),
        "next": None if known is None else _both(what_next(event.format, event.code, event.own_motive)),
        "motives": [_motive(reason.code) | _reason(reason) for reason in event.reasons],
        "comment": event.comment,
        "mandate_number": event.mandate_number,
        "payments": [
            {
                "kind": payment.kind,
                "label": _both(both("trace-payment", kind=payment.kind)),
                "amount": f"{payment.amount:f}",
                "currency": payment.currency,
                "vat_rate": None if payment.vat_rate is None else str(payment.vat_rate),
                "paid_on": None if payment.paid_on is None else payment.paid_on.isoformat(),
            }
            for payment in event.payments
        ],
        "flow_in": traced.flow_in,
        "flows_out": list(traced.flows_out),
    }


def _finding(row: FindingRow) -> dict[str, Any]:
    told = {"rule": row["rule"], "rule_set": row["rule_set"], "flag": row["flag"], "terms": list(row["terms"])}
    place = {"location": row["location"], "line": row["line"], "found": row["found"], "expected": row["expected"]}
    return told | place | {"message": {Language.FR.value: row["message_fr"], Language.EN.value: row["message_en"]}}


def _motive(code: str) -> dict[str, Any]:
    return {"code": code, "meaning": _said(f"motive-{code}"), "remedy": _said(f"motive-{code}.remedy")}


def _reason(reason: Reason) -> dict[str, Any]:
    return {"text": reason.text, "notes": [note.text for note in reason.notes]}


def _linked(link: Any) -> dict[str, Any]:
    owner = f"{link.owner.flow_key}/{link.owner.position}"
    return {"kind": link.kind, "number": link.number, "flow": link.flow_name, "id": owner}


def _both(sentences: Sentences) -> dict[str, str]:
    return {Language.FR.value: sentences.fr, Language.EN.value: sentences.en}


def _said(message_id: str) -> dict[str, str] | None:
    if not has(message_id.partition(".")[0]):
        return None
    return _both(both(message_id))
