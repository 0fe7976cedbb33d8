"""What a receipt says of a message, in the words of RFC 4130, 7.5, and for people in both languages."""

from __future__ import annotations

from enum import StrEnum

from data_contracts.errors import Refusal
from data_contracts.messages import Sentences, both


class Disposition(StrEnum):
    """What follows `automatic-action/MDN-sent-automatically;`."""

    PROCESSED = "processed"
    DUPLICATE = "processed/error: duplicate-document"
    UNKNOWN_PARTNER = "processed/error: unknown-trading-partner"
    SENDER_EQUALS_RECEIVER = "processed/error: sender-equals-receiver"
    DECRYPTION = "processed/error: decryption-failed"
    DECOMPRESSION = "processed/error: decompression-failed"
    AUTHENTICATION = "processed/error: authentication-failed"
    INTEGRITY = "processed/error: integrity-check-failed"
    SECURITY = "processed/error: insufficient-message-security"
    UNEXPECTED = "processed/error: unexpected-processing-error"
    UNSUPPORTED_FORMAT = "failed/failure: unsupported format"
    UNSUPPORTED_MIC = "failed/failure: unsupported MIC-algorithms"


class MessageRefused(Refusal):
    """A partner's message is refused; the receipt carries the disposition and both sentences, nothing else."""

    def __init__(self, disposition: Disposition, said: Sentences, *, where: str = "", value: str = "") -> None:
        self.disposition = disposition
        super().__init__(str(disposition), said, where=where, value=value, remedy="the sender corrects and resends")


def malformed(message_id: str) -> MessageRefused:
    """The refusal of a message whose form cannot be read, told by a message of the catalogue."""
    return MessageRefused(Disposition.UNSUPPORTED_FORMAT, both(message_id))
