"""Seal hours: one root an hour over everything that was received and answered, as objects that are written once.

Shape    `evidence/leaves/{hour}` holds the links of the hour's events, 32 bytes each; `evidence/seals/{hour}.json` the
         hour, their number, their root and the SHA-256 of the seal before, so that no hour can be left out unseen.
         Publish the roots where nobody of ours can change them.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime

from data_contracts.evidence import EvidenceLedger, Seal, canonical
from data_contracts.ports import ObjectStore
from pipelines.evidence.merkle import root_of

LINK_BYTES = 32
log = logging.getLogger("relais.evidence")


def hour_name(hour: datetime) -> str:
    """An hour as names and proofs write it: 20261120T06."""
    return hour.astimezone(UTC).strftime("%Y%m%dT%H")


def seal_key(hour: datetime) -> str:
    """The object of an hour's seal."""
    return f"evidence/seals/{hour_name(hour)}.json"


def leaves_key(hour: datetime) -> str:
    """The object of an hour's links."""
    return f"evidence/leaves/{hour_name(hour)}"


def seal_hours(until: datetime, *, ledger: EvidenceLedger, store: ObjectStore) -> int:
    """How many hours were sealed: all that were over by `until` and had events.

    Killed anywhere, the next run writes the same objects.
    Errors   IntegrityBroken when an hour's events are not those that were bound to it.
    Cost     a few us an event; the links of one hour in memory.
    """
    while (hour := ledger.next_hour(until)) is not None:
        ledger.seal(hour)
    written = 0
    before: Seal | None = None
    for one in ledger.seals():
        if one.root is None:
            _write(one.hour, before, ledger, store)
            written += 1
        before = one
    return written


def _write(hour: datetime, before: Seal | None, ledger: EvidenceLedger, store: ObjectStore) -> None:
    links = [bytes.fromhex(link) for link in ledger.seal(hour)]
    root = root_of(links).hex()
    previous = "" if before is None else hashlib.sha256(store.read(seal_key(before.hour))).hexdigest()
    store.put(leaves_key(hour), b"".join(links))
    record = {"hour": hour_name(hour), "previous": previous, "root": root, "size": len(links)}
    store.put(seal_key(hour), canonical(record))
    ledger.sealed(hour, root)
    log.info("hour.sealed hour=%s events=%d root=%s", hour_name(hour), len(links), root)


def links_of(hour: datetime, store: ObjectStore) -> list[bytes]:
    """The links of a sealed hour, in order."""
    data = store.read(leaves_key(hour))
    return [data[start : start + LINK_BYTES] for start in range(0, len(data), LINK_BYTES)]
