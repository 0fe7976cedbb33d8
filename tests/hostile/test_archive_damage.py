"""Damaged archives: whatever is cut or flipped, no member is lost or changed silently."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from data_contracts.refusals import FlowRefused
from tests.hostile.archive_reading import read
from tests.hostile.archives import (
    plain_tar,
    plain_zip,
    tar_gz,
    zip64,
)

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
