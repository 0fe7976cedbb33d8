"""Many rows at once: by COPY where the database has it, in chunks of one statement elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError

ROWS_A_QUERY = 500

_Item = TypeVar("_Item")


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Nothing; the rows are in the table. One chunk of them is in memory.

    Cost     a few us a row.
    """
    if connection.dialect.name == "postgresql":
        copy_rows(connection, table.name, columns, rows)
        return
    for chunk in chunks(rows):
        connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in chunk])


def copy_rows(
    connection: Connection, table_name: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Nothing; the rows are in a table of PostgreSQL. Names are ours, never from outside."""
    import psycopg

    statement = f"COPY {table_name} ({', '.join(columns)}) FROM STDIN"
    try:
        with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # The driver is spoken to directly: its errors become those that every other statement raises.
        raise DBAPIError.instance(statement, None, error, psycopg.Error, dialect=connection.dialect) from error


def chunks(rows: Iterable[_Item], size: int = ROWS_A_QUERY) -> Iterator[list[_Item]]:
    """Rows in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk
