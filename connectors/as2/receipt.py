"""Receipts (MDN): written for what partners send, read for what we sent. RFC 4130, 7 and RFC 8098.

A receipt is kept and answered as one run of bytes, headers first, so that a repeated message gets the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from connectors.as2 import mime
from connectors.as2.algorithms import Digest, digest_called
from connectors.as2.asn1_structure import Buffer
from connectors.as2.certificates import OwnCertificate
from connectors.as2.dispositions import Disposition, MessageRefused, malformed
from connectors.as2.message import SIGNED, Keys, signed_entity, verified_part
from connectors.as2.names import quoted
from data_contracts.messages import Sentences, both

VERSION = "1.2"
"""AS2-Version of what we write: 1.1 adds compression to 1.0, 1.2 lists features (RFC 6017)."""
AUTOMATIC = "automatic-action/MDN-sent-automatically"
REPORT, NOTIFICATION = "multipart/report", "message/disposition-notification"

_MIC = re.compile(r"\s*([A-Za-z0-9+/=]{8,200})\s*,\s*([\w-]{3,20})\s*")
_REPORT_PARTS_MAX = 3


@dataclass(frozen=True)
class Asking:
    """What a receipt is about: whose message, and how it is to be answered. `digest` is that of the MIC and, when
    `signed`, of the receipt's signature."""

    sender: str
    receiver: str
    message_id: str
    signed: bool
    digest: Digest
    asynchronous: bool = False


@dataclass(frozen=True)
class Receipt:
    """A receipt as bytes: header lines, an empty line, the body."""

    data: bytes

    @property
    def headers(self) -> dict[str, str]:
        block = self.data.partition(b"\r\n\r\n")[0].decode()
        return dict(line.split(": ", 1) for line in block.split("\r\n"))

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


@dataclass(frozen=True)
class ReadReceipt:
    """What a partner's receipt says. `signed`: by a certificate of the partner. `mic_digest` is None where it names no
    digest of ours; `mic` is empty where it repeats none."""

    message_id: str
    disposition: str
    mic: str
    mic_digest: Digest | None
    signed: bool

    @property
    def is_positive(self) -> bool:
        """Whether the partner took the message. A warning is no refusal: RFC 4130, 7.5.5."""
        kind, _, modifier = self.disposition.partition("/")
        return kind.strip() == "processed" and (not modifier or modifier.strip().startswith("warning"))

    @property
    def is_repeat(self) -> bool:
        """Whether the partner says that it had the message before."""
        return self.is_positive and "duplicate" in self.disposition


