"""Quarantine as rows: what a list shows, what a person sees of one invoice, and which invoices an id means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data_contracts.errors import ConfigurationError
from data_contracts.quarantine import Quarantined, QuarantineState
from relais.flow_ids import names


def meant(ids: Sequence[str], entries: Sequence[Quarantined]) -> list[Quarantined]:
    """The entries that ids name, in the order of `entries`, each once.

    Shape    an id is FLOW/POSITION, or FLOW for all of its waiting invoices; FLOW is a flow's key, at least its first
             six characters, or the flow's name.
    Errors   ConfigurationError naming an id that means nothing, or two flows.
    """
    chosen: set[str] = set()
    for wanted in ids:
        flow, _, position = wanted.partition("/")
        of_flow = [one for one in entries if names(flow, one.flow_key, one.flow_name)]
        if len({one.flow_key for one in of_flow}) > 1:
            raise ConfigurationError(
                "more than one flow is named so", where="ID", value=flow, remedy="write more of it"
            )
        found = [one for one in of_flow if position in ("", str(one.position))]
        if not position:
            found = [one for one in found if one.state in (QuarantineState.WAITING, QuarantineState.ORDERED)]
        if not found:
            raise ConfigurationError(
                "no such invoice is in quarantine",
                where="ID",
                value=wanted,
                remedy="take an id from `relais quarantine list --all`",
            )
        chosen.update(one.id for one in found)
    return [one for one in entries if one.id in chosen]


def row(entry: Quarantined) -> dict[str, Any]:
    """What a list shows of an entry."""
    order = entry.order
    return {
        "id": entry.id,
        "flow": entry.flow_name,
        "partner": entry.partner_code,
        "position": entry.position,
        "name": entry.name,
        "cause": entry.cause,
        "since": entry.since.isoformat(),
        "attempts": entry.attempts,
        "state": entry.state.value,
        "sha256": entry.sha256,
        "size_bytes": entry.size_bytes,
        "rule_sets": list(entry.rule_sets),
        "relais_version": entry.relais_version,
        "order": None
        if order is None
        else {
            "verb": order.verb.value,
            "who": order.who,
            "reason": order.reason,
            "motive": order.motive,
            "at": order.at.isoformat(),
            "judged_on": order.judged_on.isoformat(),
        },
    }


def shown(entry: Quarantined, built: Any) -> dict[str, Any]:
    """Everything known of an entry: the row, the place of its bytes, its invoice terms, verdict and findings so far."""
    from data_contracts.ledger import Slice
    from pipelines.quarantine.invoice import judged_of
    from pipelines.validation.batch_documents import members

    (member,) = members(built.store, Slice(entry.flow_key, entry.position, 1))
    judged = judged_of(entry, built.ledger, built.store)
    flow = built.ledger.flow(entry.flow_key)
    return row(entry) | {
        "received_at": flow.received_at.isoformat(),
        "bytes": {
            "object": f"admitted/{entry.flow_key}/documents",
            "offset": member["offset"],
            "size_bytes": member["size_bytes"],
            "sha256": member["sha256"],
            "flow_object": f"landing/{flow.sha256}",
        },
        "verdict": judged.verdict["verdict"],
        "xsd_valid": judged.verdict["xsd_valid"],
        "invoice": {name: value for name, value in judged.invoice.items() if value is not None},
        "findings": [
            {name: value for name, value in finding.items() if name not in ("flow_key", "position")}
            for finding in judged.findings
        ],
    }


def lines(told: dict[str, Any]) -> Iterator[str]:
    """What `shown` tells, as lines for a person."""
    for name, value in told.items():
        if name == "findings":
            yield f"findings: {len(value)}"
            for finding in value:
                place = f", line {finding['line']}" if finding["line"] else ""
                yield f"  {finding['rule']} ({finding['flag']}{place}): {finding['message_en']}"
        elif isinstance(value, dict):
            yield f"{name}:"
            for key, one in value.items():
                yield f"  {key}: {one}"
        elif isinstance(value, list):
            yield f"{name}: {', '.join(map(str, value)) or '-'}"
        else:
            yield f"{name}: {value}"
