"""A message with its layers: compressed, signed, encrypted. RFC 4130, 5 and RFC 5402.

The MIC is over what was signed, headers included (RFC 4130, 7.3.1; RFC 5402, 4.1), so it is the same on both sides
whatever lies around it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import encode_rfc2231
from enum import StrEnum

from connectors.as2 import mime
from connectors.as2.algorithms import Cipher, Digest
from connectors.as2.asn1_structure import Buffer
from connectors.as2.certificates import Certificate, OwnCertificate
from connectors.as2.compressing import compress, decompress
from connectors.as2.dispositions import Disposition, MessageRefused, malformed
from connectors.as2.enveloping import decrypt, encrypt
from connectors.as2.signing import Verified, accepted_digests, sign, verify

SIGNED = "multipart/signed"
CMS_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
SIGNATURE_TYPES = ("application/pkcs7-signature", "application/x-pkcs7-signature")


class Compress(StrEnum):
    BEFORE_SIGNING = "before_signing"
    AFTER_SIGNING = "after_signing"
    NO = "no"


class Transfer(StrEnum):
    BINARY = "binary"
    BASE64 = "base64"


@dataclass(frozen=True)
class Form:
    """How messages for a partner are made. Without a recipient they are not encrypted."""

    signer: OwnCertificate
    recipient: Certificate | None
    digest: Digest = Digest.SHA256
    cipher: Cipher = Cipher.AES256
    compress: Compress = Compress.BEFORE_SIGNING
    transfer: Transfer = Transfer.BINARY


@dataclass(frozen=True)
class Packed:
    """MIME headers for HTTP, the body in pieces, and the base64 MIC that the receipt must repeat."""

    headers: Mapping[str, str]
    body: Sequence[Buffer]
    mic: str


@dataclass(frozen=True)
class Opened:
    """What a message held. `signed` is what the MIC is over; `said_name` is the sender's word."""

    payload: Buffer
    said_name: str
    content_type: str
    signed: Sequence[Buffer]
    verified: Verified
    encrypted: bool
    compressed: bool

    def mic(self, digest: Digest) -> str:
        """The base64 MIC by a digest."""
        return base64.b64encode(digest.of(*self.signed)).decode()


@dataclass(frozen=True)
class Keys:
    """What a partner's messages are opened with: our keys, the partner's certificates, legacy algorithms it may use."""

    own: Sequence[OwnCertificate]
    known: Sequence[Certificate]
    legacy: frozenset[str] = frozenset()


def pack(
    payload: Buffer, name: str, form: Form, at: datetime, *, content_type: str = "application/octet-stream"
) -> Packed:
    """The message that carries a payload under a file name."""
    headers = {"Content-Type": content_type, "Content-Disposition": _disposition(name)}
    inner = _entity(headers, [payload], form.transfer)
    if form.compress is Compress.BEFORE_SIGNING:
        inner = _compressed(inner, form)
    headers, body = signed_entity(inner, form.signer, form.digest, at)
    mic = base64.b64encode(form.digest.of(*inner)).decode()
    if form.compress is Compress.AFTER_SIGNING:
        headers, body = _cms([*mime.written(headers, *body)], "compressed-data", "smime.p7z", form)
    if form.recipient is not None:
        data = encrypt(mime.written(headers, *body), form.recipient, form.cipher)
        # HTTP carries eight bits: the outermost layer is never written as text.
        return Packed(_cms_headers("enveloped-data", "smime.p7m", Transfer.BINARY), [data], mic)
    return Packed(headers, body, mic)


def open_message(
    headers: Mapping[str, str], body: bytes | bytearray, keys: Keys, at: datetime, *, encrypted: bool
) -> Opened:
    """What a message holds, all its layers taken off and its signature verified.

    Errors   MessageRefused with its disposition; insufficient-message-security when it is not signed, or `encrypted` is
             demanded and it is not.
    """
    entity = mime.with_headers(headers, body)
    is_encrypted = _is_cms(entity, "enveloped-data")
    if is_encrypted:
        entity = _decrypted(entity, keys)
    elif encrypted:
        raise MessageRefused.saying(Disposition.SECURITY, "as2-unencrypted")
    compressed_outside = _is_cms(entity, "compressed-data")
    if compressed_outside:
        entity = mime.parsed(decompress(entity.content()))
    if entity.content_type != SIGNED:
        raise MessageRefused.saying(Disposition.SECURITY, "as2-unsigned")
    first, signed, verified = verified_part(entity, keys, at)
    compressed_inside = _is_cms(first, "compressed-data")
    if compressed_inside and compressed_outside:
        raise malformed("as2-compressed-twice")
    if compressed_inside:
        first = mime.parsed(decompress(first.content()))
    if first.content_type.startswith("multipart/") or first.content_type in CMS_TYPES:
        raise malformed("as2-layers")
    name = first.parameter("content-disposition", "filename") or first.parameter("content-type", "name")
    return Opened(
        payload=first.content(), said_name=name, content_type=first.content_type, signed=signed, verified=verified,
        encrypted=is_encrypted, compressed=compressed_inside or compressed_outside,
    )  # fmt: skip


