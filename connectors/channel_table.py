"""One table of channels.toml, read key by key: each value has the type that is asked for, and none is left over."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from data_contracts.errors import ConfigurationError

FILE_NAME = "channels.toml"
Choice = TypeVar("Choice", bound=StrEnum)


class ChannelTable:
    """Typed reading of a table. `where` names the file and the table in errors; relative paths start at the home.

    Errors   ConfigurationError naming file, table and key, from every method.
    """

    def __init__(self, partner_code: str, values: dict[str, Any], where: str, home: Path) -> None:
        self.partner_code = partner_code
        self._values = values
        self._where = where
        self._home = home
        self._read: set[str] = set()

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self._taken(key, default)
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, value, "a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of one text or more."""
        value = self._taken(key, None)
        if not isinstance(value, list) or not value or not all(isinstance(row, str) and row.strip() for row in value):
            self._wrong(key, value, "a list of texts")
        return tuple(value)

    def number(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self._taken(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._wrong(key, value, f"a whole number from {least} to {most}")
        return value

    def choice(self, key: str, default: Choice) -> Choice:
        """One of the words of an enumeration."""
        value = self._taken(key, default.value)
        words = {row.value: row for row in type(default)}
        if value not in words:
            self._wrong(key, value, "one of " + ", ".join(words))
        return words[value]

    def secret(self, key: str) -> Path:
        """A file that its owner alone can read."""
        return self._secret(key, self.file(key))

    def secrets(self, key: str) -> tuple[Path, ...]:
        """A list of such files."""
        return tuple(self._secret(key, path) for path in self.files(key))

    def file(self, key: str) -> Path:
        """An existing file."""
        return self._file(key, self.text(key))

    def files(self, key: str) -> tuple[Path, ...]:
        """A list of existing files."""
        return tuple(self._file(key, name) for name in self.texts(key))

    def has(self, key: str) -> bool:
        """Whether an optional key is there."""
        return key in self._values

    def finish(self) -> None:
        """Nothing; every key of the table was read."""
        unknown = sorted(self._values.keys() - self._read)
        if unknown:
            raise ConfigurationError(
                "a key is unknown",
                where=f"{self._where}, {unknown[0]}",
                remedy="use " + ", ".join(sorted(self._read)),
            )

    def _file(self, key: str, name: str) -> Path:
        path = self._home / name
        if not path.is_file():
            self._wrong(key, str(path), "the path of a file")
        return path

    def _secret(self, key: str, path: Path) -> Path:
        if path.stat().st_mode & 0o077:
            self._wrong(key, str(path), "a file of its owner alone (chmod 600)")
        return path

    def _taken(self, key: str, default: object) -> Any:
        self._read.add(key)
        return self._values.get(key, default)

    def _wrong(self, key: str, value: object, wanted: str) -> NoReturn:
        missing = key not in self._values
        raise ConfigurationError(
            f"{wanted} is missing" if missing else f"this is not {wanted}",
            where=f"{self._where}, {key}",
            value="" if missing else str(value),
            remedy=f"write {key} = {wanted}",
        )
