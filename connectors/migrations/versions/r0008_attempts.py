"""Deliveries: each attempt stages under a name of its own, and the first to have staged is the one published."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, String, Text, text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Two tables and a column. What is staged from before lies under a name without an attempt: the empty part."""
    op.create_table(
        "delivery_leftover",
        Column("delivery_id", Text, ForeignKey("outbox.delivery_id"), primary_key=True),
        Column("since_seconds", Double, nullable=False),
    )
    op.create_table(
        "as2_staged",
        Column("partner_code", Text, primary_key=True),
        Column("part_name", Text, primary_key=True),
        Column("object_key", Text, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("size_bytes", BigInteger, nullable=False),
    )
    op.add_column("outbox", Column("staged_part", Text))
    op.execute(text("UPDATE outbox SET staged_part = '' WHERE state <> 'owed'"))
    op.execute(
        text(
            "INSERT INTO as2_staged (partner_code, part_name, object_key, sha256, size_bytes) "
            "SELECT partner_code, name || '.part', object_key, sha256, size_bytes FROM as2_sent WHERE state = 'staged'"
        )
    )
    op.execute(text("DELETE FROM as2_sent WHERE state = 'staged'"))
