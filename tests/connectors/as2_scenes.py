"""Keys, certificates and messages of AS2 tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from connectors.as2.certificates import Certificate, OwnCertificate
from connectors.as2.key_making import certificate_pem, self_signed, whole_pem
from connectors.as2.message import Keys

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
PAYLOAD = b"<Invoice>\n" + bytes(range(256)) * 40 + b"\r\n--\r\n</Invoice>"
NAME = "FSO1100A_AAA111_AAA1111100000000000000001"


@cache
def own(name: str, start: datetime = NOON - YEAR, end: datetime = NOON + YEAR) -> OwnCertificate:
    """A key and its certificate of its own signing, the same for the same arguments within one process."""
    return self_signed(name, start, end, 2_048)


def public(certificate: Certificate) -> Certificate:
    """The certificate without its key."""
    return Certificate(certificate.label, certificate.x509)


def keys(receiver: OwnCertificate, sender: Certificate, *legacy: str) -> Keys:
    return Keys((receiver,), (public(sender),), frozenset(legacy))


def on_disk(folder: Path, certificate: OwnCertificate) -> tuple[Path, Path]:
    """Files with the certificate, and with key and certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    shown, whole = folder / f"{certificate.label}.crt", folder / certificate.label
    shown.write_bytes(certificate_pem(certificate))
    whole.write_bytes(whole_pem(certificate))
    whole.chmod(0o600)
    return shown, whole


def own_today(name: str) -> OwnCertificate:
    """A key whose certificate is valid around today: for servers that keep the machine's time."""
    today = datetime.now(UTC).replace(microsecond=0)
    return own(name, today - YEAR, today + YEAR)
