"""Large hostile bodies: each is refused by name, and memory has a bound."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.as2.algorithms import Cipher, Digest
from connectors.as2.compressing import compress
from connectors.as2.dispositions import Disposition, MessageRefused
from connectors.as2.enveloping import encrypt
from connectors.as2.message import open_message
from connectors.as2.signing import sign
from tests.connectors.as2_scenes import NOON, keys, own, public
from tests.connectors.scenes import in_child

SIZE = 48_000_000
MEMORY_KB_MAX = 300_000
US, THEM = own("us"), own("them")
ENVELOPED = "application/pkcs7-mime; smime-type=enveloped-data"
COMPRESSED = "application/pkcs7-mime; smime-type=compressed-data"
SIGNED = 'multipart/signed; boundary="b"'


def _bomb() -> bytes:
    return compress([bytes(100_000_000)])


def _bomb_in_an_envelope() -> bytes:
    return encrypt([f"Content-Type: {COMPRESSED}\r\n\r\n".encode(), _bomb()], public(US), Cipher.AES256)


def _chunks() -> bytes:
    return b"\x30\x80\x24\x80" + b"\x04\x01a" * (SIZE // 3)


def _separators() -> bytes:
    return b"\n--bx" * (SIZE // 5)


def _bare_lines() -> bytes:
    signature = sign([b"x"], THEM, Digest.SHA256, NOON)
    head = b"--b\r\n\r\n" + b"\n" * SIZE + b"\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n"
    return head + signature + b"\r\n--b--\r\n"


def _base64() -> bytes:
    return b"A\r\n" * (SIZE // 3)


CASES: dict[str, tuple[str, Callable[[], bytes], Disposition]] = {
    "bomb": (COMPRESSED, _bomb, Disposition.DECOMPRESSION),
    "bomb in an envelope": (ENVELOPED, _bomb_in_an_envelope, Disposition.DECOMPRESSION),
    "octet string in 16 million chunks": (ENVELOPED, _chunks, Disposition.DECRYPTION),
    "separators everywhere": (SIGNED, _separators, Disposition.UNSUPPORTED_FORMAT),
    "bare line ends": (SIGNED, _bare_lines, Disposition.INTEGRITY),
    "base64 that is none": (ENVELOPED, _base64, Disposition.DECRYPTION),
}


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_body_is_refused_in_bounded_memory(case: str) -> None:
    content_type, made, disposition = CASES[case]
    headers = {"content-type": content_type}
    if case.startswith("base64"):
        headers["content-transfer-encoding"] = "base64"
    body = made()
    gc.collect()

    def refused() -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the highest memory is counted from here
        before = _memory_kb("VmRSS")
        with pytest.raises(MessageRefused) as caught:
            open_message(headers, body, keys(US, THEM), NOON, encrypted=False)
        assert caught.value.disposition is disposition
        assert _memory_kb("VmHWM") - before + len(body) // 1_000 < MEMORY_KB_MAX

    assert in_child(refused) == 0


def _memory_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
