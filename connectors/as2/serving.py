"""Serving: gateway and courier in one process, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from connectors.as2.assembly import As2Parts
from connectors.as2.gateway import Gateway
from connectors.as2.limits import HEADER_BYTES_MAX
from data_contracts.errors import ConfigurationError

KEEP_ALIVE_SECONDS = 30
CONNECTIONS_WAITING_MAX = 128


@dataclass(frozen=True)
class Listening:
    """Where the gateway listens. Without certificate and key it speaks plain HTTP: for loopback, or behind a proxy."""

    host: str = "127.0.0.1"
    port: int = 4080
    tls_certificate: Path | None = None
    tls_key: Path | None = None


def serve(parts: As2Parts, listening: Listening, *, ready: Callable[[int], None]) -> None:
    """Nothing, once a signal ended it and what was under way is answered. `ready` hears the port.

    Errors   ConfigurationError when the address is taken or the TLS files cannot be read.
    """
    gateway = Gateway(parts.reception)
    server = uvicorn.Server(_config(gateway, listening))
    listener = _listener(listening)
    for ending in (signal.SIGINT, signal.SIGTERM):
        # The server hears them, ends in order, and raises them once more: that is not to kill what is left to close.
        signal.signal(ending, lambda *_: None)
    parts.courier.start()
    try:
        ready(listener.getsockname()[1])
        asyncio.run(server.serve(sockets=[listener]))
    finally:
        listener.close()
        gateway.close()
        parts.close()


def _config(gateway: Gateway, listening: Listening) -> uvicorn.Config:
    config = uvicorn.Config(
        gateway,
        http="h11",  # the pure parser bounds what it holds of an unfinished request
        h11_max_incomplete_event_size=HEADER_BYTES_MAX,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=CONNECTIONS_WAITING_MAX,
        ssl_certfile=listening.tls_certificate,
        ssl_keyfile=listening.tls_key,
    )
    try:
        config.load()
    except OSError as error:
        raise _unusable(listening, error) from error
    return config


def _listener(listening: Listening) -> socket.socket:
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    # Named, the protocol lets asyncio send small answers at once; otherwise each waits 40 ms for an acknowledgment.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((listening.host, listening.port))
    except OSError as error:
        listener.close()
        raise _unusable(listening, error) from error
    return listener


def _unusable(listening: Listening, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        "the gateway cannot listen",
        where=f"{listening.host}:{listening.port}",
        value=error.strerror or str(error),
        remedy="choose another port, or check the TLS files",
    )
