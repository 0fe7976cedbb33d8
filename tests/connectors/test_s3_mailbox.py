"""Partners' drops in buckets on a real S3 server: what only buckets have, and what may go wrong with them."""

from __future__ import annotations

import hashlib
import io
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.channels import read_channels
from connectors.s3_account import Keeps, Pickup, Publish, S3Account
from connectors.s3_mailbox import S3Mailbox, s3_mailbox
from connectors.s3_server import S3Server
from connectors.s3_writing import PART_BYTES
from data_contracts.errors import (
    ConfigurationError,
    ContractBroken,
    IntegrityBroken,
    PartnerRefused,
    PartnerUnavailable,
)
from data_contracts.ports import Deposit
from infra.seaweedfs.service import channels_text
from tests.connectors.s3_folders import BucketPath, account, new_root
from tests.connectors.s3_server import BUCKET, client, lying, running_object_server

PART = "1-1"
LARGE = random.Random(8).randbytes(PART_BYTES + 100)
VERSIONED = "relais-tests-versions"


@pytest.fixture
def root() -> BucketPath:
    return new_root()


def _drop(root: BucketPath, name: str, data: bytes = b"<Invoice/>", partner_code: str = "AAA111") -> BucketPath:
    path = root / partner_code / "in" / name
    path.write_bytes(data)
    return path


def _only(mailbox: S3Mailbox) -> Deposit:
    (deposit,) = mailbox.incoming()
    return deposit


def _read(mailbox: S3Mailbox, deposit: Deposit) -> bytes:
    with mailbox.open(deposit) as stream:
        return stream.read()


# ---- drops ----


def test_a_drop_of_many_pages_comes_whole_and_in_bounded_memory(
    root: BucketPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.s3_mailbox.PAGE_KEYS", 7)
    pages = []
    call = S3Server.pages

    def watched(server: S3Server, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        for page in call(server, operation, **arguments):
            pages.append(len(page.get("Contents", ())))
            yield page

    monkeypatch.setattr(S3Server, "pages", watched)
    for number in range(40):
        _drop(root, f"flow{number:03}")
    mailbox = s3_mailbox([account(root)])
    names = []
    for deposit in mailbox.incoming():
        names.append(deposit.name)
        assert len(pages) <= len(names) // 7 + 1, "pages were fetched ahead"
        mailbox.remove(deposit)
    assert names == [f"flow{number:03}" for number in range(40)]
    assert max(pages) <= 7
    assert list(mailbox.incoming()) == []


def test_a_large_deposit_is_read_by_blocks(root: BucketPath) -> None:
    _drop(root, "large", LARGE)
    mailbox = s3_mailbox([account(root)])
    with mailbox.open(_only(mailbox)) as stream:
        assert hashlib.file_digest(stream, "sha256").hexdigest() == hashlib.sha256(LARGE).hexdigest()


def test_an_upload_in_parts_shows_only_once_it_is_whole(root: BucketPath) -> None:
    key = (root / "AAA111" / "in" / "flow").key
    mailbox = s3_mailbox([account(root)])
    upload = client().create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    part = client().upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=b"whole")
    assert list(mailbox.incoming()) == []
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client().complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload=parts)
    deposit = _only(mailbox)
    assert _read(mailbox, deposit) == b"whole"
    mailbox.remove(deposit)
    assert list(mailbox.incoming()) == []


