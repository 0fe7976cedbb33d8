"""From paths to documents: single files, archives, directories, told apart by content and read one at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data_contracts.errors import ConfigurationError
from data_contracts.limits import FLOW_BYTES_MAX, MEMBER_BYTES_MAX
from data_contracts.refusals import FlowRefused
from pipelines.admission.archive import members
from pipelines.admission.content import ARCHIVES, HEAD_BYTES, Content, content_of
from pipelines.admission.refusals import oversized, oversized_file
from pipelines.parsing.documents import Document

SUFFIXES = frozenset({"", ".xml", ".pdf", ".tar", ".gz", ".tgz", ".zip"})
"""Names under which a sender expects an invoice: in a directory such a file is checked whatever it holds."""


@dataclass(frozen=True)
class Given:
    """One document of a path. `path` is the file on disk."""

    path: str
    document: Document


@dataclass(frozen=True)
class Refused:
    """A file that was not opened further. `name` is None for an archive: none of its documents is known."""

    path: str
    name: str | None
    refusal: FlowRefused


@dataclass(frozen=True)
class Found:
    """The files to check, in order, and how many of the directories' files hold no invoice."""

    files: tuple[Path, ...]
    left_out: int


def files_of(paths: Sequence[Path]) -> Found:
    """The files of these paths, directories searched through, in the order of their names.

    Shape    a file named by the caller is always checked; in a directory, hidden files are passed over, and those whose
             content and name are both foreign to invoices are left out.
    Errors   ConfigurationError when a path does not exist or cannot be read.
    """
    files: list[Path] = []
    left_out = 0
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        for file in _under(path):
            if file.suffix.lower() in SUFFIXES or content_of(_head(file)) is not Content.OTHER:
                files.append(file)
            else:
                left_out += 1
    for file in files:
        _head(file)
    return Found(tuple(files), left_out)


def documents_of(file: Path, number: int) -> Iterator[Given | Refused]:
    """The documents of one file: itself, or the files of an archive; one refusal when it is not admissible.

    Shape    `number` tells the documents of this file from those of others.
    Cost     an archive is read twice: nothing of it is told before it was proved to its end. One document in memory.
    """
    size_bytes = file.stat().st_size
    shown = os.fsencode(file).decode("utf-8", "replace")
    name = os.fsencode(file.name).decode("utf-8", "replace")
    if content_of(_head(file)) in ARCHIVES:
        yield from _archived(file, size_bytes, shown, str(number))
    elif size_bytes > MEMBER_BYTES_MAX:
        yield Refused(shown, name, oversized_file(name, size_bytes, MEMBER_BYTES_MAX))
    else:
        yield Given(shown, _document(str(number), 0, name, _read(file)))


def _archived(file: Path, size_bytes: int, shown: str, key: str) -> Iterator[Given | Refused]:
    try:
        if size_bytes > FLOW_BYTES_MAX:
            raise oversized("admission-archive-size", value=str(size_bytes), most=str(FLOW_BYTES_MAX))
        with file.open("rb") as stream:
            for member in members(stream, size_bytes):
                for _ in member.chunks:
                    pass
    except FlowRefused as refusal:
        yield Refused(shown, None, refusal)
        return
    with file.open("rb") as stream:
        for position, member in enumerate(members(stream, size_bytes)):
            yield Given(shown, _document(key, position, member.name, b"".join(member.chunks)))


def _document(key: str, position: int, name: str, data: bytes) -> Document:
    return Document(key, position, name, data, hashlib.sha256(data).hexdigest())


def _under(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory, onerror=_cannot_read):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            if not name.startswith(".") and file.is_file():
                yield file


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        _cannot_read(error)
        raise


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        _cannot_read(error)
        raise


def _cannot_read(error: OSError) -> None:
    raise ConfigurationError(
        "a path cannot be read",
        where=str(error.filename),
        value=error.strerror or "",
        remedy="name files or directories that exist and that this user may read",
    ) from error
