"""The first schema: flows, batches, invoices, statuses, answers, deliveries.

A ledger that was made before there were revisions has these tables already, and keeps them.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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
)

revision = "0001"
down_revision = None

_metadata = MetaData()

_Count = BigInteger
_Key = String(24)
_Instant = DateTime(timezone=True)
_Grown = BigInteger().with_variant(Integer, "sqlite")


def _flow_reference() -> Column[str]:
    return Column("flow_key", _Key, ForeignKey("flow.flow_key"), nullable=False)


Table(
    "counter",
    _metadata,
    Column("name", Text, primary_key=True),
    Column("value", _Count, nullable=False),
    sqlite_with_rowid=False,
)

Table(
    "flow",
    _metadata,
    Column("flow_key", _Key, primary_key=True),
    Column("ordinal", _Count, nullable=False, unique=True),
    Column("partner_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("interface_code", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", _Count, nullable=False),
    Column("received_at", _Instant, nullable=False),
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
    Column("settled_at", _Instant),
    Index("flow_by_name", "partner_code", "name"),
    Index("flow_by_status", "status", "ordinal"),
    Index("flow_by_partner", "status", "partner_code", "ordinal"),
)

Table(
    "deposit",
    _metadata,
    Column("partner_code", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    _flow_reference(),
    Column("landing", Text, nullable=False),
    Column("at", _Instant, nullable=False),
)

Table(
    "batch",
    _metadata,
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

Table(
    "batch_slice",
    _metadata,
    Column("batch_id", Text, ForeignKey("batch.batch_id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _flow_reference(),
    Column("first", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    UniqueConstraint("flow_key", "first"),
)

Table(
    "invoice_key",
    _metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("seller", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    _flow_reference(),
    Column("position", Integer, nullable=False),
    Index("invoice_key_by_flow", "flow_key"),
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (year)",
)

Table(
    "status_event",
    _metadata,
    Column("id", _Grown, primary_key=True),
    _flow_reference(),
    Column("position", Integer, nullable=False),
    Column("interface_code", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", _Instant, nullable=False),
    Column("motive", Text, nullable=False),
    Index("status_event_by_invoice", "flow_key", "position"),
)

Table(
    "sender",
    _metadata,
    Column("partner_code", Text, primary_key=True),
    Column("rank", _Count, nullable=False, unique=True),
)

Table(
    "answer_number",
    _metadata,
    Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
    Column("interface_code", Text, primary_key=True),
    Column("partner_code", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("sequence", _Count, nullable=False),
    UniqueConstraint("interface_code", "partner_code", "sequence"),
)

Table(
    "outbox",
    _metadata,
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
    Column("again", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owed_seconds", Double, nullable=False),
    Column("delivered_seconds", Double),
    Index("outbox_by_state", "state", "ordinal"),
    Index("outbox_by_flow", "flow_key"),
)

Table(
    "flow_event",
    _metadata,
    Column("id", _Grown, primary_key=True),
    _flow_reference(),
    Column("at", _Instant, nullable=False),
    Column("what", Text, nullable=False),
    Index("flow_event_by_flow", "flow_key"),
)


def upgrade() -> None:
    """Tables that are missing are made; counters start from nothing."""
    bind = op.get_bind()
    _metadata.create_all(bind)
    for name in ("flow", "batch", "outbox"):
        op.execute(f"INSERT INTO counter (name, value) VALUES ('{name}', 0) ON CONFLICT DO NOTHING")
    if bind.dialect.name == "postgresql":
        op.execute("CREATE TABLE invoice_key_other PARTITION OF invoice_key DEFAULT")
