"""Turns between partners, and circuits of deliveries: whose documents a batch holds, and who is to be left in peace."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Double, ForeignKey, Integer, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Two tables; batches that are planned already get their partners."""
    op.create_table(
        "batch_partner",
        Column("batch_id", Text, ForeignKey("batch.batch_id"), primary_key=True),
        Column("partner_code", Text, primary_key=True),
    )
    op.execute(
        "INSERT INTO batch_partner (batch_id, partner_code) SELECT DISTINCT s.batch_id, f.partner_code "
        "FROM batch_slice s JOIN flow f ON f.flow_key = s.flow_key"
    )
    op.create_table(
        "partner_circuit",
        Column("partner_code", Text, primary_key=True),
        Column("failures", Integer, nullable=False),
        Column("open_until_seconds", Double, nullable=False),
    )
