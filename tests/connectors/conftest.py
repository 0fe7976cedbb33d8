"""Implementations of the ports. A suite runs on each; further ones join the lists here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.ledger import SqlLedger
from connectors.local_drop import LocalMailbox
from connectors.object_storage import LocalStore
from data_contracts.ports import Mailbox, ObjectStore
from tests.connectors import servers
from tests.connectors.scenes import Machine


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


LEDGERS: dict[str, Callable[[Path, Machine], SqlLedger]] = {"postgresql": _postgresql, "sqlite": _sqlite}
STORES: dict[str, Callable[[Path], ObjectStore]] = {"local": _local_store}
MAILBOXES: dict[str, Callable[[Path], Mailbox]] = {"local": _local_mailbox}


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


@pytest.fixture(params=sorted(MAILBOXES))
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Mailbox:
    return MAILBOXES[request.param](tmp_path)
