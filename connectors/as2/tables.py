"""The ledger's tables of AS2: messages received with the receipts we answered, messages sent with those we got.

Units    `Instant` columns are UTC; columns in seconds are the machine's own clock.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from connectors.ledger_tables import Instant, metadata

_Grown = BigInteger().with_variant(Integer, "sqlite")

# A row is an accepted message: nothing that was refused burns a Message-ID.
as2_received = Table(
    "as2_received",
    metadata,
    Column("id", _Grown, primary_key=True),
    Column("partner_code", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("object_key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mic", Text, nullable=False),
    Column("signer", String(64), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("taken", Boolean, nullable=False),
    Column("repeats", Integer, nullable=False),
    UniqueConstraint("partner_code", "message_id"),
    Index("as2_received_by_drop", "taken", "partner_code", "name"),
    Index("as2_received_by_age", "received_at"),
)

# Asynchronous receipts still to be posted.
as2_receipt_owed = Table(
    "as2_receipt_owed",
    metadata,
    Column("received_id", BigInteger, ForeignKey("as2_received.id"), primary_key=True, autoincrement=False),
    Column("partner_code", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_seconds", Double, nullable=False),
    Index("as2_receipt_owed_by_time", "next_seconds"),
)

# Answers that lie ready to be sent, by the name of the part of an attempt. Publishing makes a message of one.
as2_staged = Table(
    "as2_staged",
    metadata,
    Column("partner_code", Text, primary_key=True),
    Column("part_name", Text, primary_key=True),
    Column("object_key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

as2_sent = Table(
    "as2_sent",
    metadata,
    Column("id", _Grown, primary_key=True),
    Column("partner_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("again", Integer, nullable=False),  # 0, then the rank of each time that the same answer is owed again
    Column("message_id", Text, nullable=False, unique=True),
    Column("object_key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("headers", Text, nullable=False),  # JSON; empty until the message was built
    Column("wire_key", Text, nullable=False),
    Column("mic", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_seconds", Double, nullable=False),
    Column("published_at", Instant),
    Column("settled_at", Instant),
    Column("receipt", LargeBinary),
    Column("outcome", Text, nullable=False),
    UniqueConstraint("partner_code", "name", "again"),
    Index("as2_sent_by_state", "state", "next_seconds"),
)

as2_attempt = Table(
    "as2_attempt",
    metadata,
    Column("sent_id", BigInteger, ForeignKey("as2_sent.id"), primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
)
