"""What ordinary tools write is read back whole: same names, same bytes, same order."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.refusals import FlowRefused
from pipelines.admission.archive import members

CHORUS_ARCHIVE = Path(__file__).parents[3] / "shared" / "samples" / "chorus" / "fso1116a" / "FSO1116A_P100.tar.gz"


def read(data: bytes) -> list[tuple[str, bytes]]:
    return [(member.name, b"".join(member.chunks)) for member in members(io.BytesIO(data), len(data))]


segments = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters="/\\:"), min_size=1, max_size=20
).filter(lambda text: text not in {".", ".."})
names = st.lists(segments, min_size=1, max_size=3).map("/".join).filter(lambda name: len(name.encode()) <= 200)
archives = st.lists(st.tuples(names, st.binary(min_size=1, max_size=2_000)), min_size=1, max_size=8)


def numbered(content: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The same members under names that cannot be twins of each other."""
    return [(f"{position}-{name}", data) for position, (name, data) in enumerate(content)]


@settings(max_examples=60, deadline=None)
@given(content=archives, tar_format=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]), packed=st.booleans())
def test_tar_round_trip(content: list[tuple[str, bytes]], tar_format: int, packed: bool) -> None:
    content = numbered(content)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tar_format, encoding="utf-8") as archive:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    data = target.getvalue()
    assert read(gzip.compress(data) if packed else data) == content


@settings(max_examples=60, deadline=None)
@given(content=archives, method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), wide=st.booleans())
def test_zip_round_trip(content: list[tuple[str, bytes]], method: int, wide: bool) -> None:
    content = numbered(content)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in content:
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=wide) as member:
                member.write(data)
    assert read(target.getvalue()) == content


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_change_to_an_archive_is_read_or_refused_and_never_crashes(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(_SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.sampled_from([0, 1, 0x30, 0x7F, 0x80, 0xFF, changed[at] ^ 1]))
    try:
        found = read(bytes(changed))
    except FlowRefused as refusal:
        assert refusal.motive.startswith("IRR_")
    else:
        assert found


def _seeds() -> list[bytes]:
    content = [("a.xml", b"<a>1</a>"), ("dossier/" + "n" * 120 + ".xml", b"<b/>" * 200)]
    tars = []
    for tar_format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w", format=tar_format) as archive:
            for name, data in content:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        tars.append(target.getvalue()[:5_120])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in content:
            with zipped.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write(data)
    return [*tars, gzip.compress(tars[0], mtime=0), target.getvalue()]


_SEEDS = _seeds()


def test_members_are_read_in_the_archives_order_and_unread_ones_are_still_proved() -> None:
    data = _SEEDS[2]
    assert [member.name for member in members(io.BytesIO(data), len(data))] == [
        "a.xml",
        "dossier/" + "n" * 120 + ".xml",
    ]
    broken = data[:-8] + b"\0\0\0\0" + data[-4:]
    with pytest.raises(FlowRefused, match="gzip checksum"):
        for _ in members(io.BytesIO(broken), len(broken)):
            pass


class Trickle(io.BytesIO):
    """A stream that gives less than it is asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 700) if size is not None and size >= 0 else size)


@pytest.mark.parametrize("position", range(4))
def test_short_reads_change_nothing(position: int) -> None:
    data = _SEEDS[position]
    stream: BinaryIO = Trickle(data)
    assert [(member.name, b"".join(member.chunks)) for member in members(stream, len(data))] == read(data)


def test_leading_dot_and_folders_of_real_tools_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "lot").mkdir()
    (tmp_path / "lot" / "a.xml").write_bytes(b"<a/>")
    (tmp_path / "b.xml").write_bytes(b"<b/>")
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        archive.add(tmp_path, arcname=".")
    assert sorted(read(target.getvalue())) == [("b.xml", b"<b/>"), ("lot/a.xml", b"<a/>")]


@pytest.mark.parametrize("options", [["--format=gnu"], ["--format=posix"], ["--format=ustar"], ["--format=v7"]])
def test_archives_of_the_tar_command_are_read(tmp_path: Path, options: list[str]) -> None:
    name = "facture-" + "x" * 60 + ".xml"
    (tmp_path / name).write_bytes(b"<a/>" * 1_000)
    target = tmp_path / "flow"
    tar = ["tar", *options, "-czf", os.fspath(target), "-C", os.fspath(tmp_path), "./" + name]
    subprocess.run(tar, check=True)
    assert read(target.read_bytes()) == [(name, b"<a/>" * 1_000)]


def test_large_members_pass_in_bounded_memory() -> None:
    target = io.BytesIO()
    block = os.urandom(1_000_000)
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=0) as archive:
        for position in range(30):
            info = tarfile.TarInfo(f"{position}.pdf")
            info.size = len(block)
            archive.addfile(info, io.BytesIO(block))
    target.seek(0)
    size_bytes = len(target.getbuffer())
    tracemalloc.start()
    total = sum(len(chunk) for member in members(target, size_bytes) for chunk in member.chunks)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 30_000_000
    assert peak_bytes < 5_000_000


def test_an_archive_from_a_chorus_pro_partner_is_read() -> None:
    if not CHORUS_ARCHIVE.exists():
        pytest.skip("the official samples are not at hand")
    with CHORUS_ARCHIVE.open("rb") as stream:
        found = [(m.name, m.size_bytes, next(m.chunks)[:5]) for m in members(stream, CHORUS_ARCHIVE.stat().st_size)]
    assert found == [
        ("FSO1116A_JMRPOR_JMRPOR1116000000179.xml", 285_991, b"<?xml"),
        ("FSO1116A_JMRPOR_JMRPOR1116000000180.xml", 285_991, b"<?xml"),
    ]
