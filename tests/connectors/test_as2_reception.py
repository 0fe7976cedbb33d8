"""Receiving: stored, then recorded, then answered; the same receipt for the same message, and none that is not true."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.as2.algorithms import Digest
from connectors.as2.limits import RETENTION_DAYS
from connectors.as2.message import Form, pack
from connectors.as2.partner import Security
from connectors.as2.receipt import ReadReceipt, read_receipt
from connectors.as2.reception import Reply
from data_contracts.errors import StoreUnavailable
from tests.connectors import servers
from tests.connectors.as2_home import CODE, THEIR_KEY, THEM, US, Home, home, mirrored, partner, request
from tests.connectors.as2_scenes import NAME, NOON, PAYLOAD, own


@pytest.fixture(params=["sqlite", "postgresql"])
def ours(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    url = servers.new_database() if request.param == "postgresql" else ""
    made = home(tmp_path, partner(), url=url)
    yield made
    made.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Home]:
    made = home(tmp_path, partner())
    yield made
    made.close()


def _read(reply: Reply) -> ReadReceipt:
    return read_receipt(
        {name.lower(): value for name, value in reply.headers.items()}, reply.body, mirrored(partner()).keys, NOON
    )


def _waiting(made: Home) -> list[tuple[str, bytes]]:
    return [(deposit.name, made.store.read(key)) for deposit, key in made.parts.received.waiting()]


def test_a_message_is_stored_and_its_receipt_proves_it(ours: Home) -> None:
    headers, body = request()
    reply = ours.parts.reception.receive(headers, body)
    read = _read(reply)
    form = mirrored(partner()).form(NOON)
    assert reply.status == 200 and read.is_positive and read.signed
    assert (read.message_id, read.mic_digest) == ("<1@them>", Digest.SHA256)
    assert read.mic == pack(PAYLOAD, NAME, form, NOON).mic
    assert (reply.headers["AS2-From"], reply.headers["AS2-To"]) == (f'"{US}"', THEM)
    assert _waiting(ours) == [(NAME, PAYLOAD)]


def test_a_repeated_message_gets_the_same_receipt_byte_for_byte(ours: Home) -> None:
    first = ours.parts.reception.receive(*request())
    again = ours.parts.reception.receive(*request())  # signed and encrypted anew: other bytes, same content
    assert again == first
    assert len(_waiting(ours)) == 1


def test_many_at_once_get_one_receipt(ours: Home) -> None:
    requests = [request() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda row: ours.parts.reception.receive(*row), requests))
    assert len({reply.body for reply in replies}) == 1
    assert len(_waiting(ours)) == 1


def test_another_content_under_the_same_message_id_is_refused(small: Home) -> None:
    small.parts.reception.receive(*request())
    read = _read(small.parts.reception.receive(*request(payload=b"other")))
    assert read.disposition == "processed/error: duplicate-document" and not read.is_positive
    assert _waiting(small) == [(NAME, PAYLOAD)]


def test_nothing_refused_takes_a_message_id(small: Home) -> None:
    headers, body = request()
    forged = mirrored(partner(), own=(own("stranger"),))
    packed = pack(b"forged", NAME, forged.form(NOON), NOON)
    assert _read(small.parts.reception.receive(headers, b"".join(packed.body))).disposition.endswith(
        "authentication-failed"
    )
    assert _read(small.parts.reception.receive(headers, body[:-100])).disposition.endswith("decryption-failed")
    assert _waiting(small) == []
    assert _read(small.parts.reception.receive(headers, body)).is_positive


def test_a_store_that_fails_brings_no_receipt_and_the_next_attempt_works(
    small: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable("the object store is full")

    with monkeypatch.context() as patched:
        patched.setattr(small.store, "put_by_hash", full)
        reply = small.parts.reception.receive(*request())
        assert (reply.status, reply.headers["Retry-After"]) == (503, "60")
    with monkeypatch.context() as patched:
        patched.setattr("connectors.as2.reception.file_name", None)
        reply = small.parts.reception.receive(*request())
        assert _read(reply).disposition == "processed/error: unexpected-processing-error"
        assert b"Traceback" not in reply.body and b"TypeError" not in reply.body
    assert _waiting(small) == []
    assert _read(small.parts.reception.receive(*request())).is_positive


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"as2-from": ""}, 400),
        ({"as2-to": 'no"pe'}, 400),
        ({"as2-from": "x" * 129}, 400),
        ({"message-id": ""}, 400),
        ({"message-id": "<" + "x" * 300 + "@y>"}, 400),
        ({"message-id": "<a b>"}, 400),
        ({"disposition-notification-options": "signed-receipt-protocol=required, pgp"}, 400),
        (
            {
                "disposition-notification-options": "signed-receipt-protocol=required, pkcs7-signature; "
                "signed-receipt-micalg=required, md5"
            },
            400,
        ),
        ({"receipt-delivery-option": "http://169.254.169.254/latest"}, 403),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(small: Home, more: dict[str, str], status: int) -> None:
    reply = small.parts.reception.receive(*request(more=more))
    assert reply.status == status
    assert len(reply.body.decode().strip().splitlines()) == 2
    assert _waiting(small) == []


def test_unknown_names_get_an_unsigned_receipt(small: Home) -> None:
    unknown = _read(small.parts.reception.receive(*request(more={"as2-from": "nobody"})))
    assert unknown.disposition == "processed/error: unknown-trading-partner" and not unknown.signed
    same = _read(small.parts.reception.receive(*request(more={"as2-from": "a", "as2-to": "a"})))
    assert same.disposition == "processed/error: sender-equals-receiver"


def test_unencrypted_messages_only_where_agreed(small: Home, tmp_path: Path) -> None:
    signed = partner(security=Security.SIGNED)
    assert _read(small.parts.reception.receive(*request(known=signed))).is_positive  # whoever encrypts, may
    form = Form(THEIR_KEY, None)
    packed = pack(PAYLOAD, NAME, form, NOON)
    headers = {name.lower(): value for name, value in packed.headers.items()}
    plain = request("<2@them>")[0] | headers
    assert _read(small.parts.reception.receive(plain, b"".join(packed.body))).disposition.endswith(
        "insufficient-message-security"
    )
    agreed = home(tmp_path / "agreed", signed)
    assert _read(agreed.parts.reception.receive(plain, b"".join(packed.body))).is_positive
    agreed.close()


def test_who_asks_for_no_receipt_gets_none_and_who_asks_for_a_plain_one_gets_that(small: Home) -> None:
    assert small.parts.reception.receive(*request(asking=None)) == Reply(200)
    headers, body = request("<2@them>")
    del headers["disposition-notification-options"]
    read = _read(small.parts.reception.receive(headers, body))
    assert read.is_positive and not read.signed
    assert len(_waiting(small)) == 2


@pytest.mark.parametrize(("asked", "given"), [("sha1, sha-512", "sha-512"), ("SHA256", "sha-256"), ("md5", "sha-256")])
def test_the_digest_of_the_receipt_is_the_first_agreed_one(small: Home, asked: str, given: str) -> None:
    reply = small.parts.reception.receive(*request(asking=asked))
    read = _read(reply)
    assert read.mic_digest is not None and read.mic_digest.micalg == given
    assert f"micalg={given}" in reply.headers["Content-Type"]


def test_an_asynchronous_receipt_goes_to_the_address_of_the_record_alone(tmp_path: Path) -> None:
    agreed = partner(partner_receipt_url="http://127.0.0.1:9/theirs")
    made = home(tmp_path, agreed)
    elsewhere = {"receipt-delivery-option": "http://169.254.169.254/latest"}
    assert made.parts.reception.receive(*request(more=elsewhere)) == Reply(200)
    owed = made.parts.received.owed_receipt(frozenset({CODE}))
    assert owed is not None and made.parts.received.owed_receipt(frozenset({CODE})) is None
    made.parts.received.receipt_posted(owed)
    assert made.parts.reception.receive(*request(more=elsewhere)) == Reply(200)
    again = made.parts.received.owed_receipt(frozenset({CODE}))
    assert again is not None and again.receipt == owed.receipt
    refused = made.parts.reception.receive(*request("<2@them>", more={**elsewhere, "content-type": "text/plain"}))
    assert refused.status == 400 and _read(refused).disposition.endswith("insufficient-message-security")
    made.close()


@pytest.mark.parametrize("said", ["../../etc/passwd", "C:\\x\\y.xml", ".hidden", "a\x00b", "", "x" * 300])
def test_names_are_data(small: Home, said: str) -> None:
    headers, _ = request()
    packed = pack(PAYLOAD, said.replace("\x00", " "), mirrored(partner()).form(NOON), NOON)
    assert _read(small.parts.reception.receive(headers, b"".join(packed.body))).is_positive
    ((name, _),) = _waiting(small)
    assert "/" not in name and "\\" not in name and not name.startswith(".") and 0 < len(name) <= 255


def test_message_ids_are_kept_for_the_retention_and_forgotten_after(small: Home) -> None:
    small.parts.reception.receive(*request())
    later = NOON + timedelta(days=RETENTION_DAYS)
    for deposit, _ in list(small.parts.received.waiting()):
        assert small.parts.received.forget(later + timedelta(days=1)) == 0
        small.parts.received.take(int(deposit.identity.removeprefix("as2:")))
    assert small.parts.received.forget(later) == 0
    assert small.parts.received.accepted(CODE, "<1@them>") is not None
    assert small.parts.received.forget(later + timedelta(days=1)) == 1
    assert small.parts.received.accepted(CODE, "<1@them>") is None
