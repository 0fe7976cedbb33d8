"""Interoperability with django-pyas2, a live server and sender that we did not write: both ways, receipts in the answer
and posted, first delivery and repeat."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.as2.assembly import As2Parts, as2_parts
from connectors.as2.courier import Courier
from connectors.as2.mailbox import As2Mailbox
from connectors.as2.message import Compress
from connectors.as2.sent import Sending
from connectors.channels import read_channels
from connectors.clock import SystemClock
from connectors.object_storage import LocalStore
from data_contracts.errors import PartnerUnavailable
from infra.as2.peer import Peer, PeerAbsent, installed
from tests.connectors.as2_home import CODE
from tests.connectors.as2_scenes import own_today
from tests.connectors.as2_servers import GatewayProcess, free_port, write_home

FLOW = b"<Invoice>\r\n" + bytes(range(256)) * 50 + b"\n</Invoice>"
LINES = b"<Invoice>\r\n" + b"  <Note>\xc3\xa9t\xc3\xa9</Note>\r\n" * 500 + b"</Invoice>\r\n"
"""What the peer sends: it writes line ends anew before it signs."""
WAIT_SECONDS = 12
US, THEM = "RELAIS PA", "peer"
OURS, THEIRS = own_today("us"), own_today("peer")


@dataclass
class Pair:
    """Our gateway and the peer; `parts` look at our records from outside."""

    gateway: GatewayProcess
    peer: Peer
    parts: As2Parts
    store: LocalStore

    def owe(self, name: str, data: bytes = FLOW) -> None:
        mailbox = As2Mailbox(self.parts.partners, self.parts.received, self.parts.sent, self.store, SystemClock())
        mailbox.stage(CODE, name, "1-1", io.BytesIO(data))
        mailbox.publish(CODE, name, "1-1")

    def is_delivered(self, name: str) -> bool:
        """Whether the peer's receipt proved it; the peer is made to post it, once it has the message."""
        last = self.parts.sent.last(CODE, name)
        if last is not None and last.state is Sending.WAITING:
            self.peer.post_receipts()
        return last is not None and last.state is Sending.DELIVERED

    def of(self, name: str, direction: str) -> list[dict[str, object]]:
        return [row for row in self.peer.messages() if row["name"] == name and row["direction"] == direction]


