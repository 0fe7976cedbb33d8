"""History: statuses that others set, invoices that follow others, receipts of diffusion flows."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Text, TextClause, text

revision = "0006"
down_revision = "0005"

_Instant = DateTime(timezone=True)
_Key = String(24)
_EVENT = (
    ("event_key", String(32)),
    ("format", Text),
    ("actor", Text),
    ("actor_code", Text),
    ("reasons", Text),
    ("comment", Text),
    ("mandate_number", Text),
    ("payments", Text),
    ("recorded_at", _Instant),
    ("source_flow_key", _Key),
    ("source_name", Text),
)


def _where(condition: str) -> dict[str, TextClause]:
    return {f"{dialect}_where": text(condition) for dialect in ("sqlite", "postgresql")}


def upgrade() -> None:
    """Columns that our own statuses leave empty, three tables and an index."""
    for name, kind in _EVENT:
        op.add_column("status_event", Column(name, kind))
    key = _where("event_key IS NOT NULL")
    op.create_index("status_event_by_key", "status_event", ["event_key"], unique=True, **key)
    source = _where("source_flow_key IS NOT NULL")
    op.create_index("status_event_by_source", "status_event", ["source_flow_key"], **source)
    op.create_index("outbox_by_name", "outbox", ["partner_code", "name"])
    op.create_table(
        "unkeyed_invoice",
        Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("seller", Text, nullable=False),
        Column("number", Text, nullable=False),
        Column("year", Integer),
        Column("replaceable", Boolean, nullable=False),
        Index("unkeyed_invoice_by_name", "seller", "number"),
    )
    op.create_table(
        "succession",
        Column("flow_key", _Key, ForeignKey("flow.flow_key"), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("earlier_flow_key", _Key, nullable=False),
        Column("earlier_position", Integer, nullable=False),
        Index("succession_by_earlier", "earlier_flow_key", "earlier_position"),
        Index("succession_once", "earlier_flow_key", "earlier_position", unique=True, **_where("kind <> 'replaces'")),
    )
    op.create_table(
        "flow_receipt",
        Column("event_key", String(32), primary_key=True),
        Column("partner_code", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("code", Text, nullable=False),
        Column("at", _Instant, nullable=False),
        Column("recorded_at", _Instant, nullable=False),
        Column("reasons", Text, nullable=False),
        Column("comment", Text, nullable=False),
        Column("source_flow_key", _Key, nullable=False),
        Column("source_name", Text, nullable=False),
        Index("flow_receipt_by_name", "partner_code", "name", "at"),
    )
