"""The courier: a thread that sends what is ready and posts receipts that are owed, one message a partner at a time."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock, Thread

from connectors.as2.received import OwedReceipt, ReceivedRecords
from connectors.as2.sender import Sender
from connectors.as2.sending_pause import pause_seconds
from connectors.as2.sent import Message
from data_contracts.errors import PartnerUnavailable, RelaisError

WORKERS = 8
IDLE_SECONDS = 1.0
FORGET_SECONDS = 3_600.0
"""Seconds between two looks for what is past its retention."""

log = logging.getLogger("relais.as2")


class Courier:
    """`run_once()` does what is due now; `start()` keeps doing so in a thread until `stop()`."""

    def __init__(self, sender: Sender, received: ReceivedRecords) -> None:
        self._sender = sender
        self._received = received
        self._busy: set[str] = set()
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Nothing; the courier goes its rounds."""
        self._thread = Thread(target=self._rounds, name="relais-as2-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Nothing; what was under way is done."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def run_once(self) -> int:
        """How many messages and receipts were tried: all that was due."""
        with ThreadPoolExecutor(WORKERS) as pool:
            return self._round(pool)

    def _rounds(self) -> None:
        forgotten_at = 0.0
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="relais-as2-send") as pool:
            while not self._stopping.is_set():
                try:
                    self._round(pool)
                    if time.monotonic() - forgotten_at > FORGET_SECONDS or not forgotten_at:
                        forgotten_at = time.monotonic()
                        self._received.forget(self._sender.clock.now())
                except RelaisError as error:
                    log.error("courier.put_off cause=%s", error)
                except Exception:
                    log.exception("courier.failed")
                self._stopping.wait(IDLE_SECONDS)

    def _round(self, pool: ThreadPoolExecutor) -> int:
        under_way: list[Future[None]] = []
        tried = 0
        while not self._stopping.is_set():
            message = self._sender.records.claim(self._free(to_send=True))
            receipt = None if message is not None else self._received.owed_receipt(self._free(to_send=False))
            found = message or receipt
            if found is None:
                running = [future for future in under_way if not future.done()]
                if not running:
                    break
                running[0].exception()
                continue
            tried += 1
            with self._lock:
                self._busy.add(found.partner_code)
            under_way.append(pool.submit(self._carry, found))
        for future in under_way:
            future.result()
        return tried

    def _free(self, *, to_send: bool) -> frozenset[str]:
        """Partners that may be addressed now."""
        now = time.monotonic()
        with self._lock:
            return frozenset(
                code
                for code, partner in self._sender.partners.by_code.items()
                if code not in self._busy
                and self._failures.get(code, (0, 0.0))[1] <= now
                and (partner.url if to_send else partner.partner_receipt_url)
            )

    def _carry(self, found: Message | OwedReceipt) -> None:
        try:
            answers = self._sender.send(found) if isinstance(found, Message) else self._posted(found)
            self._note(found.partner_code, answers)
        finally:
            with self._lock:
                self._busy.discard(found.partner_code)

    def _posted(self, owed: OwedReceipt) -> bool:
        try:
            self._sender.post_receipt(owed)
        except PartnerUnavailable as error:
            log.warning("receipt.not_taken partner=%s cause=%s", owed.partner_code, error)
            self._received.receipt_failed(owed)
            return False
        self._received.receipt_posted(owed)
        return True

    def _note(self, partner_code: str, answers: bool) -> None:
        """A server that does not answer is left in peace, longer each time."""
        with self._lock:
            failures = 0 if answers else self._failures.get(partner_code, (0, 0.0))[0] + 1
            # The message itself waits as long after its first failure; this keeps the partner's others waiting too.
            until = time.monotonic() + pause_seconds(failures) if failures else 0.0
            self._failures[partner_code] = (failures, until)
