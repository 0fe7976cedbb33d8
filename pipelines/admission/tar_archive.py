"""A reader of tar archives, one block after the other, that never skips what it does not understand.

Source: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_contracts.limits import TAR_HEADER_BYTES_MAX
from pipelines.admission.gzip_stream import Source, exactly
from pipelines.admission.member import CHUNK_BYTES, Allowance, Member, folder_name
from pipelines.admission.refusals import damaged, mistyped, shown
from pipelines.admission.tar_header import (
    BLOCK_BYTES,
    FILE,
    FOLDER,
    GNU_LINK,
    GNU_NAME,
    OLD_FILE,
    PAX,
    PAX_GLOBAL,
    Header,
    decoded,
    header_of,
    is_tar_header,
    pax_fields,
    pax_size,
)

PADDING_BYTES_MAX = 1_048_576
"""Zero bytes that may follow the end of a tar: tools fill up a record, 10,240 bytes as a rule, never a megabyte."""

_ZEROS = bytes(BLOCK_BYTES)


@dataclass
class _Extended:
    """What the extended headers before an entry say of it, and the bytes that they took."""

    name: bytes | None = None
    size_bytes: int | None = None
    taken_bytes: int = 0


def tar_members(source: Source, allowance: Allowance) -> Iterator[Member]:
    """The files of a tar, in its order. Nothing is proved before the iterator has ended: it reads to the last byte.

    Errors   FlowRefused with IRR_EXTRAC (damaged, cut, no end blocks, bytes after the end, anything but plain files
             and empty folders), IRR_NOM_F, IRR_VIDE_F, IRR_TAILLE_F, IRR_TAILLE, IRR_TYPE when this is no tar at all.
    Cost     memory of one chunk, and one name for each member.
    """
    extended = _Extended()
    for block in _header_blocks(source):
        header = header_of(block)
        if header.kind in {PAX, PAX_GLOBAL, GNU_NAME, GNU_LINK}:
            _extend(extended, header, source)
            continue
        allowance.entry()
        name = decoded(header.name if extended.name is None else extended.name)
        size_bytes = header.size_bytes if extended.size_bytes is None else extended.size_bytes
        extended = _Extended()
        if _is_folder(header, name):
            _pass_over_folder(name, size_bytes)
            continue
        if header.kind not in {FILE, OLD_FILE}:
            raise _refused_kind(header.kind, name)
        kept_name = allowance.file(name, size_bytes)
        chunks = _content(source, size_bytes, kept_name)
        yield Member(kept_name, size_bytes, chunks)
        for _ in chunks:  # whatever the caller left unread
            pass
    if extended.taken_bytes:
        raise damaged("admission-tar-no-file")


def _header_blocks(source: Source) -> Iterator[bytes]:
    block = exactly(source, BLOCK_BYTES)
    if block != _ZEROS and not is_tar_header(block):
        if len(block) < BLOCK_BYTES and not block.strip(b"\0"):
            raise _cut()
        raise mistyped("admission-tar-missing", block[:8].hex())
    while block != _ZEROS:
        if len(block) < BLOCK_BYTES:
            raise _cut()
        yield block
        block = exactly(source, BLOCK_BYTES)
    if exactly(source, BLOCK_BYTES) != _ZEROS:
        raise damaged("admission-tar-end")
    _only_padding(source)


def _only_padding(source: Source) -> None:
    padding_bytes = 0
    while piece := source.read(CHUNK_BYTES):
        padding_bytes += len(piece)
        if piece.strip(b"\0") or padding_bytes > PADDING_BYTES_MAX:
            raise damaged("admission-tar-bytes-after")


def _extend(extended: _Extended, header: Header, source: Source) -> None:
    """Read one extended header into what is known of the next entry."""
    extended.taken_bytes += BLOCK_BYTES + header.size_bytes
    if extended.taken_bytes > TAR_HEADER_BYTES_MAX:
        raise damaged("admission-tar-headers-size", value=str(extended.taken_bytes), most=str(TAR_HEADER_BYTES_MAX))
    content = b"".join(_content(source, header.size_bytes, "extended header"))
    if header.kind == GNU_NAME:
        _rename(extended, content.split(b"\0", 1)[0])
    elif header.kind in {PAX, PAX_GLOBAL}:
        fields = pax_fields(content)
        if any(keyword.startswith(b"GNU.sparse.") for keyword in fields):
            raise _refused_kind(b"S", "")
        if header.kind == PAX_GLOBAL and not fields.keys().isdisjoint({b"path", b"size"}):
            raise damaged("admission-tar-global")
        if b"path" in fields:
            _rename(extended, fields[b"path"])
        if b"size" in fields:
            extended.size_bytes = pax_size(fields[b"size"])


def _rename(extended: _Extended, name: bytes) -> None:
    if extended.name is not None:
        raise damaged("admission-tar-two-names")
    extended.name = name


def _content(source: Source, size_bytes: int, name: str) -> Iterator[bytes]:
    missing = size_bytes
    while missing:
        piece = source.read(min(missing, CHUNK_BYTES))
        if not piece:
            raise _cut(name)
        missing -= len(piece)
        yield piece
    padding_bytes = -size_bytes % BLOCK_BYTES
    if len(exactly(source, padding_bytes)) < padding_bytes:
        raise _cut(name)


def _is_folder(header: Header, name: str) -> bool:
    return header.kind == FOLDER or (header.kind == OLD_FILE and name.endswith("/"))


def _pass_over_folder(name: str, size_bytes: int) -> None:
    folder_name(name)
    if size_bytes:
        raise damaged("admission-folder", value=shown(name))


def _refused_kind(kind: bytes, name: str) -> Exception:
    code = ascii(kind.decode("latin-1"))
    return damaged(
        "admission-tar-kind",
        where=shown(name) if name else "archive",
        value=code,
        kind="kind-" + kind.decode("latin-1"),
        code=code,
    )


def _cut(name: str = "") -> Exception:
    return damaged("admission-cut", where=shown(name) if name else "archive")
