"""The AS2 gateway: an ASGI application that bounds what comes in and hands it to the reception.

Memory   small bodies are worked on side by side, as many as there are workers; larger ones wait in temporary files
         and are worked on one at a time.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, BinaryIO

from connectors.as2.limits import BODY_BYTES_MAX, HEADER_BYTES_MAX, HEADERS_MAX, SMALL_BODY_BYTES
from connectors.as2.mime import unfolded
from connectors.as2.reception import Reception, Reply
from data_contracts.messages import both

PATH = "/as2"
WORKERS = 4
REQUESTS_MAX = 64
"""Requests that are being received or answered at a time; more are asked to come back."""
BODY_SECONDS_MAX = 300.0
"""Seconds that a sender has for one body."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger("relais.as2")


class Gateway:
    """`POST /as2` receives; nothing else is there. Whatever goes wrong, no trace of it goes out."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="relais-as2")
        self._large = Lock()
        self._under_way = 0

    def close(self) -> None:
        """Nothing; what is under way is answered."""
        self._workers.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return None
        if self._under_way >= REQUESTS_MAX:
            return await _answer(send, _said(503, "as2-busy"))
        self._under_way += 1
        try:
            reply = await self._reply(scope, receive)
        except _Gone:
            return None
        except Exception:
            log.exception("gateway.failed")
            reply = _said(500, "as2-failed")
        finally:
            self._under_way -= 1
        return await _answer(send, reply)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["path"] != PATH:
            return _said(404, "as2-path")
        if scope["method"] != "POST":
            return _said(405, "as2-method")
        headers = _headers(scope["headers"])
        if headers is None:
            return _said(431, "as2-headers-size")
        if _declared(headers) > BODY_BYTES_MAX:
            return _too_large()
        with tempfile.SpooledTemporaryFile(SMALL_BODY_BYTES) as body:
            try:
                size_bytes = await asyncio.wait_for(_received(receive, body), BODY_SECONDS_MAX)  # type: ignore[arg-type]
            except TimeoutError:
                return _said(408, "as2-slow")
            if size_bytes > BODY_BYTES_MAX:
                return _too_large()
            work = partial(self._worked, headers, body, size_bytes)  # type: ignore[arg-type]
            return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def _worked(self, headers: dict[str, str], body: BinaryIO, size_bytes: int) -> Reply:
        body.seek(0)
        if size_bytes <= SMALL_BODY_BYTES:
            return self._reception.receive(headers, body.read())
        with self._large:
            return self._reception.receive(headers, body.read())


class _Gone(Exception):
    """The sender hung up."""


async def _received(receive: Receive, body: BinaryIO) -> int:
    """Bytes received; one too many when there are too many."""
    size_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk = message.get("body", b"")
        size_bytes += len(chunk)
        if size_bytes > BODY_BYTES_MAX:
            return size_bytes
        body.write(chunk)
        if not message.get("more_body", False):
            return size_bytes


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str] | None:
    """Headers by name in lower case, the first of each; None when they are too many or too long."""
    if len(pairs) > HEADERS_MAX or sum(len(name) + len(value) for name, value in pairs) > HEADER_BYTES_MAX:
        return None
    return {name.decode("latin-1"): unfolded(value.decode("latin-1")) for name, value in reversed(pairs)}


def _declared(headers: dict[str, str]) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large() -> Reply:
    return _said(413, "as2-body-size", most=str(BODY_BYTES_MAX // 1_000_000))


def _said(status: int, message_id: str, **values: str) -> Reply:
    said = both(message_id, **values)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    if status in (408, 413, 431, 503):
        headers["Connection"] = "close"
    return Reply(status, headers, f"{said.en}\n{said.fr}\n".encode())


async def _answer(send: Send, reply: Reply) -> None:
    headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
