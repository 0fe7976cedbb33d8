"""Certificates: those that partners sign and decrypt with, and ours with their keys.

Several lie side by side while they change. All that are valid are accepted; the first valid one of the list is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from data_contracts.errors import ConfigurationError

RSA_BITS_MIN = 2_048


@dataclass(frozen=True)
class Certificate:
    """`label` is the file that it came from."""

    label: str
    x509: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.x509.public_bytes(Encoding.DER)

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.der)

    @property
    def thumbprint(self) -> str:
        """Lower-case hex of the SHA-256 of the certificate."""
        return self.x509.fingerprint(hashes.SHA256()).hex()

    @property
    def not_before(self) -> datetime:
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        return self.x509.not_valid_after_utc

    def is_valid(self, at: datetime) -> bool:
        return self.not_before <= at <= self.not_after


@dataclass(frozen=True)
class OwnCertificate(Certificate):
    """A certificate of ours with its key."""

    key: RSAPrivateKey


Known = TypeVar("Known", bound=Certificate)


def in_use(certificates: Sequence[Known], at: datetime, where: str) -> Known:
    """The first valid one.

    Errors   ConfigurationError when none is valid.
    """
    for certificate in certificates:
        if certificate.is_valid(at):
            return certificate
    raise ConfigurationError(
        "no certificate is valid",
        where=where,
        value=", ".join(f"{row.label} until {row.not_after:%Y-%m-%d}" for row in certificates),
        remedy="add the next certificate to the partner's record",
    )


def read_certificate(path: Path, where: str) -> Certificate:
    """The certificate of a PEM or DER file.

    Errors   ConfigurationError when there is none, or its key is weak.
    """
    data = _bytes(path, where)
    try:
        pem = b"-----BEGIN" in data
        found = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise _unreadable("a certificate cannot be read", path, where, error) from error
    key = found.public_key()
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey):
        raise _unreadable("a certificate is neither of an RSA nor of an elliptic key", path, where)
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS_MIN:
        raise _unreadable(f"a key has less than {RSA_BITS_MIN} bits", path, where)
    return Certificate(path.name, found)


def read_own(path: Path, where: str) -> OwnCertificate:
    """Key and certificate of one PEM file.

    Errors   ConfigurationError when one of them is missing, weak, or they do not belong together.
    """
    certificate = read_certificate(path, where)
    try:
        key = load_pem_private_key(_bytes(path, where), password=None)
    except (ValueError, TypeError) as error:
        raise _unreadable("a private key cannot be read", path, where, error) from error
    if not isinstance(key, RSAPrivateKey):
        raise _unreadable("our key is not an RSA key, so partners cannot encrypt for it", path, where)
    if key.public_key() != certificate.x509.public_key():
        raise _unreadable("key and certificate do not belong together", path, where)
    return OwnCertificate(certificate.label, certificate.x509, key)


def _bytes(path: Path, where: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable("a file cannot be read", path, where, error) from error


def _unreadable(what: str, path: Path, where: str, error: Exception | None = None) -> ConfigurationError:
    value = path.name if error is None else f"{path.name}: {error}"
    return ConfigurationError(what, where=where, value=value, remedy="write PEM: certificate, and for ours the key too")
