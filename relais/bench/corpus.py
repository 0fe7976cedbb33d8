"""The documents of a corpus: every XML and PDF of a directory, or of a tar file."""

from __future__ import annotations

import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

from data_contracts.errors import ConfigurationError
from data_contracts.limits import MEMBER_BYTES_MAX

SUFFIXES = frozenset({".xml", ".pdf"})


def names(corpus: Path) -> list[str]:
    """The names of the documents, relative to the directory or as in the archive, sorted.

    Errors   ConfigurationError when there is no such corpus, or no document in it.
    """
    try:
        found = sorted(set(_in_directory(corpus) if corpus.is_dir() else _in_archive(corpus)))
    except (OSError, tarfile.TarError) as error:
        raise _unreadable(corpus, error) from error
    if not found:
        raise ConfigurationError(
            "the corpus holds no document", where=str(corpus), remedy="give a directory or tar file with .xml or .pdf"
        )
    return found


def sampled(found: list[str], count: int | None, seed: int) -> list[str]:
    """So many of the names, drawn by the seed and sorted; all when `count` is None or is not less."""
    if count is None or count >= len(found):
        return found
    return sorted(random.Random(seed).sample(found, count))


def documents(corpus: Path, chosen: list[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the chosen documents; of a document beyond the limit of size, enough for the gate to refuse it.

    Shape    in the order of their names, of an archive in its own order. One document is in memory at a time.
    """
    if corpus.is_dir():
        for name in chosen:
            with (corpus / name).open("rb") as file:
                yield name, file.read(MEMBER_BYTES_MAX + 1)
        return
    wanted = set(chosen)
    with tarfile.open(corpus) as archive:
        for member in archive:
            name = _name(member)
            if name in wanted and (content := archive.extractfile(member)) is not None:
                wanted.discard(name)
                yield name, content.read(MEMBER_BYTES_MAX + 1)


def _in_directory(corpus: Path) -> Iterator[str]:
    for file in corpus.rglob("*"):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            yield file.relative_to(corpus).as_posix()


def _in_archive(corpus: Path) -> Iterator[str]:
    with tarfile.open(corpus) as archive:
        for member in archive:
            if member.isfile() and Path(member.name).suffix.lower() in SUFFIXES:
                yield _name(member)


def _name(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix("./")


def _unreadable(corpus: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        "the corpus cannot be read", where=str(corpus), value=str(error), remedy="give a directory or a tar file"
    )
