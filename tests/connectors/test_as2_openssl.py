"""OpenSSL's own CMS reads and verifies what we write, and we what it writes: a codec that is not ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from connectors.as2.algorithms import Cipher, Digest
from connectors.as2.compressing import compress, decompress
from connectors.as2.enveloping import decrypt, encrypt
from connectors.as2.message import Compress, Form, Transfer, open_message, pack
from connectors.as2.signing import accepted_digests, sign, verify
from tests.connectors.as2_scenes import NAME, NOON, PAYLOAD, keys, on_disk, own, public

US, THEM = own("us"), own("them")
ALL = accepted_digests(frozenset({"sha1"}))

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for certificate in (US, THEM):
        on_disk(tmp_path, certificate)
    return tmp_path


def _cms(folder: Path, data: bytes, *arguments: str) -> bytes:
    (folder / "in").write_bytes(data)
    command = ["openssl", "cms", *arguments, "-in", "in", "-out", "out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "out").read_bytes()


@pytest.mark.parametrize("cipher", list(Cipher))
@pytest.mark.parametrize("size_bytes", [0, 1, 16, 100_000])
def test_openssl_opens_our_envelopes(folder: Path, cipher: Cipher, size_bytes: int) -> None:
    plain = b"\r\n\0" + bytes(size_bytes)
    envelope = encrypt([plain[:2], plain[2:]], public(US), cipher)
    arguments = ("-decrypt", "-inform", "DER", "-binary", "-inkey", US.label, "-recip", f"{US.label}.crt")
    assert _cms(folder, envelope, *arguments) == plain


@pytest.mark.parametrize("cipher", ["-aes256", "-aes192", "-aes128", "-des3"])
@pytest.mark.parametrize("more", [(), ("-stream",), ("-keyid",), ("-keyopt", "rsa_padding_mode:oaep")])
@pytest.mark.parametrize("size_bytes", [100, 200_000])
def test_we_open_envelopes_of_openssl(folder: Path, cipher: str, more: tuple[str, ...], size_bytes: int) -> None:
    plain = PAYLOAD * (1 + size_bytes // len(PAYLOAD))
    recipient = (
        ("-recip", f"{US.label}.crt", *more) if more[:1] == ("-keyopt",) else (*more, "-recip", f"{US.label}.crt")
    )
    envelope = _cms(folder, plain, "-encrypt", "-binary", "-outform", "DER", cipher, *recipient)
    assert decrypt(envelope, (THEM, US), frozenset({"3des"})) == plain


@pytest.mark.parametrize("digest", list(Digest))
def test_openssl_verifies_our_signatures(folder: Path, digest: Digest) -> None:
    (folder / "signature").write_bytes(sign([PAYLOAD], THEM, digest, NOON))
    (folder / "content").write_bytes(PAYLOAD)
    arguments = ("-verify", "-inform", "DER", "-binary", "-content", "content", "-CAfile", f"{THEM.label}.crt")
    found = _cms(
        folder,
        (folder / "signature").read_bytes(),
        *arguments,
        "-purpose",
        "any",
        "-attime",
        str(int(NOON.timestamp())),
    )
    assert found == PAYLOAD


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512", "sha1"])
@pytest.mark.parametrize("more", [(), ("-keyid",), ("-nocerts",), ("-stream",), ("-keyopt", "rsa_padding_mode:pss")])
def test_we_verify_signatures_of_openssl(folder: Path, digest: str, more: tuple[str, ...]) -> None:
    signer = ("-signer", f"{THEM.label}.crt", "-inkey", THEM.label)
    signature = _cms(folder, PAYLOAD, "-sign", "-binary", "-outform", "DER", "-md", digest, *signer, *more)
    verified = verify(signature, [PAYLOAD], (public(US), public(THEM)), ALL, NOON)
    assert verified.certificate.thumbprint == THEM.thumbprint
    assert verified.digest.value == digest


def test_openssl_reads_a_whole_message_of_ours(folder: Path) -> None:
    form = Form(THEM, public(US), compress=Compress.NO, transfer=Transfer.BASE64)
    packed = pack(PAYLOAD, NAME, form, NOON, content_type="application/xml")
    arguments = ("-decrypt", "-inform", "DER", "-binary", "-inkey", US.label, "-recip", f"{US.label}.crt")
    signed = _cms(folder, b"".join(packed.body), *arguments)
    trusted = ("-CAfile", f"{THEM.label}.crt", "-purpose", "any", "-attime", str(int(NOON.timestamp())))
    entity = _cms(folder, signed, "-verify", "-inform", "SMIME", *trusted)
    assert b"Content-Type: application/xml\r\n" in entity
    tampered = signed.replace(b"application/xml", b"application/xmk", 1)
    (folder / "in").write_bytes(tampered)
    refused = subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "SMIME", *trusted, "-in", "in"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    assert refused.returncode != 0


@pytest.mark.parametrize("binary", [(), ("-binary",)])
def test_we_read_a_whole_message_of_openssl(folder: Path, binary: tuple[str, ...]) -> None:
    """As S/MIME: signed lines, encrypted, base64."""
    entity = b"Content-Type: application/xml\r\nContent-Disposition: attachment; filename=a.xml\r\n\r\n<a>\r\n</a>\r\n"
    signer = ("-signer", f"{THEM.label}.crt", "-inkey", THEM.label)
    signed = _cms(folder, entity, "-sign", *binary, *signer)
    envelope = _cms(folder, signed, "-encrypt", "-aes256", "-outform", "DER", "-binary", "-recip", f"{US.label}.crt")
    headers = {"Content-Type": "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"}
    opened = open_message(headers, envelope, keys(US, THEM), NOON, encrypted=True)
    assert bytes(opened.payload).split() == [b"<a>", b"</a>"]
    assert opened.said_name == "a.xml"


def test_compressed_data_as_openssl_reads_it(folder: Path) -> None:
    """Debian's OpenSSL has no zlib, so it reads the structure and Python inflates what lies where OpenSSL says."""
    made = compress([PAYLOAD * 20])
    assert b"id-smime-ct-compressedData" in _cms(folder, made, "-cmsout", "-print", "-inform", "DER")
    listed = subprocess.run(
        ["openssl", "asn1parse", "-inform", "DER"], input=made, capture_output=True, check=True
    ).stdout.decode()
    (place,) = re.findall(r"(\d+):d=\d+ +hl= *(\d+) l= *(\d+) prim: OCTET STRING", listed)
    start = int(place[0]) + int(place[1])
    assert zlib.decompress(made[start : start + int(place[2])]) == PAYLOAD * 20
    assert decompress(made) == PAYLOAD * 20
