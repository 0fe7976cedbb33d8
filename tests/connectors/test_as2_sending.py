"""Sending: built once, sent until a receipt proves it, the same bytes under the same Message-ID."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.as2.algorithms import Digest
from connectors.as2.assembly import As2Parts
from connectors.as2.courier import Courier
from connectors.as2.dispositions import Disposition
from connectors.as2.limits import RECEIPT_WAIT_SECONDS, SEND_ATTEMPTS_MAX, SEND_BACKOFF_SECONDS, SEND_LEASE_SECONDS
from connectors.as2.mailbox import As2Mailbox
from connectors.as2.partner import As2Partner, Asked
from connectors.as2.posting import Answer
from connectors.as2.receipt import Asking, write_receipt
from connectors.as2.sent import Message, Sending
from connectors.clock import FixedClock
from data_contracts.errors import ContractBroken, IntegrityBroken, PartnerUnavailable, StoreUnavailable
from data_contracts.ports import Deposit
from tests.connectors.as2_home import CODE, THEIR_KEY, THEM, US, Home, home, mirrored, partner, request
from tests.connectors.as2_scenes import NOON, own, public
from tests.connectors.scenes import Machine

ANSWER = b"<CPPStatut/>" * 1_000
NAME = "CSO1100A_AAA111_RLS0011100000000000000001"
PART = "1-1"


@dataclass
class Line:
    """What carries requests: into the other home's reception, changed by the test on the way there or back."""

    to: Home | None = None
    broken: int = 0
    lost_answers: int = 0
    change: Callable[[Answer], Answer] = lambda answer: answer
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def post(self, partner: As2Partner, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.seen.append((dict(headers), body))
        if self.broken:
            self.broken -= 1
            raise PartnerUnavailable("no connection", value="refused")
        assert self.to is not None
        reply = self.to.parts.reception.receive({name.lower(): value for name, value in headers.items()}, body)
        if self.lost_answers:
            self.lost_answers -= 1
            raise PartnerUnavailable("no answer", value="timeout")
        return self.change(
            Answer(reply.status, {key.lower(): value for key, value in reply.headers.items()}, reply.body)
        )

    def close(self) -> None: ...


@dataclass
class Pair:
    """Our home, the partner's, the line between them."""

    ours: Home
    theirs: Home
    line: Line
    back: Line
    machine: Machine
    mailbox: As2Mailbox

    @property
    def parts(self) -> As2Parts:
        return self.ours.parts

    def owe(self, data: bytes = ANSWER, name: str = NAME) -> None:
        self.mailbox.stage(CODE, name, PART, io.BytesIO(data))
        self.mailbox.publish(CODE, name, PART)

    def round(self) -> int:
        """What a courier tries that was not told before who does not answer."""
        return Courier(self.parts.sender, self.parts.received).run_once()

    def answered(self) -> int:
        return Courier(self.theirs.parts.sender, self.theirs.parts.received).run_once()

    @property
    def message(self) -> Message:
        found = self.parts.sent.last(CODE, NAME)
        assert found is not None
        return found

    def arrived(self) -> list[tuple[Deposit, bytes]]:
        return [(row, self.theirs.store.read(key)) for row, key in self.theirs.parts.received.waiting()]


def _pair(folder: Path, known: As2Partner, **theirs: Any) -> Pair:
    machine = Machine()
    made = home(folder / "ours", known, time=machine)
    peer = home(folder / "theirs", mirrored(known, **theirs), time=machine)
    line, back = Line(peer), Line(made)
    _over(made, line)
    _over(peer, back)
    mailbox = As2Mailbox(made.parts.partners, made.parts.received, made.parts.sent, made.store, FixedClock(NOON))
    return Pair(made, peer, line, back, machine, mailbox)


def _over(made: Home, line: Line) -> None:
    sender = replace(made.parts.sender, poster=line)
    object.__setattr__(made.parts, "sender", sender)
    object.__setattr__(made.parts, "reception", replace(made.parts.reception, receipts=sender))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = _pair(tmp_path, partner())
    yield made
    _close(made)


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Pair]:
    """Receipts are asynchronous."""
    known = partner(receipt=Asked.ASYNC, receipt_url="http://127.0.0.1:9/ours")
    made = _pair(tmp_path, known, partner_receipt_url="http://127.0.0.1:9/ours")
    yield made
    _close(made)


def _close(made: Pair) -> None:
    made.ours.close()
    made.theirs.close()


def test_an_answer_is_sent_once_and_its_receipt_kept(pair: Pair) -> None:
    pair.owe()
    assert (pair.round(), pair.round()) == (1, 0)
    message = pair.message
    assert (message.state, message.outcome, message.attempts) == (Sending.DELIVERED, "processed", 1)
    assert message.receipt is not None and b"multipart/signed" in message.receipt
    assert [(row.name, data) for row, data in pair.arrived()] == [(NAME, ANSWER)]
    assert pair.parts.sent.counts() == {(CODE, "delivered"): 1}


