"""People: mails owed, reminders, invoices in progress; commitments and what is drawn on them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Date, DateTime, Double, Index, Integer, String, Text

revision = "0007"
down_revision = "0006"

_Instant = DateTime(timezone=True)
_Key = String(24)


def upgrade() -> None:
    """Six tables and an index."""
    _mails()
    _commitments()
    op.create_index("outbox_by_delivery", "outbox", ["delivered_seconds"])


def _mails() -> None:
    op.create_table(
        "digest_window",
        Column("frequency", Text, primary_key=True),
        Column("after_id", BigInteger, nullable=False),
        Column("upto_id", BigInteger),
        Column("at", _Instant, nullable=False),
    )
    op.create_table(
        "digest",
        Column("digest_key", String(32), primary_key=True),
        Column("ordinal", BigInteger, nullable=False, unique=True),
        Column("address", Text, nullable=False),
        Column("message_id", Text, nullable=False),
        Column("object_key", Text, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("free_from_seconds", Double, nullable=False),
        Column("owed_at", _Instant, nullable=False),
        Column("detail", Text, nullable=False),
        Index("digest_by_state", "state", "ordinal"),
    )
    op.create_table(
        "reminder",
        Column("delivery_id", Text, primary_key=True),
        Column("rank", Integer, primary_key=True, autoincrement=False),
        Column("at", _Instant, nullable=False),
    )
    op.create_table(
        "invoice_in_progress",
        Column("flow_key", _Key, primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("structure", Text, nullable=False),
        Column("service", Text, nullable=False),
        Column("partner_code", Text, nullable=False),
        Column("phase", Text, nullable=False),
        Index("invoice_in_progress_by_structure", "structure", "service", "phase"),
        Index("invoice_in_progress_by_partner", "partner_code", "structure", "service", "phase"),
        sqlite_with_rowid=False,
    )


def _commitments() -> None:
    op.create_table(
        "commitment",
        Column("structure", String(14), primary_key=True),
        Column("number", Text, primary_key=True),
        Column("flow_ordinal", BigInteger, primary_key=True, autoincrement=False),
        Column("flow_key", _Key, nullable=False),
        Column("service", Text, nullable=False),
        Column("supplier", String(14), nullable=False),
        Column("amount", Text, nullable=False),
        Column("currency", String(3), nullable=False),
        Column("issued_on", Date, nullable=False),
        Column("valid_from", Date),
        Column("valid_to", Date),
        Column("state", Text, nullable=False),
        Column("lines", Text, nullable=False),
        Index("commitment_by_flow", "flow_key"),
        Index("commitment_by_supplier", "supplier"),
    )
    op.create_table(
        "commitment_draw",
        Column("flow_key", _Key, primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("structure", String(14), nullable=False),
        Column("number", Text, nullable=False),
        Column("amount", Text, nullable=False),
        Index("commitment_draw_by_commitment", "structure", "number"),
    )
