"""Settings of one home: where the ledger, the objects, the mailboxes and the registers are."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.s3_place import REGION, S3Place, bucket_and_prefix
from connectors.toml_file import read_toml
from data_contracts.errors import ConfigurationError

FILE_NAME = "relais.toml"
HOME_VARIABLE = "RELAIS_HOME"

_PATHS = (
    "store_dir", "mailbox_dir", "partners_file", "directory_dir", "directory_versions_dir", "directory_inbox_dir",
    "rules_dir", "store_credentials_file",
)  # fmt: skip
_TEXTS = ("store_url", "store_endpoint", "store_region")
_FLAGS = ("open_partners", "open_directory")
_RELATIVE = re.compile(r"sqlite[^:]*://(/[^/]|/?$)")  # would follow the working folder of each task
_KEYS = {"ledger_url", "fixed_now", *_PATHS, *_TEXTS, *_FLAGS}


@dataclass(frozen=True)
class Settings:
    """`open_partners` and `open_directory` take everyone and every SIRET: for pre-checks, where no register is.

    `fixed_now` makes business time stand still, so that a run can be repeated byte for byte. `store_url`
    (`s3://bucket/prefix`) puts objects on an S3 server instead of `store_dir`: that of `store_endpoint`, else Amazon's
    of `store_region`.
    """

    home: Path
    ledger_url: str = field(repr=False)
    store_dir: Path
    mailbox_dir: Path
    partners_file: Path | None = None
    directory_dir: Path | None = None
    directory_versions_dir: Path | None = None
    directory_inbox_dir: Path | None = None
    open_partners: bool = False
    open_directory: bool = False
    fixed_now: datetime | None = None
    rules_dir: Path | None = None
    store_url: str | None = None
    store_endpoint: str | None = None
    store_region: str | None = None
    store_credentials_file: Path | None = None

    @property
    def rules(self) -> Path:
        """Where registered rule files lie: inside the home unless `rules_dir` says otherwise."""
        return self.home / "rules" if self.rules_dir is None else self.rules_dir

    @property
    def directory_versions(self) -> Path:
        """Where loaded directories lie: inside the home unless `directory_versions_dir` says otherwise. What was loaded
        there comes before the registers of `directory_dir`."""
        return self.directory_versions_dir or self.home / "directory_versions"

    @property
    def directory_inbox(self) -> Path:
        """Where directory files are dropped: inside the home unless `directory_inbox_dir` says otherwise."""
        return self.directory_inbox_dir or self.home / "directory_inbox"

    @property
    def store_place(self) -> S3Place | None:
        """The bucket that holds the objects; None when a folder does.

        Errors   ConfigurationError when the address is wrong, or the rest is given without it or lacks.
        """
        where = f"{self.home / FILE_NAME}, store_url"
        if self.store_url is None:
            if self.store_endpoint or self.store_region or self.store_credentials_file:
                raise ConfigurationError(
                    "an S3 server is described, but no bucket", where=where, remedy='write "s3://bucket/prefix"'
                )
            return None
        named = bucket_and_prefix(self.store_url)
        if named is None or self.store_credentials_file is None:
            raise ConfigurationError(
                "a bucket is not described",
                where=where,
                value=self.store_url,
                remedy='write "s3://bucket/prefix", and store_credentials_file with the path of its credentials',
            )
        return S3Place(
            bucket=named[0],
            credentials_file=self.store_credentials_file,
            prefix=named[1],
            endpoint=self.store_endpoint or "",
            region=self.store_region or REGION,
        )

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        # A command that needs no ledger need not wait for what the ledger is made of.
        from connectors.ledger_transactions import url_without_credentials

        shown["ledger_url"] = url_without_credentials(self.ledger_url)
        return "Settings(" + ", ".join(f"{name}={value!r}" for name, value in shown.items()) + ")"


def default(home: Path) -> Settings:
    """The settings of a home without a settings file: everything inside it."""
    home = home.absolute()
    return Settings(home, f"sqlite:///{home / 'ledger.db'}", home / "store", home / "drops")


def load(home: Path) -> Settings:
    """The settings of a home: those of relais.toml, defaults for the rest. Relative paths start at the home.

    Errors   ConfigurationError naming the file and the key.
    """
    base = default(home)
    path = base.home / FILE_NAME
    values = {name: getattr(base, name) for name in base.__dataclass_fields__}
    for key, value in (read_toml(path, "the settings") or {}).items():
        where = f"{path}, {key}"
        if key not in _KEYS:
            raise ConfigurationError("a setting is unknown", where=where, remedy="use " + ", ".join(sorted(_KEYS)))
        values[key] = _meant(key, value, where, base.home)
    return Settings(**values)


def write(settings: Settings) -> None:
    """Nothing; relais.toml of the home holds these settings, and only the owner can read it."""
    lines = []
    for name in sorted(_KEYS):
        value = getattr(settings, name)
        if isinstance(value, bool):
            lines.append(f"{name} = {str(value).lower()}")
        elif isinstance(value, datetime):
            lines.append(f"{name} = {value.isoformat()}")
        elif value is not None:
            # A JSON string of printable text is a TOML basic string.
            lines.append(f"{name} = {json.dumps(str(value), ensure_ascii=False)}")
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / FILE_NAME
    aside = path.with_suffix(".toml.tmp")
    aside.unlink(missing_ok=True)
    aside.touch(0o600, exist_ok=False)
    with aside.open("w", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    aside.replace(path)


def from_environment() -> Settings:
    """The settings of the home that RELAIS_HOME names. ConfigurationError if it names none."""
    home = os.environ.get(HOME_VARIABLE, "")
    if not home:
        raise ConfigurationError(
            "no home is named",
            where=f"environment variable {HOME_VARIABLE}",
            remedy=f"export {HOME_VARIABLE}=/path, or give --home /path to a command",
        )
    if not Path(home).is_dir():
        raise ConfigurationError(
            "the home is not a folder",
            where=f"environment variable {HOME_VARIABLE}",
            value=home,
            remedy="create it, or name another",
        )
    return load(Path(home))


def _meant(key: str, value: object, where: str, home: Path) -> object:
    if key in _PATHS and isinstance(value, str) and value:
        return home / value
    if key in _TEXTS and isinstance(value, str) and value:
        return value
    if key in _FLAGS and isinstance(value, bool):
        return value
    if key == "ledger_url" and isinstance(value, str) and value and not _RELATIVE.match(value):
        return value
    if key == "fixed_now" and isinstance(value, datetime) and value.tzinfo is not None:
        return value
    expected = {"ledger_url": "a database address with an absolute path", "fixed_now": "a time with its zone"}
    expected |= dict.fromkeys(_TEXTS, "a text")
    wanted = expected.get(key, "true or false" if key in _FLAGS else "a path")
    shown = "" if key == "ledger_url" else str(value)
    raise ConfigurationError(f"a setting is not {wanted}", where=where, value=shown, remedy="correct the file")
