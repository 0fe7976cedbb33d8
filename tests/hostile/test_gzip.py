"""Hostile gzip streams: cut, joined, damaged, or followed by something."""

from __future__ import annotations

import gzip
import struct
import zlib

import pytest

from tests.hostile.archive_reading import read, refused
from tests.hostile.archives import (
    INVOICES,
    patched,
    plain_tar,
    plain_zip,
    tar_gz,
)


def test_concatenated_gzip_streams_are_refused_not_half_read() -> None:
    refused(tar_gz() + tar_gz(plain_tar([("autre.xml", b"<b/>")])), "IRR_EXTRAC", "second gzip stream")


def test_concatenated_gzip_streams_inside_one_tar_are_refused() -> None:
    data = plain_tar()
    refused(gzip.compress(data[:1024]) + gzip.compress(data[1024:]), "IRR_EXTRAC", "second gzip stream")


@pytest.mark.parametrize("tail", [b"x", b"\x1f", bytes(512), b"%PDF-1.7"])
def test_bytes_after_the_gzip_trailer_are_refused(tail: bytes) -> None:
    refused(tar_gz() + tail, "IRR_EXTRAC", "bytes follow the end of the gzip")


def test_wrong_gzip_checksum_is_refused() -> None:
    data = tar_gz()
    refused(patched(data, len(data) - 8, b"\0\0\0\0"), "IRR_EXTRAC", "gzip checksum")


def test_wrong_gzip_length_is_refused() -> None:
    data = tar_gz()
    refused(patched(data, len(data) - 4, b"\0\0\0\0"), "IRR_EXTRAC", "gzip length")


def test_one_flipped_byte_in_a_stored_block_is_refused() -> None:
    amount = b"<Amount>100.00</Amount>"
    packed = gzip.compress(plain_tar([("f.xml", amount)]), compresslevel=0)
    refused(packed.replace(b"100.00", b"900.00"), "IRR_EXTRAC", "gzip checksum")


@pytest.mark.parametrize("cut_bytes", range(1, 20))
def test_gzip_without_its_last_bytes_is_refused(cut_bytes: int) -> None:
    refused(tar_gz()[:-cut_bytes], "IRR_EXTRAC", "cut")


@pytest.mark.parametrize(
    "start",
    [b"\x1f\x8b\x07\0\0\0\0\0\0\xff", b"\x1f\x8b\x08\xe0\0\0\0\0\0\xff"],
    ids=["method 7", "reserved flags"],
)
def test_unknown_gzip_header_is_refused(start: bytes) -> None:
    refused(start + tar_gz()[10:], "IRR_EXTRAC", "gzip header")


def test_endless_gzip_name_is_refused() -> None:
    refused(b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"a" * 100_000, "IRR_EXTRAC", "oversized")


def test_gzip_header_checksum_is_checked() -> None:
    deflated = tar_gz()[10:]
    start = b"\x1f\x8b\x08\x02\0\0\0\0\0\xff"
    right = struct.pack("<H", zlib.crc32(start) & 0xFFFF)
    assert read(start + right + deflated) == INVOICES
    refused(start + b"\0\0" + deflated, "IRR_EXTRAC", "gzip header's checksum")


def test_gzip_of_a_single_document_is_no_tar() -> None:
    refused(gzip.compress(b"<Invoice/>" * 100), "IRR_TYPE", "no tar")
    refused(gzip.compress(b""), "IRR_EXTRAC", "cut")
    refused(gzip.compress(plain_zip()), "IRR_TYPE", "no tar")
