"""Operators: what waits in quarantine, what they did, and which answers came late."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, ForeignKey, Index, Integer, String, Text, false

revision = "0004"
down_revision = "0003"

_Grown = BigInteger().with_variant(Integer, "sqlite")
_Instant = DateTime(timezone=True)
_GROWS_ONLY = ("operator_action", "operator_outcome")


def upgrade() -> None:
    """Three tables, two of which the database itself keeps from being changed, and a column."""
    op.create_table(
        "quarantine",
        Column("flow_key", String(24), ForeignKey("flow.flow_key"), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("name", Text, nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("size_bytes", BigInteger, nullable=False),
        Column("cause", Text, nullable=False),
        Column("rule_sets", Text, nullable=False),
        Column("relais_version", Text, nullable=False),
        Column("since", _Instant, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("checked_attempt", Integer, nullable=False),
        Column("verb", Text),
        Column("who", Text),
        Column("reason", Text),
        Column("motive", Text),
        Column("ordered_at", _Instant),
        Column("judged_on", Date),
        Index("quarantine_by_state", "state", "flow_key"),
    )
    op.create_table(
        "operator_action",
        Column("id", _Grown, primary_key=True),
        Column("at", _Instant, nullable=False),
        Column("who", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("arguments", Text, nullable=False),
        Column("reason", Text, nullable=False),
    )
    op.create_table(
        "operator_outcome",
        Column("action_id", BigInteger, ForeignKey("operator_action.id"), primary_key=True, autoincrement=False),
        Column("at", _Instant, nullable=False),
        Column("outcome", Text, nullable=False),
    )
    op.add_column("outbox", Column("late", Boolean, nullable=False, server_default=false()))
    _grow_only()


def _grow_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'table % only grows', TG_TABLE_NAME; END $$"
        )
        for name in _GROWS_ONLY:
            op.execute(
                f"CREATE TRIGGER {name}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
            )
        return
    for name in _GROWS_ONLY:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{change.lower()} BEFORE {change} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, 'table {name} only grows'); END"
            )
