"""Messages of AS2: layers in every order, MIC, what is refused and by which disposition."""

from __future__ import annotations

import base64
import itertools
import zlib
from dataclasses import replace

import pytest

from connectors.as2.algorithms import Cipher, Digest
from connectors.as2.asn1_structure import structure
from connectors.as2.compressing import compress
from connectors.as2.dispositions import Disposition, MessageRefused
from connectors.as2.enveloping import encrypt
from connectors.as2.limits import ASN1_DEPTH_MAX
from connectors.as2.message import Compress, Form, Keys, Opened, Packed, Transfer, open_message, pack
from tests.connectors.as2_scenes import NAME, NOON, PAYLOAD, YEAR, keys, own, public
from tests.unit.refusals import explained

US, THEM = own("us"), own("them")
KEYS = keys(US, THEM)
FORM = Form(THEM, public(US))


def _opened(packed: Packed, known: Keys = KEYS, *, encrypted: bool = True) -> Opened:
    return open_message(packed.headers, b"".join(packed.body), known, NOON, encrypted=encrypted)


def _refused(headers: object, body: bytes, known: Keys = KEYS) -> MessageRefused:
    with pytest.raises(MessageRefused) as caught:
        open_message(headers, body, known, NOON, encrypted=True)  # type: ignore[arg-type]
    explained(caught.value)
    return caught.value


@pytest.mark.parametrize(("compressed", "transfer", "encrypted"), itertools.product(Compress, Transfer, (True, False)))
def test_what_is_packed_opens(compressed: Compress, transfer: Transfer, encrypted: bool) -> None:
    form = replace(FORM, compress=compressed, transfer=transfer, recipient=FORM.recipient if encrypted else None)
    packed = pack(PAYLOAD, NAME, form, NOON, content_type="application/xml")
    opened = _opened(packed, encrypted=encrypted)
    assert bytes(opened.payload) == PAYLOAD
    assert (opened.said_name, opened.content_type) == (NAME, "application/xml")
    assert (opened.encrypted, opened.compressed) == (encrypted, compressed is not Compress.NO)
    assert opened.mic(Digest.SHA256) == packed.mic
    assert opened.verified.certificate.thumbprint == THEM.thumbprint


@pytest.mark.parametrize("digest", [digest for digest in Digest if digest is not Digest.SHA1])
@pytest.mark.parametrize("cipher", [cipher for cipher in Cipher if cipher is not Cipher.TRIPLE_DES])
def test_every_algorithm_of_today(digest: Digest, cipher: Cipher) -> None:
    packed = pack(PAYLOAD, NAME, replace(FORM, digest=digest, cipher=cipher), NOON)
    opened = _opened(packed)
    assert bytes(opened.payload) == PAYLOAD
    assert opened.verified.digest is digest and opened.mic(digest) == packed.mic


@pytest.mark.parametrize("change", [{"digest": Digest.SHA1}, {"cipher": Cipher.TRIPLE_DES}])
def test_legacy_algorithms_only_where_a_partner_may(change: dict[str, Digest | Cipher]) -> None:
    packed = pack(PAYLOAD, NAME, replace(FORM, **change), NOON)  # type: ignore[arg-type]
    assert _refused(packed.headers, b"".join(packed.body)).disposition is Disposition.SECURITY
    allowed = replace(KEYS, legacy=frozenset(value.value for value in change.values()))
    assert bytes(_opened(packed, allowed).payload) == PAYLOAD


@pytest.mark.parametrize("name", ['a "b" \\c.xml', "facture é.xml", "x" * 200])
def test_file_names_come_as_they_were_said(name: str) -> None:
    assert _opened(pack(b"x", name, FORM, NOON)).said_name == name


def test_the_signature_is_over_the_first_part_as_it_was_sent() -> None:
    packed = pack(PAYLOAD, NAME, replace(FORM, recipient=None, compress=Compress.NO), NOON)
    boundary = packed.headers["Content-Type"].partition('boundary="')[2].rstrip('"').encode()
    first = b"".join(packed.body).split(b"--" + boundary)[1].removeprefix(b"\r\n").removesuffix(b"\r\n")
    assert first.endswith(PAYLOAD)
    assert packed.mic == base64.b64encode(Digest.SHA256.of(first)).decode()