@pytest.mark.parametrize("fault", ["broken", "lost_answers"])
def test_a_failed_attempt_is_repeated_with_the_same_bytes(pair: Pair, fault: str) -> None:
    setattr(pair.line, fault, 2)
    pair.owe()
    for _ in range(3):
        assert pair.round() == 1
        assert pair.round() == 0
        pair.machine.seconds += 1_000
    assert pair.message.state is Sending.DELIVERED and pair.message.attempts == 3
    assert len({body for _, body in pair.line.seen}) == 1
    assert len({headers["Message-ID"] for headers, _ in pair.line.seen}) == 1
    assert len(pair.arrived()) == 1


def test_a_sender_killed_before_it_heard_the_receipt_changes_nothing(pair: Pair) -> None:
    pair.owe()
    claimed = pair.parts.sent.claim({CODE})
    assert claimed is not None

    def killed(_: Answer) -> Answer:
        raise KeyboardInterrupt

    pair.line.change = killed
    with pytest.raises(KeyboardInterrupt):
        pair.parts.sender.send(claimed)
    pair.line.change = lambda answer: answer
    assert pair.round() == 0
    pair.machine.seconds += SEND_LEASE_SECONDS
    assert pair.round() == 1
    assert pair.message.state is Sending.DELIVERED
    assert len(pair.arrived()) == 1 and len({body for _, body in pair.line.seen}) == 1


def test_a_store_that_was_away_delays_a_message_by_seconds(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> bytes:
        raise StoreUnavailable("away")

    pair.owe()
    with monkeypatch.context() as gone:
        gone.setattr(type(pair.ours.store), "read", away)
        assert pair.round() == 1
    assert pair.message.state is Sending.READY and "away" in pair.message.outcome
    pair.machine.seconds += SEND_BACKOFF_SECONDS
    assert pair.round() == 1
    assert pair.message.state is Sending.DELIVERED and len(pair.arrived()) == 1


def test_a_message_is_given_up_after_so_many_attempts_and_sent_again_on_demand(pair: Pair) -> None:
    pair.line.broken = SEND_ATTEMPTS_MAX
    pair.owe()
    while pair.message.state is Sending.READY:
        assert pair.round() == 1
        pair.machine.seconds += 1_000
    assert pair.message.state is Sending.FAILED and "given up after 40 attempts" in pair.message.outcome
    assert pair.parts.sent.unsettled() == [pair.message]
    assert not pair.parts.sent.resend(CODE, "another")
    message_id = pair.message.message_id
    assert pair.parts.sent.resend(CODE, NAME)
    assert pair.round() == 1
    assert (pair.message.state, pair.message.message_id) == (Sending.DELIVERED, message_id)


def test_a_negative_receipt_is_final(tmp_path: Path) -> None:
    made = _pair(tmp_path, partner(), certificates=(public(own("stranger")),))
    made.owe()
    assert made.round() == 1
    assert (made.message.state, made.message.outcome) == (Sending.FAILED, "processed/error: authentication-failed")
    assert made.message.receipt is not None
    _close(made)


def test_a_receipt_that_does_not_prove_the_delivery_is_told(pair: Pair) -> None:
    """A true receipt of the partner, but of other bytes: nobody altered it, the partner read something else."""

    def altered(_: Answer) -> Answer:
        asked = Asking(US, THEM, pair.message.message_id, True, Digest.SHA256)
        made = write_receipt(asked, Disposition.PROCESSED, "b3RoZXI=", THEIR_KEY, NOON)
        return Answer(200, {name.lower(): value for name, value in made.headers.items()}, made.body)

    pair.line.change = altered
    pair.owe()
    pair.round()
    assert pair.message.state is Sending.FAILED and "MIC" in pair.message.outcome


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: replace(answer, status=503),
        lambda answer: replace(answer, body=b""),
        lambda answer: replace(answer, body=answer.body.replace(b"; processed", b"; processee")),
        lambda answer: replace(answer, body=answer.body[:-40]),
        lambda answer: replace(answer, headers={"content-type": "multipart/report; boundary=x"}),
        lambda answer: replace(answer, headers={"content-type": "text/html"}, body=b"<html>"),
    ],
)
def test_an_answer_that_is_no_trusted_receipt_is_no_receipt(pair: Pair, change: Callable[[Answer], Answer]) -> None:
    pair.line.change = change
    pair.owe()
    pair.round()
    assert pair.message.state is Sending.READY and pair.message.outcome
    pair.line.change = lambda answer: answer
    pair.machine.seconds += 100
    pair.round()
    assert pair.message.state is Sending.DELIVERED and len(pair.arrived()) == 1


def test_an_asynchronous_receipt_settles_when_it_comes(later: Pair) -> None:
    later.owe()
    assert later.round() == 1
    assert later.message.state is Sending.WAITING
    assert later.answered() == 1
    assert later.message.state is Sending.DELIVERED and later.message.receipt is not None
    assert (later.round(), later.answered()) == (0, 0)


