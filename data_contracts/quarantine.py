"""Quarantine: invoices that could not be judged, and what a person orders to be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

LATE_PARTS = 1_000_000
"""Parts of answer slots from here on are of late answers: `LATE_PARTS + position`. Far above any part of a flow's first
answers, which are as many as its recipients' diffusions."""


class QuarantineState(StrEnum):
    """waiting -> ordered -> accepted or rejected; an order that brings no answer leads back to waiting."""

    WAITING = "waiting"
    ORDERED = "ordered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Verb(StrEnum):
    """What a person may order: check it again and go by the result, or reject it."""

    RELEASE = "release"
    REJECT = "reject"


@dataclass(frozen=True)
class SetAside:
    """One invoice that its flow's settlement sets aside. `rule_sets` are the labels (coordinate@sha256) of the files
    that judged it; `relais_version` is the release that did."""

    position: int
    name: str
    sha256: str
    size_bytes: int
    cause: str
    rule_sets: tuple[str, ...]
    relais_version: str


@dataclass(frozen=True)
class Order:
    """What a person ordered. `judged_on` chooses the rule files of a release. Answers bear the time `at`."""

    verb: Verb
    who: str
    reason: str
    motive: str
    at: datetime
    judged_on: date


@dataclass(frozen=True)
class Quarantined:
    """One invoice in quarantine, or that was. Key: (flow_key, position).

    `attempts` counts every time it was taken up again, before the work; `tries` those of the present order;
    `checked_attempt` is the attempt whose tables are the newest, 0 for those of the flow's settlement.
    Nulls    `order` until one was given; it stays once it was carried out.
    """

    flow_key: str
    position: int
    partner_code: str
    flow_name: str
    name: str
    sha256: str
    size_bytes: int
    cause: str
    rule_sets: tuple[str, ...]
    relais_version: str
    since: datetime
    state: QuarantineState
    attempts: int
    tries: int
    checked_attempt: int
    order: Order | None

    @property
    def id(self) -> str:
        """What a person calls it: flow key, slash, position."""
        return f"{self.flow_key}/{self.position}"
