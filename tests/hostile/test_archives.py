"""Hostile and damaged archives: each is a named refusal, in bounded memory, and no invoice is ever lost."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from data_contracts.errors import FlowRefused
from data_contracts.limits import GIGABYTE, MEMBER_BYTES_MAX, MEMBERS_MAX
from data_contracts.motives import MOTIVES
from pipelines.admission.archive import members
from tests.hostile.archives import (
    INVOICES,
    blocks,
    entry,
    header,
    patched,
    pax,
    plain_tar,
    plain_zip,
    tar,
    tar_gz,
    zip64,
    zip_end,
    zip_row,
)
from tests.unit.refusals import explained

MEMORY_BYTES_MAX = 20_000_000


def read(data: bytes) -> list[tuple[str, bytes]]:
    return [(member.name, b"".join(member.chunks)) for member in members(io.BytesIO(data), len(data))]


def drained(data: bytes) -> int:
    """Bytes of all members, none of them kept."""
    return sum(len(chunk) for member in members(io.BytesIO(data), len(data)) for chunk in member.chunks)


def refused(data: bytes, motive: str, *words: str) -> FlowRefused:
    with pytest.raises(FlowRefused) as caught:
        drained(data)
    refusal = caught.value
    assert refusal.motive == motive, str(refusal)
    assert motive in MOTIVES
    assert refusal.where
    explained(refusal)
    for word in words:
        assert word in str(refusal), str(refusal)
    return refusal


@pytest.fixture
def bounded() -> Iterator[None]:
    tracemalloc.start()
    yield
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < MEMORY_BYTES_MAX


# ---- gzip ----------------------------------------------------------------------------------------------------------


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


# ---- tar -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"", bytes(512), bytes(1023)], ids=["none", "one block", "one byte short"])
def test_tar_without_two_zero_blocks_is_refused(end: bytes) -> None:
    refused(entry(b"a.xml") + end, "IRR_EXTRAC")
    refused(tar_gz(entry(b"a.xml") + end), "IRR_EXTRAC")


def test_tar_followed_by_another_tar_is_refused() -> None:
    refused(plain_tar() + plain_tar(), "IRR_EXTRAC", "follow the end of the tar")
    refused(tar_gz(plain_tar() + plain_tar()), "IRR_EXTRAC", "follow the end of the tar")


def test_tar_padded_without_measure_is_refused(bounded: None) -> None:
    refused(tar(entry(b"a.xml")) + bytes(3_000_000), "IRR_EXTRAC", "follow the end of the tar")


def test_wrong_tar_header_checksum_is_refused() -> None:
    first = entry(b"a.xml")
    refused(tar(first, patched(entry(b"b.xml"), 148, b"000001\0 ")), "IRR_EXTRAC", "checksum")
    refused(tar(patched(first, 0, b"b")), "IRR_EXTRAC", "checksum")


@pytest.mark.parametrize(
    "size",
    [b"\xff" * 10 + b"\xfe\x00", b"-0000000512\0", b"-1\0\0\0\0\0\0\0\0\0\0"],
    ids=["base-256", "octal", "short"],
)
def test_negative_tar_size_is_refused(size: bytes) -> None:
    refused(tar(header(b"a.xml", size)), "IRR_EXTRAC", "negative")


@pytest.mark.parametrize("size", [b"0000009999\0\0", b"12a45678901\0", b"\x81" + bytes(11)])
def test_tar_size_that_is_no_number_is_refused(size: bytes) -> None:
    refused(tar(header(b"a.xml", size)), "IRR_EXTRAC", "no number")


@pytest.mark.parametrize("kind", list(b"1234567DMSVXAz"), ids=chr)
def test_tar_entry_of_another_kind_is_refused_by_name(kind: int) -> None:
    content = b"" if kind != ord("S") else b"<a/>"
    hostile = header(b"evil", len(content), bytes([kind]), link=b"/etc/passwd") + blocks(content)
    if kind == ord("5"):
        assert read(tar(hostile, entry(b"a.xml"))) == [("a.xml", b"<a/>")]
        return
    refusal = refused(tar(entry(b"a.xml"), hostile), "IRR_EXTRAC", "only plain files")
    assert "evil" in refusal.where


def test_folder_with_content_is_refused() -> None:
    refused(tar(entry(b"dir/", b"<a/>", b"5")), "IRR_EXTRAC", "folder")


@pytest.mark.parametrize("keyword", ["GNU.sparse.major", "GNU.sparse.size", "GNU.sparse.realsize"])
def test_pax_sparse_member_is_refused(keyword: str) -> None:
    sparse = pax((keyword, "1"), ("GNU.sparse.realsize", "1000000000000"))
    refused(tar(sparse, entry(b"a.xml")), "IRR_EXTRAC", "sparse")


def test_pax_path_that_traverses_is_refused() -> None:
    refused(tar(pax(("path", "../../evil")), entry(b"a.xml")), "IRR_NOM_F", "'..'")


def test_pax_size_is_what_counts() -> None:
    honest = pax(("size", "600")) + header(b"a.xml", 4) + blocks(b"x" * 600)
    assert read(tar(honest)) == [("a.xml", b"x" * 600)]
    for size in ("-512", "1e3", "", "9" * 30):
        refused(tar(pax(("size", size)), entry(b"a.xml")), "IRR_EXTRAC", "no number")
    refused(tar(pax(("size", str(10**12))), entry(b"a.xml")), "IRR_TAILLE_F")


def test_pax_fields_said_twice_are_refused() -> None:
    refused(tar(pax(("path", "a.xml"), ("path", "b.xml")), entry(b"c.xml")), "IRR_EXTRAC", "twice")
    refused(tar(pax(("path", "a.xml")), pax(("path", "b.xml")), entry(b"c.xml")), "IRR_EXTRAC", "two extended")
    refused(tar(pax(("path", "a.xml"), kind=b"g"), entry(b"c.xml")), "IRR_EXTRAC", "global")


@pytest.mark.parametrize("content", [b"5 a=\n", b"99 path=a\n", b"0 path=a\n", b"path=a\n", b"10 path=aa", b"\xff"])
def test_malformed_pax_header_is_refused(content: bytes) -> None:
    if content == b"5 a=\n":
        assert read(tar(entry(b"p", content, b"x"), entry(b"a.xml")))
        return
    refused(tar(entry(b"p", content, b"x"), entry(b"a.xml")), "IRR_EXTRAC", "malformed")


def test_oversized_pax_header_is_refused(bounded: None) -> None:
    refused(tar_gz(tar(pax(("comment", "x" * 2_000_000)), entry(b"a.xml"))), "IRR_EXTRAC", "more than 64000 bytes")


def test_endless_chain_of_extended_headers_is_refused() -> None:
    refused(tar(*[pax(("comment", "x"), kind=b"g")] * 200, entry(b"a.xml")), "IRR_EXTRAC", "extended headers")
    refused(tar(header(b"p", 10**10, b"L")), "IRR_EXTRAC", "extended headers")
    refused(tar(entry(b"a.xml"), pax(("comment", "x"))), "IRR_EXTRAC", "describes no file")


def test_old_headers_with_signed_checksum_and_no_magic_are_read() -> None:
    name = "déjà.xml".encode()
    old = header(name, 4, b"\0", magic=bytes(8), signed=True) + blocks(b"<a/>")
    assert read(tar(old)) == [("déjà.xml", b"<a/>")]


# ---- names ---------------------------------------------------------------------------------------------------------

HOSTILE_NAMES = [
    "../evil.xml", "a/../../evil.xml", "..", "/abs.xml", "//host/share.xml", "C:\\a.xml", "c:a.xml", "a\\..\\b.xml",
    "a\nb.xml", "a\x07.xml", "a\x7f.xml", "facture\u202elmx.exe", "a\u200bb.xml", "\ufeffa.xml", "a\u2028b.xml",
    "x" * 256, "é" * 128, "a//b.xml", "a/./b.xml", ".",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_hostile_name_is_refused_and_shown_escaped(name: str) -> None:
    for data in (
        plain_tar([("a.xml", b"<a/>"), (name, b"<b/>")]),
        plain_tar([(name, b"<b/>")], tarfile.GNU_FORMAT),
        plain_zip([("a.xml", b"<a/>"), (name, b"<b/>")]),
    ):
        refusal = refused(data, "IRR_NOM_F")
        assert refusal.value.isprintable()


def test_empty_name_is_refused() -> None:
    refused(tar(entry(b"")), "IRR_NOM_F")
    refused(plain_zip([("", b"<a/>")]), "IRR_NOM_F")


def test_name_that_is_not_utf8_is_refused_in_tar_and_read_as_prescribed_in_zip() -> None:
    refused(tar(entry("facturé.xml".encode("latin-1"))), "IRR_NOM_F", "not UTF-8")
    data = plain_zip([("facturX.xml", b"<a/>")]).replace(b"facturX", b"factur\x82")
    assert read(data) == [("facturé.xml", b"<a/>")]


@pytest.mark.parametrize(
    ("first", "second"),
    [("a.xml", "a.xml"), ("a.xml", "A.XML"), ("é.xml", "e\u0301.xml"), ("straße", "STRASSE"), ("a.xml", "./a.xml")],
)
def test_twin_names_are_refused(first: str, second: str) -> None:
    twins = [(first, b"<a/>"), (second, b"<b/>")]
    refused(plain_tar(twins), "IRR_NOM_F", "same name")
    with pytest.warns(UserWarning, match="Duplicate") if first == second else nullcontext():
        data = plain_zip(twins)
    refused(data, "IRR_NOM_F", "same name")


def test_hostile_folder_name_is_refused() -> None:
    refused(tar(header(b"../up/", 0, b"5"), entry(b"a.xml")), "IRR_NOM_F")
    refused(plain_zip([("../up/", b""), ("a.xml", b"<a/>")]), "IRR_NOM_F")


# ---- emptiness and size --------------------------------------------------------------------------------------------


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


# ---- zip -----------------------------------------------------------------------------------------------------------


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


# ---- nothing is lost silently --------------------------------------------------------------------------------------

SEVERAL = [(f"f{n:02d}.xml", bytes([65 + n]) * (700 * n + 1)) for n in range(12)]

ARCHIVES: dict[str, Callable[[], bytes]] = {
    "pax": lambda: plain_tar(SEVERAL),
    "gnu": lambda: plain_tar(SEVERAL, tarfile.GNU_FORMAT),
    "ustar": lambda: plain_tar(SEVERAL, tarfile.USTAR_FORMAT),
    "tar.gz": lambda: gzip.compress(plain_tar(SEVERAL), compresslevel=0, mtime=0),
    "zip": lambda: plain_zip(SEVERAL, zipfile.ZIP_STORED),
    "zip64": lambda: zip64(plain_zip(SEVERAL)),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_no_cut_at_512_bytes_loses_a_member_silently(kind: str) -> None:
    data = ARCHIVES[kind]()
    assert read(data) == SEVERAL
    refusals = 0
    for at in [*range(0, len(data), 512), *range(max(0, len(data) - 40), len(data))]:
        try:
            found = read(data[:at])
        except FlowRefused:
            refusals += 1
            continue
        assert found == SEVERAL, f"cut at {at} lost a member"
    assert refusals >= len(data) // 512 - 21  # a whole tar may lose its record padding, and nothing else


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "zip64"])
def test_no_flipped_byte_changes_a_member_silently(kind: str) -> None:
    data = bytearray(ARCHIVES[kind]())
    for at in range(0, len(data), 97):
        data[at] ^= 0x10
        try:
            found = read(bytes(data))
        except FlowRefused:
            found = []
        finally:
            data[at] ^= 0x10
        if found:
            assert [content for _, content in found] == [content for _, content in SEVERAL]


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "zip"])
def test_no_cut_at_any_byte_loses_a_member_silently(kind: str) -> None:
    few = [("a.xml", b"<a/>" * 30), ("b.xml", b"<b/>")]
    data = {"tar": plain_tar(few)[: 4 * 512 + 1024], "tar.gz": tar_gz(plain_tar(few)), "zip": plain_zip(few)}[kind]
    assert read(data) == few
    for at in range(len(data)):
        with pytest.raises(FlowRefused) as caught:
            read(data[:at])
        assert caught.value.motive in {"IRR_EXTRAC", "IRR_TYPE"}
