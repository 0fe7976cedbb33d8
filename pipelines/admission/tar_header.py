"""One 512-byte header of a tar archive, and the extended headers that complete it. Pure.

Sources: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.admission.refusals import damaged, misnamed

BLOCK_BYTES = 512

FILE, OLD_FILE, FOLDER = b"0", b"\0", b"5"
PAX, PAX_GLOBAL, GNU_NAME, GNU_LINK = b"x", b"g", b"L", b"K"

_CHECKSUM = slice(148, 156)
_PAX_RECORD = re.compile(rb"([1-9][0-9]{0,6}) ([^=]+)=", re.DOTALL)


@dataclass(frozen=True)
class Header:
    """`name` is as written, undecoded; `size_bytes` counts the content blocks that follow, padding apart."""

    name: bytes
    size_bytes: int
    kind: bytes


def is_tar_header(block: bytes) -> bool:
    """Whether a block can be the first of a tar archive: its checksum holds, or it claims to be ustar."""
    return len(block) == BLOCK_BYTES and (block[257:262] == b"ustar" or (any(block) and _checksum_holds(block)))


def header_of(block: bytes) -> Header:
    """The fields of a header block.

    Errors   FlowRefused with IRR_EXTRAC if the checksum or a number in it does not hold.
    """
    if not _checksum_holds(block):
        raise damaged("admission-tar-checksum")
    name = block[:100].split(b"\0", 1)[0]
    # Only POSIX headers hold a prefix there; GNU headers hold times.
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0", 1)[0]):
        name = prefix + b"/" + name
    return Header(name, _number(block[124:136]), block[156:157])


def pax_fields(content: bytes) -> dict[bytes, bytes]:
    """The records of a pax header by keyword.

    Errors   FlowRefused with IRR_EXTRAC if a record is malformed, or says path or size twice.
    """
    fields: dict[bytes, bytes] = {}
    at = 0
    while at < len(content):
        match = _PAX_RECORD.match(content, at)
        end = at + int(match[1]) if match else 0
        if match is None or not match.end() < end <= len(content) or content[end - 1] != ord("\n"):
            raise damaged("admission-pax-malformed")
        keyword = match[2]
        if keyword in fields and keyword in {b"path", b"size"}:
            raise damaged("admission-pax-twice")
        fields[keyword] = content[match.end() : end - 1]
        at = end
    return fields


def pax_size(value: bytes) -> int:
    """The size that a pax record states. Errors: FlowRefused with IRR_EXTRAC unless it is plain decimal digits."""
    if not re.fullmatch(rb"[0-9]{1,19}", value):
        raise damaged("admission-pax-size")
    return int(value)


def decoded(name: bytes) -> str:
    """The text of a name: UTF-8, as tar defines no other. Errors: FlowRefused with IRR_NOM_F if it is not."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise misnamed("admission-name-utf8", name.decode("ascii", "backslashreplace")) from error


def _checksum_holds(block: bytes) -> bool:
    stated = block[_CHECKSUM].strip(b" \0")
    if not re.fullmatch(rb"[0-7]{1,7}", stated):
        return False
    covered = block[: _CHECKSUM.start] + b" " * 8 + block[_CHECKSUM.stop :]
    unsigned = sum(covered)
    # Old tools summed signed characters: each byte from 128 up counts 256 less.
    return int(stated, 8) == unsigned or int(stated, 8) == unsigned - 256 * sum(byte >= 128 for byte in covered)


def _number(field: bytes) -> int:
    if field[0] in {0x80, 0xFF}:  # GNU: a big-endian number of two's complement behind a marker byte
        number = int.from_bytes(field[1:], "big", signed=field[0] == 0xFF)
    else:
        digits = field.strip(b" \0")
        if not re.fullmatch(rb"-?[0-7]*", digits):
            raise damaged("admission-tar-size")
        number = int(digits or b"0", 8)
    if number < 0:
        raise damaged("admission-tar-size-negative")
    return number
