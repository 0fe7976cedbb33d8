"""The ledger's tables.

Units    `Instant` columns are UTC; columns in seconds are the machine's own clock, for leases and durations.
Nulls    a null count is not known yet; a null instant has not come yet.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from data_contracts.evidence import FLOW_KEY_CHARACTERS


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, also where the database forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        assert value is None or value.tzinfo is not None, "a time without zone reached the ledger"
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

_Count = BigInteger
_Key = String(FLOW_KEY_CHARACTERS)
_Grown = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only under INTEGER


def _flow_reference() -> Column[str]:
    return Column("flow_key", _Key, ForeignKey("flow.flow_key"), nullable=False)


def _where(condition: str) -> dict[str, Any]:
    """An index over some rows only, on every database."""
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}


# Numbers without gap: a sequence of the database would lose the numbers of transactions that were rolled back.
counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", _Count, nullable=False),
    sqlite_with_rowid=False,
)

flow = Table(
    "flow",
    metadata,
    Column("flow_key", _Key, primary_key=True),
    Column("ordinal", _Count, nullable=False, unique=True),
    Column("partner_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("interface_code", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", _Count, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("conflicts_with", Text, nullable=False),
    Column("planned", Boolean, nullable=False),
    Column("resent_count", Integer, nullable=False),
    Column("member_count", Integer),
    Column("accepted_count", Integer),
    Column("rejected_count", Integer),
    Column("quarantined_count", Integer),
    Column("motive", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("acknowledgment_code", Text, nullable=False),
    Column("picked_up_seconds", Double, nullable=False),
    Column("settled_at", Instant),
    Index("flow_by_name", "partner_code", "name"),
    Index("flow_by_status", "status", "ordinal"),
    Index("flow_by_partner", "status", "partner_code", "ordinal"),
)

deposit = Table(
    "deposit",
    metadata,
    Column("partner_code", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    _flow_reference(),
    Column("landing", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("batch_id", Text, primary_key=True),
    Column("ordinal", _Count, nullable=False, unique=True),
    Column("checked", Boolean, nullable=False),
    Column("worker", Text, nullable=False),
    Column("lease_until_seconds", Double, nullable=False),
    Column("token", _Count, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("document_count", Integer),
    Index("batch_by_state", "checked", "ordinal"),
)

batch_slice = Table(
    "batch_slice",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.batch_id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _flow_reference(),
    Column("first", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    UniqueConstraint("flow_key", "first"),
)

batch_partner = Table(
    "batch_partner",
    metadata,
    Column("batch_id", Text, ForeignKey("batch.batch_id"), primary_key=True),
    Column("partner_code", Text, primary_key=True),
)

# On PostgreSQL one partition a year: a year that may be forgotten is dropped at once, and its index stays in reach.
invoice_key = Table(
    "invoice_key",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("seller", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    _flow_reference(),
    Column("position", Integer, nullable=False),
    Index("invoice_key_by_flow", "flow_key"),
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (year)",
)

# What is null for our own statuses came with later revisions: they are told by their flow, and written in bulk.
status_event = Table(
    "status_event",
    metadata,
    Column("id", _Grown, primary_key=True),
    _flow_reference(),
    Column("position", Integer, nullable=False),
    Column("interface_code", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("motive", Text, nullable=False),
    Column("event_key", String(32)),
    Column("format", Text),
    Column("actor", Text),
    Column("actor_code", Text),
    Column("reasons", Text),  # JSON, as are payments
    Column("comment", Text),
    Column("mandate_number", Text),
    Column("payments", Text),
    Column("recorded_at", Instant),
    Column("source_flow_key", _Key),
    Column("source_name", Text),
    Index("status_event_by_invoice", "flow_key", "position"),
    # Without our own statuses, of which there are hundreds of millions and each is written once.
    Index("status_event_by_key", "event_key", unique=True, **_where("event_key IS NOT NULL")),
    Index("status_event_by_source", "source_flow_key", **_where("source_flow_key IS NOT NULL")),
)

# Invoices that hold no key: rejected, set aside, or exempt.
unkeyed_invoice = Table(
    "unkeyed_invoice",
    metadata,
    Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("seller", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("year", Integer),
    Column("replaceable", Boolean, nullable=False),
    Index("unkeyed_invoice_by_name", "seller", "number"),
)

succession = Table(
    "succession",
    metadata,
    Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("earlier_flow_key", _Key, nullable=False),
    Column("earlier_position", Integer, nullable=False),
    Index("succession_by_earlier", "earlier_flow_key", "earlier_position"),
    # Of one number only one invoice stands.
    Index("succession_once", "earlier_flow_key", "earlier_position", unique=True, **_where("kind <> 'replaces'")),
)

# What recipients said of diffusion flows.
flow_receipt = Table(
    "flow_receipt",
    metadata,
    Column("event_key", String(32), primary_key=True),
    Column("partner_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("source_flow_key", _Key, nullable=False),
    Column("source_name", Text, nullable=False),
    Index("flow_receipt_by_name", "partner_code", "name", "at"),
)

sender = Table(
    "sender",
    metadata,
    Column("partner_code", Text, primary_key=True),
    Column("rank", _Count, nullable=False, unique=True),  # from 0, in order of first landing
)

answer_number = Table(
    "answer_number",
    metadata,
    Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
    Column("interface_code", Text, primary_key=True),
    Column("partner_code", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("sequence", _Count, nullable=False),
    UniqueConstraint("interface_code", "partner_code", "sequence"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("ordinal", _Count, nullable=False, unique=True),
    _flow_reference(),
    Column("partner_code", Text, nullable=False),
    Column("interface_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", _Count, nullable=False),
    Column("acknowledges", Boolean, nullable=False),
    Column("again", Integer, nullable=False),  # 0 for the first answer, then the rank of the resend it answers
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owed_seconds", Double, nullable=False),
    Column("delivered_seconds", Double),
    Column("late", Boolean, nullable=False, server_default=false()),  # on an invoice that left quarantine
    Column("staged_part", Text),  # the part that is published; empty from before parts had names of their own
    Index("outbox_by_state", "state", "ordinal"),
    Index("outbox_by_flow", "flow_key"),
    Index("outbox_by_name", "partner_code", "name"),
)

# Deliveries that took several attempts: what these may have left behind is to be taken away.
delivery_leftover = Table(
    "delivery_leftover",
    metadata,
    Column("delivery_id", Text, ForeignKey("outbox.delivery_id"), primary_key=True),
    Column("since_seconds", Double, nullable=False),
)

# Without a row, nothing failed since the last delivery.
partner_circuit = Table(
    "partner_circuit",
    metadata,
    Column("partner_code", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("open_until_seconds", Double, nullable=False),
)

flow_event = Table(
    "flow_event",
    metadata,
    Column("id", _Grown, primary_key=True),
    _flow_reference(),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("sequence", _Count, nullable=False, server_default=text("0")),  # from 1; 0 from before chains were kept
    Column("link", String(64), nullable=False, server_default=""),
    Column("sealed_in", Instant),
    Index("flow_event_by_flow", "flow_key"),
    Index("flow_event_by_seal", "sealed_in", "at"),
)

# The head of a flow's chain of events.
flow_chain = Table(
    "flow_chain",
    metadata,
    Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
    Column("length", _Count, nullable=False),
    Column("link", String(64), nullable=False),
)

evidence_seal = Table(
    "evidence_seal",
    metadata,
    Column("hour", Instant, primary_key=True),
    Column("root", String(64)),
)

# The columns from `verb` on are the order, null until one is given.
quarantine = Table(
    "quarantine",
    metadata,
    Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", _Count, nullable=False),
    Column("cause", Text, nullable=False),
    Column("rule_sets", Text, nullable=False),  # JSON list
    Column("relais_version", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("checked_attempt", Integer, nullable=False),
    Column("verb", Text),
    Column("who", Text),
    Column("reason", Text),
    Column("motive", Text),
    Column("ordered_at", Instant),
    Column("judged_on", Date),
    Index("quarantine_by_state", "state", "flow_key"),
)

# The database refuses to change or delete rows of these two.
operator_action = Table(
    "operator_action",
    metadata,
    Column("id", _Grown, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

operator_outcome = Table(
    "operator_outcome",
    metadata,
    Column("action_id", BigInteger, ForeignKey("operator_action.id"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
)
