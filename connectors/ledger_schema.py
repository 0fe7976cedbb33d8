"""The ledger's schema: which revision a database has, and the way to today's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from data_contracts.errors import ConfigurationError

HEAD = "0008"
"""The newest revision. Said here, so that a start that has nothing to do need not load Alembic."""

FOLDER = Path(__file__).parent / "migrations"
VERSIONS = "alembic_version"
_LOCK = int.from_bytes(b"relais")
"""The advisory lock of everyone who changes the schema of one PostgreSQL database."""


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None before its first."""
    if not inspect(connection).has_table(VERSIONS):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()


def migrate(connection: Connection) -> None:
    """Nothing; the database has today's schema once the caller's transaction is committed.

    Several processes may start at once: the first migrates, the others wait and find nothing left to do.
    Errors   ConfigurationError when the database was migrated by a later release.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    lock_schema(connection)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(
            "the ledger was migrated by a later release of Relais",
            where=str(connection.engine.url.database),
            value=str(revision_of(connection)),
            remedy=f"install that release; this one knows revisions up to {HEAD}",
        ) from error


def lock_schema(connection: Connection) -> None:
    """Nothing; no one else changes the schema until the transaction ends. SQLite has one lock for all writing."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
