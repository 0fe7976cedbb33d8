"""Hostile zip archives: entries that overlap, lie, hide, or are locked."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from tests.hostile.archive_reading import read, refused
from tests.hostile.archives import (
    INVOICES,
    patched,
    plain_zip,
    zip64,
    zip_end,
    zip_row,
)


def test_honest_zip64_end_is_read() -> None:
    assert read(zip64(plain_zip())) == INVOICES


def test_zip64_nonsense_is_refused() -> None:
    data = plain_zip()
    refused(zip64(data, at=0), "IRR_EXTRAC", "zip64")
    refused(zip64(data, at=2**63), "IRR_EXTRAC", "zip64")
    refused(zip64(data, length=2**63), "IRR_EXTRAC", "zip64")
    refused(patched(zip64(data), len(zip64(data)) - 12, b"\x04\0"), "IRR_EXTRAC", "zip64")
    count = zip_end(data) + 8
    refused(patched(data, count, b"\xff\xff\xff\xff"), "IRR_TAILLE", "65535")
    refused(patched(data, zip_row(data) + 20, b"\xff\xff\xff\xff"), "IRR_EXTRAC", "zip64 field")


def test_fully_overlapping_entries_are_refused() -> None:
    data = plain_zip([("a.xml", b"<a/>"), ("b.xml", b"<a/>")])
    second = data.index(b"PK\x01\x02", zip_row(data) + 1)
    refused(patched(data, second + 42, bytes(4)), "IRR_EXTRAC", "overlap")


def test_quoted_overlap_is_refused() -> None:
    # The first entry's stored data quotes the second's whole local entry.
    inner = plain_zip([("b.xml", b"<a/>" * 10)], zipfile.ZIP_STORED)
    quoted = inner[: zip_row(inner)]
    data = plain_zip([("a.xml", quoted), ("b.xml", b"<a/>" * 10)], zipfile.ZIP_STORED)
    second = data.index(b"PK\x01\x02", zip_row(data) + 1)
    refused(patched(data, second + 42, struct.pack("<L", 35)), "IRR_EXTRAC", "overlap")


@pytest.mark.parametrize("declared", [1, 10, 4_999])
def test_zip_member_that_unpacks_to_more_than_declared_is_refused(declared: int, bounded: None) -> None:
    data = plain_zip([("a.xml", b"<a/>" * 2_000_000)])
    size = struct.pack("<L", declared)
    data = patched(patched(data, 22, size), zip_row(data) + 24, size)
    refused(data, "IRR_EXTRAC", "size announced")


def test_zip_member_that_unpacks_to_less_than_declared_is_refused() -> None:
    data = plain_zip([("a.xml", b"<a/>" * 20)])
    size = struct.pack("<L", 81)
    refused(patched(patched(data, 22, size), zip_row(data) + 24, size), "IRR_EXTRAC", "size announced")


def test_wrong_zip_checksum_is_refused() -> None:
    data = plain_zip()
    row = zip_row(data)
    refused(patched(patched(data, 14, b"\1\2\3\4"), row + 16, b"\1\2\3\4"), "IRR_EXTRAC", "checksum")


@pytest.mark.parametrize("flag", [1, 1 << 6 | 1, 1 << 13], ids=["traditional", "strong", "masked"])
def test_encrypted_zip_is_refused(flag: int) -> None:
    data = plain_zip()
    field = struct.pack("<H", flag)
    refused(patched(patched(data, 6, field), zip_row(data) + 8, field), "IRR_EXTRAC", "encrypted")


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 95, 98, 99])
def test_unknown_zip_method_is_refused(method: int) -> None:
    data = plain_zip()
    field = struct.pack("<H", method)
    refused(patched(patched(data, 8, field), zip_row(data) + 10, field), "IRR_EXTRAC", "store and deflate")


def test_bzip2_member_is_refused() -> None:
    refused(plain_zip(method=zipfile.ZIP_BZIP2), "IRR_EXTRAC", "'bzip2'")


@pytest.mark.parametrize("prefix", [b"x", b"%PDF-1.7\n", b"MZ" + bytes(510), b"\n"])
def test_zip_with_a_prefix_is_refused(prefix: bytes) -> None:
    refused(prefix + plain_zip(), "IRR_TYPE")
    # The same under a first local header, with offsets that count from the start of the archive or of the file.
    decoy = plain_zip([("decoy.xml", b"<x/>")])
    decoy = decoy[: zip_row(decoy)]
    refused(decoy + plain_zip(), "IRR_EXTRAC", "bytes precede")
    data = plain_zip([("a.xml", b"<a/>")])
    moved = patched(data, zip_row(data) + 42, struct.pack("<L", len(decoy)))
    start = struct.pack("<L", zip_row(data) + len(decoy))
    refused(decoy + patched(moved, zip_end(data) + 16, start), "IRR_EXTRAC", "bytes precede")


def test_bytes_after_the_zip_are_refused() -> None:
    refused(plain_zip() + b"x", "IRR_EXTRAC", "bytes follow")
    refused(plain_zip() + bytes(70_000), "IRR_EXTRAC")


def test_zip_with_two_ends_is_refused() -> None:
    data = plain_zip()
    end = data[zip_end(data) :]
    refused(patched(data, len(data) - 2, b"\x16\0") + end, "IRR_EXTRAC", "two ends")


def test_bytes_between_two_zip_entries_are_refused() -> None:
    data = plain_zip([("a.xml", b"<a/>" * 9)], zipfile.ZIP_STORED)
    row = zip_row(data)
    hidden = data[:row] + b"hidden" + data[row:]
    refused(patched(hidden, zip_end(hidden) + 16, struct.pack("<L", row + 6)), "IRR_EXTRAC", "belong to no file")


@pytest.mark.parametrize(
    ("offset", "field"),
    [
        (0, b"PK\x07\x08"),
        (6, b"\x08\0"),
        (8, b"\0\0"),
        (14, b"\1"),
        (18, b"\1"),
        (22, b"\1"),
        (26, b"\4\0"),
        (30, b"z"),
    ],
    ids=["signature", "flags", "method", "crc", "packed", "size", "name length", "name"],
)
def test_local_header_that_contradicts_the_directory_is_refused(offset: int, field: bytes) -> None:
    data = plain_zip([("b.xml", b"<b/>" * 99), ("a.xml", b"<a/>" * 99)])
    second = data.index(b"PK\x03\x04", 4)
    refused(patched(data, second + offset, field), "IRR_EXTRAC", "disagree")


def test_directory_with_more_or_fewer_rows_than_announced_is_refused() -> None:
    data = plain_zip()
    at = zip_end(data) + 8
    refused(patched(data, at, b"\4\0\4\0"), "IRR_EXTRAC", "more than the entries")
    refused(patched(data, at, b"\6\0\6\0"), "IRR_EXTRAC", "malformed")
    refused(patched(data, at, b"\4\0"), "IRR_EXTRAC", "part of several")
    refused(patched(data, zip_end(data) + 4, b"\1\0"), "IRR_EXTRAC", "part of several")


def test_zip_symbolic_link_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("evil.xml")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    refused(target.getvalue(), "IRR_EXTRAC", "symbolic link")


def test_zip_folder_with_content_is_refused() -> None:
    refused(plain_zip([("dir/", b"<a/>")]), "IRR_EXTRAC", "folder")


class _OneWay(io.BytesIO):
    """A target that cannot be sought: zipfile then writes sizes after the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def test_zip_with_data_descriptors_is_read_and_a_false_descriptor_is_refused() -> None:
    target = _OneWay()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in INVOICES:
            archive.writestr(name, content)
    data = target.getvalue()
    assert read(data) == INVOICES
    descriptor = data.index(b"PK\x07\x08")
    refused(patched(data, descriptor + 4, b"\0\0\0\0"), "IRR_EXTRAC", "disagree")


def test_multi_volume_marker_is_refused() -> None:
    refused(b"PK\x07\x08" + plain_zip(), "IRR_TYPE")
