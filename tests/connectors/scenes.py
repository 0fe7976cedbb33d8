"""Small scenes that the suites of the ports share: deposits, flows brought to a state, answers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime

from data_contracts.ledger import Answer, Batch, Landing, Ledger, Slice
from data_contracts.ports import Deposit, Stored

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
PARTNER = "AAA111"
WATCHED = ("open", "write", "fsync", "link", "replace", "rename", "unlink", "mkdir")


class Machine:
    """A machine clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def envelope(sequence: int, partner_code: str = PARTNER) -> str:
    return f"FSO1100A_{partner_code}_{partner_code}1100{sequence:015d}"


def stored(content: bytes) -> Stored:
    sha256 = hashlib.sha256(content).hexdigest()
    return Stored(f"landing/{sha256}", sha256, len(content))


def landed(
    ledger: Ledger, sequence: int = 1, *, partner_code: str = PARTNER, content: bytes = b"one", identity: str = ""
) -> tuple[Landing, str]:
    name = envelope(sequence, partner_code)
    deposit = Deposit(partner_code, name, len(content), identity or f"{sequence}:{content!r}")
    return ledger.land(deposit, stored(content), NOON)


def admitted(ledger: Ledger, sequence: int = 1, *, members: int = 2, partner_code: str = PARTNER) -> str:
    _, flow_key = landed(ledger, sequence, partner_code=partner_code)
    ledger.admit(flow_key, members)
    return flow_key


def planned(ledger: Ledger, sequence: int = 1, *, members: int = 2, partner_code: str = PARTNER) -> tuple[str, str]:
    """Flow key and batch id of a flow in a batch of its own."""
    flow_key = admitted(ledger, sequence, members=members, partner_code=partner_code)
    batch_id = f"batch of {flow_key}"
    ledger.plan([Batch(batch_id, (Slice(flow_key, 0, members),))])
    return flow_key, batch_id


def checked(ledger: Ledger, sequence: int = 1, *, members: int = 2, partner_code: str = PARTNER) -> str:
    flow_key, batch_id = planned(ledger, sequence, members=members, partner_code=partner_code)
    claim = ledger.claim(batch_id, "worker")
    assert claim is not None
    ledger.checked(claim, members)
    return flow_key


def answer(flow_key: str, rank: int = 1, *, interface_code: str = "CSO1100A", partner_code: str = PARTNER) -> Answer:
    name = f"{interface_code}_{partner_code}_RLS001{interface_code[3:7]}{rank:015d}"
    body = stored(name.encode())
    key = f"answers/{flow_key}/{name}"
    delivery_id = f"{flow_key}:{interface_code}:{rank}"
    return Answer(delivery_id, flow_key, partner_code, interface_code, name, key, body.sha256, body.size_bytes)


def settle(ledger: Ledger, flow_key: str, *, accepted: int = 2, rejected: int = 0, answers: tuple[Answer, ...]) -> None:
    ledger.settle(
        flow_key,
        accepted_count=accepted,
        rejected_count=rejected,
        quarantined_count=0,
        acknowledgment_code="90",
        events=[],
        answers=answers,
    )


def in_child(work: Callable[[], None]) -> int:
    """Exit code of a forked process that does the work: 0 done, 9 killed, 1 failed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(operation: int, work: Callable[[], None]) -> Callable[[], None]:
    """The work, in a process that dies right before its n-th operation on the file system."""

    def run() -> None:
        left = operation

        def watched(real: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object, **kwargs: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    os._exit(9)
                return real(*args, **kwargs)

            return call

        for name in WATCHED:
            setattr(os, name, watched(getattr(os, name)))
        work()

    return run
