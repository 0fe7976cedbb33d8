"""Encryption for one recipient: CMS EnvelopedData, RFC 5652, 6."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher as Engine
from cryptography.hazmat.primitives.ciphers.modes import CBC

from connectors.as2.algorithms import CIPHERS, LEGACY, Cipher, CipherForm, cipher_called
from connectors.as2.asn1_structure import CONTENT, SEQUENCE, TAGGED, Asn1Refused, Buffer, element, structure
from connectors.as2.certificates import Certificate, OwnCertificate
from connectors.as2.dispositions import Disposition, MessageRefused
from data_contracts.errors import ConfigurationError

RECIPIENTS_MAX = 16
_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
_ENVELOPED = core.ObjectIdentifier("1.2.840.113549.1.7.3").dump()
_VERSION_0 = core.Integer(0).dump()
_OAEP_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def encrypt(parts: Sequence[Buffer], recipient: Certificate, cipher: Cipher) -> bytes:
    """The DER of an envelope that the recipient alone can open.

    Errors   ConfigurationError when its certificate is not of an RSA key.
    """
    form = CIPHERS[cipher]
    public = recipient.x509.public_key()
    if not isinstance(public, RSAPublicKey):
        raise ConfigurationError(
            "nothing can be encrypted for this key",
            where=recipient.label,
            remedy="ask the partner for a certificate of an RSA key",
        )
    key, vector = os.urandom(form.key_bytes), os.urandom(form.block_bytes)
    engine = Engine(form.algorithm(key), CBC(vector)).encryptor()
    pieces: list[Buffer] = [engine.update(part) for part in parts]
    missing = form.block_bytes - sum(map(len, parts)) % form.block_bytes
    pieces += [engine.update(bytes([missing]) * missing), engine.finalize()]
    theirs = recipient.asn1
    identifier = cms.IssuerAndSerialNumber({"issuer": theirs.issuer, "serial_number": theirs.serial_number})
    info = cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier({"issuer_and_serial_number": identifier}),
            "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15"},
            "encrypted_key": public.encrypt(key, padding.PKCS1v15()),
        }
    )
    algorithm = cms.EncryptionAlgorithm({"algorithm": form.name, "parameters": vector})
    recipients = cms.RecipientInfos([cms.RecipientInfo({"ktri": info})])
    content = element(SEQUENCE, [_DATA, algorithm.dump(), *element(CONTENT, pieces)])
    enveloped = element(SEQUENCE, [_VERSION_0, recipients.dump(), *content])
    return b"".join(element(SEQUENCE, [_ENVELOPED, *element(TAGGED, enveloped)]))


def decrypt(envelope: Buffer, own: Sequence[OwnCertificate], legacy: frozenset[str]) -> bytes:
    """What the envelope holds.

    A wrong padding is left in place instead of being told: whoever alters a message of another must not learn from our
    answers what it holds. What comes out then does not verify.
    Errors   MessageRefused: decryption-failed; insufficient-message-security for a cipher that is not accepted.
    """
    try:
        read = structure(envelope)
        content = cms.ContentInfo.load(read.der, strict=True)
        if content["content_type"].native != "enveloped_data":
            raise Asn1Refused("not an envelope")
        enveloped = content["content"]
        recipients = list(enveloped["recipient_infos"])
        encrypted = enveloped["encrypted_content_info"]
        algorithm = encrypted["content_encryption_algorithm"]
        name, vector = algorithm["algorithm"].native, algorithm["parameters"].native
        data = read.content(encrypted["encrypted_content"].native)
        if len(recipients) > RECIPIENTS_MAX:
            raise Asn1Refused(f"more than {RECIPIENTS_MAX} recipients")
        cipher = cipher_called(name)
        if cipher is None or (cipher in LEGACY and cipher.value not in legacy):
            raise MessageRefused.saying(Disposition.SECURITY, "as2-cipher", value=str(name))
        key = _content_key(recipients, own)
        return _decrypted(data, CIPHERS[cipher], key, vector)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise MessageRefused.saying(
            Disposition.DECRYPTION, "as2-decryption", value=f"{type(error).__name__}: {error}"
        ) from error


def _content_key(recipients: Sequence[cms.RecipientInfo], own: Sequence[OwnCertificate]) -> bytes:
    for recipient in recipients:
        if recipient.name != "ktri":
            continue
        info = recipient.chosen
        for certificate in own:
            if _is_for(info["rid"], certificate):
                return certificate.key.decrypt(info["encrypted_key"].native, _scheme(info["key_encryption_algorithm"]))
    raise ValueError("encrypted for none of our certificates")


def _is_for(identifier: cms.RecipientIdentifier, certificate: OwnCertificate) -> bool:
    ours = certificate.asn1
    if identifier.name == "issuer_and_serial_number":
        serial = identifier.chosen["serial_number"].native
        return bool(serial == ours.serial_number and identifier.chosen["issuer"] == ours.issuer)
    return bool(identifier.chosen.native == ours.key_identifier)


def _scheme(algorithm: cms.KeyEncryptionAlgorithm) -> padding.AsymmetricPadding:
    name = algorithm["algorithm"].native
    if name in ("rsaes_pkcs1v15", "rsa"):
        return padding.PKCS1v15()
    if name == "rsaes_oaep":
        parameters = algorithm["parameters"]
        made = _OAEP_HASHES[parameters["hash_algorithm"]["algorithm"].native]
        mask = _OAEP_HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]
        return padding.OAEP(padding.MGF1(mask()), made(), None)
    raise ValueError(f"a key encrypted by {name}")


def _decrypted(data: Buffer, form: CipherForm, key: bytes, vector: bytes) -> bytes:
    if len(key) != form.key_bytes or len(vector) != form.block_bytes or not data or len(data) % form.block_bytes:
        raise ValueError("key, vector or content of a wrong length")
    engine = Engine(form.algorithm(key), CBC(vector)).decryptor()
    plain = engine.update(data) + engine.finalize()
    count = plain[-1]
    is_padded = 0 < count <= form.block_bytes and plain.endswith(bytes([count]) * count)
    return plain[:-count] if is_padded else plain
