"""Archives without content, and archives that swell: refused in bounded memory."""

from __future__ import annotations

import struct
import zlib

import pytest

from data_contracts.limits import GIGABYTE, MEMBER_BYTES_MAX, MEMBERS_MAX
from tests.hostile.archive_reading import read, refused
from tests.hostile.archives import (
    header,
    patched,
    plain_tar,
    plain_zip,
    tar,
    tar_gz,
    zip64,
    zip_end,
    zip_row,
)


def test_archive_without_file_is_refused() -> None:
    for data in (
        bytes(10_240),
        tar_gz(bytes(10_240)),
        plain_zip([]),
        tar(header(b"./", 0, b"5")),
        plain_zip([("d/", b"")]),
    ):
        refused(data, "IRR_VIDE")


def test_empty_member_is_refused_by_name() -> None:
    for data in (plain_tar([("a.xml", b"<a/>"), ("vide.xml", b"")]), plain_zip([("vide.xml", b"")])):
        assert "vide.xml" in refused(data, "IRR_VIDE_F").where


def test_ratio_bomb_in_gzip_is_refused(bounded: None) -> None:
    inflater = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = inflater.compress(header(b"bomb.xml", 90_000_000))
    packed += b"".join(inflater.compress(bytes(1_000_000)) for _ in range(90)) + inflater.flush()
    refused(packed, "IRR_TAILLE", "200 times")


def test_ratio_bomb_in_zip_is_refused(bounded: None) -> None:
    refused(plain_zip([("bomb.xml", bytes(5_000_000))]), "IRR_TAILLE", "200 times")


def test_size_bomb_is_refused_before_it_is_unpacked(bounded: None) -> None:
    refused(tar_gz(header(b"big.xml", MEMBER_BYTES_MAX + 1)), "IRR_TAILLE_F", "big.xml")
    refused(tar_gz(header(b"big.xml", b"\x80" + bytes(2) + b"\x7f" + bytes(8))), "IRR_TAILLE_F", "big.xml")
    data = plain_zip([("big.xml", b"<a/>")])
    size = struct.pack("<L", MEMBER_BYTES_MAX + 1)
    refused(patched(patched(data, 22, size), zip_row(data) + 24, size), "IRR_TAILLE_F", "big.xml")


def test_sum_of_sizes_is_refused_beyond_the_limit(bounded: None) -> None:
    data = plain_zip([(f"{n}.xml", b"<a/>") for n in range(25)])
    size = struct.pack("<L", 100_000_000)
    at = zip_row(data)
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data = patched(data, at + 24, size)
        at += 46
    refused(data, "IRR_TAILLE", str(2 * GIGABYTE))


def test_too_many_zip_entries_are_refused_from_the_end_record_alone(bounded: None) -> None:
    count = struct.pack("<H", MEMBERS_MAX + 1)
    data = plain_zip()
    at = zip_end(data) + 8
    refused(patched(patched(data, at, count), at + 2, count), "IRR_TAILLE", str(MEMBERS_MAX + 1))


def test_a_million_zip64_entries_are_refused_from_the_end_record_alone(bounded: None) -> None:
    refused(zip64(plain_zip(), count=1_000_000), "IRR_TAILLE", "1000000")


def test_too_many_tar_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.admission.member.MEMBERS_MAX", 3)
    refused(plain_tar(), "IRR_TAILLE", "more than 3 entries")
    refused(tar(*[header(b"./", 0, b"5")] * 4), "IRR_TAILLE", "more than 3 entries")


def test_nested_archive_is_one_member_and_is_not_opened() -> None:
    inner = plain_zip([("bomb.xml", bytes(3_000_000))])
    assert read(tar_gz(plain_tar([("inner.zip", inner)]))) == [("inner.zip", inner)]
