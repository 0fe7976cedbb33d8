"""Partners' mailboxes over AS2: what was accepted is a drop, what is published is sent by the courier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from connectors.as2.partner import As2Partners
from connectors.as2.received import ReceivedRecords
from connectors.as2.sent import Sending, SentRecords
from data_contracts.errors import ContractBroken, PartnerUnavailable
from data_contracts.ports import Clock, Delivered, Deposit, ObjectStore

ANSWERS = "as2/answers"
_IDENTITY = "as2:"


class As2Mailbox:
    """`data_contracts.ports.Mailbox` over messages recorded in the ledger. It speaks to nobody: the gateway receives,
    the courier sends. A published answer is out of our hands when its receipt came; `sent.last` tells."""

    def __init__(
        self, partners: As2Partners, received: ReceivedRecords, sent: SentRecords, store: ObjectStore, clock: Clock
    ) -> None:
        self._partners = partners
        self._received = received
        self._sent = sent
        self._store = store
        self._clock = clock

    def __repr__(self) -> str:
        return f"As2Mailbox({', '.join(sorted(self._partners.by_code))})"

    def close(self) -> None:
        """Nothing; connections to the database are closed."""
        self._received.close()
        self._sent.close()

    def incoming(self) -> Iterator[Deposit]:
        """Accepted messages not taken yet, sorted by partner code then name."""
        for deposit, _ in self._received.waiting():
            yield deposit

    @contextmanager
    def open(self, deposit: Deposit) -> Iterator[BinaryIO]:
        """A reader of the payload. PartnerUnavailable if it was taken since it was listed."""
        key = self._received.key_of(_id(deposit))
        if key is None:
            raise PartnerUnavailable(
                "the message was taken since it was listed",
                where=f"AS2, {deposit.partner_code}",
                value=deposit.name,
                remedy="another collector has it",
            )
        with self._store.open(key) as stream:
            yield stream

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the message is listed no more. Its record and its bytes stay."""
        self._received.take(_id(deposit))

    def stage(self, partner_code: str, name: str, data: BinaryIO) -> None:
        """Nothing; the answer is stored and recorded, and replaces one staged before."""
        self._check(partner_code, name)
        self._sent.stage(partner_code, name, self._store.put_by_hash(ANSWERS, data))

    def publish(self, partner_code: str, name: str) -> None:
        """Nothing; the staged answer is the courier's. A no-op once it is.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for its receipt.
        """
        self._check(partner_code, name)
        self._sent.publish(partner_code, name, self._clock.now())

    def state(self, partner_code: str, name: str) -> Delivered:
        """STAGED while it is not published, else PUBLISHED, whether or not it is on its way or delivered."""
        self._check(partner_code, name)
        last = self._sent.last(partner_code, name)
        if last is None:
            return Delivered.ABSENT
        return Delivered.STAGED if last.state is Sending.STAGED else Delivered.PUBLISHED

    def _check(self, partner_code: str, name: str) -> None:
        if not name.isprintable() or "/" in name or name.startswith(".") or not name:
            raise ContractBroken("this is not a name for an answer", where=f"partner {partner_code}", value=name)
        partner = self._partners.by_code.get(partner_code)
        if partner is None or not partner.url:
            raise ContractBroken("this partner has no AS2 address", where="mailbox", value=partner_code)


def _id(deposit: Deposit) -> int:
    return int(deposit.identity.removeprefix(_IDENTITY))
