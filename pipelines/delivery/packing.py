"""Archives of answers: a tar.gz that depends on its files alone, never on the machine or the hour."""

from __future__ import annotations

import struct
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence

from data_contracts.envelope import EnvelopeName
from data_contracts.errors import ContractBroken

COMPRESSION_LEVEL = 1
"""Of CDAR messages, which resemble each other, level 1 leaves a tenth, level 6 a fifteenth at three times the cost."""

_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Of RFC 1952, without name or time; zlib's own names the system that it was built for."""

_RAW_DEFLATE = -15

USTAR_NAME_BYTES_MAX = 100
FILE_MODE = 0o644
NUMBER_DIGITS = 6
"""Enough for a flow of 50,000 members with two statuses each."""


def member_name(name: EnvelopeName, number: int) -> str:
    """The name of one file inside an answer's archive: the answer's own name and a number, counted from 1."""
    return f"{name}_{number:0{NUMBER_DIGITS}d}.xml"


def packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    """The bytes of a tar.gz that holds these files: `packed_parts`, in one piece."""
    return b"".join(packed_parts(files))


def packed_parts(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A tar.gz that holds these files, in the order given: its bytes, part by part. Same files, same bytes.

    Shape    ustar headers without owner, group or time; a gzip header without name or time.
    Errors   ContractBroken if there is no file, a name twice, or a name that is not 1 to 100 plain characters.
    Cost     one pass; memory holds one file, and the names.
    """
    deflate = zlib.compressobj(COMPRESSION_LEVEL, zlib.DEFLATED, _RAW_DEFLATE)
    names: set[str] = set()
    checksum, written = 0, 0
    yield _GZIP_HEADER
    for name, content in files:
        _named_well(name, names)
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entry.mode = FILE_MODE
        header = entry.tobuf(tarfile.USTAR_FORMAT)
        part = b"".join((header, content, bytes(-len(content) % tarfile.BLOCKSIZE)))
        checksum, written = zlib.crc32(part, checksum), written + len(part)
        if out := deflate.compress(part):
            yield out
    if not names:
        raise ContractBroken("an archive needs a file", where="packed")
    end = 2 * tarfile.BLOCKSIZE
    blank = bytes(end + -(written + end) % tarfile.RECORDSIZE)
    trailer = struct.pack("<LL", zlib.crc32(blank, checksum), (written + len(blank)) % 2**32)
    yield b"".join((deflate.compress(blank), deflate.flush(), trailer))


def _named_well(name: str, names: set[str]) -> None:
    if name in names:
        raise ContractBroken("two files of an archive have one name", where="packed")
    if not name or len(name) > USTAR_NAME_BYTES_MAX or not name.isascii() or "/" in name or not name.isprintable():
        raise ContractBroken("not a name for a file in an answer's archive", where="packed", value=name)
    names.add(name)
