"""Notify: from events in the ledger to mails, each handed to the mail server once as far as SMTP allows.

Order    bind a window of events, gather them, write each mail to the store, and last of all one transaction that owes
         them all and closes the window. Sending claims a mail in the ledger before it goes out, and sends stored bytes:
         killed anywhere, the next run goes on, and a mail whose fate nobody knows is sent again as the same message.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from data_contracts.errors import ConfigurationError, IntegrityBroken, MailUnavailable
from data_contracts.history import Event, Phase
from data_contracts.history_ledger import HistoryLedger, LinkKind
from data_contracts.ledger import Owner
from data_contracts.mail import Mail, MailOutcome, MailSender
from data_contracts.notifications import (
    START,
    Count,
    Digest,
    DigestClaim,
    DigestLedger,
    DigestState,
    Frequency,
    InProgress,
    Subscription,
    Window,
)
from data_contracts.ports import ObjectStore
from data_contracts.statuses import SUCCEEDED
from pipelines.notifications.faults import Faults
from pipelines.notifications.gathering import ENDED, Entry, Gathered, Gathering
from pipelines.notifications.invoice_rows import InvoiceRows
from pipelines.notifications.message import message
from pipelines.notifications.page import Page
from pipelines.notifications.wording import digest_page
from pipelines.tracking.fold import situation
from pipelines.validation.control_date import CONTROL_ZONE

EVENTS_A_PAGE = 5_000
"""Events read at once: with their invoices some ten megabytes."""

DAILY_HOUR = 7
"""The hour, in Paris, from which the daily mails of a day go out: they are there when offices open."""

ATTEMPTS_MAX = 8
"""Times that a mail which the server puts off is tried, over about a day."""

KEPT_UNDER = "notifications"

UNDER_THE_SAME_NUMBER = frozenset({LinkKind.RECYCLES, LinkKind.COMPLETES})

log = logging.getLogger("relais.notifications")


class NotifyingLedger(DigestLedger, HistoryLedger, Protocol):
    """What this stage asks of the ledger."""


@dataclass(frozen=True)
class Told:
    """One mail before it is written: who is told, and the page."""

    gathered: Gathered
    page: Page


@dataclass(frozen=True)
class Sent:
    """What became of the mails of one run."""

    sent: int = 0
    refused: int = 0
    deferred: int = 0
    uncertain: int = 0


def due(frequency: Frequency, last: Window | None, now: datetime) -> bool:
    """Whether a round is due: at once always, daily once a day from DAILY_HOUR on, of the day in Paris."""
    if frequency is not Frequency.DAILY:
        return frequency is Frequency.AT_ONCE
    if now.astimezone(CONTROL_ZONE).hour < DAILY_HOUR:
        return False
    return last is None or _round_day(last.at) < _round_day(now)


def compose(
    window: Window, subscriptions: Sequence[Subscription], *, ledger: NotifyingLedger, store: ObjectStore
) -> list[Told]:
    """The mails of a window, by address; and the ledger counts what is in progress as of its events.

    Cost     memory of one page of events, and of what the mails show.
    """
    gathering = Gathering(subscriptions, window.frequency)
    # What is in progress is followed by one of the two rounds, the one that runs each time.
    follows = window.frequency is Frequency.AT_ONCE
    if not gathering and not follows:
        return []
    rows = InvoiceRows(ledger, store)
    for page in _pages(window, ledger):
        entries = _entries(page, rows, ledger)
        for entry in entries:
            gathering.add(entry)
        if follows:
            _follow(entries, ledger)
    told = gathering.told()
    Faults(ledger, store).explain(told)
    standing = _standing(told, ledger)
    return [Told(one, digest_page(one, standing, window.frequency, window.at)) for one in told]


def owe_round(
    frequency: Frequency,
    subscriptions: Sequence[Subscription],
    *,
    sender: str,
    now: datetime,
    ledger: NotifyingLedger,
    store: ObjectStore,
) -> int:
    """How many mails of a round are owed now; nothing is sent yet. Killed anywhere, the same mails are owed again."""
    window = ledger.open_window(frequency, now)
    told = compose(window, subscriptions, ledger=ledger, store=store)
    scope = f"{frequency.value}/{window.after}-{window.upto}"
    digests = [
        owed(one.page, scope, sender=sender, recipient=one.gathered.address, at=window.at, store=store) for one in told
    ]
    ledger.owe_digests(window, digests)
    log.info("digests.owed frequency=%s events=%d-%d mails=%d", frequency, window.after, window.upto, len(digests))
    return len(digests)


def owed(page: Page, scope: str, *, sender: str, recipient: str, at: datetime, store: ObjectStore) -> Digest:
    """One mail, durable in the store. `scope` tells the round: an address gets one mail a round and language."""
    written = message(page, sender=sender, recipient=recipient, at=at)
    place = f"{scope}\0{recipient}\0{page.language.value}"
    key = hashlib.sha256(place.encode()).hexdigest()[:32]
    # By content: another run may compose the same round under other registers, and must not write over what is owed.
    sha256 = hashlib.sha256(written.content).hexdigest()
    stored = store.put(f"{KEPT_UNDER}/{key}/{sha256[:16]}", written.content)
    return Digest(key, recipient, written.message_id, stored.key, stored.sha256)


def send_digests(*, sender: MailSender, sender_address: str, ledger: DigestLedger, store: ObjectStore) -> Sent:
    """What became of the mails that were free to send.

    Errors   MailUnavailable when the server is away: what was sent is recorded, the rest waits. IntegrityBroken when a
             stored mail is not the bytes that were recorded; ConfigurationError as the sender says.
    """
    counts = dict.fromkeys(MailOutcome, 0)
    while (claim := ledger.claim_digest()) is not None:
        content = _proved(claim.digest, store)
        try:
            result = sender.send(Mail(claim.digest.message_id, sender_address, claim.digest.address, content))
        except (MailUnavailable, ConfigurationError) as error:
            ledger.digest_done(claim, DigestState.OWED, error.value, made=False)
            raise
        counts[result.outcome] += 1
        state = _state(claim, result.outcome)
        ledger.digest_done(claim, state, result.detail)
        log.info("digest.%s digest=%s attempt=%d", result.outcome, claim.digest.digest_key, claim.attempt)
    return Sent(*(counts[outcome] for outcome in MailOutcome))


def _state(claim: DigestClaim, outcome: MailOutcome) -> DigestState:
    if outcome is MailOutcome.SENT:
        return DigestState.SENT
    if outcome is MailOutcome.REFUSED or claim.attempt >= ATTEMPTS_MAX:
        return DigestState.REFUSED
    # A mail whose fate nobody knows stays with us until its lease has run out: it may just be arriving.
    return DigestState.OWED if outcome is MailOutcome.DEFERRED else DigestState.CLAIMED


def _proved(digest: Digest, store: ObjectStore) -> bytes:
    content = store.read(digest.object_key)
    if (found := hashlib.sha256(content).hexdigest()) != digest.sha256:
        raise IntegrityBroken(
            "a stored mail is not the bytes that were recorded",
            where=digest.object_key,
            value=found,
            remedy="restore the object from a backup; nothing was sent",
        )
    return content


def _pages(window: Window, ledger: DigestLedger) -> Iterator[list[Event]]:
    """Events in pages, those of one invoice never apart."""
    cursor, held = START, list[Event]()
    while page := ledger.events_since(window, cursor, EVENTS_A_PAGE):
        cursor = page[-1][0]
        held += [event for _, event in page]
        whole = next(at for at, event in enumerate(held) if _same(event, held[-1]))
        if whole:
            yield held[:whole]
        held = held[whole:]
    if held:
        yield held


def _same(one: Event, other: Event) -> bool:
    return (one.flow_key, one.position) == (other.flow_key, other.position)


def _entries(page: Sequence[Event], rows: InvoiceRows, ledger: NotifyingLedger) -> list[Entry]:
    invoices = rows.of({Owner(event.flow_key, event.position) for event in page})
    replaced = {Owner(event.flow_key, event.position) for event in page if event.code == SUCCEEDED}
    links = [link for link in ledger.links(replaced) if link.earlier in replaced] if replaced else []
    later = rows.of({link.later for link in links})
    numbers = {link.earlier: row["number"] or "" for link in links if (row := later.get(link.later)) is not None}
    entries = []
    for owner, events in _by_owner(page).items():
        invoice = invoices.get(owner)
        if invoice is None:
            continue
        current = situation(events).current
        earlier = sorted((one for one in events if one is not current), key=lambda one: (one.at, one.event_key))
        partner_code, circuit = rows.partner_of(owner.flow_key), rows.circuit_of(owner.flow_key)
        entries.append(Entry(current, invoice, partner_code, numbers.get(owner, ""), tuple(earlier), circuit))
    return entries


def _by_owner(page: Sequence[Event]) -> dict[Owner, list[Event]]:
    held: dict[Owner, list[Event]] = {}
    for event in page:
        held.setdefault(Owner(event.flow_key, event.position), []).append(event)
    return held


def _follow(entries: Iterable[Entry], ledger: NotifyingLedger) -> None:
    """Count these invoices where they stand now, by all that was ever said of them."""
    by_owner = {Owner(entry.event.flow_key, entry.event.position): entry for entry in entries}
    # An invoice that was recycled or completed goes on as the one deposited again under its number, and counts once.
    again = {link.earlier for link in ledger.links(list(by_owner)) if link.kind in UNDER_THE_SAME_NUMBER}
    standing, ended = [], []
    for owner, events in sorted(ledger.events(list(by_owner)).items(), key=lambda item: _place(item[0])):
        now = situation(events)
        if now.terminal or now.phase in ENDED or owner in again:
            ended.append(owner)
        else:
            standing.append(_in_progress(owner, by_owner[owner], now.phase))
    ledger.stand(standing, ended)


def _in_progress(owner: Owner, entry: Entry, phase: Phase) -> InProgress:
    invoice = entry.invoice
    return InProgress(owner, invoice["buyer_siret"] or "", invoice["service_code"] or "", entry.partner_code, phase)


def _place(owner: Owner) -> tuple[str, int]:
    return owner.flow_key, owner.position


def _standing(told: Sequence[Gathered], ledger: DigestLedger) -> Sequence[Count]:
    held = [one for gathered in told for one in gathered.subscriptions]
    structures = sorted({one.structure for one in held if one.structure})
    return ledger.standing(structures, sorted({one.partner_code for one in held if one.partner_code}))


def _round_day(at: datetime) -> date:
    return (at.astimezone(CONTROL_ZONE) - timedelta(hours=DAILY_HOUR)).date()
