"""Homes of AS2 tests: a ledger, a store, partners; two of them talk to each other, in one process or over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.as2.assembly import As2Parts, as2_parts
from connectors.as2.message import pack
from connectors.as2.names import quoted
from connectors.as2.partner import As2Partner
from connectors.clock import FixedClock
from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from data_contracts.ports import Clock
from tests.connectors.as2_scenes import NAME, NOON, PAYLOAD, own, public

US, THEM = "RELAIS PA", "Partner-1"
CODE = "AAA111"
OUR_KEY, THEIR_KEY = own("us"), own("them")


def partner(**changes: Any) -> As2Partner:
    """The partner as we know it."""
    values: dict[str, Any] = {
        "partner_code": CODE,
        "as2_id": THEM,
        "our_id": US,
        "own": (OUR_KEY,),
        "certificates": (public(THEIR_KEY),),
        "url": "http://127.0.0.1:9/as2",
    }
    return As2Partner(**values | changes)


def mirrored(known: As2Partner, **changes: Any) -> As2Partner:
    """We, as the partner knows us."""
    values: dict[str, Any] = {
        "partner_code": known.partner_code,
        "as2_id": known.our_id,
        "our_id": known.as2_id,
        "own": (THEIR_KEY,),
        "certificates": (public(OUR_KEY),),
        "receipt": known.receipt,
    }
    return As2Partner(**values | changes)


@dataclass(frozen=True)
class Home:
    parts: As2Parts
    store: LocalStore
    ledger: SqlLedger

    def close(self) -> None:
        self.parts.close()
        self.ledger.close()


def home(
    folder: Path, known: As2Partner, clock: Clock | None = None, url: str = "", time: Callable[[], float] = time.time
) -> Home:
    folder.mkdir(parents=True, exist_ok=True)
    store = LocalStore(folder / "store")
    store.prepare()
    address = url or f"sqlite:///{folder / 'ledger.db'}"
    ledger = SqlLedger(address)
    ledger.create_tables()
    parts = as2_parts({known.partner_code: known}, address, store, clock or FixedClock(NOON), time=time)
    return Home(parts, store, ledger)


def request(
    message_id: str = "<1@them>", payload: bytes = PAYLOAD, name: str = NAME, known: As2Partner | None = None,
    *, asking: str | None = "sha-256", more: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], bytes]:  # fmt: skip
    """Headers in lower case and body of a message that the partner sends us."""
    sender = mirrored(known or partner())
    packed = pack(payload, name, sender.form(NOON), NOON)
    headers = {
        "as2-version": "1.2",
        "as2-from": quoted(THEM),
        "as2-to": quoted(US),
        "message-id": message_id,
        **{name.lower(): value for name, value in packed.headers.items()},
    }
    if asking is not None:
        headers["disposition-notification-to"] = "them@example.org"
        headers["disposition-notification-options"] = (
            f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {asking}"
        )
    return headers | dict(more or {}), b"".join(packed.body)
