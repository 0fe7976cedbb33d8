"""Assembly of AS2: records, reception, sender, courier, mailbox over one ledger and one store."""

from __future__ import annotations

import time as machine_clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.engine import URL

from connectors.as2.courier import Courier
from connectors.as2.mailbox import As2Mailbox
from connectors.as2.partner import As2Partner, As2Partners
from connectors.as2.posting import Poster
from connectors.as2.received import ReceivedRecords
from connectors.as2.reception import Reception
from connectors.as2.sender import Sender
from connectors.as2.sent import SentRecords
from data_contracts.ports import Clock, ObjectStore


@dataclass(frozen=True)
class As2Parts:
    """Everything of AS2 in one process. Close it."""

    partners: As2Partners
    received: ReceivedRecords
    sent: SentRecords
    sender: Sender
    reception: Reception
    courier: Courier

    def close(self) -> None:
        """Nothing; the courier stands still, connections are closed."""
        self.courier.stop()
        self.sender.poster.close()
        self.received.close()
        self.sent.close()


def as2_parts(
    partners: Mapping[str, As2Partner], ledger_url: str | URL, store: ObjectStore, clock: Clock,
    *, time: Callable[[], float] = machine_clock.time,
) -> As2Parts:  # fmt: skip
    """The parts; the ledger's tables must exist. `time` is the machine's clock in seconds, for pauses and leases."""
    known = As2Partners(partners.values())
    received, sent = ReceivedRecords(ledger_url, time=time), SentRecords(ledger_url, time=time)
    sender = Sender(known, sent, store, clock, Poster())
    reception = Reception(known, received, store, clock, sender)
    return As2Parts(known, received, sent, sender, reception, Courier(sender, received))


def as2_mailbox(
    partners: Mapping[str, As2Partner], ledger_url: str | URL, store: ObjectStore, clock: Clock
) -> As2Mailbox:
    """The mailbox of these partners; gateway and courier may run in other processes."""
    return As2Mailbox(
        As2Partners(partners.values()), ReceivedRecords(ledger_url), SentRecords(ledger_url), store, clock
    )
