"""The central directory of a zip, read and doubted before any member is unpacked. Source: PKWARE APPNOTE 6.3."""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from data_contracts.limits import MEMBERS_MAX
from pipelines.admission.gzip_stream import exactly
from pipelines.admission.refusals import damaged, oversized, shown

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")

_COMMENT_BYTES_MAX = 65_535
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF

ENCRYPTED, DESCRIPTOR, PATCHED, STRONG, UTF8, MASKED = 1 << 0, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
STORED, DEFLATED = 0, 8
_METHODS = {9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd", 99: "AES encryption"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the central directory. `offset` is where its local header begins, from the start of the file."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    offset: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


@dataclass(frozen=True)
class Directory:
    """Where the central directory lies: `count` rows from `start` to `end`."""

    count: int
    start: int
    end: int


def directory_of(stream: BinaryIO, size_bytes: int) -> Directory:
    """The place of the central directory, from the records at the end of the file.

    Errors   FlowRefused with IRR_EXTRAC if the end is missing, ambiguous, contradictory or followed by bytes,
             IRR_TAILLE if the archive announces more than MEMBERS_MAX entries.
    """
    end_at, fields = _end_record(stream, size_bytes)
    disk, directory_disk, disk_count, count, length, start = fields
    end = end_at
    if (located := _located(stream, end_at)) is not None:
        end = located
        disk, directory_disk, disk_count, count, length, start = _end64(stream, located, end_at - _LOCATOR.size, fields)
    if disk or directory_disk or disk_count != count:
        raise damaged("admission-zip-part")
    if count > MEMBERS_MAX:
        raise oversized(
            "admission-zip-entries", where="archive", value=str(count), count=str(count), most=str(MEMBERS_MAX)
        )
    if start + length != end:
        raise damaged("admission-zip-directory-place", value=f"{start} + {length} for {end}")
    return Directory(count, start, end)


def entries_of(stream: BinaryIO, directory: Directory) -> Iterator[Entry]:
    """The rows of the central directory, in its order.

    Errors   FlowRefused with IRR_EXTRAC if a row is malformed, encrypted, of another method or kind, or if the rows
             do not fill the directory exactly.
    """
    at = directory.start
    stream.seek(at)
    for _ in range(directory.count):
        fixed = exactly(stream, _CENTRAL.size)
        at += len(fixed)
        if at > directory.end or len(fixed) < _CENTRAL.size or fixed[:4] != b"PK\x01\x02":
            raise _malformed()
        row = _CENTRAL.unpack(fixed)
        name_bytes, extra_bytes, comment_bytes = row[10:13]
        variable_bytes = name_bytes + extra_bytes + comment_bytes
        variable = exactly(stream, variable_bytes)
        at += variable_bytes
        if at > directory.end or len(variable) < variable_bytes:
            raise _malformed()
        yield _entry(row, variable[:name_bytes], variable[name_bytes : name_bytes + extra_bytes])
    if at != directory.end:
        raise damaged("admission-zip-directory-more", value=str(directory.count))


def zip64_values(extra: bytes, wanted: int) -> list[int]:
    """The first `wanted` eight-byte values of the zip64 extra field.

    Errors   FlowRefused with IRR_EXTRAC if the extra fields are malformed, or the zip64 one is missing, twice or short.
    """
    found: list[bytes] = []
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if at + 4 + length > len(extra):
            raise _malformed()
        if tag == 1:
            found.append(extra[at + 4 : at + 4 + length])
        at += 4 + length
    if wanted == 0:
        return []
    if len(found) != 1 or len(found[0]) < 8 * wanted:
        raise damaged("admission-zip64-field")
    return list(struct.unpack_from(f"<{wanted}Q", found[0]))


def _entry(row: tuple[int, ...], raw_name: bytes, extra: bytes) -> Entry:
    flags, method, crc, packed_bytes, size_bytes = row[3], row[4], *row[7:10]
    disk, attributes, offset = row[13], row[15], row[16]
    name = _decoded(raw_name, flags)
    sizes = [size_bytes, packed_bytes, offset]
    wide = iter(zip64_values(extra, sizes.count(_FULL32)))
    size_bytes, packed_bytes, offset = (next(wide) if value == _FULL32 else value for value in sizes)
    entry = Entry(name, raw_name, flags, method, crc, packed_bytes, size_bytes, offset)
    _readable(entry, disk, stat.S_IFMT(attributes >> 16))
    return entry


def _readable(entry: Entry, disk: int, kind: int) -> None:
    """Nothing, when the entry is a plain file or folder that we can unpack."""
    where = shown(entry.name)
    if entry.flags & (ENCRYPTED | STRONG | MASKED):
        raise damaged("admission-zip-encrypted", where=where)
    if entry.method not in {STORED, DEFLATED} or entry.flags & PATCHED:
        method = _METHODS.get(entry.method, str(entry.method))
        raise damaged("admission-zip-method", where=where, value=method)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or (kind == stat.S_IFDIR and not entry.is_folder):
        linked = "link" if kind == stat.S_IFLNK else "none"
        raise damaged("admission-zip-kind", where=where, value=f"{kind:o}", kind=linked)
    if disk:
        raise damaged("admission-zip-file-elsewhere", where=where)


def _decoded(raw_name: bytes, flags: int) -> str:
    try:
        return raw_name.decode("utf-8")
    except UnicodeDecodeError:
        if flags & UTF8:
            raise damaged("admission-zip-name-utf8") from None
        return raw_name.decode("cp437")  # what the format prescribes for unmarked names


def _end_record(stream: BinaryIO, size_bytes: int) -> tuple[int, tuple[int, ...]]:
    tail_at = max(0, size_bytes - _END.size - _COMMENT_BYTES_MAX)
    stream.seek(tail_at)
    tail = exactly(stream, size_bytes - tail_at)
    found: list[tuple[int, tuple[int, ...]]] = []
    met = False
    at = tail.find(b"PK\x05\x06")
    while at >= 0:
        met = True
        if at + _END.size <= len(tail):
            _, *fields, comment_bytes = _END.unpack_from(tail, at)
            if at + _END.size + comment_bytes == len(tail):
                found.append((tail_at + at, tuple(fields)))
        at = tail.find(b"PK\x05\x06", at + 1)
    if not met:
        raise damaged("admission-zip-cut")
    if not found:
        raise damaged("admission-zip-end")
    if len(found) > 1:
        raise damaged("admission-zip-two-ends")
    return found[0]


def _located(stream: BinaryIO, end_at: int) -> int | None:
    if end_at < _LOCATOR.size:
        return None
    stream.seek(end_at - _LOCATOR.size)
    signature, disk, offset, disks = _LOCATOR.unpack(exactly(stream, _LOCATOR.size))
    if signature != b"PK\x06\x07":
        return None
    if disk or disks > 1:
        raise damaged("admission-zip-part")
    return int(offset)


def _end64(stream: BinaryIO, at: int, locator_at: int, narrow: tuple[int, ...]) -> tuple[int, ...]:
    if at + _END64.size > locator_at:
        raise _contradictory(at)
    stream.seek(at)
    signature, length, _, _, *wide = _END64.unpack(exactly(stream, _END64.size))
    if signature != b"PK\x06\x06" or at + 12 + length != locator_at:
        raise _contradictory(at)
    for index, (value, wide_value) in enumerate(zip(narrow, wide, strict=True)):
        full = _FULL16 if index < 4 else _FULL32
        if value not in {wide_value, full}:
            raise _contradictory(at)
    return tuple(wide)


def _contradictory(at: int) -> Exception:
    return damaged("admission-zip64-end", value=str(at))


def _malformed() -> Exception:
    return damaged("admission-zip-directory")
