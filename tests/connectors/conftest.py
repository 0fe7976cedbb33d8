"""Implementations of the ports. A suite runs on each; further ones join the lists here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.ledger import SqlLedger
from connectors.local_drop import LocalMailbox
from connectors.object_storage import LocalStore
from connectors.sftp_account import Pickup
from data_contracts.ports import Mailbox, ObjectStore
from tests.connectors import servers
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


def _local_mailbox(folder: Path) -> Mailbox:
    (folder / "drops").mkdir()
    return LocalMailbox(folder / "drops")


def _sftp_claiming(folder: Path) -> Mailbox:
    return accounts_mailbox(folder)


def _sftp_in_place(folder: Path) -> Mailbox:
    return accounts_mailbox(folder, pickup=Pickup.REMOVE)


LEDGERS: dict[str, Callable[[Path, Machine], SqlLedger]] = {"postgresql": _postgresql, "sqlite": _sqlite}
STORES: dict[str, Callable[[Path], ObjectStore]] = {"local": _local_store}
MAILBOXES: dict[str, Callable[[Path], Mailbox]] = {
    "local": _local_mailbox,
    "sftp": _sftp_claiming,
    "sftp in place": _sftp_in_place,
}


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture(params=sorted(LEDGERS))
def ledger(request: pytest.FixtureRequest, tmp_path: Path, machine: Machine) -> Iterator[SqlLedger]:
    made = LEDGERS[request.param](tmp_path, machine)
    made.create_tables()
    yield made
    made.close()


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return STORES[request.param](tmp_path)


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    return tmp_path / "drops"


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
def mailbox_in_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    """Files stay where the partner can still change them; elsewhere a listed file is already out of its reach."""
    yield from _made(request, tmp_path)


@pytest.fixture(params=["local", "sftp"])
def mailbox_telling(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    """What a file was listed by tells it from every later one; elsewhere only size and time do."""
    yield from _made(request, tmp_path)