@pytest.fixture(scope="module", params=["SYNC", "ASYNC"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    try:
        python = installed()
    except PeerAbsent as error:
        pytest.skip(f"no django-pyas2: {error}")
    folder, port = tmp_path_factory.mktemp("pyas2"), free_port()
    home = folder / "home"
    gateway = GatewayProcess(home, port)
    values = {
        "own_id": THEM, "partner_id": US, "url": gateway.url, "cipher": "aes_256_cbc", "digest": "sha256",
        "receipt": request.param, "key": str(home / "certificates" / THEIRS.label),
        "certificate": str(home / "keys" / f"{OURS.label}.crt"),
    }  # fmt: skip
    home.mkdir()
    write_home(home, CODE, OURS, THEIRS, as2_id=THEM, our_id=US)
    peer = Peer(folder / "peer", values, python)
    peer.start()
    write_home(
        home, CODE, OURS, THEIRS, as2_id=THEM, our_id=US, url=peer.url, receipt=request.param.lower(),
        receipt_url=gateway.url, partner_receipt_url=peer.url, content_type="application/xml",
    )  # fmt: skip
    gateway.start()
    store = LocalStore(home / "store")
    parts = as2_parts(read_channels(home).as2, f"sqlite:///{home / 'ledger.db'}", store, SystemClock())
    yield Pair(gateway, peer, parts, store)
    parts.close()
    peer.stop()
    assert gateway.stop() == 0
    assert "Traceback" not in gateway.log()


def _until(true: Callable[[], bool], said: Callable[[], object]) -> None:
    limit = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < limit, said()
        time.sleep(0.05)


def _receipted(pair: Pair, name: str) -> list[dict[str, object]]:
    """What the peer sent under a name, once it has our receipt, whichever way that came."""
    _until(lambda: bool(pair.of(name, "OUT")[0]["receipt"]), lambda: (pair.gateway.log(), pair.peer.log()))
    return pair.of(name, "OUT")


def test_the_peer_sends_and_trusts_our_receipt(pair: Pair, tmp_path: Path) -> None:
    path = tmp_path / "FSO1100A_AAA111_AAA1111100000000000000001"
    path.write_bytes(LINES)
    pair.peer.send(path)
    (sent,) = _receipted(pair, path.name)
    assert sent["status"] == "S", (sent["detail"], pair.gateway.log(), pair.peer.log())
    assert (sent["signed"], sent["encrypted"], sent["compressed"]) == (True, True, True)
    assert (sent["receipt_signed"], sent["receipt_status"]) == (True, "R")
    found = {deposit.name: key for deposit, key in pair.parts.received.waiting()}
    assert pair.store.read(found[path.name]) == LINES


def test_the_peer_sends_the_same_again_and_gets_the_same_receipt(pair: Pair, tmp_path: Path) -> None:
    path = tmp_path / "again.xml"
    path.write_bytes(LINES)
    pair.peer.send(path, times=2)
    (sent,) = _receipted(pair, path.name)
    assert sent["status"] == "S", (sent["detail"], pair.gateway.log(), pair.peer.log())
    deposits = [deposit for deposit, _ in pair.parts.received.waiting() if deposit.name == path.name]
    assert len(deposits) == 1
    accepted = pair.parts.received.accepted(CODE, f"<{str(sent['message_id']).strip('<>')}>")
    assert accepted is not None
    # The peer keeps what is inside the signature, lines written anew.
    kept = b"".join(bytes.fromhex(str(sent["receipt"])).split())
    assert kept and kept in b"".join(accepted.receipt.split())


@pytest.mark.parametrize("compress", list(Compress))
def test_the_peer_receives_and_we_trust_its_receipt(pair: Pair, compress: Compress) -> None:
    name = f"CSO1100A_{compress.value}"
    pair.owe(name)

    _until(lambda: pair.is_delivered(name), lambda: (pair.parts.sent.last(CODE, name), pair.gateway.log()))
    (received,) = pair.of(name, "IN")
    assert (received["signed"], received["encrypted"], received["compressed"]) == (True, True, True)
    assert bytes.fromhex(str(received["payload"])) == FLOW
    message = pair.parts.sent.last(CODE, name)
    assert message is not None and message.receipt is not None and message.outcome == "processed"


def test_the_peer_receives_the_same_again_and_we_believe_that_it_has_it(pair: Pair) -> None:
    """Its first answer is lost on the way; what it says to the repeat settles the message."""
    name = "CSO1100A_lost"
    pair.gateway.stop()
    try:
        _sent_but_unheard(pair, name)
        rounds = Courier(pair.parts.sender, pair.parts.received)
        assert rounds.run_once() >= 1
    finally:
        pair.gateway.start()

    _until(lambda: pair.is_delivered(name), lambda: (pair.parts.sent.last(CODE, name), pair.gateway.log()))
    assert next(row["status"] for row in pair.of(name, "IN")) == "S"
    message = pair.parts.sent.last(CODE, name)
    assert message is not None and message.attempts == 2


def _sent_but_unheard(pair: Pair, name: str) -> None:
    real = pair.parts.sender.poster.post

    def lost(*arguments: object) -> object:
        real(*arguments)  # type: ignore[arg-type]
        raise PartnerUnavailable("the answer was lost")

    pair.owe(name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pair.parts.sender.poster, "post", lost)
        patched.setattr("connectors.as2.sent.pause_seconds", lambda _attempts: 0.0)
        claimed = pair.parts.sent.claim({CODE})
        assert claimed is not None and claimed.name == name
        assert not pair.parts.sender.send(claimed)
