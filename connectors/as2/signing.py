"""Detached signatures: CMS SignedData, RFC 5652, 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from connectors.as2.algorithms import LEGACY, Digest, digest_called
from connectors.as2.asn1_structure import Asn1Refused, Buffer, structure
from connectors.as2.certificates import Certificate, OwnCertificate
from connectors.as2.dispositions import Disposition, MessageRefused

_PSS_NAME, _PKCS1_NAMES, _EC_NAMES = "rsassa_pss", ("rsassa_pkcs1v15",), ("ecdsa",)
SIGNERS_MAX = 4


@dataclass(frozen=True)
class Verified:
    """Who signed, and with which digest."""

    certificate: Certificate
    digest: Digest


def sign(parts: Sequence[Buffer], signer: OwnCertificate, digest: Digest, at: datetime) -> bytes:
    """The DER of a detached signature over the parts, with our certificate and the time in it."""
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": at})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest.of(*parts)]}),
        ]
    )
    certificate = signer.asn1
    identifier = cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number})
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
            "digest_algorithm": {"algorithm": digest.value},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": signer.key.sign(attributes.dump(), padding.PKCS1v15(), digest.hash),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": digest.value}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices({"certificate": certificate})],
            "signer_infos": [info],
        }
    )
    made: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return made


def verify(
    signature: Buffer, parts: Sequence[Buffer], known: Sequence[Certificate], accepted: frozenset[Digest], at: datetime
) -> Verified:
    """Who of the known signed the parts. Certificates that came with the signature are not looked at.

    Errors   MessageRefused: authentication-failed when nobody known and valid did, integrity-check-failed when the
             parts are not what was signed, insufficient-message-security for a digest that is not accepted.
    """
    infos = _infos(signature)
    for info in infos:
        certificate = _signer(info, known)
        if certificate is not None:
            break
    else:
        raise _unauthentic("as2-signer-unknown")
    if not certificate.is_valid(at):
        raise _unauthentic("as2-signer-expired")
    digest = digest_called(info["digest_algorithm"]["algorithm"].native)
    if digest is None or digest not in accepted:
        raise MessageRefused.saying(
            Disposition.SECURITY, "as2-digest", value=str(info["digest_algorithm"]["algorithm"].native)
        )
    signed = _signed_bytes(info, parts, digest)
    try:
        _check(certificate, info, signed, digest)
    except InvalidSignature as error:
        raise _unauthentic("as2-signature-false") from error
    return Verified(certificate, digest)


def accepted_digests(legacy: frozenset[str]) -> frozenset[Digest]:
    """Digests that a partner may sign with: all of ours, legacy ones only where named."""
    return frozenset(digest for digest in Digest if digest not in LEGACY or digest.value in legacy)


def _infos(signature: Buffer) -> list[cms.SignerInfo]:
    try:
        content = cms.ContentInfo.load(structure(signature).der, strict=True)
        if content["content_type"].native != "signed_data":
            raise Asn1Refused("not a signature")
        infos = list(content["content"]["signer_infos"])
        for info in infos:
            _ = info.native  # parses lazily; all of it now, so that no error comes later
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _unauthentic("as2-signature-unreadable", f"{type(error).__name__}: {error}") from error
    if not 0 < len(infos) <= SIGNERS_MAX:
        raise _unauthentic("as2-signers", str(len(infos)))
    return infos


def _signer(info: cms.SignerInfo, known: Sequence[Certificate]) -> Certificate | None:
    identifier = info["sid"]
    for certificate in known:
        theirs = certificate.asn1
        if identifier.name == "issuer_and_serial_number":
            serial = identifier.chosen["serial_number"].native
            if serial == theirs.serial_number and identifier.chosen["issuer"] == theirs.issuer:
                return certificate
        elif identifier.chosen.native == theirs.key_identifier:
            return certificate
    return None


def _signed_bytes(info: cms.SignerInfo, parts: Sequence[Buffer], digest: Digest) -> bytes:
    """What the signature is over: the attributes that hold the digest of the parts."""
    attributes = info["signed_attrs"]
    found = {row["type"].native: row["values"] for row in attributes}
    digests = found.get("message_digest")
    if digests is None or len(digests) != 1 or len(found) != len(attributes):
        raise _unauthentic("as2-signature-digest")
    if digests[0].native != digest.of(*parts):
        raise MessageRefused.saying(Disposition.INTEGRITY, "as2-content-changed")
    signed: bytes = attributes.untag().dump()
    return signed


def _check(certificate: Certificate, info: cms.SignerInfo, signed: bytes, digest: Digest) -> None:
    key = certificate.x509.public_key()
    name = info["signature_algorithm"].signature_algo
    value = info["signature"].native
    if isinstance(key, RSAPublicKey) and name in _PKCS1_NAMES:
        key.verify(value, signed, padding.PKCS1v15(), digest.hash)
    elif isinstance(key, RSAPublicKey) and name == _PSS_NAME:
        scheme = padding.PSS(padding.MGF1(digest.hash), padding.PSS.AUTO)
        key.verify(value, signed, scheme, digest.hash)
    elif isinstance(key, ec.EllipticCurvePublicKey) and name in _EC_NAMES:
        key.verify(value, signed, ec.ECDSA(digest.hash))
    else:
        raise InvalidSignature(f"{name} is not an algorithm of this key")


def _unauthentic(message_id: str, value: str = "") -> MessageRefused:
    return MessageRefused.saying(Disposition.AUTHENTICATION, message_id, value=value)
