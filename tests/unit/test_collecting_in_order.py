"""A partner's files land in the order of their names, also when its server goes silent among them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import BinaryIO

import pytest

from connectors.memory.ledger import MemoryLedger
from connectors.memory.mailbox import Folders, MemoryMailbox
from connectors.memory.store import MemoryStore
from data_contracts.errors import PartnerSilent, PartnerUnavailable
from data_contracts.ledger import FlowStatus
from data_contracts.ports import Deposit
from pipelines.intake.stage import collect_flows

NAMES = [f"FSO1100A_AAA111_AAA1111100{number:015d}" for number in range(1, 4)]


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)


class Failing(MemoryMailbox):
    """Fails for one name, once."""

    def __init__(self, folders: Folders, error: PartnerUnavailable) -> None:
        super().__init__(folders)
        self.error: PartnerUnavailable | None = error

    def open(self, deposit: Deposit) -> AbstractContextManager[BinaryIO]:
        if deposit.name == NAMES[1] and self.error is not None:
            error, self.error = self.error, None
            raise error
        return super().open(deposit)


@pytest.mark.parametrize(
    ("error", "order"),
    [
        (PartnerSilent("the server was killed"), [NAMES[0], "other", NAMES[1], NAMES[2]]),
        (PartnerUnavailable("this file may not be read"), [NAMES[0], NAMES[2], "other", NAMES[1]]),
    ],
    ids=["silent", "one file"],
)
def test_names_after_a_silence_wait_and_other_partners_do_not(error: PartnerUnavailable, order: list[str]) -> None:
    folders = Folders()
    for name in NAMES:
        folders.drop("AAA111", name, name.encode())
    folders.drop("BBB222", "other", b"other")
    mailbox, store, ledger = Failing(folders, error), MemoryStore(), MemoryLedger(time=lambda: 0.0)
    with pytest.raises(PartnerUnavailable, match=f"1 deposits could not be read; {order.index(NAMES[1])} others"):
        collect_flows(mailbox=mailbox, store=store, ledger=ledger, clock=Noon())
    collect_flows(mailbox=mailbox, store=store, ledger=ledger, clock=Noon())
    assert [flow.name for flow in ledger.flows(FlowStatus.LANDED)] == order
    assert not any(folders.drops.values())
