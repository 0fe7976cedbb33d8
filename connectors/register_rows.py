"""Rows of a register, from CSV or Parquet, each of which knows where it stands."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from data_contracts.errors import ConfigurationError
from data_contracts.partners import APPLICATION_CODE

PARQUET = ".parquet"
ROWS_READ = 10_000
_FLAGS = {"true": True, "false": False}
_SIRET_DIGITS = 14
_Made = TypeVar("_Made")


class RegisterRow:
    """One line of a register, that knows where it stands."""

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self._path = path
        self._line = line
        self._cells = cells

    def take(self, column: str, read: Callable[[str], _Made]) -> _Made:
        """A cell as what it means. `read` raises ValueError with what it expects."""
        text = self._cells[column].strip()
        try:
            return read(text)
        except ValueError as error:
            raise self._bad(column, f"{column} is not {error}", text) from None

    def has(self, column: str) -> bool:
        """Whether the register has an optional column."""
        return column in self._cells

    def once(self, repeated: bool, column: str) -> None:
        """Nothing; ConfigurationError if the key was there before."""
        if repeated:
            raise self._bad(column, f"{column} occurs twice", self._cells[column])

    def _bad(self, column: str, what: str, value: str) -> ConfigurationError:
        where = f"{self._path}, line {self._line}, column {column}"
        return ConfigurationError(what, where=where, value=value, remedy="correct this line of the register")


def register_rows(path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[RegisterRow]:
    """The rows of a register with exactly these columns, in order; lines are counted from 1, the header included.

    The `optional` ones may follow, all of them or none.

    Errors   ConfigurationError naming the file, and the line and column where there is one.
    Cost     a stream: one row of CSV, or one batch of Parquet.
    """
    read = _parquet_rows if path.suffix == PARQUET else _csv_rows
    return read(path, columns, optional)


def _csv_rows(path: Path, columns: tuple[str, ...], optional: tuple[str, ...]) -> Iterator[RegisterRow]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            if tuple(header) == (*columns, *optional):
                columns = (*columns, *optional)
            if tuple(header) != columns:
                raise ConfigurationError(
                    "the columns of a register are not the ones expected",
                    where=f"{path}, line 1",
                    value=",".join(header),
                    remedy="write " + ",".join(columns),
                )
            for cells in reader:
                if len(cells) != len(columns):
                    raise ConfigurationError(
                        f"a line has {len(cells)} cells for {len(columns)} columns",
                        where=f"{path}, line {reader.line_num}",
                        remedy="correct this line of the register",
                    )
                yield RegisterRow(path, reader.line_num, dict(zip(columns, cells, strict=True)))
    except OSError as error:
        raise ConfigurationError(
            "a register cannot be read",
            where=str(path),
            value=error.strerror or "",
            remedy="create it, or correct its path in relais.toml",
        ) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "a register is not CSV in UTF-8", where=str(path), value=str(error), remedy="save it as CSV, UTF-8, commas"
        ) from error


def _parquet_rows(path: Path, columns: tuple[str, ...], optional: tuple[str, ...]) -> Iterator[RegisterRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            if sorted(names) == sorted((*columns, *optional)):
                columns = (*columns, *optional)
            if sorted(names) != sorted(columns):
                raise ConfigurationError(
                    "the columns of a register are not the ones expected", where=str(path), value=",".join(names),
                    remedy="write " + ",".join(columns),
                )  # fmt: skip
            line = 0
            for batch in file.iter_batches(batch_size=ROWS_READ, columns=list(columns)):
                for cells in batch.to_pylist():
                    line += 1
                    yield RegisterRow(path, line, {name: _written(cells[name]) for name in columns})
    except (OSError, pa.ArrowInvalid) as error:
        raise ConfigurationError(
            "a register is not Parquet", where=str(path), value=str(error)[:200], remedy="write the file again"
        ) from error


def _written(cell: object) -> str:
    """A typed cell as CSV would have it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def as_text(text: str) -> str:
    """A text that is not empty."""
    if not text:
        raise ValueError("a text")
    return text


def as_flag(text: str) -> bool:
    """True or false."""
    if text not in _FLAGS:
        raise ValueError("true or false")
    return _FLAGS[text]


def as_day(text: str) -> date | None:
    """A day, None where the cell is empty."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("a day like 2026-09-01, or empty") from None


def as_application_code(text: str) -> str:
    """A partner's application code."""
    if not APPLICATION_CODE.fullmatch(text):
        raise ValueError("an application code of six capitals or digits")
    return text


def as_siret(text: str) -> str:
    """A SIRET, by its form."""
    if not (text.isascii() and text.isdigit() and len(text) == _SIRET_DIGITS):
        raise ValueError(f"a SIRET of {_SIRET_DIGITS} digits")
    return text
