"""Archives of answers: a tar.gz that depends on its files alone, never on the machine or the hour."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Sequence
from io import BytesIO

from data_contracts.envelope import EnvelopeName
from data_contracts.errors import ContractBroken

COMPRESSION_LEVEL = 6
USTAR_NAME_BYTES_MAX = 100
FILE_MODE = 0o644
NUMBER_DIGITS = 6
"""Enough for a flow of 50,000 members with two statuses each."""


def member_name(name: EnvelopeName, number: int) -> str:
    """The name of one file inside an answer's archive: the answer's own name and a number, counted from 1."""
    return f"{name}_{number:0{NUMBER_DIGITS}d}.xml"


def packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    """The bytes of a tar.gz that holds these files, in the order given. Same files, same bytes.

    Shape    ustar headers without owner, group or time; a gzip header without name or time.
    Errors   ContractBroken if there is no file, a name twice, or a name that is not 1 to 100 plain characters.
    Cost     one pass; memory holds the archive besides the files.
    """
    _named_well([name for name, _ in files])
    buffer = BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION_LEVEL, fileobj=buffer, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = FILE_MODE
            archive.addfile(entry, BytesIO(content))
    return buffer.getvalue()


def _named_well(names: Sequence[str]) -> None:
    if not names:
        raise ContractBroken("an archive needs a file", where="packed")
    if len(set(names)) != len(names):
        raise ContractBroken("two files of an archive have one name", where="packed")
    for name in names:
        if not name or len(name) > USTAR_NAME_BYTES_MAX or not name.isascii() or "/" in name or not name.isprintable():
            raise ContractBroken("not a name for a file in an answer's archive", where="packed", value=name)
