"""Evidence: events of a flow are linked, and hours of them sealed."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, String, text

revision = "0005"
down_revision = "0004"

_Instant = DateTime(timezone=True)


def upgrade() -> None:
    """Two tables and three columns. Events from before have no link, and are in no seal."""
    op.create_table(
        "flow_chain",
        Column("flow_key", String(24), ForeignKey("flow.flow_key"), primary_key=True),
        Column("length", BigInteger, nullable=False),
        Column("link", String(64), nullable=False),
    )
    op.create_table(
        "evidence_seal",
        Column("hour", _Instant, primary_key=True),
        Column("root", String(64)),
    )
    op.add_column("flow_event", Column("sequence", BigInteger, nullable=False, server_default=text("0")))
    op.add_column("flow_event", Column("link", String(64), nullable=False, server_default=""))
    op.add_column("flow_event", Column("sealed_in", _Instant))
    op.create_index("flow_event_by_seal", "flow_event", ["sealed_in", "at"])
