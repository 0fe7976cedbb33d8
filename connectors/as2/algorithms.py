"""Algorithms that messages are signed and encrypted with. Those of `LEGACY` only where a partner's record says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES


class Digest(StrEnum):
    """Named as in `asn1crypto` and `hashlib`."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"
    SHA1 = "sha1"

    @property
    def micalg(self) -> str:
        """The name in MIME headers: RFC 5751, 3.4.3.2; peers older than it know `sha1` alone."""
        return "sha1" if self is Digest.SHA1 else self.value.replace("sha", "sha-")

    def of(self, *parts: bytes | bytearray | memoryview) -> bytes:
        """The digest of bytes."""
        made = hashlib.new(self.value, usedforsecurity=self is not Digest.SHA1)
        for part in parts:
            made.update(part)
        return made.digest()

    @property
    def hash(self) -> hashes.HashAlgorithm:
        return _HASHES[self]()


class Cipher(StrEnum):
    AES256 = "aes256"
    AES192 = "aes192"
    AES128 = "aes128"
    TRIPLE_DES = "3des"


@dataclass(frozen=True)
class CipherForm:
    """`name` and `key_bytes` as `asn1crypto` and the algorithm want them; all in CBC mode."""

    name: str
    key_bytes: int
    block_bytes: int
    algorithm: Callable[[bytes], BlockCipherAlgorithm]


CIPHERS: dict[Cipher, CipherForm] = {
    Cipher.AES256: CipherForm("aes256_cbc", 32, 16, AES),
    Cipher.AES192: CipherForm("aes192_cbc", 24, 16, AES),
    Cipher.AES128: CipherForm("aes128_cbc", 16, 16, AES),
    Cipher.TRIPLE_DES: CipherForm("tripledes_3key", 24, 8, TripleDES),
}

LEGACY: frozenset[Digest | Cipher] = frozenset({Digest.SHA1, Cipher.TRIPLE_DES})

_HASHES: dict[Digest, type[hashes.HashAlgorithm]] = {
    Digest.SHA256: hashes.SHA256,
    Digest.SHA384: hashes.SHA384,
    Digest.SHA512: hashes.SHA512,
    Digest.SHA1: hashes.SHA1,
}


def digest_called(name: str) -> Digest | None:
    """The digest of a name as peers write it: `SHA-256`, `sha256`, `rsa-sha256`; None if it is none of ours."""
    plain = name.strip().strip('"').lower().removeprefix("rsa-").replace("-", "").replace("_", "")
    return Digest(plain) if plain in set(Digest) else None


def cipher_called(name: str) -> Cipher | None:
    """The cipher of a name as `asn1crypto` gives it; None if it is none of ours."""
    return next((cipher for cipher, form in CIPHERS.items() if form.name == name), None)
