"""Deliver: from answers owed to partners' out folders, once each.

Protocol  each attempt writes a part of its own durably and records it; the first part recorded is the one to publish,
          whoever does it. Rename it, record the delivery. A partner may take the file the moment it appears: since only
          our rename makes that part vanish, and nobody writes it again, a delivery whose part is gone was published,
          whether or not the file is still there. So any number of deliverers may work at once, and wake up late.
"""

from __future__ import annotations

import hashlib
import logging
from typing import BinaryIO

from data_contracts.errors import IntegrityBroken, PartnerUnavailable
from data_contracts.ledger import Answer, Delivery, DeliveryState, Ledger, Leftovers
from data_contracts.ports import Mailbox, ObjectStore
from pipelines.stuck import Stuck

CHUNK_BYTES = 1 << 20
"""Bytes read at a time: answers reach 100 MB, memory does not."""

log = logging.getLogger("relais.delivery")


def deliver_answers(*, ledger: Ledger, store: ObjectStore, mailbox: Mailbox, answers_max: int | None = None) -> int:
    """How many answers were delivered, at most so many.

    One partner's failure does not stop the others; its remaining answers wait for the next run, in order. An answer
    that a person must look at stops no other answer, not even of its partner.
    Errors   TerminalError naming the answers that cannot be delivered (IntegrityBroken: the stored bytes are not those
             recorded), else PartnerUnavailable naming the partners that failed; both after all others were served.
             StoreUnavailable and LedgerConflict at once.
    """
    delivered = 0
    down: dict[str, PartnerUnavailable] = {}
    stuck = Stuck(log, "answer")
    for delivery in ledger.owed():
        if delivered == answers_max:
            break
        partner_code = delivery.answer.partner_code
        if partner_code in down:
            continue
        try:
            with stuck.apart(f"{partner_code}/{delivery.answer.name}"):
                delivered += _deliver(delivery, ledger, store, mailbox)
        except PartnerUnavailable as error:
            down[partner_code] = error
            log.warning("partner.unavailable partner=%s cause=%s", partner_code, error)
    for leftovers in ledger.leftovers():
        if leftovers.partner_code not in down:
            _clear(leftovers, ledger, mailbox)
    stuck.tell("answers cannot be delivered", f"{delivered} others were")
    if down:
        raise PartnerUnavailable(
            f"{len(down)} partners could not be served; {delivered} answers were delivered",
            where="out folders",
            value=", ".join(sorted(down)),
            remedy="their answers are kept and tried again",
        )
    return delivered


def _deliver(delivery: Delivery, ledger: Ledger, store: ObjectStore, mailbox: Mailbox) -> bool:
    """Whether it was delivered now. The list may be minutes old: what another worker delivered since is left alone."""
    answer = delivery.answer
    if delivery.state is DeliveryState.STAGED:
        return _attempt(delivery, None, ledger, mailbox)
    with store.open(answer.object_key) as data:
        # What is wrong at our end is found before an attempt is counted: the partner is not to wait for it.
        _prove(answer, data)
        return _attempt(delivery, data, ledger, mailbox)


def _attempt(delivery: Delivery, data: BinaryIO | None, ledger: Ledger, mailbox: Mailbox) -> bool:
    """Without data, the answer was staged already."""
    answer = delivery.answer
    attempt = ledger.attempt(answer.delivery_id)
    if attempt.state is DeliveryState.DELIVERED or attempt.number > delivery.attempts + 1:
        # Done, or begun by another worker since the list was read: the work is shared, not done twice.
        return False
    staged, parts = attempt.staged, attempt.earlier
    if staged is None:
        assert data is not None, "a staged delivery is owed again"
        mailbox.stage(answer.partner_code, answer.name, attempt.part, data)
        staged, parts = ledger.staged(answer.delivery_id, attempt.part), (*parts, attempt.part)
    mailbox.publish(answer.partner_code, answer.name, staged)
    for part in parts:
        # Now that one is chosen the others never will be, also those that somebody still writes.
        if part != staged:
            mailbox.discard(answer.partner_code, answer.name, part)
    ledger.delivered(answer.delivery_id)
    log.info("answer.delivered flow=%s partner=%s name=%s", answer.flow_key, answer.partner_code, answer.name)
    return True


def _clear(leftovers: Leftovers, ledger: Ledger, mailbox: Mailbox) -> None:
    """Nothing; parts of attempts that died late are gone, or are taken away by a later run."""
    try:
        for part in leftovers.parts:
            mailbox.discard(leftovers.partner_code, leftovers.name, part)
    except PartnerUnavailable as error:
        log.warning("leftovers.kept partner=%s name=%s cause=%s", leftovers.partner_code, leftovers.name, error)
        return
    ledger.cleared(leftovers.delivery_id)


def _prove(answer: Answer, data: BinaryIO) -> None:
    """Nothing, the reader back at its start, when these are the bytes that were recorded."""
    digest = hashlib.sha256()
    while chunk := data.read(CHUNK_BYTES):
        digest.update(chunk)
    if (found := digest.hexdigest()) != answer.sha256:
        raise IntegrityBroken(
            "a stored answer is not the bytes that were recorded",
            where=answer.object_key,
            value=found,
            remedy="restore the object from a backup; nothing was sent",
        )
    data.seek(0)
