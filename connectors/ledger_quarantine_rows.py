"""Rows of quarantine: written when a flow is settled, read as what a person decides on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from connectors.ledger_bulk import insert_rows
from connectors.ledger_tables import quarantine
from data_contracts.errors import IntegrityBroken
from data_contracts.quarantine import Order, Quarantined, QuarantineState, SetAside, Verb

_COLUMNS = (
    "flow_key", "position", "name", "sha256", "size_bytes", "cause", "rule_sets", "relais_version", "since", "state",
    "attempts", "tries", "checked_attempt",
)  # fmt: skip
_AS_THEY_ARE = ("flow_key", "position", "name", "sha256", "size_bytes", "cause", "relais_version", "since", "attempts",
                "tries", "checked_attempt")  # fmt: skip


def set_apart(connection: Connection, flow: Row[Any], count: int, invoices: Sequence[SetAside]) -> None:
    """Nothing; what a flow sets aside waits. IntegrityBroken if it is not as many as the flow counts."""
    if len(invoices) != count:
        raise IntegrityBroken(
            "the quarantine does not hold every invoice that the flow sets aside",
            where=f"flow {flow.flow_key}",
            value=f"{len(invoices)} for {count}",
        )
    rows = [
        (
            flow.flow_key, one.position, one.name, one.sha256, one.size_bytes, one.cause, json.dumps(one.rule_sets),
            one.relais_version, flow.settled_at, QuarantineState.WAITING.value, 0, 0, 0,
        )
        for one in invoices
    ]  # fmt: skip
    if rows:
        insert_rows(connection, quarantine, _COLUMNS, rows)


def decided_late(connection: Connection, flow_key: str) -> dict[str, int]:
    """How the counts of a flow changed since it was settled, by name of the count."""
    counted = select(quarantine.c.state, func.count()).where(quarantine.c.flow_key == flow_key)
    by_state = {row[0]: row[1] for row in connection.execute(counted.group_by(quarantine.c.state))}
    accepted = by_state.get(QuarantineState.ACCEPTED.value, 0)
    rejected = by_state.get(QuarantineState.REJECTED.value, 0)
    changes = {"accepted_count": accepted, "rejected_count": rejected, "quarantined_count": -accepted - rejected}
    return {name: change for name, change in changes.items() if change}


def entry_of(row: Row[Any]) -> Quarantined:
    """The entry that a row holds, joined with its flow's `partner_code` and `flow_name`."""
    known = row._mapping
    order = None
    if known["verb"] is not None:
        order = Order(
            Verb(known["verb"]), known["who"], known["reason"], known["motive"], known["ordered_at"], known["judged_on"]
        )
    return Quarantined(
        **{name: known[name] for name in _AS_THEY_ARE},
        partner_code=known["partner_code"],
        flow_name=known["flow_name"],
        rule_sets=tuple(json.loads(known["rule_sets"])),
        state=QuarantineState(known["state"]),
        order=order,
    )
