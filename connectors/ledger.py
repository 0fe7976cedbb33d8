"""The ledger on SQLite or PostgreSQL: the state of every flow, and the queue of all work."""

from __future__ import annotations

from connectors.ledger_actions import ActionLedger
from connectors.ledger_commitments import CommitmentLedger
from connectors.ledger_deadlines import DeadlineLedger
from connectors.ledger_deposits import DepositLedger
from connectors.ledger_digests import DigestLedger
from connectors.ledger_evidence import EvidenceLedger
from connectors.ledger_flows import FlowLedger
from connectors.ledger_outbox import OutboxLedger
from connectors.ledger_quarantine import QuarantineLedger
from connectors.ledger_receipts import ReceiptLedger
from connectors.ledger_reports import ReportLedger
from connectors.ledger_resend import ResendLedger
from connectors.ledger_turns import TurnLedger


class SqlLedger(
    FlowLedger,
    TurnLedger,
    QuarantineLedger,
    OutboxLedger,
    ReportLedger,
    ActionLedger,
    ResendLedger,
    EvidenceLedger,
    ReceiptLedger,
    DepositLedger,
    DigestLedger,
    CommitmentLedger,
    DeadlineLedger,
):
    """`data_contracts.ledger.Ledger` on a database: `SqlLedger("sqlite:////path/ledger.db")`.

    Call `create_tables()` once. Safe to use from threads and across a fork; `close()` when done.
    """
