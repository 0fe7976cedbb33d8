"""Implementations of the ports. A suite runs on each; further ones join the lists here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.ledger import SqlLedger
from connectors.local_drop import LocalMailbox
from connectors.memory.ledger import MemoryLedger
from connectors.memory.store import MemoryStore
from connectors.object_storage import LocalStore
from connectors.s3_account import Publish
from connectors.s3_store import S3Store
from connectors.sftp_account import Pickup
from data_contracts.ledger import Ledger
from data_contracts.ports import Mailbox, ObjectStore
from tests.connectors import s3_folders, servers
from tests.connectors.memory_folders import MemoryPath, memory_mailbox, memory_of
from tests.connectors.s3_server import new_place
from tests.connectors.scenes import Machine
from tests.connectors.sftp_server import accounts_mailbox


def _sqlite(folder: Path, machine: Machine) -> SqlLedger:
    return SqlLedger(f"sqlite:///{folder / 'ledger.db'}", time=machine, lock_wait_seconds=10)


def _postgresql(_folder: Path, machine: Machine) -> SqlLedger:
    return SqlLedger(servers.new_database(), time=machine, lock_wait_seconds=10)


def _local_store(folder: Path) -> ObjectStore:
    store = LocalStore(folder / "store")
    store.prepare()
    return store


def _s3_store(_folder: Path) -> ObjectStore:
    store = S3Store(new_place())
    store.prepare()
    return store


def _local_mailbox(folder: Path) -> Mailbox:
    (folder / "drops").mkdir()
    return LocalMailbox(folder / "drops")


def _sftp_claiming(folder: Path) -> Mailbox:
    return accounts_mailbox(folder)


def _sftp_in_place(folder: Path) -> Mailbox:
    return accounts_mailbox(folder, pickup=Pickup.REMOVE)


DATABASES: dict[str, Callable[[Path, Machine], SqlLedger]] = {"postgresql": _postgresql, "sqlite": _sqlite}
MEMORY = "memory"
OF_DATABASES = {"test_ledger_processes", "test_ledger_schema"}
"""Suites of what only a ledger on a database promises."""
STORES: dict[str, Callable[[Path], ObjectStore]] = {
    "local": _local_store,
    "s3": _s3_store,
    MEMORY: lambda _folder: MemoryStore(),
}
MAILBOXES: dict[str, Callable[[Path], Mailbox]] = {
    "local": _local_mailbox,
    "sftp": _sftp_claiming,
    "sftp in place": _sftp_in_place,
    "s3": s3_folders.accounts_mailbox,
    MEMORY: memory_mailbox,
    "s3 renaming": lambda folder: s3_folders.accounts_mailbox(folder, publish=Publish.RENAME),
}


@pytest.fixture
def machine() -> Machine:
    return Machine()


def _database(kind: str, folder: Path, machine: Machine) -> Iterator[SqlLedger]:
    made = DATABASES[kind](folder, machine)
    made.create_tables()
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "ledger" in metafunc.fixturenames:
        every = [] if metafunc.module.__name__.rpartition(".")[2] in OF_DATABASES else [MEMORY]
        metafunc.parametrize("ledger", [*sorted(DATABASES), *every], indirect=True)


@pytest.fixture
def ledger(request: pytest.FixtureRequest, tmp_path: Path, machine: Machine) -> Iterator[Ledger]:
    """Every ledger: what it promises by its port."""
    if request.param == MEMORY:
        yield MemoryLedger(time=machine)
    else:
        yield from _database(request.param, tmp_path, machine)


@pytest.fixture(params=sorted(DATABASES))
def database(request: pytest.FixtureRequest, tmp_path: Path, machine: Machine) -> Iterator[SqlLedger]:
    """Ledgers on a database: what many processes, tables and crashes ask of them."""
    yield from _database(request.param, tmp_path, machine)


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return STORES[request.param](tmp_path)


@pytest.fixture
def drops(tmp_path: Path) -> Path | s3_folders.BucketPath | MemoryPath:
    """What partners see: folders, or what looks like them in a bucket or in memory. Asked for after the mailbox."""
    return s3_folders.bucket_of(tmp_path) or memory_of(tmp_path) or tmp_path / "drops"


def _made(request: pytest.FixtureRequest, folder: Path) -> Iterator[Mailbox]:
    with ExitStack() as stack:
        mailbox = MAILBOXES[request.param](folder)
        if hasattr(mailbox, "close"):
            stack.callback(mailbox.close)
        yield mailbox


@pytest.fixture(params=sorted(MAILBOXES))
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    yield from _made(request, tmp_path)


@pytest.fixture(params=["local", "sftp in place"])
def mailbox_of_files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    """Files of a file system stay where the partner can still change them."""
    yield from _made(request, tmp_path)


@pytest.fixture(params=["local", "sftp in place", "s3", MEMORY])
def mailbox_in_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    """Files stay where the partner can still change them; elsewhere a listed file is already out of its reach."""
    yield from _made(request, tmp_path)


@pytest.fixture(params=["local", "sftp"])
def mailbox_telling(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    """What a file was listed by tells it from every later one; elsewhere only size and time do."""
    yield from _made(request, tmp_path)
