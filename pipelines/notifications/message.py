"""A page as a mail message: text and HTML side by side, the same bytes for the same page, sender and instant. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from data_contracts.mail import address
from pipelines.notifications.page import Page
from pipelines.notifications.page_html import page_html
from pipelines.notifications.page_text import page_text

SENDER_NAME = "Relais"
_ID_CHARACTERS = 40


@dataclass(frozen=True)
class Message:
    """`message_id` is derived from everything the message says, to whom, from whom and when."""

    message_id: str
    content: bytes


def message(page: Page, *, sender: str, recipient: str, at: datetime) -> Message:
    """The message that carries a page.

    Shape    multipart/alternative of text and HTML, both UTF-8 as quoted-printable: pure ASCII, lines of at most 76
             characters ended by CRLF. Addresses are checked again here, and no header takes a line break.
    Errors   ValueError when sender or recipient is no address.
    Source   RFC 5322, RFC 2045 to 2047, RFC 3834 (Auto-Submitted).
    """
    assert at.tzinfo is not None, "a mail's date has a zone"
    address(sender)
    address(recipient)
    text, html, date = page_text(page), page_html(page), format_datetime(at)
    facts = "\0".join((sender, recipient, date, page.subject, text, html))
    digest = hashlib.sha256(facts.encode()).hexdigest()[:_ID_CHARACTERS]
    message_id = f"<{digest}@{sender.rpartition('@')[2]}>"
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(SENDER_NAME, addr_spec=sender)
    made["To"] = Address(addr_spec=recipient)
    made["Subject"] = page.subject
    made["Date"] = date
    made["Message-ID"] = message_id
    # Robots are not to answer it, and nobody's absence notice comes back.
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, charset="utf-8", cte="quoted-printable")
    made.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    made.set_boundary(f"=_{digest}")
    made["Content-Language"] = page.language.value
    return Message(message_id, made.as_bytes())
