"""A partner's AS2 record: names, addresses, certificates, what messages look like both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from connectors.as2.algorithms import LEGACY, Cipher, Digest
from connectors.as2.certificates import Certificate, OwnCertificate, in_use, read_certificate, read_own
from connectors.as2.message import Compress, Form, Keys, Transfer
from connectors.as2.names import is_identifier
from connectors.channel_table import ChannelTable
from data_contracts.errors import ConfigurationError

_ADDRESS = re.compile(r"https?://[!-~]+")


class Security(StrEnum):
    """What we demand of a partner's messages, and give ours. All are signed."""

    SIGNED_AND_ENCRYPTED = "signed_and_encrypted"
    SIGNED = "signed"


class Asked(StrEnum):
    """The receipt that we ask for our messages."""

    SYNC = "sync"
    ASYNC = "async"


@dataclass(frozen=True)
class As2Partner:
    """`own` and `certificates`: the first valid one is used, all valid ones are accepted. `url`: where our messages go.
    `receipt_url`: where the partner posts receipts for us; `partner_receipt_url`: where we post ours, whatever address
    a message names. `legacy`: algorithms of another age that this partner still uses."""

    partner_code: str
    as2_id: str
    our_id: str
    own: tuple[OwnCertificate, ...]
    certificates: tuple[Certificate, ...]
    url: str = ""
    receipt: Asked = Asked.SYNC
    receipt_url: str = ""
    partner_receipt_url: str = ""
    security: Security = Security.SIGNED_AND_ENCRYPTED
    digest: Digest = Digest.SHA256
    cipher: Cipher = Cipher.AES256
    compress: Compress = Compress.BEFORE_SIGNING
    transfer: Transfer = Transfer.BINARY
    content_type: str = "application/octet-stream"
    legacy: frozenset[str] = frozenset()
    tls_ca: Path | None = None

    @property
    def keys(self) -> Keys:
        return Keys(self.own, self.certificates, self.legacy)

    def signer(self, at: datetime) -> OwnCertificate:
        """The certificate that we sign with today."""
        return in_use(self.own, at, f"{self.partner_code}, keys")

    def form(self, at: datetime) -> Form:
        """How a message of today is made.

        Errors   ConfigurationError when no certificate of ours or of the partner is valid.
        """
        is_encrypted = self.security is Security.SIGNED_AND_ENCRYPTED
        recipient = in_use(self.certificates, at, f"{self.partner_code}, certificates") if is_encrypted else None
        return Form(self.signer(at), recipient, self.digest, self.cipher, self.compress, self.transfer)


class As2Partners:
    """Partners by code, and by the pair of names that their messages bear."""

    def __init__(self, partners: Iterable[As2Partner]) -> None:
        self.by_code = {partner.partner_code: partner for partner in partners}
        self._by_names: dict[tuple[str, str], As2Partner] = {}
        for partner in self.by_code.values():
            if self._by_names.setdefault((partner.as2_id, partner.our_id), partner) is not partner:
                raise ConfigurationError(
                    "two partners bear the same AS2 names",
                    where=f"{partner.partner_code}, as2_id",
                    value=partner.as2_id,
                    remedy="give them different names, ours or theirs",
                )

    def named(self, sender: str, receiver: str) -> As2Partner | None:
        """The partner whose messages bear these names; letters' case counts."""
        return self._by_names.get((sender, receiver))


@dataclass(frozen=True)
class Expiry:
    """One certificate of a partner's record. `owner` is `ours` or `theirs`; `used` marks those used today."""

    partner_code: str
    owner: str
    label: str
    thumbprint: str
    not_before: datetime
    not_after: datetime
    days_left: int
    used: bool


def expiries(partners: Iterable[As2Partner], at: datetime) -> list[Expiry]:
    """Every certificate with the days it has left, soonest first."""
    rows = [
        row
        for partner in partners
        for owner, certificates in (("ours", partner.own), ("theirs", partner.certificates))
        for row in _expiries(partner.partner_code, owner, certificates, at)
    ]
    return sorted(rows, key=lambda row: (row.not_after, row.partner_code, row.owner, row.label))


def as2_partner(table: ChannelTable) -> As2Partner:
    """The record that a `[partners.CODE.as2]` table describes.

    Errors   ConfigurationError naming the key that is missing, wrong or unknown.
    """
    where = f"{table.partner_code}, as2"
    partner = As2Partner(
        partner_code=table.partner_code,
        as2_id=_identifier(table, "as2_id"),
        our_id=_identifier(table, "our_id"),
        own=tuple(read_own(path, where) for path in table.secrets("keys")),
        certificates=tuple(read_certificate(path, where) for path in table.files("certificates")),
        url=_address(table, "url"),
        receipt=table.choice("receipt", Asked.SYNC),
        receipt_url=_address(table, "receipt_url"),
        partner_receipt_url=_address(table, "partner_receipt_url"),
        security=table.choice("security", Security.SIGNED_AND_ENCRYPTED),
        digest=table.choice("digest", Digest.SHA256),
        cipher=table.choice("cipher", Cipher.AES256),
        compress=table.choice("compress", Compress.BEFORE_SIGNING),
        transfer=table.choice("transfer", Transfer.BINARY),
        content_type=table.text("content_type", "application/octet-stream"),
        legacy=frozenset(table.texts("legacy")) if table.has("legacy") else frozenset(),
        tls_ca=table.file("tls_ca") if table.has("tls_ca") else None,
    )
    table.finish()
    _check_whole(partner, where)
    return partner


def _check_whole(partner: As2Partner, where: str) -> None:
    known = {value.value for value in LEGACY}
    wanted = {str(value) for value in (partner.digest, partner.cipher) if value in LEGACY}
    if partner.legacy - known or wanted - partner.legacy:
        raise ConfigurationError(
            "an algorithm of another age is not agreed with this partner, or is none",
            where=f"{where}, legacy",
            value=", ".join(sorted(partner.legacy | wanted)),
            remedy="name it in legacy: " + ", ".join(sorted(known)),
        )
    if partner.receipt is Asked.ASYNC and not partner.receipt_url:
        raise ConfigurationError(
            "nobody knows where asynchronous receipts come to",
            where=f"{where}, receipt_url",
            remedy="write our address",
        )


def _expiries(partner_code: str, owner: str, certificates: Sequence[Certificate], at: datetime) -> list[Expiry]:
    used = next((row for row in certificates if row.is_valid(at)), None)
    return [
        Expiry(
            partner_code, owner, row.label, row.thumbprint, row.not_before, row.not_after, (row.not_after - at).days,
            row is used,
        )
        for row in certificates
    ]  # fmt: skip


def _identifier(table: ChannelTable, key: str) -> str:
    name = table.text(key)
    if not is_identifier(name):
        raise ConfigurationError(
            "this is not an AS2 name",
            where=f"{table.partner_code}, as2, {key}",
            value=name,
            remedy="write 1 to 128 printable ASCII characters",
        )
    return name


def _address(table: ChannelTable, key: str) -> str:
    if not table.has(key):
        return ""
    address = table.text(key)
    if not _ADDRESS.fullmatch(address):
        raise ConfigurationError(
            "this is not an address",
            where=f"{table.partner_code}, as2, {key}",
            value=address,
            remedy="write https://host/path",
        )
    return address
