"""AS2: messages received with the receipts we answered, messages sent with those we got."""

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
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)

revision = "0003"
down_revision = "0002"

_Grown = BigInteger().with_variant(Integer, "sqlite")
_Instant = DateTime(timezone=True)


def upgrade() -> None:
    """Four tables."""
    op.create_table(
        "as2_received",
        Column("id", _Grown, primary_key=True),
        Column("partner_code", Text, nullable=False),
        Column("message_id", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("object_key", Text, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("size_bytes", BigInteger, nullable=False),
        Column("mic", Text, nullable=False),
        Column("signer", String(64), nullable=False),
        Column("received_at", _Instant, nullable=False),
        Column("receipt", LargeBinary, nullable=False),
        Column("taken", Boolean, nullable=False),
        Column("repeats", Integer, nullable=False),
        UniqueConstraint("partner_code", "message_id"),
        Index("as2_received_by_drop", "taken", "partner_code", "name"),
        Index("as2_received_by_age", "received_at"),
    )
    op.create_table(
        "as2_receipt_owed",
        Column("received_id", BigInteger, ForeignKey("as2_received.id"), primary_key=True, autoincrement=False),
        Column("partner_code", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_seconds", Double, nullable=False),
        Index("as2_receipt_owed_by_time", "next_seconds"),
    )
    op.create_table(
        "as2_sent",
        Column("id", _Grown, primary_key=True),
        Column("partner_code", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("again", Integer, nullable=False),
        Column("message_id", Text, nullable=False, unique=True),
        Column("object_key", Text, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("size_bytes", BigInteger, nullable=False),
        Column("state", Text, nullable=False),
        Column("headers", Text, nullable=False),
        Column("wire_key", Text, nullable=False),
        Column("mic", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_seconds", Double, nullable=False),
        Column("published_at", _Instant),
        Column("settled_at", _Instant),
        Column("receipt", LargeBinary),
        Column("outcome", Text, nullable=False),
        UniqueConstraint("partner_code", "name", "again"),
        Index("as2_sent_by_state", "state", "next_seconds"),
    )
    op.create_table(
        "as2_attempt",
        Column("sent_id", BigInteger, ForeignKey("as2_sent.id"), primary_key=True, autoincrement=False),
        Column("attempt", Integer, primary_key=True, autoincrement=False),
        Column("at", _Instant, nullable=False),
        Column("outcome", Text, nullable=False),
    )
