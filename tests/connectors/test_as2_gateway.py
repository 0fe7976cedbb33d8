"""The gateway as a process: over HTTP, bounded, killed between any two steps."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from connectors.as2.limits import BODY_BYTES_MAX
from connectors.as2.receipt import read_receipt
from tests.connectors.as2_home import CODE, OUR_KEY, THEIR_KEY, THEM, US, mirrored, partner, request
from tests.connectors.as2_scenes import NOON, PAYLOAD
from tests.connectors.as2_servers import GatewayProcess, free_port, write_home

KILLING = ("import sys; from tests.connectors.as2_killed import main; sys.exit(main())",)
STEPS = ("before payload", "after payload", "before record", "after record", "before answer")


def _home(folder: Path) -> Path:
    write_home(folder, CODE, OUR_KEY, THEIR_KEY, as2_id=THEM, our_id=US)
    (folder / "relais.toml").write_text(f"fixed_now = {NOON.isoformat()}\n")
    return folder


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    made = GatewayProcess(_home(tmp_path_factory.mktemp("gateway")), free_port())
    made.start()
    yield made
    assert made.stop() == 0
    assert "Traceback" not in made.log()


def _post(url: str, message: tuple[dict[str, str], bytes]) -> httpx.Response:
    return httpx.post(url, headers=message[0], content=message[1], trust_env=False, timeout=30)


def test_a_message_over_http_and_again(gateway: GatewayProcess) -> None:
    first = _post(gateway.url, request("<http@them>"))
    again = _post(gateway.url, request("<http@them>"))
    assert first.status_code == 200 and again.content == first.content
    kept = ("as2-from", "as2-to", "as2-version", "message-id", "date", "content-type")
    assert [first.headers[name] for name in kept] == [again.headers[name] for name in kept]
    read = read_receipt(first.headers, first.content, mirrored(partner()).keys, NOON)
    assert read.is_positive and read.signed and read.message_id == "<http@them>"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/as2", 405), ("POST", "/", 404), ("POST", "/as2/../x", 404)]
)
def test_nothing_else_is_there(gateway: GatewayProcess, method: str, path: str, status: int) -> None:
    address = gateway.url.removesuffix("/as2") + path
    answer = httpx.request(method, address, content=b"x" if method == "POST" else None, trust_env=False)
    assert answer.status_code == status and len(answer.text.splitlines()) == 2


def test_what_is_too_large_is_not_read(gateway: GatewayProcess) -> None:
    headers, _ = request()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as link:
        head = f"POST /as2 HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY_BYTES_MAX + 1}\r\n"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        link.sendall((head + lines + "\r\n").encode())
        assert link.recv(1_000).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as link:
        link.sendall(b"POST /as2 HTTP/1.1\r\nHost: x\r\n" + b"A: " + b"b" * 70_000)
        assert link.recv(1_000).startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as link:
        many = b"".join(b"X-%d: y\r\n" % number for number in range(200))
        link.sendall(b"POST /as2 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + many + b"\r\n")
        assert link.recv(1_000).startswith(b"HTTP/1.1 431")


def test_a_body_without_end_is_cut_off(gateway: GatewayProcess) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(BODY_BYTES_MAX // 1_000_000 + 2):
            yield bytes(1_000_000)

    headers, _ = request()
    with suppress(httpx.HTTPError):  # the gateway may hang up while we are still sending
        assert httpx.post(gateway.url, headers=headers, content=body(), trust_env=False, timeout=60).status_code == 413
    assert _post(gateway.url, request("<after@them>")).status_code == 200


def test_who_hangs_up_half_way_leaves_nothing(gateway: GatewayProcess) -> None:
    headers, body = request("<half@them>")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for cut in (0, len(body) // 2):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as link:
            head = f"POST /as2 HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
            link.sendall(head.encode() + body[:cut])
    assert _post(gateway.url, (headers, body)).status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_then_sent_again_one_effect_and_one_receipt(tmp_path: Path, step: str) -> None:
    home = _home(tmp_path)
    environment = os.environ | {"KILLED_AT": step}
    made = GatewayProcess(home, free_port(), ("-c", *KILLING), environment)
    made.start()
    with pytest.raises(httpx.HTTPError):
        _post(made.url, request())
    assert made.process is not None and made.process.wait(timeout=30) == -9
    with sqlite3.connect(home / "ledger.db") as ledger:
        recorded = ledger.execute("SELECT receipt FROM as2_received").fetchall()
    made.environment, made.command = None, ("-m", "relais", "as2", "serve")
    made.start()
    answers = [_post(made.url, request()) for _ in range(2)]
    made.stop()
    with sqlite3.connect(home / "ledger.db") as ledger:
        rows = ledger.execute("SELECT object_key, receipt FROM as2_received").fetchall()
    assert len(rows) == 1 and (home / "store" / rows[0][0]).read_bytes() == PAYLOAD
    assert len(recorded) == (step in ("after record", "before answer"))
    assert {answer.content for answer in answers} == {rows[0][1].partition(b"\r\n\r\n")[2]}
    assert not recorded or recorded[0][0] == rows[0][1]
    assert len(list((home / "store" / "landing").iterdir())) == 1
