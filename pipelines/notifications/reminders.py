"""Reminders: recipients that let the time for an acknowledgment pass are told which diffusion flows wait for it.

Each flow is reminded of once an interval, by one mail to every address of its connection; the ledger records the
reminders with the mails that carry them, so that none is told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from data_contracts.history_ledger import Diffused
from data_contracts.messages import Language, told
from data_contracts.notifications import Digest, DigestLedger, Frequency, Reminder, Role, Subscription
from data_contracts.ports import ObjectStore
from pipelines.notifications.page import Block, Item, Page
from pipelines.notifications.plain import moment
from pipelines.notifications.stage import owed
from pipelines.notifications.wording import footer

INTERVAL = timedelta(hours=24)
"""Between two reminders of the same flow."""

LISTED_MAX = 50
"""Flows that one mail lists; of more, how many."""

SCOPE = "reminder"

log = logging.getLogger("relais.notifications")


def due_reminders(
    overdue: Sequence[Diffused], reminded: dict[str, tuple[int, datetime]], now: datetime
) -> list[tuple[Diffused, int]]:
    """The flows to remind of now, each with the rank of this reminder, in the order given. Pure."""
    due = []
    for one in overdue:
        rank, last = reminded.get(one.answer.delivery_id, (0, None))
        if last is None or now - last >= INTERVAL:
            due.append((one, rank + 1))
    return due


def owe_reminders(
    overdue: Sequence[Diffused],
    subscriptions: Sequence[Subscription],
    *,
    sender: str,
    now: datetime,
    ledger: DigestLedger,
    store: ObjectStore,
) -> int:
    """How many flows are reminded of now. Those of connections without an address are logged, and tried again.

    Errors   LedgerConflict when another run reminds at the same time: nothing is owed then, run again.
    """
    reminded = dict(ledger.reminded([one.answer.delivery_id for one in overdue]))
    by_partner: dict[str, list[tuple[Diffused, int]]] = {}
    for one, rank in due_reminders(overdue, reminded, now):
        by_partner.setdefault(one.answer.partner_code, []).append((one, rank))
    count = 0
    for partner_code in sorted(by_partner):
        waiting = by_partner[partner_code]
        readers = _readers(partner_code, subscriptions)
        if not readers:
            log.warning("reminder.nobody partner=%s flows=%d", partner_code, len(waiting))
            continue
        digests = [_mail(partner_code, waiting, reader, sender, now, store) for reader in readers]
        reminders = [Reminder(one.answer.delivery_id, rank) for one, rank in waiting]
        ledger.remind(reminders, digests, now)
        log.info("reminder.owed partner=%s flows=%d mails=%d", partner_code, len(waiting), len(digests))
        count += len(waiting)
    return count


def _readers(partner_code: str, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """One line for each address of a connection that was not turned off."""
    found: dict[tuple[str, Language], Subscription] = {}
    for one in subscriptions:
        if one.partner_code == partner_code and one.frequency is not Frequency.NEVER:
            found.setdefault((one.address, one.language), one)
    return [found[key] for key in sorted(found)]


def _mail(
    partner_code: str,
    waiting: Sequence[tuple[Diffused, int]],
    reader: Subscription,
    sender: str,
    now: datetime,
    store: ObjectStore,
) -> Digest:
    page = reminder_page(partner_code, waiting, reader.address, reader.role, reader.language)
    first, rank = waiting[0]
    scope = f"{SCOPE}/{first.answer.delivery_id}/{rank}"
    return owed(page, scope, sender=sender, recipient=reader.address, at=now, store=store)


def reminder_page(
    partner_code: str, waiting: Sequence[tuple[Diffused, int]], address: str, role: Role, language: Language
) -> Page:
    """What a reminder says. Pure."""
    title = told("notification-reminder-title", language)
    items = tuple(
        Item(
            told(
                "notification-reminder-line",
                language,
                name=one.answer.name,
                at=moment(one.delivered_at, language),
                rank=rank,
            )
        )
        for one, rank in waiting[:LISTED_MAX]
    )
    left = len(waiting) - LISTED_MAX
    more = told("notification-reminder-more", language, count=left) if left > 0 else ""
    return Page(
        language=language,
        subject=told("notification-reminder-subject", language, count=len(waiting)),
        title=title,
        intro=(told("notification-reminder-intro", language, partner=partner_code),),
        blocks=(Block(title, items, more),),
        footer=footer(address, role, language),
    )
