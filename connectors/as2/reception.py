"""What happens to a message that comes in, in this order: verified, its payload stored, the receipt signed, message and
receipt recorded, answered. No positive receipt leaves before what it says is durable.

A Message-ID is taken only when a message under it was accepted; who sends it again gets the recorded receipt.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from connectors.as2.asn1_structure import Buffer
from connectors.as2.dispositions import Disposition, MessageRefused
from connectors.as2.message import Opened, open_message
from connectors.as2.names import file_name, identifier, message_id
from connectors.as2.partner import As2Partner, As2Partners, Security
from connectors.as2.receipt import Asking, Receipt, asking_of, is_receipt, write_receipt
from connectors.as2.received import Accepted, ReceivedRecords
from connectors.as2.signing import accepted_digests
from data_contracts.errors import ConfigurationError, TransientError
from data_contracts.messages import Sentences, both
from data_contracts.ports import Clock, ObjectStore

DROP = "landing"
"""Where payloads are stored: under the prefix of landed flows, so that the same bytes do not lie there twice."""

OK, BAD_REQUEST, FORBIDDEN, UNAVAILABLE = 200, 400, 403, 503
RETRY_AFTER_SECONDS = 60

log = logging.getLogger("relais.as2")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class ReceiptTaker(Protocol):
    """Who settles our messages by the receipts that partners post."""

    def take_receipt(self, partner: As2Partner, headers: Mapping[str, str], body: bytes | bytearray) -> bool:
        """Whether it is the receipt of a message of ours. MessageRefused when it cannot be trusted."""
        ...


@dataclass(frozen=True)
class Reception:
    """Receives for these partners. Safe to use from several threads."""

    partners: As2Partners
    records: ReceivedRecords
    store: ObjectStore
    clock: Clock
    receipts: ReceiptTaker

    def receive(self, headers: Mapping[str, str], body: bytes | bytearray) -> Reply:
        """The answer to an HTTP message. Names of headers are in lower case.

        Errors   none that a message can bring about: what is refused is answered, and said in the log.
        """
        at = self.clock.now()
        try:
            sender, receiver = identifier(headers.get("as2-from", "")), identifier(headers.get("as2-to", ""))
            message = message_id(headers.get("message-id", ""))
            partner = self.partners.named(sender, receiver)
            if partner is not None and is_receipt(headers, body):
                return self._take_receipt(partner, headers, body)
            accepted = accepted_digests(partner.legacy if partner is not None else frozenset())
            asking = asking_of(headers, sender, receiver, message, accepted)
        except MessageRefused as refused:
            log.warning("message.unreadable cause=%s", refused.what)
            return _plain(BAD_REQUEST, refused.sentences)
        if partner is None:
            log.warning("message.unknown_partner from=%s to=%s", sender, receiver)
            return _unknown(asking, sender == receiver, at)
        if asking is not None and asking.asynchronous and not partner.partner_receipt_url:
            log.warning("message.no_receipt_url partner=%s message=%s", partner.partner_code, message)
            return _plain(FORBIDDEN, both("as2-receipt-address"))
        return self._answered(partner, message, asking, headers, body, at)

    def _answered(
        self, partner: As2Partner, message: str, asking: Asking | None, headers: Mapping[str, str],
        body: bytes | bytearray, at: datetime,
    ) -> Reply:  # fmt: skip
        try:
            return self._accept(partner, message, asking, headers, body, at)
        except MessageRefused as refused:
            log.warning(
                "message.refused partner=%s message=%s disposition=%s cause=%s value=%s",
                partner.partner_code, message, refused.disposition, refused.what, refused.value,
            )  # fmt: skip
            return self._negative(partner, asking, refused.disposition, refused.sentences, at)
        except TransientError as error:
            # Not a negative receipt: that would be final for the sender, and the next attempt may go well.
            log.error("message.put_off partner=%s message=%s cause=%s", partner.partner_code, message, error)
            return replace(
                _plain(UNAVAILABLE, both("as2-not-stored")), headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
            )
        except Exception:
            log.exception("message.failed partner=%s message=%s", partner.partner_code, message)
            return self._negative(partner, asking, Disposition.UNEXPECTED, both("as2-unexpected"), at)

    def _accept(
        self, partner: As2Partner, message: str, asking: Asking | None, headers: Mapping[str, str],
        body: bytes | bytearray, at: datetime,
    ) -> Reply:  # fmt: skip
        demands = partner.security is Security.SIGNED_AND_ENCRYPTED
        opened = open_message(headers, body, partner.keys, at, encrypted=demands)
        found = self.records.accepted(partner.partner_code, message)
        asynchronous = asking is not None and asking.asynchronous
        if found is None:
            found = self._stored(partner, message, asking, opened, at)
        sha256 = hashlib.sha256(opened.payload).hexdigest()
        _check_same(found, sha256)
        # Someone else may have accepted the same Message-ID meanwhile: what was recorded first is what counts.
        found = self.records.accept(found, asynchronous=asynchronous)
        _check_same(found, sha256)
        log.info("message.accepted partner=%s message=%s name=%s", partner.partner_code, message, found.name)
        return Reply(OK) if asking is None or asynchronous else _receipt_reply(found.receipt)

    def _stored(
        self, partner: As2Partner, message: str, asking: Asking | None, opened: Opened, at: datetime
    ) -> Accepted:
        """The message with its payload stored and its receipt signed, neither recorded yet."""
        stored = self.store.put_by_hash(DROP, stream_of(opened.payload))
        about = asking or Asking(partner.as2_id, partner.our_id, message, True, opened.verified.digest)
        signer = partner.signer(at) if about.signed else None
        receipt = write_receipt(about, Disposition.PROCESSED, opened.mic(about.digest), signer, at)
        return Accepted(
            partner.partner_code, message, file_name(opened.said_name, message), stored, opened.mic(about.digest),
            opened.verified.certificate.thumbprint, at, receipt.data,
        )  # fmt: skip

    def _take_receipt(self, partner: As2Partner, headers: Mapping[str, str], body: bytes | bytearray) -> Reply:
        try:
            known = self.receipts.take_receipt(partner, headers, body)
        except TransientError as error:
            log.error("receipt.put_off partner=%s cause=%s", partner.partner_code, error)
            return _plain(UNAVAILABLE, both("as2-not-stored"))
        if known:
            return Reply(OK)
        return _plain(BAD_REQUEST, both("as2-receipt-stray"))

    def _negative(
        self, partner: As2Partner, asking: Asking | None, disposition: Disposition, said: Sentences, at: datetime
    ) -> Reply:
        if asking is None:
            return _plain(BAD_REQUEST, said)
        try:
            signer = partner.signer(at) if asking.signed else None
        except ConfigurationError as error:
            log.error("receipt.unsigned partner=%s cause=%s", partner.partner_code, error)
            signer = None
        reply = _receipt_reply(write_receipt(asking, disposition, "", signer, at, said=said).data)
        # Nothing is recorded that could be posted elsewhere later, so the sender is told here, and not to wait.
        return replace(reply, status=BAD_REQUEST) if asking.asynchronous else reply


def stream_of(data: Buffer) -> io.BufferedReader:
    """A stream of bytes that copies none of them."""
    return io.BufferedReader(_MemoryReader(memoryview(data)))


class _MemoryReader(io.RawIOBase):
    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._data[self._at : self._at + len(buffer)]
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)


def _check_same(found: Accepted, sha256: str) -> None:
    if found.stored.sha256 != sha256:
        raise MessageRefused.saying(Disposition.DUPLICATE, "as2-duplicate", value=found.stored.sha256)


def _unknown(asking: Asking | None, is_same: bool, at: datetime) -> Reply:
    said = both("as2-unknown-names")
    if asking is None or asking.asynchronous:
        return _plain(FORBIDDEN, said)
    disposition = Disposition.SENDER_EQUALS_RECEIVER if is_same else Disposition.UNKNOWN_PARTNER
    return _receipt_reply(write_receipt(replace(asking, signed=False), disposition, "", None, at, said=said).data)


def _receipt_reply(receipt: bytes) -> Reply:
    read = Receipt(receipt)
    return Reply(OK, read.headers, read.body)


def _plain(status: int, said: Sentences) -> Reply:
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{said.en}\n{said.fr}\n".encode())
