"""The object store on a real S3 server: large objects, many writers, a server that dies, refuses or overwrites."""

from __future__ import annotations

import hashlib
import io
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import s3_writing
from connectors.assembly import house
from connectors.s3_place import S3Place, bucket_and_prefix, read_credentials
from connectors.s3_reading import BLOCK_BYTES_MAX, FIRST_BYTES
from connectors.s3_server import STORE, ConditionFailed, S3Server
from connectors.s3_store import S3Store
from connectors.s3_writing import PART_BYTES
from connectors.settings import load
from data_contracts.errors import ConfigurationError, IntegrityBroken, StoreUnavailable
from infra.seaweedfs.server import ObjectServer, kill_server, start_server
from tests.connectors.s3_server import BUCKET, client, lying, new_place, place_on, running_object_server, started_server

LARGE = random.Random(7).randbytes(2 * PART_BYTES + 12_345)
LARGE_SHA256 = hashlib.sha256(LARGE).hexdigest()


@pytest.fixture
def place() -> S3Place:
    return new_place()


@pytest.fixture
def store(place: S3Place) -> S3Store:
    made = S3Store(place)
    made.prepare()
    return made


@pytest.fixture(scope="module")
def mortal() -> ObjectServer:
    """A server of this module, which its tests may kill."""
    running_object_server()
    return started_server()


def _large_lie_there(store: S3Store) -> list[str]:
    return [key for key in store.keys("") if store.read(key) == LARGE]


# ---- large objects ----


@pytest.mark.parametrize("size_bytes", [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, len(LARGE)])
def test_objects_of_every_number_of_parts_are_read_back(store: S3Store, place: S3Place, size_bytes: int) -> None:
    data = LARGE[:size_bytes]
    stored = store.put_by_hash("landing", io.BytesIO(data))
    assert (stored.sha256, stored.size_bytes) == (hashlib.sha256(data).hexdigest(), size_bytes)
    assert store.read(stored.key) == data
    assert [name for name in lying(place) if not name.startswith(".create-only")] == [stored.key]


def test_a_large_object_is_created_once_and_may_be_replaced(store: S3Store, place: S3Place) -> None:
    first = store.put("a/b", io.BytesIO(LARGE))
    assert store.put("a/b", LARGE) == first
    for other in (LARGE + b"x", b"small", LARGE[:-1] + b"\0"):
        with pytest.raises(IntegrityBroken, match="other bytes"):
            store.put("a/b", io.BytesIO(other))
    assert store.read("a/b") == LARGE
    assert store.replace("a/b", LARGE[:-1]).size_bytes == len(LARGE) - 1
    assert store.read("a/b", PART_BYTES - 3, 6) == LARGE[PART_BYTES - 3 : PART_BYTES + 3]
    assert store.read("a/b") == LARGE[:-1]
    assert not [name for name in lying(place) if name.startswith(".writing")]


def test_a_reader_goes_anywhere(store: S3Store) -> None:
    store.put("a/b", LARGE)
    with store.open("a/b") as stream:
        assert stream.seekable()
        assert stream.seek(-5, io.SEEK_END) == len(LARGE) - 5
        assert stream.read() == LARGE[-5:]
        assert stream.read() == b""
        for start in (0, FIRST_BYTES - 1, 3 * FIRST_BYTES, BLOCK_BYTES_MAX + 7, 11):
            stream.seek(start)
            assert stream.read(100_000) == LARGE[start : start + 100_000]
        stream.seek(0)
        assert hashlib.file_digest(stream, "sha256").hexdigest() == LARGE_SHA256
        stream.seek(len(LARGE) + 10)
        assert stream.read(1) == b""


