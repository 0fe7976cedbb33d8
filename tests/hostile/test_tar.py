"""Hostile tar archives: entries that are no plain files, headers that lie or do not end."""

from __future__ import annotations

import pytest

from tests.hostile.archive_reading import read, refused
from tests.hostile.archives import (
    blocks,
    entry,
    header,
    patched,
    pax,
    plain_tar,
    tar,
    tar_gz,
)


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
