"""Transactions of the ledger: one engine a process, write locks taken first, database errors in our own words."""

from __future__ import annotations

import os
import sqlite3
import time as machine_clock
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from connectors.ledger_chain import note
from connectors.ledger_schema import HEAD, migrate, revision_of
from connectors.ledger_tables import counter
from data_contracts.errors import ConfigurationError, IntegrityBroken, LedgerConflict, RelaisError, TransientError

LOCK_WAIT_SECONDS = 30.0
"""Seconds that a transaction waits for another one before it gives up."""
CONNECT_SECONDS_MAX = 10
"""Seconds that a database on the network gets to answer a new connection."""
RECONNECT_PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits for a database that restarts: what a worker computed for minutes is not given up for a connection refused."""

_KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 4}
_SESSION = {
    "jit": "off",  # our statements are short: compiling one costs more than running it
    # A worker that froze, or a machine that lost its power, must not keep its locks for the hours of TCP's defaults.
    "idle_in_transaction_session_timeout": "60s",
    **{f"tcp_{name}": str(value) for name, value in _KEEPALIVE.items()},
}

_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_CONFLICTS_POSTGRESQL = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_CONFLICTS_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGE_POSTGRESQL = {"XX001", "XX002"}  # data corrupted, index corrupted
_MISSING_POSTGRESQL = {"42P01", "42703", "42501", "3D000", "28000", "28P01"}  # table, column, right, database, login
_STARTING_POSTGRESQL = ("starting up", "shutting down", "recovery mode", "not yet accepting", "too many clients")
_DAMAGE_SQLITE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_alive: weakref.WeakSet[Transactions] = weakref.WeakSet()


class Transactions:
    """Read and write transactions on one database, from any thread or process.

    `time` is the machine's clock in seconds, used for leases and durations only. `weights` are those of partners whose
    share of the work is not 1.
    """

    def __init__(
        self,
        url: str | URL,
        *,
        time: Callable[[], float] = machine_clock.time,
        lock_wait_seconds: float = LOCK_WAIT_SECONDS,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        self._url = _known(url)
        self._time = time
        self._weights = dict(weights or {})
        self._lock_wait_seconds = lock_wait_seconds
        self._engine: Engine | None = None
        self._engine_pid = 0
        self._partitions = self._url.get_backend_name() == "postgresql"
        self._years_with_room: set[int] = set()
        _alive.add(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({url_without_credentials(self._url)!r})"

    def create_tables(self) -> None:
        """Nothing; afterwards every table has today's schema. Many processes may call it at once.

        Errors   ConfigurationError when the ledger is of a later release.
        """
        with self._read() as connection:
            if revision_of(connection) == HEAD:
                return
        with self._write() as connection:
            migrate(connection)

    def close(self) -> None:
        """Nothing; connections are closed, and opened again when needed."""
        engine, self._engine = self._engine, None
        if engine is not None:
            # Connections inherited from a parent process are its own: closing them here would drop its locks.
            engine.dispose(close=self._engine_pid == os.getpid())

    def session_process(self) -> int | None:
        """The process on this machine that PostgreSQL keeps for our connection; None for any other database."""
        if self._url.get_backend_name() != "postgresql" or self._url.host not in ("127.0.0.1", "::1", "localhost"):
            return None
        with self._read() as connection:
            return connection.execute(select(func.pg_backend_pid())).scalar_one()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        """A consistent view of the whole ledger."""
        with _in_our_words(self._url), self._connected() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """A transaction that already holds the right to write, where the database has one lock for all."""
        with _in_our_words(self._url), self._connected() as connection:
            connection.execution_options(ledger_write=True)
            with connection.begin():
                yield connection

    def _connected(self) -> Connection:
        """A connection; nothing was asked of it yet, so to try again is safe."""
        for pause_seconds in RECONNECT_PAUSES_SECONDS if self._partitions else ():
            try:
                return self._live_engine().connect()
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) in _MISSING_POSTGRESQL or _is_rejected(error):
                    raise
                machine_clock.sleep(pause_seconds)
        return self._live_engine().connect()

    def _live_engine(self) -> Engine:
        if self._engine is None or self._engine_pid != os.getpid():
            self.close()
            self._engine = _engine(self._url, self._lock_wait_seconds)
            self._engine_pid = os.getpid()
        return self._engine

    def _note(self, connection: Connection, flow_key: str, *whats: str) -> None:
        """Append to the chain of a flow's events."""
        note(connection, flow_key, self._time(), *whats)


