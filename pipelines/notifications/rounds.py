"""Rounds: all that is due to people now, owed and sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from data_contracts.mail import MailSender
from data_contracts.notifications import Frequency, Subscription
from data_contracts.ports import ObjectStore
from pipelines.deadlines.watch import WatchedLedger, overdue_receipts
from pipelines.notifications.reminders import owe_reminders
from pipelines.notifications.stage import NotifyingLedger, Sent, Told, compose, due, owe_round, send_digests

FREQUENCIES = (Frequency.AT_ONCE, Frequency.DAILY)
"""In this order: the first also counts what is in progress."""


class PeopleLedger(NotifyingLedger, WatchedLedger, Protocol):
    """What telling people asks of the ledger."""


def notify(
    subscriptions: Sequence[Subscription],
    *,
    sender: MailSender,
    sender_address: str,
    now: datetime,
    ledger: PeopleLedger,
    store: ObjectStore,
) -> Sent:
    """What became of the mails of this run: those of the rounds that are due, reminders, and what waited from before.

    Errors   as of `send_digests`.
    """
    for frequency in FREQUENCIES:
        if due(frequency, ledger.last_window(frequency), now):
            owe_round(frequency, subscriptions, sender=sender_address, now=now, ledger=ledger, store=store)
    # How long a delivery lies there is told by the clock that wrote it down.
    present = ledger.present()
    overdue = overdue_receipts(ledger=ledger, now=present)
    owe_reminders(overdue, subscriptions, sender=sender_address, now=present, ledger=ledger, store=store)
    return send_digests(sender=sender, sender_address=sender_address, ledger=ledger, store=store)


def preview(
    subscriptions: Sequence[Subscription], *, now: datetime, ledger: NotifyingLedger, store: ObjectStore
) -> list[Told]:
    """The mails that a run would owe now if every round were due. Nothing is bound, owed or sent; only the counts of
    invoices in progress are brought up to date."""
    told: list[Told] = []
    for frequency in FREQUENCIES:
        told += compose(ledger.peek_window(frequency, now), subscriptions, ledger=ledger, store=store)
    return told
