"""Sending: what is ready is built once, posted until a receipt settles it, and settled by what that receipt proves."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from connectors.as2.algorithms import digest_called
from connectors.as2.dispositions import Disposition, MessageRefused
from connectors.as2.message import pack
from connectors.as2.names import quoted
from connectors.as2.partner import As2Partner, As2Partners, Asked
from connectors.as2.posting import Answer, Post
from connectors.as2.receipt import VERSION, ReadReceipt, Receipt, is_receipt, read_receipt
from connectors.as2.received import OwedReceipt
from connectors.as2.sent import Message, Sending, SentRecords
from data_contracts.errors import ConfigurationError, PartnerUnavailable, TerminalError, TransientError
from data_contracts.ports import Clock, ObjectStore

WIRE = "as2/sent"
"""Where messages are stored as they go out: a resend is the same bytes."""

log = logging.getLogger("relais.as2")


@dataclass(frozen=True)
class Sender:
    """Sends to these partners, and takes their receipts. Safe to use from several threads."""

    partners: As2Partners
    records: SentRecords
    store: ObjectStore
    clock: Clock
    poster: Post

    def send(self, message: Message) -> bool:
        """Whether the partner's server answered to a claimed message as it should; what came of it is recorded."""
        partner = self.partners.by_code[message.partner_code]
        at = self.clock.now()
        try:
            message = message if message.wire_key else self._built(partner, message, at)
            headers = {**json.loads(message.headers), "Date": format_datetime(at)}
            answer = self.poster.post(partner, partner.url, headers, self.store.read(message.wire_key))
            return self._answered(partner, message, answer, at)
        except PartnerUnavailable as error:
            self._failed(message, at, error.value or error.what)
            return False
        except (ConfigurationError, TerminalError, TransientError) as error:
            # A store or a ledger of ours that is away for a moment is one too: else the message waits out its lease.
            self._failed(message, at, str(error))
            return True

    def take_receipt(self, partner: As2Partner, headers: Mapping[str, str], body: bytes | bytearray) -> bool:
        """Whether a posted receipt is of a message of ours; then it is settled by it.

        Errors   MessageRefused when it cannot be read, or is not signed by the partner.
        """
        at = self.clock.now()
        read = read_receipt(headers, body, partner.keys, at)
        if not read.signed:
            raise MessageRefused.saying(Disposition.SECURITY, "as2-receipt-unsigned")
        message = self.records.by_message_id(partner.partner_code, read.message_id)
        if message is None:
            return False
        self._settle(message, read, as_bytes(headers, body), at)
        return True

    def post_receipt(self, owed: OwedReceipt) -> None:
        """Nothing; the partner's server took an asynchronous receipt of ours.

        Errors   PartnerUnavailable when it did not.
        """
        partner = self.partners.by_code[owed.partner_code]
        receipt = Receipt(owed.receipt)
        answer = self.poster.post(partner, partner.partner_receipt_url, receipt.headers, receipt.body)
        if not answer.is_success:
            raise PartnerUnavailable(
                "a partner's server does not take a receipt",
                where=partner.partner_receipt_url,
                value=f"HTTP {answer.status}",
                remedy="it is tried again",
            )

    def _built(self, partner: As2Partner, message: Message, at: datetime) -> Message:
        """The message as it goes on the wire, stored."""
        form = partner.form(at)
        payload = self.store.read(message.object_key)
        packed = pack(payload, message.name, form, at, content_type=partner.content_type)
        headers = {
            "AS2-Version": VERSION,
            "AS2-From": quoted(partner.our_id),
            "AS2-To": quoted(partner.as2_id),
            "Message-ID": message.message_id,
            "Subject": "Relais",
            "MIME-Version": "1.0",
            "Disposition-Notification-To": "relais",
            "Disposition-Notification-Options": (
                "signed-receipt-protocol=required, pkcs7-signature; "
                f"signed-receipt-micalg=required, {form.digest.micalg}"
            ),
            **packed.headers,
        }
        if partner.receipt is Asked.ASYNC:
            headers["Receipt-Delivery-Option"] = partner.receipt_url
        wire = b"".join(packed.body)
        stored = self.store.put_by_hash(WIRE, io.BytesIO(wire))
        return self.records.built(message, json.dumps(headers), stored.key, f"{packed.mic}, {form.digest.micalg}")

    def _answered(self, partner: As2Partner, message: Message, answer: Answer, at: datetime) -> bool:
        if not answer.is_success:
            self._failed(message, at, f"HTTP {answer.status}")
            return False
        try:
            if not answer.body.strip() or not is_receipt(answer.headers, answer.body):
                if partner.receipt is Asked.ASYNC:
                    self.records.awaits(message, at)
                else:
                    self._failed(message, at, "no receipt in the answer")
                return True
            read = read_receipt(answer.headers, answer.body, partner.keys, at)
        except MessageRefused as refused:
            self._failed(message, at, f"receipt not trusted: {refused.what}")
            return True
        if not read.signed or read.message_id != message.message_id:
            self._failed(message, at, f"receipt not signed, or of another message: {read.disposition}")
            return True
        self._settle(message, read, as_bytes(answer.headers, answer.body), at)
        return True

    def _settle(self, message: Message, read: ReadReceipt, receipt: bytes, at: datetime) -> None:
        state, outcome = judged(message.mic, read)
        self.records.settle(message, at, state, outcome, receipt)
        log.log(
            logging.INFO if state is Sending.DELIVERED else logging.ERROR,
            "message.%s partner=%s name=%s message=%s outcome=%s",
            state.value, message.partner_code, message.name, message.message_id, outcome,
        )  # fmt: skip

    def _failed(self, message: Message, at: datetime, outcome: str) -> None:
        log.warning("message.attempt_failed partner=%s name=%s cause=%s", message.partner_code, message.name, outcome)
        self.records.failed_attempt(message, at, outcome)


def judged(mic: str, read: ReadReceipt) -> tuple[Sending, str]:
    """What a trusted receipt makes of a message, and why. Without the same MIC no receipt proves a delivery, but a
    partner that had the message before need not compute it again."""
    if not read.is_positive:
        return Sending.FAILED, read.disposition
    ours, _, digest = mic.partition(", ")
    if read.mic == ours and read.mic_digest is digest_called(digest):
        return Sending.DELIVERED, read.disposition
    if read.is_repeat and not read.mic:
        return Sending.DELIVERED, read.disposition
    return Sending.FAILED, f"{read.disposition}, but the MIC is not that of what we sent: {read.mic or 'none'}"


def as_bytes(headers: Mapping[str, str], body: bytes | bytearray) -> bytes:
    """A receipt as it is kept: its headers, an empty line, its body."""
    block = "".join(f"{name}: {value}\r\n" for name, value in sorted(headers.items()))
    return block.encode() + b"\r\n" + bytes(body)
