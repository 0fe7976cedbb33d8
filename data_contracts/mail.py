"""Mail: what is handed to a mail server, and what the server says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

ADDRESS_CHARACTERS_MAX = 254
"""Characters of an address. RFC 5321 4.5.3.1.3, less its two brackets."""

LOCAL_PART_CHARACTERS_MAX = 64
"""Characters before the @. RFC 5321 4.5.3.1.1."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})+")


def address(text: str) -> str:
    """The text, when it is a mail address: plain ASCII, no quoting, no display name, a domain of two labels or more.

    Errors   ValueError saying what is expected.
    Source   RFC 5321 4.1.2 without quoted strings and address literals, which no one needs and attackers like.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or len(text) > ADDRESS_CHARACTERS_MAX or len(found[1]) > LOCAL_PART_CHARACTERS_MAX:
        raise ValueError("a mail address like name@town.fr, in plain ASCII (an accented domain in its xn-- form)")
    return text


@dataclass(frozen=True)
class Mail:
    """One message to one recipient. `content` is the whole message, header first, lines ended by CRLF."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


class MailOutcome(StrEnum):
    """What became of one attempt. Only SENT and REFUSED are final."""

    SENT = "sent"
    """The server took the message over."""
    REFUSED = "refused"
    """The server will never take it for this recipient, or never takes such a message."""
    DEFERRED = "deferred"
    """The server did not take it now, and may later."""
    UNCERTAIN = "uncertain"
    """The connection broke after the message was sent and before the server answered: it may have been taken."""


@dataclass(frozen=True)
class MailResult:
    """`detail` is the server's answer, on one line, cut."""

    outcome: MailOutcome
    detail: str = ""


class MailSender(Protocol):
    """A mail server that takes our messages."""

    def send(self, mail: Mail) -> MailResult:
        """What became of the message.

        Errors   MailUnavailable when the server cannot be reached, or asks us to go away for now: nothing was sent;
                 ConfigurationError when it refuses our credentials or our sender's address, or lacks the encryption
                 that is asked for.
        """
        ...

    def close(self) -> None:
        """Nothing; the connection is closed, and opened again when needed."""
        ...
