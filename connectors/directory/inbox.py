"""The folder where directory files are dropped: each is loaded in order, and put away by how that went."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.directory.f14 import F14
from connectors.directory.loading import Loaded, load, opened_file
from connectors.directory.refused import DirectoryGap, DirectoryRefused, DirectorySuperseded
from connectors.durable_files import make_folder
from data_contracts.errors import ConfigurationError, RelaisError

log = logging.getLogger("relais.directory")

DONE, REFUSED = "loaded", "refused"
SUFFIXES = (".xml", ".xml.gz")


@dataclass(frozen=True)
class Taken:
    """One file and what became of it: loaded; superseded, with neither `loaded` nor `error`; or refused. `waits` says
    that it still lies there, for the flows that must come before it."""

    name: str
    loaded: Loaded | None
    error: RelaisError | None = None
    waits: bool = False


def take_inbox(inbox: Path, folder: Path, now: Callable[[], datetime]) -> Iterator[Taken]:
    """What became of each file of the inbox, oldest production first; files and folders of registers alike.

    Shape    loaded and superseded ones are moved to `loaded/`, refused ones to `refused/`; a differential that came too
             early waits. Names that begin with a dot, or end in anything else than `.xml` and `.xml.gz`, are still
             being written, and passed over.
    Errors   DirectoryBusy and StoreUnavailable, with every file left where it is.
    """
    make_folder(inbox)
    for path in sorted(_dropped(inbox), key=lambda one: (_produced(one), one.name)):
        try:
            loaded = load(path, folder, at=now())
        except DirectorySuperseded:
            _put_away(path, DONE)
            yield Taken(path.name, None)
        except DirectoryGap as error:
            yield Taken(path.name, None, error, waits=True)
        except (DirectoryRefused, ConfigurationError) as error:
            _put_away(path, REFUSED)
            yield Taken(path.name, None, error)
        else:
            _put_away(path, DONE)
            yield Taken(path.name, loaded)


def refresh(inbox: Path, folder: Path, now: Callable[[], datetime]) -> int:
    """How many new versions came into force from the inbox.

    Errors   DirectoryRefused after all were tried, naming what was refused and what waits; DirectoryBusy,
             StoreUnavailable.
    """
    new, wrong = 0, []
    for one in take_inbox(inbox, folder, now):
        if one.error is not None:
            log.error("directory.refused file=%s waits=%s cause=%s", one.name, one.waits, one.error)
            wrong.append(one)
        elif one.loaded is not None and one.loaded.new:
            version = one.loaded.version
            log.info("directory.loaded file=%s version=%s faults=%d", one.name, version.name, version.faults)
            new += 1
        else:
            log.info("directory.known file=%s", one.name)
    if wrong:
        raise DirectoryRefused(
            f"{len(wrong)} directory files are not in force; {new} others are",
            where=", ".join(one.name for one in wrong),
            value=str(wrong[0].error),
            remedy=f"the version before stays in force; see {inbox / REFUSED}, and what waits in {inbox}",
        )
    return new


def _dropped(inbox: Path) -> Iterator[Path]:
    for path in inbox.iterdir():
        hidden = path.name.startswith(".") or path.name in {DONE, REFUSED}
        if not hidden and (path.is_dir() or path.name.endswith(SUFFIXES)):
            yield path


def _produced(path: Path) -> str:
    """When an F14 was produced; registers and what cannot be read come last."""
    if path.is_dir():
        return "registers"
    try:
        with opened_file(path) as (stream, _):
            return F14(stream, path.name).heading().produced_at
    except DirectoryRefused:
        return "unreadable"


def _put_away(path: Path, kind: str) -> None:
    place = path.parent / kind
    make_folder(place)
    target = place / path.name
    number = 1
    while target.exists():
        number += 1
        target = place / f"{number}-{path.name}"
    path.rename(target)
