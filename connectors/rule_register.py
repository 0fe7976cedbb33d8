"""Registered rule files: official files that an operator added, each with the day from which it judges.

`rules/register.toml` lists them in order of registration; the files lie in `rules/files/{digest}/`, each with the code
lists that it reads, create-only: what judged once can be looked at for ever.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from connectors.object_storage import LocalStore
from connectors.settings import HOME_VARIABLE, from_environment, load
from connectors.toml_file import read_toml
from data_contracts.errors import ConfigurationError, IntegrityBroken
from data_contracts.rule_sets import RULE_SETS, Release, RuleRegister, RuleSet

REGISTER = "register.toml"
RULE_FILE = "rules.xslt"
SOURCE_FILE = "rules.sch"
"""Names under which a rule file is kept, by what it is: a stylesheet, or Schematron source."""
_KEYS = {"coordinate", "valid_from", "sha256", "folder"}


def rules_dir(home: Path | None) -> Path:
    """The directory of registered rule files: of a home, else of the one that RELAIS_HOME names, else of this user.

    Errors   ConfigurationError when the home is not a folder or its settings cannot be read.
    """
    if home is not None:
        if not home.is_dir():
            raise ConfigurationError(
                "the home is not a folder", where="--home", value=str(home), remedy="create it, or name another"
            )
        return load(home).rules
    if os.environ.get(HOME_VARIABLE):
        return from_environment().rules
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "relais" / "rules"


def read_register(folder: Path) -> RuleRegister:
    """The releases registered in a directory; none when it does not exist.

    Errors   ConfigurationError naming file and entry; IntegrityBroken when a registered file is not what was added.
    """
    path = folder / REGISTER
    rows = (read_toml(path, "the register of rule files") or {}).get("release", [])
    return RuleRegister(tuple(_release(row, number, folder) for number, row in enumerate(rows, start=1)))


def installed_of(coordinate: str) -> RuleSet:
    """The installed rule set whose place a coordinate takes.

    Errors   ConfigurationError when it names no known group.
    """
    group, _, version = coordinate.rpartition(":")
    groups = {row.group: row for row in RULE_SETS.values()}
    if group in groups and version.strip():
        return groups[group]
    raise ConfigurationError(
        "no rule set has this name",
        where="--name",
        value=coordinate,
        remedy="write group:version, the group one of " + ", ".join(sorted(groups)),
    )


def add_release(folder: Path, file: Path, beside: Sequence[Path], coordinate: str, valid_from: date) -> Release:
    """The release, once its file and what it reads lie in the directory and the register names it.

    Shape    the same file again for the same coordinate and day changes nothing.
    Errors   ConfigurationError when the coordinate is unknown, or another file of the group begins on that day.
    """
    installed_of(coordinate)
    kept = SOURCE_FILE if file.suffix.lower() == ".sch" else RULE_FILE
    beside_names = {path: path.resolve().relative_to(file.parent.resolve()).as_posix() for path in beside}
    contents = {kept: file.read_bytes(), **{name: path.read_bytes() for path, name in beside_names.items()}}
    digest = _digest(contents)
    store = _prepared(folder)
    with _alone(folder):
        known = read_register(folder).releases
        row = {
            "coordinate": coordinate,
            "valid_from": valid_from,
            "sha256": hashlib.sha256(contents[kept]).hexdigest(),
            "folder": f"files/{digest}",
        }
        release = Release(_rule_set(row, folder, kept), valid_from)
        if release in known:
            return release
        _refuse_second(release, known)
        for name, data in sorted(contents.items()):
            store.put(f"{row['folder']}/{name}", data)
        path = folder / REGISTER
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        store.replace(REGISTER, (text + _entry(row)).encode())
    return release


def _refuse_second(release: Release, known: Sequence[Release]) -> None:
    for other in known:
        if (other.rule_set.group, other.valid_from) == (release.rule_set.group, release.valid_from):
            raise ConfigurationError(
                f"{other.rule_set.coordinate} begins on that day already",
                where="--valid-from",
                value=release.valid_from.isoformat(),
                remedy="choose another day: the file with the latest day that has come is the one that judges",
            )


def _release(row: dict[str, Any], number: int, folder: Path) -> Release:
    where = folder / REGISTER
    if set(row) != _KEYS or type(row["valid_from"]) is not date:
        raise _unreadable(where, f"entry {number}")
    installed_of(row["coordinate"])
    kept = folder / row["folder"]
    files = [path for path in kept.rglob("*") if path.is_file()] if kept.is_dir() else []
    contents = {path.relative_to(kept).as_posix(): path.read_bytes() for path in files}
    name = SOURCE_FILE if SOURCE_FILE in contents else RULE_FILE
    whole = contents and hashlib.sha256(contents.get(name, b"")).hexdigest() == row["sha256"]
    if not whole or f"files/{_digest(contents)}" != row["folder"]:
        raise IntegrityBroken(
            "a registered rule file is not the one that was added",
            where=str(kept),
            value=row["coordinate"],
            remedy="restore the folder from a backup, or add the official file again in another home",
        )
    return Release(_rule_set(row, folder, name), row["valid_from"])


def _rule_set(row: dict[str, Any], folder: Path, name: str) -> RuleSet:
    file = folder.absolute() / row["folder"] / name
    return RuleSet(row["coordinate"], "", "", installed_of(row["coordinate"]).language, str(file))


def _digest(contents: dict[str, bytes]) -> str:
    """Of the rule file and all that lies beside it, by name."""
    lines = (f"{name} {hashlib.sha256(data).hexdigest()}\n" for name, data in sorted(contents.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _entry(row: dict[str, Any]) -> str:
    return (
        f'[[release]]\ncoordinate = "{row["coordinate"]}"\nvalid_from = {row["valid_from"].isoformat()}\n'
        f'sha256 = "{row["sha256"]}"\nfolder = "{row["folder"]}"\n\n'
    )


def _prepared(folder: Path) -> LocalStore:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            "the directory of rule files cannot be created",
            where=str(folder),
            value=error.strerror or "",
            remedy="choose another home, or check who may write there",
        ) from error
    store = LocalStore(folder)
    store.prepare()
    return store


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nothing; no other process registers a file meanwhile. The lock goes with the process, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _unreadable(path: Path, value: str) -> ConfigurationError:
    return ConfigurationError(
        "the register of rule files cannot be read", where=str(path), value=value, remedy="correct the file"
    )
