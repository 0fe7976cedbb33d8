"""Collect: from partners' drops to landed flows.

Order    store the bytes under their hash, record the deposit, and only then take the file out of the drop.
         Killed anywhere, the next run finds the same file and goes on; a file already recorded is only removed.
"""

from __future__ import annotations

import io
import logging
from typing import BinaryIO

from data_contracts.errors import PartnerSilent, PartnerUnavailable
from data_contracts.ledger import Ledger
from data_contracts.limits import FLOW_BYTES_MAX
from data_contracts.ports import Clock, Deposit, Mailbox, ObjectStore

LANDING = "landing"
log = logging.getLogger("relais.intake")


class Capped(io.RawIOBase):
    """The first bytes of a stream, one more than a flow may have.

    An oversized flow is then refused without being stored whole.
    """

    def __init__(self, stream: BinaryIO, size_bytes_max: int) -> None:
        self._stream = stream
        self._left = size_bytes_max

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(min(len(buffer), self._left))
        self._left -= len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def collect_flows(*, mailbox: Mailbox, store: ObjectStore, ledger: Ledger, clock: Clock) -> int:
    """How many deposits were recorded.

    One partner's failure does not stop the others: the rest is collected first. A file that cannot be read stops no
    other; of a partner whose server went silent the rest waits, so that its flows land in the order of their names.
    Errors   PartnerUnavailable when some file could not be read; StoreUnavailable and LedgerConflict at once.
    """
    recorded = 0
    unreadable: list[PartnerUnavailable] = []
    silent: set[str] = set()
    for deposit in mailbox.incoming():
        if deposit.partner_code in silent:
            continue
        try:
            recorded += _collected(deposit, mailbox, store, ledger, clock)
        except PartnerUnavailable as error:
            partner_code = deposit.partner_code
            log.warning("deposit.unavailable partner=%s name=%s cause=%s", partner_code, deposit.name, error)
            unreadable.append(error)
            if isinstance(error, PartnerSilent):
                silent.add(partner_code)
    if unreadable:
        raise PartnerUnavailable(
            f"{len(unreadable)} deposits could not be read; {recorded} others were",
            where=unreadable[0].where,
            value=unreadable[0].value,
            remedy="the next run tries again; see the partner's drop",
        )
    return recorded


def _collected(deposit: Deposit, mailbox: Mailbox, store: ObjectStore, ledger: Ledger, clock: Clock) -> int:
    if ledger.seen(deposit):
        mailbox.remove(deposit)
        return 0
    with mailbox.open(deposit) as stream:
        capped = io.BufferedReader(Capped(stream, FLOW_BYTES_MAX + 1))
        stored = store.put_by_hash(LANDING, capped)
    if stored.size_bytes != min(deposit.size_bytes, FLOW_BYTES_MAX + 1):
        raise PartnerUnavailable(
            "the file changed while it was read",
            where=f"drop of {deposit.partner_code}",
            value=deposit.name,
            remedy="write under a temporary name and rename when complete",
        )
    landing, flow_key = ledger.land(deposit, stored, clock.now())
    mailbox.remove(deposit)
    log.info(
        "flow.%s flow=%s partner=%s name=%s bytes=%d",
        landing.value, flow_key, deposit.partner_code, deposit.name, stored.size_bytes,
    )  # fmt: skip
    return 1