def test_without_an_asynchronous_receipt_the_message_is_sent_again(later: Pair) -> None:
    later.owe()
    later.round()
    later.back.broken = 1
    assert later.answered() == 1
    first = later.back.seen[-1]
    later.machine.seconds += RECEIPT_WAIT_SECONDS
    assert later.round() == 1
    assert later.answered() == 1
    assert later.back.seen[-1] == first
    assert later.message.state is Sending.DELIVERED and len(later.arrived()) == 1


def test_a_posted_receipt_must_be_the_partners(later: Pair) -> None:
    later.owe()
    later.round()
    later.back.to = None
    with pytest.raises(AssertionError):
        later.answered()
    headers, body = later.back.seen[-1]
    low = {name.lower(): value for name, value in headers.items()}
    receive = later.parts.reception.receive
    assert receive(low, body.replace(b"; processed", b"; processee")).status == 400
    assert receive({**low, "content-type": low["content-type"]}, body[:-30]).status == 400
    assert later.message.state is Sending.WAITING
    assert [receive(low, body).status for _ in range(2)] == [200, 200]
    assert later.message.state is Sending.DELIVERED


# ---- the port ----


def test_what_arrived_is_a_drop(pair: Pair) -> None:
    for name in ("z", "b", "B"):
        assert pair.parts.reception.receive(*request(f"<{name}@them>", name.encode(), name)).status == 200
    deposits = list(pair.mailbox.incoming())
    assert [(row.partner_code, row.name, row.size_bytes) for row in deposits] == [
        (CODE, "B", 1), (CODE, "b", 1), (CODE, "z", 1),
    ]  # fmt: skip
    with pair.mailbox.open(deposits[0]) as stream:
        assert stream.read() == b"B"
    for _ in range(2):
        pair.mailbox.remove(deposits[0])
    with pytest.raises(PartnerUnavailable), pair.mailbox.open(deposits[0]):
        pass
    assert [row.name for row in pair.mailbox.incoming()] == ["b", "z"]


def test_the_same_bytes_in_another_message_are_another_deposit(pair: Pair) -> None:
    identities = set()
    for number in range(3):
        pair.parts.reception.receive(*request(f"<{number}@them>"))
        (deposit,) = pair.mailbox.incoming()
        identities.add(deposit.identity)
        pair.mailbox.remove(deposit)
    assert len(identities) == 3


def test_an_answer_is_staged_then_published(pair: Pair) -> None:
    mailbox = pair.mailbox
    mailbox.stage(CODE, NAME, PART, io.BytesIO(b"half written before"))
    mailbox.stage(CODE, NAME, PART, io.BytesIO(ANSWER))
    assert pair.round() == 0
    for _ in range(2):
        mailbox.publish(CODE, NAME, PART)
    assert pair.round() == 1
    assert [data for _, data in pair.arrived()] == [ANSWER]


def test_of_several_attempts_one_is_sent_whoever_publishes_and_when(pair: Pair) -> None:
    mailbox = pair.mailbox
    for part in ("7-1", "7-2"):
        mailbox.stage(CODE, NAME, part, io.BytesIO(ANSWER))
    mailbox.publish(CODE, NAME, "7-2")
    assert pair.round() == 1
    mailbox.publish(CODE, NAME, "7-2")
    mailbox.discard(CODE, NAME, "7-1")
    mailbox.publish(CODE, NAME, "7-1")
    assert pair.round() == 0
    assert len(pair.arrived()) == 1


def test_the_same_answer_is_published_again_and_another_never(pair: Pair) -> None:
    for _ in range(2):
        pair.owe()
    pair.mailbox.stage(CODE, NAME, PART, io.BytesIO(b"other"))
    for _ in range(2):  # what cannot be published stays staged
        with pytest.raises(IntegrityBroken, match="same name"):
            pair.mailbox.publish(CODE, NAME, PART)
    assert pair.round() == 1
    assert [data for _, data in pair.arrived()] == [ANSWER]


def test_an_answer_owed_again_after_its_receipt_is_a_new_message(pair: Pair) -> None:
    pair.owe()
    pair.round()
    first = pair.message.message_id
    pair.owe()
    assert pair.round() == 1
    assert pair.message.message_id != first
    assert len(pair.arrived()) == 2


def test_nothing_staged_cannot_be_published(pair: Pair) -> None:
    pair.mailbox.publish(CODE, NAME, PART)
    assert pair.round() == 0


@pytest.mark.parametrize(("code", "name"), [("BBB222", NAME), (CODE, "../x"), (CODE, ""), (CODE, ".x")])
def test_a_name_that_leads_elsewhere_is_refused(pair: Pair, code: str, name: str) -> None:
    with pytest.raises(ContractBroken):
        pair.mailbox.stage(code, name, PART, io.BytesIO())
    with pytest.raises(ContractBroken):
        pair.mailbox.publish(code, name, PART)
