"""What a proof file claims, read strictly: anything of another shape is damage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipelines.evidence.facts import Fact
from pipelines.evidence.proof_file import Damaged

_HEX = re.compile(r"[0-9a-f]{64}")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class EventClaim:
    sequence: int
    at: datetime
    what: str
    link: str
    hour: str
    place: int
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class SealClaim:
    hour: str
    size: int
    root: str


@dataclass(frozen=True)
class AnswerClaim:
    name: str
    partner_code: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class FactsClaim:
    """Facts of a flow: of an invoice one, with its path; of a flow all, and `path` is None. Empty where none."""

    facts: tuple[Fact, ...]
    path: tuple[bytes, ...] | None


@dataclass(frozen=True)
class Claims:
    flow_key: str
    partner_code: str
    flow_name: str
    sha256: str
    size_bytes: int
    position: int | None
    events: tuple[EventClaim, ...]
    seals: dict[str, SealClaim]
    members: FactsClaim
    outcomes: FactsClaim
    late: tuple[Fact, ...]
    answers: dict[str, AnswerClaim]


def claims_of(manifest: dict[str, Any]) -> Claims:
    """What a manifest claims. Damaged, naming the entry, where it has another shape."""
    where = "flow"
    try:
        flow_key, partner_code, name, sha256, size = manifest["flow"]
        where = "position"
        position = manifest["position"]
        if position is not None:
            _number(position)
        where = "events"
        events = tuple(_event(row) for row in manifest["events"])
        where = "seals"
        seals = [SealClaim(_text(hour), _number(count), _hash(root)) for hour, count, root in manifest["seals"]]
        where = "members"
        members = _facts(manifest["members"], position)
        where = "outcomes"
        outcomes = _facts(manifest["outcomes"], position)
        where = "late"
        late = _listed(manifest.get("late", []))  # proofs of earlier releases have none
        where = "answers"
        answers = [AnswerClaim(_text(a), _text(b), _hash(c), _number(d)) for a, b, c, d in manifest["answers"]]
        where = "flow"
        return Claims(
            _text(flow_key), _text(partner_code), _text(name), _hash(sha256), _number(size), position, events,
            {seal.hour: seal for seal in seals}, members, outcomes, late, {one.name: one for one in answers},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Damaged(f"manifest, {where}: not as a proof writes it") from error


def _event(row: Any) -> EventClaim:
    sequence, at, what, link, hour, place, path = row
    moment = datetime.fromisoformat(_text(at))
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    hashes = tuple(bytes.fromhex(_hash(node)) for node in path)
    return EventClaim(_number(sequence), moment, _text(what), _hash(link), _text(hour), _number(place), hashes)


def _listed(value: Any) -> tuple[Fact, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_fact(fact) for fact in value)


def _facts(value: Any, position: int | None) -> FactsClaim:
    if position is None or not value:
        return FactsClaim(_listed(value), None)
    fact, path = value
    return FactsClaim((_fact(fact),), tuple(bytes.fromhex(_hash(node)) for node in path))


def _fact(value: Any) -> Fact:
    if not isinstance(value, list) or len(value) < 4:
        raise TypeError("not a fact")
    _number(value[0])
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _hash(value: Any) -> str:
    if not _HEX.fullmatch(_text(value)):
        raise ValueError("not a hash")
    return str(value)


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a number")
    return value