def test_lines_that_lost_their_cr_verify_as_they_were_signed() -> None:
    packed = pack(b"<a>\r\n</a>", NAME, replace(FORM, recipient=None, compress=Compress.NO), NOON)
    body = b"".join(packed.body).replace(b"\r\n", b"\n")
    opened = open_message(packed.headers, body, KEYS, NOON, encrypted=False)
    assert bytes(opened.payload) == b"<a>\n</a>"
    assert opened.mic(Digest.SHA256) == packed.mic


def test_what_was_altered_is_named() -> None:
    plain = pack(PAYLOAD, NAME, replace(FORM, recipient=None, compress=Compress.NO), NOON)
    body = b"".join(plain.body)
    for altered, disposition in (
        (body.replace(b"<Invoice>", b"<Invoice >"), Disposition.INTEGRITY),
        (body.replace(b'name="smime.p7s"\r\nContent-Transfer-Encoding: base64', b"name=x"), Disposition.AUTHENTICATION),
        (body[:-60], Disposition.UNSUPPORTED_FORMAT),
    ):
        with pytest.raises(MessageRefused) as caught:
            open_message(plain.headers, altered, KEYS, NOON, encrypted=False)
        assert caught.value.disposition is disposition


def test_the_signature_must_be_of_a_known_and_valid_certificate() -> None:
    packed = pack(PAYLOAD, NAME, FORM, NOON)
    body = b"".join(packed.body)
    stranger = keys(US, own("stranger"))
    assert _refused(packed.headers, body, stranger).disposition is Disposition.AUTHENTICATION
    with pytest.raises(MessageRefused, match="not valid today") as caught:
        open_message(packed.headers, body, KEYS, NOON + 2 * YEAR, encrypted=True)
    assert caught.value.disposition is Disposition.AUTHENTICATION


def test_old_and_new_certificates_are_accepted_side_by_side() -> None:
    new_us, new_them = own("us", end=NOON + 2 * YEAR), own("them", end=NOON + 2 * YEAR)
    both = Keys((US, new_us), (public(THEM), public(new_them)))
    for signer, recipient in itertools.product((THEM, new_them), (US, new_us)):
        assert bytes(_opened(pack(PAYLOAD, NAME, Form(signer, public(recipient)), NOON), both).payload) == PAYLOAD


def test_insufficient_security_is_refused() -> None:
    signed = pack(PAYLOAD, NAME, replace(FORM, recipient=None), NOON)
    assert _refused(signed.headers, b"".join(signed.body)).disposition is Disposition.SECURITY
    for inner in (b"Content-Type: text/plain\r\n\r\nhello", compress([b"Content-Type: text/plain\r\n\r\nhello"])):
        kind = "enveloped-data"
        data = inner
        if inner[:1] != b"C":
            data = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n" + inner
        headers = {"Content-Type": f"application/pkcs7-mime; smime-type={kind}"}
        assert _refused(headers, encrypt([data], public(US), Cipher.AES256)).disposition is Disposition.SECURITY


def test_a_message_for_others_or_cut_short_is_not_decrypted() -> None:
    packed = pack(PAYLOAD, NAME, replace(FORM, recipient=public(own("others"))), NOON)
    body = b"".join(packed.body)
    assert _refused(packed.headers, body).disposition is Disposition.DECRYPTION
    mine = b"".join(pack(PAYLOAD, NAME, FORM, NOON).body)
    for cut in (0, 1, 10, 300, len(mine) - 17, len(mine) - 1):
        assert _refused(packed.headers, mine[:cut]).disposition is Disposition.DECRYPTION


def test_a_changed_envelope_tells_nothing_of_its_padding() -> None:
    """Whoever alters a message of another gets the same answer whether its padding comes out right or not."""
    form = replace(FORM, compress=Compress.NO)
    packed = pack(PAYLOAD, NAME, form, NOON)
    body = b"".join(packed.body)
    said = set()
    for value in set(range(256)) - {body[-17]}:
        altered = body[:-17] + bytes([value]) + body[-16:]
        said.add(str(_refused(packed.headers, altered)))
    assert len(said) == 1


