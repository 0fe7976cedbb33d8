"""One file of an archive, its name, and what an archive may spend: the same rules for tar and zip."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from data_contracts.limits import MEMBER_BYTES_MAX, MEMBER_NAME_BYTES_MAX, MEMBERS_MAX, UNPACKED_BYTES_MAX
from pipelines.admission.refusals import HIDDEN_CATEGORIES, empty_file, misnamed, oversized, oversized_file

CHUNK_BYTES = 256 * 1024
"""Bytes read or unpacked at a time: what an archive costs in memory, whatever it holds."""

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Member:
    """One file of an archive. `chunks` can be read once, before the next member is asked for."""

    name: str
    size_bytes: int
    chunks: Iterator[bytes]


def member_name(raw: str) -> str:
    """The name of a file as it is kept: as found, less a leading `./`. It is a label and never used as a path.

    Errors   FlowRefused with IRR_NOM_F, saying what is wrong.
    """
    name = raw
    while name.startswith("./"):
        name = name[2:]
    size_bytes = len(name.encode("utf-8", errors="surrogatepass"))
    if size_bytes > MEMBER_NAME_BYTES_MAX:
        raise misnamed("admission-name-size", name, size=str(size_bytes), most=str(MEMBER_NAME_BYTES_MAX))
    if any(unicodedata.category(character) in HIDDEN_CATEGORIES for character in name):
        raise misnamed("admission-name-hidden", name)
    if "\\" in name:
        raise misnamed("admission-name-backslash", name)
    if name.startswith("/") or _DRIVE.match(name):
        raise misnamed("admission-name-absolute", name)
    segments = name.split("/")
    if ".." in segments:
        raise misnamed("admission-name-leaves", name)
    if "" in segments or "." in segments:
        raise misnamed("admission-name-part", name)
    return name


def folder_name(raw: str) -> None:
    """Nothing, when a folder's name is acceptable; folders are passed over, but a hostile one tells of the archive.

    Errors   FlowRefused with IRR_NOM_F.
    """
    name = raw.rstrip("/")
    if name not in {"", "."} or raw.startswith("/"):
        member_name(name or raw)


@dataclass
class Allowance:
    """What is left of the limits while an archive is read, and the names met so far."""

    entry_count: int = 0
    unpacked_bytes: int = 0
    _names: set[str] = field(default_factory=set)

    def entry(self) -> None:
        """Count one entry of any kind. FlowRefused with IRR_TAILLE beyond MEMBERS_MAX."""
        self.entry_count += 1
        if self.entry_count > MEMBERS_MAX:
            raise oversized("admission-entries", where="archive", value=str(self.entry_count), most=str(MEMBERS_MAX))

    def file(self, raw_name: str, size_bytes: int) -> str:
        """The kept name of the next file, after counting its bytes as declared; readers hold it to that size.

        Errors   FlowRefused with IRR_NOM_F (name, or twin of an earlier one), IRR_VIDE_F, IRR_TAILLE_F, IRR_TAILLE.
        """
        name = member_name(raw_name)
        self._once(name)
        if size_bytes == 0:
            raise empty_file(name)
        if size_bytes > MEMBER_BYTES_MAX:
            raise oversized_file(name, size_bytes, MEMBER_BYTES_MAX)
        self.unpacked_bytes += size_bytes
        if self.unpacked_bytes > UNPACKED_BYTES_MAX:
            raise oversized(
                "admission-unpacked", where="archive", value=str(self.unpacked_bytes), most=str(UNPACKED_BYTES_MAX)
            )
        return name

    def _once(self, name: str) -> None:
        # Two names that a file system or a reader could take for one would let one invoice hide another.
        twin = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        if twin in self._names:
            raise misnamed("admission-name-twin", name)
        self._names.add(twin)