def insert_new(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that leaves rows alone which are there already."""
    return _INSERTS[connection.dialect.name](table).on_conflict_do_nothing()


def next_numbers(connection: Connection, name: str, count: int = 1) -> int:
    """The first of `count` next numbers of a counter; they come without gap because a rollback gives them back."""
    grown = update(counter).where(counter.c.name == name).values(value=counter.c.value + count)
    last: int | None = connection.execute(grown.returning(counter.c.value)).scalar()
    if last is None:
        connection.execute(insert_new(connection, counter), {"name": name, "value": 0})
        last = connection.execute(grown.returning(counter.c.value)).scalar_one()
    return last - count + 1


def queue_up(connection: Connection, name: str) -> None:
    """Let writers of one kind pass one at a time, where the database does not do so anyway."""
    connection.execute(select(counter.c.value).where(counter.c.name == name).with_for_update())


def url_without_credentials(url: str | URL) -> str:
    """The address of a database with its password masked, wherever it stands."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return "***"
    masked = {name: "masked" for name in parsed.query if name.lower() in ("password", "passfile", "sslpassword")}
    return parsed.update_query_dict(masked).render_as_string(hide_password=True)


def _known(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
    except ArgumentError as error:
        raise ConfigurationError(
            "the ledger's address cannot be read", where="ledger_url", remedy="write it like sqlite:////path/ledger.db"
        ) from error
    if name not in _INSERTS:
        raise ConfigurationError(
            "the ledger's database is not one that Relais knows",
            where="ledger_url",
            value=name,
            remedy="use " + " or ".join(sorted(_INSERTS)),
        )
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _engine(url: URL, lock_wait_seconds: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        settings = {"lock_timeout": f"{lock_wait_seconds * 1000:.0f}"} | _SESSION
        session = " ".join(f"-c {name}={value}" for name, value in settings.items())
        options = _KEEPALIVE | {"options": session, "connect_timeout": CONNECT_SECONDS_MAX}
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=options)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": lock_wait_seconds})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        # Python's sqlite3 would begin transactions by itself, late and without the write lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another one wrote in between.
        writes = connection.get_execution_options().get("ledger_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _in_our_words(url: URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _translated(error, url_without_credentials(url)) from error


def _is_rejected(error: OperationalError) -> bool:
    """Whether a living server turned us away for good. Of a failed login the driver tells the text alone."""
    return "FATAL:" in str(error.orig) and not any(said in str(error.orig) for said in _STARTING_POSTGRESQL)


def _translated(error: DBAPIError, where: str) -> RelaisError:
    cause = error.orig
    said = (str(cause).splitlines() or [""])[0]  # further lines may quote the values of a row
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the primary code, without the extended part
    state = getattr(cause, "sqlstate", None)
    if code in _CONFLICTS_SQLITE or state in _CONFLICTS_POSTGRESQL:
        return LedgerConflict("the ledger is busy", where=where, value=said, remedy="try again")
    if isinstance(error, IntegrityError):
        return IntegrityBroken(
            "a record contradicts one that the ledger already holds",
            where=where,
            value=said,
            remedy="find out which task wrote it first",
        )
    if code in _DAMAGE_SQLITE or state in _DAMAGE_POSTGRESQL:
        return IntegrityBroken(
            "the ledger is damaged", where=where, value=said, remedy="restore the ledger from its backup"
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return ConfigurationError(
            "the ledger cannot be opened", where=where, remedy="create its folder and check who may write to it"
        )
    if state in _MISSING_POSTGRESQL:
        return ConfigurationError(
            "the ledger cannot be used as it is", where=where, value=said, remedy="check database, user and rights"
        )
    return TransientError(
        "the ledger does not answer", where=where, value=said, remedy="look at the disk and the database"
    )


def _close_before_fork() -> None:
    """SQLite connections must not cross a fork: the child would take the parent's file locks for its own."""
    for transactions in list(_alive):
        transactions.close()


os.register_at_fork(before=_close_before_fork)
