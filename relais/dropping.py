"""Drops flow files into partners' mailboxes as partners would: under a temporary name, then renamed. Each file once."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes

from connectors.local_drop import UNFINISHED
from data_contracts.envelope import parsed
from data_contracts.errors import ConfigurationError
from data_contracts.partners import APPLICATION_CODE, UNKNOWN_CODE
from data_contracts.refusals import FlowRefused

RECORD = "dropped.txt"
"""The names already dropped, one a line, odd bytes spelled as in a URL, in the run's home: a run that is taken up again
drops nothing twice."""


def partner_of(name: str) -> str:
    """Whose drop a file belongs to, by its name; UNKNOWN_CODE when the name does not tell."""
    try:
        return parsed(name).partner_code
    except FlowRefused:
        fields = name.split("_")
        told = len(fields) > 1 and APPLICATION_CODE.fullmatch(fields[1])
        return fields[1] if told else UNKNOWN_CODE


def flow_files(directory: Path) -> Iterator[Path]:
    """The files of a directory that are flows, sorted by name; hidden files and sub-directories are not.

    Errors   ConfigurationError when the directory does not exist, holds no file, or holds one whose name says that it
             is still being written: no mailbox would take it, so it would get no answer.
    """
    if not directory.is_dir():
        raise ConfigurationError(
            "no such directory of flows", where=str(directory), remedy="give an existing directory"
        )
    files = sorted(path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))
    if not files:
        raise ConfigurationError("the directory holds no flow", where=str(directory), remedy="put envelope files in it")
    for path in files:
        if path.name.lower().endswith(UNFINISHED):
            raise ConfigurationError(
                "a file's name says that it is still being written",
                where=str(directory),
                value=path.name,
                remedy="wait for it, rename it once it is complete, or take it away",
            )
    yield from files


def drop(directory: Path, drops: Path, home: Path, progress: Callable[[int], None] | None = None) -> int:
    """How many files of `directory` were dropped now, those of an earlier, interrupted call left out.

    A file is copied to a hidden temporary name, recorded, then renamed: only the rename makes the temporary name
    vanish, so an interrupted call can tell what is left to do.
    """
    record = home / RECORD
    done = set(record.read_text().splitlines()) if record.exists() else set()
    dropped = 0
    for source in flow_files(directory):
        inbox = drops / partner_of(source.name) / "in"
        name = os.fsencode(source.name)
        temporary = inbox / f".{hashlib.sha256(name).hexdigest()}.part"  # A name may be as long as a name can be.
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        key = f"{directory.name}/{quote_from_bytes(name)} {digest}"
        if key not in done:
            inbox.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, temporary)
            with record.open("a") as lines:
                lines.write(key + "\n")
                lines.flush()
                os.fsync(lines.fileno())
            dropped += 1
        if temporary.exists():
            temporary.rename(inbox / source.name)
        if progress is not None:
            progress(1)
    return dropped