def verified_part(entity: mime.Entity, keys: Keys, at: datetime) -> tuple[mime.Entity, Sequence[Buffer], Verified]:
    """The part of a multipart/signed that is signed, the bytes that the signature is over, and who signed.

    Errors   MessageRefused as `verify` says.
    """
    first, second = mime.two_parts(entity)
    if second.content_type not in SIGNATURE_TYPES:
        raise malformed("as2-no-signature")
    signature, digests = second.content(), accepted_digests(keys.legacy)
    try:
        return first, [first.raw], verify(signature, [first.raw], keys.known, digests, at)
    except MessageRefused as refused:
        if refused.disposition is not Disposition.INTEGRITY:
            raise
        # Some peers sign lines that end in CRLF, as S/MIME wants them, and send what ends in LF.
        canonical = bytes(first.raw).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if canonical == first.raw:
            raise
        return first, [canonical], verify(signature, [canonical], keys.known, digests, at)


def signed_entity(
    inner: Sequence[Buffer], signer: OwnCertificate, digest: Digest, at: datetime
) -> tuple[dict[str, str], list[Buffer]]:
    """Headers and body of the multipart/signed around an entity."""
    signature = sign(inner, signer, digest, at)
    boundary = f"=_relais_{hashlib.sha256(signature).hexdigest()[:40]}"
    headers = {
        "Content-Type": f'{SIGNED}; protocol="{SIGNATURE_TYPES[0]}"; micalg={digest.micalg}; boundary="{boundary}"'
    }
    last = {
        "Content-Type": f'{SIGNATURE_TYPES[0]}; name="smime.p7s"',
        "Content-Transfer-Encoding": "base64",
        "Content-Disposition": 'attachment; filename="smime.p7s"',
    }
    line = f"--{boundary}".encode()
    body: list[Buffer] = [line, mime.CRLF, *inner, mime.CRLF, line, mime.CRLF]
    body += [*mime.written(last, mime.base64_lines(signature)), mime.CRLF, line, b"--", mime.CRLF]
    return headers, body


def _decrypted(entity: mime.Entity, keys: Keys) -> mime.Entity:
    plain = decrypt(entity.content(), keys.own, keys.legacy)
    try:
        inner = mime.parsed(plain)
    except MessageRefused as refused:
        # A wrong key gives noise, not a message.
        raise MessageRefused.saying(Disposition.DECRYPTION, "as2-decryption", value=refused.what) from refused
    if _is_cms(inner, "enveloped-data"):
        raise malformed("as2-encrypted-twice")
    return inner


def _is_cms(entity: mime.Entity, kind: str) -> bool:
    if entity.content_type not in CMS_TYPES:
        return False
    said = entity.parameter("content-type", "smime-type").lower()
    return said == kind or (not said and kind == "enveloped-data")


def _compressed(inner: Sequence[Buffer], form: Form) -> list[Buffer]:
    headers, body = _cms(inner, "compressed-data", "smime.p7z", form)
    return mime.written(headers, *body)


def _cms(inner: Sequence[Buffer], kind: str, name: str, form: Form) -> tuple[dict[str, str], list[Buffer]]:
    data = compress(inner)
    body: Buffer = data if form.transfer is Transfer.BINARY else mime.base64_lines(data)
    return _cms_headers(kind, name, form.transfer), [body]


def _cms_headers(kind: str, name: str, transfer: Transfer) -> dict[str, str]:
    return {
        "Content-Type": f'{CMS_TYPES[0]}; smime-type={kind}; name="{name}"',
        "Content-Transfer-Encoding": transfer.value,
        "Content-Disposition": f'attachment; filename="{name}"',
    }


def _entity(headers: Mapping[str, str], payload: Sequence[Buffer], transfer: Transfer) -> list[Buffer]:
    body = list(payload)
    if transfer is Transfer.BASE64:
        body = [mime.base64_lines(b"".join(payload))]
    return mime.written({**headers, "Content-Transfer-Encoding": transfer.value}, *body)


def _disposition(name: str) -> str:
    if name.isascii() and name.isprintable():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'attachment; filename="{escaped}"'
    return f"attachment; filename*={encode_rfc2231(name, 'utf-8')}"
