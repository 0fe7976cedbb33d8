"""A reader of one gzip stream that believes nothing before the trailer is checked. Source: RFC 1952."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO, Protocol

from data_contracts.limits import MEMBER_RATIO_MAX, RATIO_FREE_BYTES, TAR_HEADER_BYTES_MAX
from pipelines.admission.member import CHUNK_BYTES
from pipelines.admission.refusals import damaged, oversized

_HEADER_CRC, _EXTRA, _NAME, _COMMENT, _RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0


class Source(Protocol):
    """Where bytes come from, in order. Fewer bytes than asked may come; none means the end."""

    def read(self, size_bytes: int, /) -> bytes: ...


def exactly(source: Source, size_bytes: int) -> bytes:
    """The next bytes of a source; fewer than asked only at its end."""
    piece = source.read(size_bytes)
    if len(piece) == size_bytes or not piece:
        return piece
    pieces = [piece]
    missing = size_bytes - len(piece)
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


class GzipReader:
    """The unpacked bytes of a gzip file that holds exactly one stream.

    `read` gives an empty result only once the checksum, the length and the absence of further bytes are verified.

    Errors   FlowRefused with IRR_EXTRAC (damaged, cut, a second stream, bytes after the end),
             IRR_TAILLE (a ratio beyond MEMBER_RATIO_MAX).
    Cost     memory of two chunks.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._packed = b""
        self._packed_bytes = 0
        self._unpacked = memoryview(b"")
        self._unpacked_bytes = 0
        self._crc = 0
        self._header()

    def read(self, size_bytes: int, /) -> bytes:
        if not self._unpacked:
            self._unpacked = memoryview(self._inflate())
        piece = bytes(self._unpacked[:size_bytes])
        self._unpacked = self._unpacked[size_bytes:]
        return piece

    def _inflate(self) -> bytes:
        while not self._inflater.eof:
            packed = self._packed or self._stream.read(CHUNK_BYTES)
            try:
                unpacked = self._inflater.decompress(packed, CHUNK_BYTES)
            except zlib.error as error:
                raise damaged("admission-compressed-damaged") from error
            self._packed = self._inflater.unconsumed_tail
            self._packed_bytes += len(packed) - len(self._packed)
            if not packed and not unpacked:
                raise damaged("admission-gzip-cut")
            self._count(unpacked)
            if self._inflater.eof:
                self._trailer()
            if unpacked:
                return unpacked
        return b""

    def _count(self, unpacked: bytes) -> None:
        self._crc = zlib.crc32(unpacked, self._crc)
        self._unpacked_bytes += len(unpacked)
        if self._unpacked_bytes > max(RATIO_FREE_BYTES, MEMBER_RATIO_MAX * self._packed_bytes):
            raise oversized(
                "admission-ratio",
                where="archive",
                value=f"{self._unpacked_bytes} bytes from {self._packed_bytes}",
                most=str(MEMBER_RATIO_MAX),
            )

    def _header(self) -> None:
        header = self._take(10)
        magic, method, flags = header[:2], header[2], header[3]
        if magic != b"\x1f\x8b" or method != 8 or flags & _RESERVED:
            raise damaged("admission-gzip-header", value=header[:4].hex())
        if flags & _EXTRA:
            length = self._take(2)
            header += length + self._take(struct.unpack("<H", length)[0])
        for flag in (_NAME, _COMMENT):
            if flags & flag:
                header += self._text()
        if flags & _HEADER_CRC and self._take(2) != struct.pack("<H", zlib.crc32(header) & 0xFFFF):
            raise damaged("admission-gzip-header-checksum")

    def _text(self) -> bytes:
        text = bytearray()
        while not text.endswith(b"\0"):
            if len(text) > TAR_HEADER_BYTES_MAX:
                raise damaged("admission-gzip-header-size", value=str(len(text)))
            text += self._take(1)
        return bytes(text)

    def _trailer(self) -> None:
        # What the inflater did not use, and what was not given to it, come before the rest of the stream.
        self._packed = self._inflater.unused_data
        self._packed_bytes -= len(self._packed)
        crc, length = struct.unpack("<II", self._take(8))
        if crc != self._crc:
            raise damaged("admission-gzip-checksum", value=f"{crc:08x}")
        if length != self._unpacked_bytes & 0xFFFFFFFF:
            raise damaged("admission-gzip-length", value=str(length))
        rest = self._packed or self._stream.read(2)
        if rest.startswith(b"\x1f\x8b"):
            raise damaged("admission-gzip-second")
        if rest:
            raise damaged("admission-gzip-bytes-after")

    def _take(self, size_bytes: int) -> bytes:
        taken, self._packed = self._packed[:size_bytes], self._packed[size_bytes:]
        if len(taken) < size_bytes:
            taken += exactly(self._stream, size_bytes - len(taken))
        if len(taken) < size_bytes:
            raise damaged("admission-gzip-cut")
        return taken
