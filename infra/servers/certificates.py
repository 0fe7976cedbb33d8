"""Keys of both sides of an AS2 relation, with certificates that they signed themselves."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

VALID = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
"""Around the machine's time and around any business time that a run is given."""


def own_key(folder: Path, name: str) -> Path:
    """A file that only we read, of the key and its certificate; `shown()` lies beside it. Made at the first call."""
    path = folder / f"{name}.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        certificate = _certificate(key, name).public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        shown(folder, name).write_bytes(certificate)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private + certificate)
        part.replace(path)
    return path


def shown(folder: Path, name: str) -> Path:
    """The certificate alone, as it is given to the other side."""
    return folder / f"{name}.crt"


def _certificate(key: rsa.RSAPrivateKey, name: str) -> x509.Certificate:
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number(), *VALID)
    identified = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identified, critical=False).sign(key, hashes.SHA256())
