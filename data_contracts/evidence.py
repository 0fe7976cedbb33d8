"""Evidence: what happened to a flow, each event linked to the one before, and the record of a sealed hour."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from data_contracts.ledger import Answer, InvoiceKey, Owner
from data_contracts.operations import QuarantineLedger

FLOW_KEY_CHARACTERS = 24
NO_LINK = ""
"""What the first event of a flow is linked to."""


def canonical(value: object) -> bytes:
    """The one way in which a value is written before it is hashed: compact ASCII JSON, keys sorted."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def flow_key_of(partner_code: str, name: str, sha256: str) -> str:
    """The key of a flow: the same partner, name and bytes always give the same."""
    text = f"{partner_code}\0{name}\0{sha256}"
    return hashlib.sha256(text.encode()).hexdigest()[:FLOW_KEY_CHARACTERS]


def instant(at: datetime) -> str:
    """A time as evidence writes it: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def link_of(previous: str, flow_key: str, sequence: int, at: datetime, what: str) -> str:
    """The link of an event: SHA-256 (hex) of the link before, and of everything that the event says."""
    return hashlib.sha256(canonical([previous, flow_key, sequence, instant(at), what])).hexdigest()


@dataclass(frozen=True)
class ChainEvent:
    """One event of a flow. `sequence` counts from 1 without gap. `sealed_in` is the hour whose root holds the link.

    Nulls    `sealed_in` until an hour was sealed after it.
    """

    sequence: int
    at: datetime
    what: str
    link: str
    sealed_in: datetime | None


@dataclass(frozen=True)
class Seal:
    """An hour whose events are bound. Nulls: `root` until the objects of the hour are written."""

    hour: datetime
    root: str | None


class EvidenceLedger(QuarantineLedger, Protocol):
    """What the ledger gives as evidence. Each method is one transaction and may be called again."""

    def next_hour(self, until: datetime) -> datetime | None:
        """The hour to be sealed next: over by `until`, after every sealed one; None if no event waits for one."""
        ...

    def seal(self, hour: datetime) -> Sequence[str]:
        """The links that the hour's root is over, in order: of all events before its end that no hour holds yet.

        Bound by the first call; the same at every further one."""
        ...

    def seals(self) -> Sequence[Seal]:
        """Hours that are bound, in order."""
        ...

    def sealed(self, hour: datetime, root: str) -> None:
        """The objects of the hour are written. IntegrityBroken if another root was recorded."""
        ...

    def chain(self, flow_key: str) -> Sequence[ChainEvent]:
        """The events of a flow, in order."""
        ...

    def place(self, flow_key: str, sequence: int) -> int:
        """The place of a sealed event among the links of its hour, from 0."""
        ...

    def first_answers(self, flow_key: str) -> Sequence[Answer]:
        """The answers of a flow, late ones included, each once, in the order in which they were owed."""
        ...

    def owner_of(self, key: InvoiceKey) -> Owner | None:
        """The flow and position that an accepted invoice came by."""
        ...