def test_layers_that_as2_does_not_have_are_refused() -> None:
    packed = pack(PAYLOAD, NAME, FORM, NOON)
    header_block = "".join(f"{name}: {value}\r\n" for name, value in packed.headers.items()).encode()
    twice = encrypt([header_block, b"\r\n", *packed.body], public(US), Cipher.AES256)
    assert "twice" in _refused(packed.headers, twice).what
    inner = Form(THEM, None, compress=Compress.BEFORE_SIGNING)
    signed = pack(PAYLOAD, NAME, inner, NOON)
    block = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items()).encode()
    outer = compress([block, b"\r\n", *signed.body])
    headers = {"Content-Type": "application/pkcs7-mime; smime-type=compressed-data"}
    with pytest.raises(MessageRefused, match="twice"):
        open_message(headers, outer, KEYS, NOON, encrypted=False)


# ---- hostile ----


def _compressed_data(inflated: bytes) -> bytes:
    return compress([inflated])


def test_a_bomb_is_not_inflated() -> None:
    bomb = _compressed_data(bytes(90_000_000))
    headers = {"Content-Type": "application/pkcs7-mime; smime-type=compressed-data"}
    with pytest.raises(MessageRefused) as caught:
        open_message(headers, bomb, KEYS, NOON, encrypted=False)
    assert caught.value.disposition is Disposition.DECOMPRESSION
    for broken in (bomb[:-20], bomb + b"more"):
        with pytest.raises(MessageRefused):
            open_message(headers, broken, KEYS, NOON, encrypted=False)


@pytest.mark.parametrize(
    "der",
    [
        b"\x30\x80" * 100_000,
        b"\x30\x80" + b"\x24\x80" * (ASN1_DEPTH_MAX + 1) + b"\0\0" * 40,
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x89" + b"\xff" * 9,
        b"\x30\x80" + b"\x05\x00" * 300_000 + b"\0\0",
        b"\x3f\x81\x01\x00",
        b"\x04\x80\0\0",
        b"0",
        b"\x30\x03\x02\x05\x00",
        zlib.compress(b"x" * 1000),
    ],
)
@pytest.mark.parametrize("kind", ["enveloped-data", "compressed-data"])
def test_wrong_asn1_is_refused_by_name(kind: str, der: bytes) -> None:
    headers = {"Content-Type": f"application/pkcs7-mime; smime-type={kind}"}
    with pytest.raises(MessageRefused) as caught:
        open_message(headers, der, KEYS, NOON, encrypted=False)
    assert caught.value.disposition in (Disposition.DECRYPTION, Disposition.DECOMPRESSION)


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n" + b"A: b\r\n" * 200 + b"\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
        b"--b\r\nA: " + b"b" * 20_000 + b"\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
        b"--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b\r\n\r\nz\r\n--b--\r\n",
        b"--b\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\nno header\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
        b"--b" * 1_000_000,
        b"\n--bx" * 1_000_000,
        b"",
    ],
)
def test_wrong_mime_is_refused_by_name(body: bytes) -> None:
    headers = {"Content-Type": 'multipart/signed; boundary="b"'}
    with pytest.raises(MessageRefused) as caught:
        open_message(headers, body, KEYS, NOON, encrypted=False)
    assert caught.value.disposition is Disposition.UNSUPPORTED_FORMAT


def test_nested_multiparts_are_refused() -> None:
    packed = pack(PAYLOAD, NAME, Form(THEM, None, compress=Compress.NO), NOON, content_type="multipart/mixed")
    with pytest.raises(MessageRefused, match="layers"):
        open_message(packed.headers, b"".join(packed.body), KEYS, NOON, encrypted=False)


def test_structures_are_written_anew_in_one_way() -> None:
    chunked = bytes.fromhex("3080 0603 2a0304 3003 020105 a080 0402 6162 2480 0401 63 0000 0000 0000")
    read = structure(chunked)
    assert read.der == bytes.fromhex("300f 0603 2a0304 3003 020105 8003 616263")
    assert read.bulk is None
    long = b"\x30\x82\x9c\x44\x04\x82\x9c\x40" + b"x" * 40_000
    assert structure(long).bulk == b"x" * 40_000 and structure(long).der == b"\x30\x02\x04\x00"
