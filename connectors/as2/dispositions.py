"""What a receipt says of a message, in the words of RFC 4130, 7.5, and for people in both languages."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from data_contracts.messages import Sentences, both
from data_contracts.refusals import Refusal


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
    """A partner's message is refused; the receipt carries the disposition and `sentences`, nothing else.

    `motive` is the disposition.
    """

    GENERAL: ClassVar[str] = "as2-refused"

    @property
    def disposition(self) -> Disposition:
        return Disposition(self.motive)

    @property
    def sentences(self) -> Sentences:
        """What is wrong and what to do, in both languages."""
        return both("as2-told", what=self.said, remedy=self.to_do)


def malformed(message_id: str) -> MessageRefused:
    """The refusal of a message whose form cannot be read, told by a message of the catalogue."""
    return MessageRefused.saying(Disposition.UNSUPPORTED_FORMAT, message_id)
