"""Keys for AS2: an RSA key and the certificate that it signs itself, as partners exchange them."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.as2.certificates import OwnCertificate
from data_contracts.errors import ConfigurationError

KEY_BITS = 3_072
"""Bits of a new key, as ANSSI's guide on cryptographic mechanisms (RGS B1) asks from 2031 on."""


def self_signed(name: str, start: datetime, end: datetime, bits: int = KEY_BITS) -> OwnCertificate:
    """A new key with a certificate in a name, valid between two times."""
    key = rsa.generate_private_key(65_537, bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return OwnCertificate(f"{name}.pem", certificate, key)


def certificate_pem(certificate: OwnCertificate) -> bytes:
    """The certificate, as it goes to partners."""
    return certificate.x509.public_bytes(Encoding.PEM)


def whole_pem(certificate: OwnCertificate) -> bytes:
    """Key and certificate, as `keys` of a partner's record want them."""
    key = certificate.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key + certificate_pem(certificate)


def write_key(certificate: OwnCertificate, path: Path) -> Path:
    """The path of the certificate, written beside the key with the end `.crt`. The key's file is its owner's alone.

    Errors   ConfigurationError when one of both is there already.
    """
    shown = path.with_suffix(".crt")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for place, data, mode in ((path, whole_pem(certificate), 0o600), (shown, certificate_pem(certificate), 0o644)):
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
    except OSError as error:
        raise ConfigurationError(
            "the key cannot be written",
            where=str(error.filename),
            value=error.strerror or "",
            remedy="choose a name that is free",
        ) from error
    return shown
