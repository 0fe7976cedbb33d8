"""Partners' mailboxes over AS2: what was accepted is a drop, what is published is sent by the courier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from connectors.as2.partner import As2Partners
from connectors.as2.received import ReceivedRecords
from connectors.as2.sent import SentRecords
from connectors.part_names import part_name
from data_contracts.errors import ContractBroken, PartnerUnavailable
from data_contracts.ports import Clock, Deposit, ObjectStore

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

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Nothing; the answer is stored and recorded, and replaces one staged under that name before."""
        staged = self._checked(partner_code, name, part)
        self._sent.stage(partner_code, staged, self._store.put_by_hash(ANSWERS, data))

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is the courier's. A no-op once it is.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for its receipt.
        """
        staged = self._checked(partner_code, name, part)
        self._sent.publish(partner_code, name, staged, self._clock.now())

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is gone."""
        self._sent.discard(partner_code, self._checked(partner_code, name, part))

    def _checked(self, partner_code: str, name: str, part: str) -> str:
        partner = self._partners.by_code.get(partner_code)
        if partner is None or not partner.url:
            raise ContractBroken("this partner has no AS2 address", where="mailbox", value=partner_code)
        return part_name(name, part)


def _id(deposit: Deposit) -> int:
    return int(deposit.identity.removeprefix(_IDENTITY))