def write_receipt(
    asking: Asking, disposition: Disposition, mic: str, signer: OwnCertificate | None, at: datetime,
    *, said: Sentences | None = None,
) -> Receipt:  # fmt: skip
    """The receipt of a message; `said` is the sentence for people, by default that it was accepted. Without a
    signer, unsigned."""
    fields = {
        "Reporting-UA": "Relais",
        # Without quotes: an address here is plain text, and some peers look their own names up by it.
        "Original-Recipient": f"rfc822; {asking.receiver}",
        "Final-Recipient": f"rfc822; {asking.receiver}",
        "Original-Message-ID": asking.message_id,
        "Disposition": f"{AUTOMATIC}; {disposition}",
    }
    if mic:
        fields["Received-Content-MIC"] = f"{mic}, {asking.digest.micalg}"
    notification = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    mark = hashlib.sha256(f"{asking.sender}|{at.isoformat()}|".encode() + notification).hexdigest()
    told = said or both("as2-accepted")
    text = mime.base64_lines(f"{told.en}\r\n{told.fr}\r\n".encode())
    parts = (
        mime.written({"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "base64"}, text),
        mime.written({"Content-Type": NOTIFICATION, "Content-Transfer-Encoding": "7bit"}, notification),
    )
    line = f"--=_report_{mark[:40]}".encode()
    body: list[Buffer] = [piece for part in parts for piece in (line, mime.CRLF, *part, mime.CRLF)]
    body += [line, b"--", mime.CRLF]
    kind = {"Content-Type": f'{REPORT}; report-type=disposition-notification; boundary="=_report_{mark[:40]}"'}
    if signer is not None:
        kind, body = signed_entity(mime.written(kind, *body), signer, asking.digest, at)
    headers = {
        "AS2-Version": VERSION,
        "AS2-From": quoted(asking.receiver),
        "AS2-To": quoted(asking.sender),
        "Message-ID": f"<{mark[:40]}@relais>",
        "Date": format_datetime(at),
        "MIME-Version": "1.0",
        **kind,
    }
    return Receipt(b"".join(mime.written(headers, *body)))


def is_receipt(headers: Mapping[str, str], body: bytes | bytearray) -> bool:
    """Whether an HTTP message is a receipt, signed or not, and not a document."""
    entity = mime.with_headers(headers, body)
    if entity.content_type == SIGNED:
        try:
            entity = mime.two_parts(entity)[0]
        except MessageRefused:
            return False  # whoever opens it as a document says what is wrong with it
    return entity.content_type == REPORT


def read_receipt(headers: Mapping[str, str], body: bytes | bytearray, keys: Keys, at: datetime) -> ReadReceipt:
    """What a receipt says.

    Errors   MessageRefused when it cannot be read, or is signed but not by the partner.
    """
    entity = mime.with_headers(headers, body)
    is_signed = entity.content_type == SIGNED
    if is_signed:
        entity, _, _ = verified_part(entity, keys, at)
    if entity.content_type != REPORT:
        raise malformed("as2-no-receipt")
    for part in mime.parts(entity, _REPORT_PARTS_MAX):
        if part.content_type == NOTIFICATION:
            return _read(bytes(part.content()), is_signed)
    raise malformed("as2-receipt-notification")


def _read(notification: bytes, is_signed: bool) -> ReadReceipt:
    fields = mime.parsed(notification.strip() + b"\r\n\r\n").headers
    _action, _, disposition = fields.get("disposition", "").partition(";")
    if not disposition or "original-message-id" not in fields:
        raise malformed("as2-receipt-silent")
    match = _MIC.fullmatch(fields.get("received-content-mic", ""))
    return ReadReceipt(
        message_id=fields["original-message-id"].strip(),
        disposition=disposition.strip().lower(),
        mic=match[1] if match else "",
        mic_digest=digest_called(match[2]) if match else None,
        signed=is_signed,
    )


def asking_of(
    headers: Mapping[str, str], sender: str, receiver: str, message_id: str, accepted: frozenset[Digest]
) -> Asking | None:
    """The receipt that a message asks for; None if it asks for none. Names of headers are in lower case.

    Errors   MessageRefused when it demands what we cannot do: RFC 4130, 7.5.4.
    """
    if "disposition-notification-to" not in headers:
        return None
    options = _options(headers.get("disposition-notification-options", ""))
    protocol, digests = options.get("signed-receipt-protocol"), options.get("signed-receipt-micalg")
    asynchronous = "receipt-delivery-option" in headers
    plain = Asking(sender, receiver, message_id, False, Digest.SHA256, asynchronous)
    if protocol is None:
        return plain
    if not {"pkcs7-signature", "x-pkcs7-signature"} & set(protocol[1]):
        if protocol[0] == "required":
            raise MessageRefused.saying(Disposition.UNSUPPORTED_FORMAT, "as2-receipt-format")
        return plain
    for name in digests[1] if digests else ():
        digest = digest_called(name)
        if digest in accepted:
            return Asking(sender, receiver, message_id, True, Digest(digest), asynchronous)
    if digests and digests[0] == "required":
        raise MessageRefused.saying(Disposition.UNSUPPORTED_MIC, "as2-receipt-digests")
    return Asking(sender, receiver, message_id, True, Digest.SHA256, asynchronous)


def _options(header: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Options by name: importance, and values in order of preference."""
    found = {}
    for option in header.split(";"):
        name, _, rest = option.partition("=")
        importance, *values = (value.strip().strip('"').lower() for value in rest.split(","))
        found[name.strip().lower()] = (importance, tuple(values))
    return found
