"""The ledger's tables about people: mails owed, reminders, invoices in progress, commitments.

Units    as in `ledger_tables`. Addresses of people stand in `digest` alone.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Double, Index, Integer, String, Table, Text

from connectors.ledger_tables import Instant, metadata, outbox
from data_contracts.evidence import FLOW_KEY_CHARACTERS

_Key = String(FLOW_KEY_CHARACTERS)

# `upto` is null once a window is closed, and `after` then is where the next one begins.
digest_window = Table(
    "digest_window",
    metadata,
    Column("frequency", Text, primary_key=True),
    Column("after_id", BigInteger, nullable=False),
    Column("upto_id", BigInteger),
    Column("at", Instant, nullable=False),
)

digest = Table(
    "digest",
    metadata,
    Column("digest_key", String(32), primary_key=True),
    Column("ordinal", BigInteger, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("free_from_seconds", Double, nullable=False),
    Column("owed_at", Instant, nullable=False),
    Column("detail", Text, nullable=False),
    Index("digest_by_state", "state", "ordinal"),
)

reminder = Table(
    "reminder",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)

# A row goes when its invoice comes to its end: the table is as long as what is in progress.
invoice_in_progress = Table(
    "invoice_in_progress",
    metadata,
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

# One row for each word on a commitment that changed something; the one with the highest ordinal stands.
commitment = Table(
    "commitment",
    metadata,
    Column("structure", String(14), primary_key=True),
    Column("number", Text, primary_key=True),
    Column("flow_ordinal", BigInteger, primary_key=True, autoincrement=False),
    Column("flow_key", _Key, nullable=False),
    Column("service", Text, nullable=False),
    Column("supplier", String(14), nullable=False),
    Column("amount", Text, nullable=False),  # an exact decimal: SQLite would make it a binary fraction
    Column("currency", String(3), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("state", Text, nullable=False),
    Column("lines", Text, nullable=False),  # JSON
    Index("commitment_by_flow", "flow_key"),
    Index("commitment_by_supplier", "supplier"),
)

commitment_draw = Table(
    "commitment_draw",
    metadata,
    Column("flow_key", _Key, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("structure", String(14), nullable=False),
    Column("number", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Index("commitment_draw_by_commitment", "structure", "number"),
)

# Deadlines ask for what was done lately, among all that ever was.
Index("outbox_by_delivery", outbox.c.delivered_seconds)
