"""A reader of zip archives that accepts one reading only: directory, local headers and data must tell the same.

Source: PKWARE APPNOTE 6.3, 4.3 to 4.5.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from data_contracts.limits import MEMBER_RATIO_MAX, RATIO_FREE_BYTES
from pipelines.admission.gzip_stream import exactly
from pipelines.admission.member import CHUNK_BYTES, Allowance, Member, folder_name, member_name
from pipelines.admission.refusals import damaged, oversized, shown
from pipelines.admission.zip_directory import (
    DEFLATED,
    DESCRIPTOR,
    ENCRYPTED,
    MASKED,
    PATCHED,
    STRONG,
    UTF8,
    Entry,
    directory_of,
    entries_of,
    zip64_values,
)

_LOCAL = struct.Struct("<4s5H3L2H")
_COMPARED_FLAGS = ENCRYPTED | DESCRIPTOR | PATCHED | STRONG | UTF8 | MASKED
_FULL32 = 0xFFFFFFFF


def zip_members(stream: BinaryIO, size_bytes: int, allowance: Allowance) -> Iterator[Member]:
    """The files of a zip, in the order of its directory. Members are proved one by one, the whole at the end.

    Errors   FlowRefused with IRR_EXTRAC (damaged, cut, overlapping or hidden spans, contradictions, encryption,
             foreign methods, links), IRR_NOM_F, IRR_VIDE_F, IRR_TAILLE_F, IRR_TAILLE.
    Cost     memory of one chunk, and one directory row for each member.
    """
    directory = directory_of(stream, size_bytes)
    entries = []
    for entry in entries_of(stream, directory):
        allowance.entry()
        if entry.is_folder:
            _empty_folder(entry)
        else:
            allowance.file(entry.name, entry.size_bytes)
        entries.append(entry)
    _within_ratio(entries)
    ends = _spans(entries, directory.start)
    for entry in entries:
        chunks = _content(stream, entry, ends[entry.offset])
        if not entry.is_folder:
            yield Member(member_name(entry.name), entry.size_bytes, chunks)
        for _ in chunks:  # a folder's span, and whatever the caller left unread
            pass


def _empty_folder(entry: Entry) -> None:
    folder_name(entry.name)
    if entry.size_bytes:
        raise damaged("admission-folder", value=shown(entry.name))


def _within_ratio(entries: list[Entry]) -> None:
    """Nothing, when the sizes as declared stay within the ratio; unpacking is held to the sizes as declared."""
    unpacked_bytes = sum(entry.size_bytes for entry in entries)
    packed_bytes = sum(entry.packed_bytes for entry in entries)
    if unpacked_bytes > max(RATIO_FREE_BYTES, MEMBER_RATIO_MAX * packed_bytes):
        raise oversized(
            "admission-ratio",
            where="archive",
            value=f"{unpacked_bytes} bytes from {packed_bytes}",
            most=str(MEMBER_RATIO_MAX),
        )


def _spans(entries: list[Entry], directory_start: int) -> dict[int, int]:
    """Where each entry's span ends, by its offset: at the next entry or at the directory.

    Errors   FlowRefused with IRR_EXTRAC if spans overlap, or if bytes precede the first.
    """
    ordered = sorted(entries, key=lambda entry: entry.offset)
    if (ordered[0].offset if ordered else directory_start) != 0:
        raise damaged("admission-zip-bytes-before")
    if not ordered:
        return {}
    ends = [*(entry.offset for entry in ordered[1:]), directory_start]
    for entry, end in zip(ordered, ends, strict=True):
        if entry.offset + _LOCAL.size + len(entry.raw_name) + entry.packed_bytes > end:
            raise damaged("admission-zip-overlap", where=shown(entry.name), value=str(entry.offset))
    return {entry.offset: end for entry, end in zip(ordered, ends, strict=True)}


def _content(stream: BinaryIO, entry: Entry, end: int) -> Iterator[bytes]:
    """The unpacked bytes of one entry, then the proof that its span holds nothing else."""
    data_at = _data_start(stream, entry)
    data_end = data_at + entry.packed_bytes
    if data_end > end:
        raise _contradiction(entry)
    yield from _unpacked(stream, entry, data_at)
    _closed(stream, entry, data_end, end)


def _data_start(stream: BinaryIO, entry: Entry) -> int:
    stream.seek(entry.offset)
    fixed = exactly(stream, _LOCAL.size)
    if len(fixed) < _LOCAL.size or fixed[:4] != b"PK\x03\x04":
        raise _contradiction(entry)
    fields: tuple[int, ...] = _LOCAL.unpack(fixed)[2:]
    flags, method, _, _, crc, packed_bytes, size_bytes, name_bytes, extra_bytes = fields
    if exactly(stream, name_bytes) != entry.raw_name or method != entry.method:
        raise _contradiction(entry)
    if (flags ^ entry.flags) & _COMPARED_FLAGS:
        raise _contradiction(entry)
    extra = exactly(stream, extra_bytes)
    sizes = [size_bytes, packed_bytes]
    wide = iter(zip64_values(extra, sizes.count(_FULL32)))
    local = (crc, *(next(wide) if size == _FULL32 else size for size in sizes))
    told = (entry.crc, entry.size_bytes, entry.packed_bytes)
    # A writer that could not seek leaves these fields empty and tells them after the data.
    postponed = flags & DESCRIPTOR and all(value in {0, expected} for value, expected in zip(local, told, strict=True))
    if local != told and not postponed:
        raise _contradiction(entry)
    return entry.offset + _LOCAL.size + name_bytes + extra_bytes


def _unpacked(stream: BinaryIO, entry: Entry, data_at: int) -> Iterator[bytes]:
    crc = 0
    unpacked_bytes = 0
    pieces = _inflated(stream, entry, data_at) if entry.method == DEFLATED else _packed(stream, entry, data_at)
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        unpacked_bytes += len(piece)
        if unpacked_bytes > entry.size_bytes:
            raise _missized(entry)
        yield piece
    if unpacked_bytes != entry.size_bytes:
        raise _missized(entry)
    if crc != entry.crc:
        raise damaged("admission-zip-checksum", where=shown(entry.name), value=f"{crc:08x}")


def _packed(stream: BinaryIO, entry: Entry, data_at: int) -> Iterator[bytes]:
    at, end = data_at, data_at + entry.packed_bytes
    while at < end:
        stream.seek(at)  # between two chunks the caller may have used the stream
        piece = stream.read(min(CHUNK_BYTES, end - at))
        if not piece:
            raise _missized(entry)
        at += len(piece)
        yield piece


def _inflated(stream: BinaryIO, entry: Entry, data_at: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in itertools.chain(_packed(stream, entry, data_at), (b"",)):
        pending = packed
        while not inflater.eof:
            try:
                piece = inflater.decompress(pending, min(CHUNK_BYTES, entry.size_bytes + 1))
            except zlib.error as error:
                raise _undeflatable(entry) from error
            pending = inflater.unconsumed_tail
            if piece:
                yield piece
            elif not pending:
                break
        if inflater.eof and (pending or inflater.unused_data):
            raise _undeflatable(entry)
    if not inflater.eof:
        raise _undeflatable(entry)


def _closed(stream: BinaryIO, entry: Entry, data_end: int, end: int) -> None:
    """Nothing, when the rest of the span is what the flags announce: a data descriptor that agrees, or nothing."""
    if not entry.flags & DESCRIPTOR:
        if data_end != end:
            raise damaged("admission-zip-hidden", where=shown(entry.name), value=str(end - data_end))
        return
    stream.seek(data_end)
    descriptor = exactly(stream, min(end - data_end, 25))
    narrow = struct.pack("<3L", entry.crc, entry.packed_bytes & _FULL32, entry.size_bytes & _FULL32)
    wide = struct.pack("<L2Q", entry.crc, entry.packed_bytes, entry.size_bytes)
    if descriptor not in {narrow, wide, b"PK\x07\x08" + narrow, b"PK\x07\x08" + wide}:
        raise _contradiction(entry)


def _contradiction(entry: Entry) -> Exception:
    return damaged("admission-zip-contradiction", where=shown(entry.name), value=str(entry.offset))


def _missized(entry: Entry) -> Exception:
    return damaged("admission-zip-size", where=shown(entry.name), value=str(entry.size_bytes))


def _undeflatable(entry: Entry) -> Exception:
    return damaged("admission-zip-file-damaged", where=shown(entry.name))