def test_an_object_put_in_the_place_of_another_between_look_and_delete_stays(
    root: BucketPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _drop(root, "flow", b"first")
    mailbox = s3_mailbox([account(root)])
    deposit = _only(mailbox)
    call = S3Server.call

    def overtaken(server: S3Server, operation: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        if operation == "delete_object":
            path.write_bytes(b"second")
        return call(server, operation, key, **arguments)

    monkeypatch.setattr(S3Server, "call", overtaken)
    mailbox.remove(deposit)
    assert path.read_bytes() == b"second"


def test_where_we_may_only_read_nothing_is_deleted(root: BucketPath) -> None:
    path = _drop(root, "flow")
    mailbox = s3_mailbox([account(root, pickup=Pickup.LEAVE)])
    deposit = _only(mailbox)
    mailbox.remove(deposit)
    assert path.exists()
    assert _only(mailbox) == deposit


def test_one_partner_out_of_reach_stops_no_other(root: BucketPath) -> None:
    _drop(root, "a", partner_code="AAA111")
    _drop(root, "c", partner_code="CCC333")
    whole = account(root)
    silent = replace(whole.place, endpoint="http://127.0.0.1:9", attempts=1)
    accounts = [whole, replace(account(root, "BBB222"), place=silent), account(root, "CCC333")]
    found = []
    with pytest.raises(PartnerUnavailable, match=r"does not answer.*BBB222"):
        for deposit in s3_mailbox(accounts).incoming():
            found.append(deposit.name)
    assert found == ["a", "c"]


def test_a_wrong_secret_or_bucket_needs_a_person(root: BucketPath, tmp_path: Path) -> None:
    wrong = tmp_path / "credentials.toml"
    wrong.touch(0o600)
    wrong.write_text('access_key = "nobody"\nsecret_key = "no-such-secret"\n')
    whole = account(root)
    for place in (replace(whole.place, credentials_file=wrong), replace(whole.place, bucket="no-such-bucket")):
        mailbox = s3_mailbox([replace(whole, place=place)])
        with pytest.raises(PartnerRefused, match="check bucket"):
            list(mailbox.incoming())
        with pytest.raises(PartnerRefused):
            mailbox.stage("AAA111", "answer", PART, io.BytesIO(b"1"))


def test_a_partner_without_an_account_is_unknown(root: BucketPath) -> None:
    with pytest.raises(ContractBroken, match="no S3 account"):
        s3_mailbox([account(root)]).discard("BBB222", "answer", PART)


# ---- buckets that keep versions ----


@pytest.fixture
def versioned(root: BucketPath) -> S3Account:
    running_object_server()
    if VERSIONED not in {row["Name"] for row in client().list_buckets()["Buckets"]}:
        client().create_bucket(Bucket=VERSIONED)
        client().put_bucket_versioning(Bucket=VERSIONED, VersioningConfiguration={"Status": "Enabled"})
    plain = account(root, keeps=Keeps.VERSIONS)
    return replace(plain, place=replace(plain.place, bucket=VERSIONED))


def _put(versioned: S3Account, data: bytes) -> None:
    client().put_object(Bucket=VERSIONED, Key=f"{versioned.pickup_prefix}flow", Body=data)


def test_the_same_bytes_again_are_another_version(versioned: S3Account) -> None:
    mailbox = s3_mailbox([versioned])
    identities = set()
    for _ in range(3):
        _put(versioned, b"same")
        deposit = _only(mailbox)
        assert _read(mailbox, deposit) == b"same"
        identities.add(deposit.identity)
        mailbox.remove(deposit)
        assert list(mailbox.incoming()) == []
    assert len(identities) == 3


def test_a_version_is_read_and_removed_as_it_was_listed_and_a_later_one_stays(versioned: S3Account) -> None:
    mailbox = s3_mailbox([versioned])
    _put(versioned, b"never looked at")
    _put(versioned, b"first")
    deposit = _only(mailbox)
    _put(versioned, b"second, longer")
    assert _read(mailbox, deposit) == b"first"
    for _ in range(2):
        mailbox.remove(deposit)
        later = _only(mailbox)
        assert _read(mailbox, later) == b"second, longer"
    mailbox.remove(later)
    assert list(mailbox.incoming()) == []
    with pytest.raises(PartnerUnavailable, match="changed"):
        _read(mailbox, deposit)


def test_small_objects_are_read_ahead_in_order_and_each_is_the_one_listed(
    root: BucketPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"flow{number:02d}" for number in range(30)]
    for name in names:
        _drop(root, name, name.encode())
    readers = set()
    call = S3Server.call

    def watched(server: S3Server, operation: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        if operation == "get_object":
            readers.add(threading.current_thread().name.rpartition("_")[0])
        return call(server, operation, key, **arguments)

    monkeypatch.setattr(S3Server, "call", watched)
    mailbox, read, unread = s3_mailbox([account(root)]), [], []
    for deposit in mailbox.incoming():
        if not read:
            _drop(root, names[-1], b"another, longer")
        try:
            read.append(_read(mailbox, deposit).decode())
        except PartnerUnavailable as error:
            assert "changed" in str(error)
            unread.append(deposit.name)
    assert (read, unread) == (names[:-1], names[-1:])
    assert readers == {"relais-s3-read"}


# ---- answers ----


@pytest.mark.parametrize("publish", list(Publish))
def test_a_large_answer_is_published_once_with_its_bytes(root: BucketPath, publish: Publish) -> None:
    mailbox = s3_mailbox([account(root, publish=publish)])
    for _ in range(2):
        mailbox.stage("AAA111", "answer", PART, io.BytesIO(LARGE))
        mailbox.publish("AAA111", "answer", PART)
    assert (root / "AAA111" / "out" / "answer").read_bytes() == LARGE
    mailbox.stage("AAA111", "answer", PART, io.BytesIO(LARGE[:-1] + b"\0"))
    with pytest.raises(IntegrityBroken, match="same name"):
        mailbox.publish("AAA111", "answer", PART)
    assert (root / "AAA111" / "out" / "answer").read_bytes() == LARGE


@pytest.mark.parametrize("publish", list(Publish))
@pytest.mark.parametrize("name", ["CSO1100A AAA111 é+%20", "a~b(c)'d", "x" * 200])
def test_names_of_every_kind_are_published(root: BucketPath, publish: Publish, name: str) -> None:
    mailbox = s3_mailbox([account(root, publish=publish)])
    mailbox.stage("AAA111", name, PART, io.BytesIO(b"answer"))
    mailbox.publish("AAA111", name, PART)
    assert (root / "AAA111" / "out" / name).read_bytes() == b"answer"
    assert lying(replace(account(root).place, prefix=f"{root.key}/AAA111/out/")) == [name]


@pytest.mark.parametrize("publish", list(Publish))
def test_killed_at_any_request_an_answer_is_published_by_the_next_run(
    root: BucketPath, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    call = S3Server.call
    left = 0

    def dying(server: S3Server, operation: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return call(server, operation, key, **arguments)

    def delivered(mailbox: S3Mailbox, name: str, staged: set[str]) -> None:
        if name not in staged:
            mailbox.stage("AAA111", name, PART, io.BytesIO(b"answer"))
            staged.add(name)
        mailbox.publish("AAA111", name, PART)

    monkeypatch.setattr(S3Server, "call", dying)
    mailbox, operation, killed = s3_mailbox([account(root, publish=publish)]), 0, True
    while killed:
        operation += 1
        name, staged = f"answer{operation}", set[str]()
        left, killed = operation, False
        try:
            delivered(mailbox, name, staged)
        except Killed:
            killed = True
        left = 0
        delivered(mailbox, name, staged)
        assert (root / "AAA111" / "out" / name).read_bytes() == b"answer"
    assert operation > 2
    out = lying(replace(account(root).place, prefix=f"{root.key}/AAA111/out/"))
    assert out == sorted(f"answer{number}" for number in range(1, operation + 1))


# ---- channels.toml ----


def _written(home: Path, **keys: str) -> Path:
    (home / "credentials.toml").touch(0o600)
    least = {"bucket": '"drops"', "credentials_file": '"credentials.toml"'}
    lines = [f"{name} = {value}" for name, value in {**least, **keys}.items() if value]
    (home / "channels.toml").write_text("[partners.AAA111.s3]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return home


def test_the_least_account_has_a_prefix_by_partner(tmp_path: Path) -> None:
    found = read_channels(_written(tmp_path)).s3["AAA111"]
    assert (found.pickup_prefix, found.delivery_prefix) == ("AAA111/in/", "AAA111/out/")
    assert (found.pickup, found.publish, found.keeps) == (Pickup.REMOVE, Publish.COPY, Keeps.LATEST)
    assert (found.place.endpoint, found.place.region, found.place.prefix) == ("", "us-east-1", "")
    assert found.place.credentials_file == tmp_path / "credentials.toml"


def test_every_key_of_an_account_is_read(tmp_path: Path) -> None:
    home = _written(
        tmp_path, endpoint='"https://s3.example.org"', region='"eu-west-3"', pickup_prefix='"/from/them"',
        delivery_prefix='"to/them/"', pickup='"leave"', publish='"rename"', keeps='"versions"', timeout_seconds="10",
        attempts="3",
    )  # fmt: skip
    found = read_channels(home).s3["AAA111"]
    assert (found.place.endpoint, found.place.region) == ("https://s3.example.org", "eu-west-3")
    assert (found.place.timeout_seconds, found.place.attempts) == (10, 3)
    assert (found.pickup_prefix, found.delivery_prefix) == ("from/them/", "to/them/")
    assert (found.pickup, found.publish, found.keeps) == (Pickup.LEAVE, Publish.RENAME, Keeps.VERSIONS)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"bucket": ""}, r"a text is missing.*s3, bucket"),
        ({"bucket": '"s3://drops"'}, r"not the name of a bucket.*s3, bucket"),
        ({"credentials_file": ""}, r"missing.*credentials_file"),
        ({"secret_key": '"hunter2"'}, r"a key is unknown.*secret_key"),
        ({"publish": '"move"'}, r"one of copy, rename"),
        ({"attempts": "0"}, r"from 1 to 10"),
        ({"pickup_prefix": '"same"', "delivery_prefix": '"same/"'}, r"delivery_prefix"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(tmp_path: Path, keys: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_channels(_written(tmp_path, **keys))
    assert "channels.toml" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_what_the_service_writes_is_what_channels_read(tmp_path: Path) -> None:
    server = running_object_server()
    (tmp_path / "channels.toml").write_text(channels_text(server, ["AAA111", "BBB222"]), encoding="utf-8")
    accounts = read_channels(tmp_path).s3
    assert list(accounts) == ["AAA111", "BBB222"]
    assert accounts["BBB222"].place.endpoint == server.endpoint
    assert accounts["BBB222"].pickup_prefix == "BBB222/in/"
    assert os.access(accounts["BBB222"].place.credentials_file, os.R_OK)
