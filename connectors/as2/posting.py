"""HTTP requests of ours: to addresses of partners' records alone, without redirects, with bounded answers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import httpx

from connectors.as2.limits import HEADER_BYTES_MAX, RECEIPT_BYTES_MAX, SEND_TIMEOUT_SECONDS
from connectors.as2.mime import unfolded
from connectors.as2.partner import As2Partner
from data_contracts.errors import PartnerUnavailable


@dataclass(frozen=True)
class Answer:
    """A partner's HTTP answer, names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Post(Protocol):
    """Who carries requests to partners."""

    def post(self, partner: As2Partner, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer of a partner's server. PartnerUnavailable when it gives none."""
        ...

    def close(self) -> None: ...


class Poster:
    """Posts for several threads; keeps one client a partner. Close it."""

    def __init__(self) -> None:
        self._clients: dict[str, httpx.Client] = {}
        self._making = Lock()

    def close(self) -> None:
        """Nothing; connections are closed."""
        for client in self._clients.values():
            client.close()

    def post(self, partner: As2Partner, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer of a partner's server.

        Errors   PartnerUnavailable when it gives none, or one beyond bounds.
        """
        try:
            with self._client(partner).stream("POST", address, headers=dict(headers), content=body) as response:
                said = bytearray()
                for chunk in response.iter_raw():
                    said += chunk
                    if len(said) > RECEIPT_BYTES_MAX:
                        raise _unavailable(address, "an answer longer than a receipt")
                pairs = response.headers.multi_items()
                if sum(len(name) + len(value) for name, value in pairs) > HEADER_BYTES_MAX:
                    raise _unavailable(address, "headers that are too long")
                seen = {name.lower(): unfolded(value) for name, value in reversed(pairs)}
                return Answer(response.status_code, seen, bytes(said))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _unavailable(address, f"{type(error).__name__}: {error}") from error

    def _client(self, partner: As2Partner) -> httpx.Client:
        with self._making:
            if partner.partner_code not in self._clients:
                trusted = ssl.create_default_context(cafile=None if partner.tls_ca is None else str(partner.tls_ca))
                self._clients[partner.partner_code] = httpx.Client(
                    verify=trusted,
                    timeout=SEND_TIMEOUT_SECONDS,
                    trust_env=False,
                    follow_redirects=False,
                    headers={"User-Agent": "Relais", "Accept-Encoding": "identity"},
                )
            return self._clients[partner.partner_code]


def _unavailable(address: str, said: str) -> PartnerUnavailable:
    return PartnerUnavailable(
        "a partner's AS2 server does not answer as it should", where=address, value=said, remedy="it is tried again"
    )