def test_parquet_is_read_by_its_columns(store: S3Store) -> None:
    table = pa.table({"number": list(range(200_000)), "text": [f"facture {row}" for row in range(200_000)]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    store.replace("checked/b1/invoices.parquet", sink.getvalue())
    with store.open("checked/b1/invoices.parquet") as file:
        assert pq.read_table(file, columns=["number"]).column("number").to_pylist() == list(range(200_000))


def test_an_object_damaged_at_the_server_is_told_by_its_reader(store: S3Store, place: S3Place) -> None:
    store.put("a/b", LARGE)
    damaged = LARGE[:1000] + b"!" + LARGE[1001:]
    metadata = {"sha256": LARGE_SHA256}
    client().put_object(Bucket=BUCKET, Key=f"{place.prefix}a/b", Body=damaged, Metadata=metadata)
    with pytest.raises(IntegrityBroken, match="not what was written"):
        store.read("a/b")
    with store.open("a/b") as stream, pytest.raises(IntegrityBroken, match="not what was written"):
        while stream.read(1 << 20):
            pass


def test_an_object_of_another_tool_is_compared_by_its_bytes(store: S3Store, place: S3Place) -> None:
    client().put_object(Bucket=BUCKET, Key=f"{place.prefix}a/b", Body=b"one")
    assert store.put("a/b", b"one").sha256 == hashlib.sha256(b"one").hexdigest()
    with pytest.raises(IntegrityBroken, match="other bytes"):
        store.put("a/b", b"two")


def test_a_listing_of_many_pages_is_whole_and_sorted(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.s3_store.PAGE_KEYS", 3)
    keys = [f"landing/{number % 4}/{number:02}" for number in range(20)] + ["landing.old/x", "landing/0a"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.replace(key, key.encode()), keys))
    assert list(store.keys("")) == sorted(keys)
    assert list(store.keys("landing/0")) == sorted(key for key in keys if key.startswith("landing/0"))


# ---- many writers ----


@pytest.mark.parametrize("size_bytes", [20_000, PART_BYTES + 1], ids=["small", "large"])
def test_of_sixteen_creators_one_wins(place: S3Place, size_bytes: int) -> None:
    S3Store(place).prepare()
    count = 16 if size_bytes < PART_BYTES else 6
    ready = threading.Barrier(count)

    def created(number: int) -> str:
        data = bytes([number]) * size_bytes
        ready.wait()
        try:
            return S3Store(place).put("race/key", io.BytesIO(data)).sha256
        except IntegrityBroken:
            return ""

    with ThreadPoolExecutor(count) as pool:
        winners = [sha256 for sha256 in pool.map(created, range(count)) if sha256]
    assert len(winners) == 1
    assert hashlib.sha256(S3Store(place).read("race/key")).hexdigest() == winners[0]


def test_sixteen_writers_of_the_same_bytes_all_succeed(place: S3Place) -> None:
    S3Store(place).prepare()
    with ThreadPoolExecutor(16) as pool:
        stored = list(pool.map(lambda _: S3Store(place).put_by_hash("landing", io.BytesIO(b"same")), range(16)))
    assert len(set(stored)) == 1
    assert list(S3Store(place).keys("")) == [stored[0].key]


# ---- what may go wrong ----


def test_a_server_killed_while_parts_arrive_leaves_nothing_and_the_next_run_writes_it(mortal: ObjectServer) -> None:
    start_server(mortal)
    place = place_on(mortal, prefix="killed/", attempts=2, timeout_seconds=5)
    store = S3Store(place)
    store.prepare()

    class KilledMidway(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > PART_BYTES + 1_000:
                kill_server(mortal)
            return super().read(size)

    with pytest.raises(StoreUnavailable, match="does not answer"):
        store.put_by_hash("landing", KilledMidway(LARGE))
    start_server(mortal)
    assert list(store.keys("")) == []
    with suppress(StoreUnavailable):
        store.prepare()
    stored = _until_it_answers(lambda: store.put_by_hash("landing", io.BytesIO(LARGE)))
    assert stored.sha256 == LARGE_SHA256
    assert _large_lie_there(store) == [stored.key]


def test_what_was_answered_outlives_a_kill_and_a_short_absence_is_borne(mortal: ObjectServer) -> None:
    start_server(mortal)
    store = S3Store(place_on(mortal, prefix="kept/", attempts=10))
    _until_it_answers(store.prepare)
    stored = [store.put_by_hash("landing", io.BytesIO(bytes([number]) * 20_000)) for number in range(50)]
    stored.append(store.put_by_hash("landing", io.BytesIO(LARGE)))
    kill_server(mortal)
    back = threading.Timer(0.2, start_server, [mortal])
    back.start()
    try:
        stored.append(store.put_by_hash("landing", io.BytesIO(b"written while it came back")))
    finally:
        back.join()
    for one in stored:
        assert hashlib.sha256(store.read(one.key)).hexdigest() == one.sha256
    assert set(store.keys("")) == {one.key for one in stored}


def test_a_connection_cut_in_the_middle_of_a_body_is_taken_up_again(store: S3Store, place: S3Place) -> None:
    store.put("a/b", LARGE)
    with _cutting_proxy(place, bytes_each=3 * PART_BYTES // 2, cuts=2) as endpoint:
        through = S3Store(replace(place, endpoint=endpoint, attempts=5))
        assert through.read("a/b") == LARGE


@pytest.mark.parametrize("call", ["prepare", "put", "read", "keys", "large"])
def test_a_wrong_secret_is_a_matter_of_configuration(place: S3Place, tmp_path: Path, call: str) -> None:
    known = read_credentials(place.credentials_file).access_key
    wrong = _credentials(tmp_path, f'access_key = "{known}"\nsecret_key = "no-such-secret"\n')
    store = S3Store(replace(place, credentials_file=wrong))
    with pytest.raises(ConfigurationError, match=r"refuses what we ask.*credentials file") as caught:
        _calls(store)[call]()
    assert "no-such-secret" not in str(caught.value)


@pytest.mark.parametrize("call", ["prepare", "put", "read", "keys", "large", "same"])
def test_a_missing_bucket_is_a_matter_of_configuration(place: S3Place, call: str) -> None:
    with pytest.raises(ConfigurationError, match=r"no such bucket.*no-such-bucket"):
        _calls(S3Store(replace(place, bucket="no-such-bucket")))[call]()


def test_a_server_that_is_not_there_is_unavailable(place: S3Place) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        store = S3Store(replace(place, endpoint=f"http://127.0.0.1:{held.getsockname()[1]}", attempts=1))
        for call in _calls(store).values():
            with pytest.raises(StoreUnavailable):
                call()


def test_a_silent_server_is_not_waited_for_long(place: S3Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = S3Store(replace(place, endpoint=endpoint, attempts=1, timeout_seconds=1))
        with pytest.raises(StoreUnavailable, match="timeout"):
            store.read("a/b")


def test_a_server_that_overwrites_is_not_taken(place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def overwriting(server: S3Server, operation: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        arguments.pop("IfNoneMatch", None)
        return call(server, operation, key, **arguments)

    call = S3Server.call
    monkeypatch.setattr(S3Server, "call", overwriting)
    with pytest.raises(ConfigurationError, match="overwrites"):
        S3Store(place).prepare()


def test_a_server_that_takes_other_bytes_is_found_out(
    store: S3Store, place: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaging(server: S3Server, operation: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        if operation == "upload_part" and arguments["PartNumber"] == 2:
            arguments["Body"] = b"!" + arguments["Body"][1:]
        return call(server, operation, key, **arguments)

    call = S3Server.call
    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable, match="other bytes than we sent"):
        patched.setattr(S3Server, "call", damaging)
        store.put("a/b", LARGE)
    assert list(store.keys("")) == []
    assert _uploads(place) == []


def test_a_small_object_damaged_on_its_way_is_refused_by_the_server(place: S3Place) -> None:
    server = S3Server(place, STORE)
    with pytest.raises(StoreUnavailable, match="BadDigest"):
        server.call("put_object", f"{place.prefix}a", Body=b"other", ChecksumSHA256="A" * 43 + "=")
    assert lying(place) == []


def test_a_stream_that_fails_leaves_nothing(store: S3Store, place: S3Place) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > PART_BYTES + 1_000:
                raise OSError("the partner hung up")
            return super().read(size)

    with pytest.raises(OSError, match="hung up"):
        store.put_by_hash("landing", Failing(LARGE))
    assert list(store.keys("")) == []
    assert _uploads(place) == []


def test_leftovers_of_yesterday_are_swept_and_those_of_today_left(
    store: S3Store, place: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = f"{place.prefix}.writing/killed"
    client().create_multipart_upload(Bucket=BUCKET, Key=aside)
    client().put_object(Bucket=BUCKET, Key=f"{aside}-too", Body=b"whole, not copied")
    other = client().create_multipart_upload(Bucket=BUCKET, Key=f"{place.prefix}not-ours")["UploadId"]
    store.prepare()
    assert len(_uploads(place)) == 2

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(days=1, seconds=60)

    tomorrow = time.time() + 24 * 3600 + 60
    monkeypatch.setattr(s3_writing, "datetime", Tomorrow)
    monkeypatch.setattr("connectors.s3_store.time.time", lambda: tomorrow)
    store.prepare()
    assert _uploads(place) == [other]
    assert not [name for name in lying(place) if name.startswith(".writing")]
    assert list(store.keys("")) == []


def test_a_name_taken_is_told_to_who_only_creates(place: S3Place) -> None:
    server = S3Server(place, STORE)
    s3_writing.write_small(server, f"{place.prefix}a", b"1", create_only=True)
    with pytest.raises(ConditionFailed):
        s3_writing.write_small(server, f"{place.prefix}a", b"2", create_only=True)


# ---- settings of a place ----


def test_a_house_keeps_its_objects_in_the_bucket_that_it_names(place: S3Place, tmp_path: Path) -> None:
    described = {
        "store_url": f"s3://{place.bucket}/{place.prefix}house",
        "store_endpoint": place.endpoint,
        "store_credentials_file": str(place.credentials_file),
    }
    lines = [f'{key} = "{value}"\n' for key, value in described.items()]
    (tmp_path / "relais.toml").write_text("open_partners = true\nopen_directory = true\n" + "".join(lines))
    with house(load(tmp_path)) as rooms:
        assert isinstance(rooms.store, S3Store)
        stored = rooms.store.put_by_hash("landing", io.BytesIO(b"flow"))
        assert client().get_object(Bucket=BUCKET, Key=f"{place.prefix}house/{stored.key}")["Body"].read() == b"flow"
    assert not any((tmp_path / "store").iterdir())


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://my.bucket-1/", ("my.bucket-1", "")),
        ("s3://bucket/relais/prod", ("bucket", "relais/prod/")),
        ("s3://bucket/relais/", ("bucket", "relais/")),
        ("s3://bucket//relais//x", None),
        ("s3://bucket/../x", None),
        ("s3://Bucket", None),
        ("s3://b", None),
        ("https://bucket", None),
        ("s3:///x", None),
    ],
)
def test_bucket_and_prefix_of_an_address(url: str, meant: tuple[str, str] | None) -> None:
    assert bucket_and_prefix(url) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('access_key = "a"', "missing or unknown"),
        ('access_key = "a"\nsecret_key = ""', "missing or unknown"),
        ('access_key = "a"\nsecret_key = "hunter2"\ncolour = "red"', "missing or unknown"),
        ('access_key = "a"\nsecret_key = hunter2', "not TOML"),
    ],
)
def test_credentials_that_cannot_be_used_are_named_and_never_shown(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_credentials(_credentials(tmp_path, text))
    assert "credentials.toml" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_credentials_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = _credentials(tmp_path, 'access_key = "a"\nsecret_key = "b"\n')
    assert read_credentials(path).secret_key == "b"
    assert "'b'" not in repr(read_credentials(path))
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_credentials(path)
    with pytest.raises(ConfigurationError, match="name the file"):
        read_credentials(tmp_path / "absent.toml")


def _credentials(folder: Path, text: str) -> Path:
    path = folder / "credentials.toml"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _calls(store: S3Store) -> dict[str, Callable[[], object]]:
    return {
        "prepare": store.prepare,
        "put": lambda: store.put("a/b", b"1"),
        "read": lambda: store.read("a/b"),
        "keys": lambda: list(store.keys("")),
        "large": lambda: store.put_by_hash("landing", io.BytesIO(LARGE[: PART_BYTES + 1])),
        "same": lambda: store._same("a/b", s3_writing.Written("0" * 64, 1)),
    }


def _uploads(place: S3Place) -> list[str]:
    pages = S3Server(place, STORE).pages("list_multipart_uploads", Prefix=place.prefix)
    return [row["UploadId"] for page in pages for row in page.get("Uploads", ()) if row["Key"].startswith(place.prefix)]


def _until_it_answers(work: Callable[[], Any]) -> Any:
    """A server that was killed needs a moment before all of its parts know each other again."""
    for _ in range(20):
        try:
            return work()
        except StoreUnavailable:
            time.sleep(0.5)
    return work()


@contextmanager
def _cutting_proxy(place: S3Place, *, bytes_each: int, cuts: int) -> Iterator[str]:
    """The address of a way to the server that breaks the first connections after so many bytes of answers."""
    host, port = place.endpoint.removeprefix("http://").split(":")
    listening = socket.create_server(("127.0.0.1", 0))
    left = [cuts]

    def pumped(source: socket.socket, target: socket.socket, most: float) -> None:
        with suppress(OSError):
            while most > 0 and (data := source.recv(65_536)):
                target.sendall(data)
                most -= len(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def served() -> None:
        with suppress(OSError):
            while True:
                near = listening.accept()[0]
                far = socket.create_connection((host, int(port)))
                left[0] -= 1
                most = bytes_each if left[0] >= 0 else float("inf")
                for source, target, limit in ((near, far, float("inf")), (far, near, most)):
                    threading.Thread(target=pumped, args=(source, target, limit), daemon=True).start()

    threading.Thread(target=served, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()
