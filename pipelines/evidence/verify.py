"""Verify a proof file, without database, store or home: every hash is computed again, from the bytes up to the roots.

What it proves: these bytes were received, judged so by these rule files, and answered with those bytes, in this order,
no later than the hours of the roots, if the roots are those that were published then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from data_contracts.evidence import NO_LINK, flow_key_of, link_of
from pipelines.evidence.claims import HOUR, Claims, EventClaim, FactsClaim, claims_of
from pipelines.evidence.facts import facts_root, leaf
from pipelines.evidence.merkle import root_by
from pipelines.evidence.proof_file import DOCUMENT, RECEIVED, Damaged, ProofFile
from pipelines.evidence.reread import Reread

_LANDED = re.compile(r"landed (?:new|conflicting) sha256=([0-9a-f]{64}) bytes=(\d+) received=(\S+)")
_ADMITTED = re.compile(r"admitted members=(\d+) root=([0-9a-f]{64})")
_LATE = re.compile(r"settled late position=(\d+) outcome=(\w+) root=([0-9a-f]{64})")
_SETTLED = re.compile(r"settled accepted=(\d+) rejected=(\d+) quarantined=(\d+) root=([0-9a-f]{64})")


@dataclass(frozen=True)
class Check:
    """One thing looked at: its name, whether it holds, and if not, why."""

    name: str
    holds: bool
    why: str = ""


def verify_proof(file: BinaryIO, roots: Mapping[str, str]) -> tuple[Claims | None, list[Check]]:
    """What the file claims, and every check that was made; it proves its claims when all hold.

    Shape    `roots` are published roots by hour (20261120T06); without any, roots are only shown, not compared.
             Claims are None when the file cannot be read as a proof.
    Cost     one pass over the file; memory of its manifest.
    """
    try:
        proof = ProofFile(file)
        claims = claims_of(proof.manifest)
    except Damaged as damage:
        return None, [Check("file", False, str(damage))]
    checks = [
        *_chain(claims),
        *_roots(claims, roots),
        *_members(claims),
        *_outcomes(claims),
        *_late(claims),
        *_owed(claims),
    ]
    try:
        checks += _parts(claims, proof)
        checks.append(Check("file", proof.whole(), "the file does not end with its own digest"))
    except Damaged as damage:
        checks.append(Check("file", False, str(damage)))
    return claims, [one if not one.holds else Check(one.name, True) for one in checks]


def _chain(claims: Claims) -> list[Check]:
    key = flow_key_of(claims.partner_code, claims.flow_name, claims.sha256)
    checks = [Check("flow", key == claims.flow_key, "partner, name and hash are not those of the flow's key")]
    previous = NO_LINK
    for number, event in enumerate(claims.events, start=1):
        name = f"event {number}"
        checks.append(Check(f"{name}, order", event.sequence == number, f"it says {event.sequence}"))
        link = link_of(previous, claims.flow_key, event.sequence, event.at, event.what)
        checks.append(Check(f"{name}, link", link == event.link, "what it says, or what came before, was changed"))
        previous = link
    first = _LANDED.fullmatch(claims.events[0].what) if claims.events else None
    landed = first is not None and (first[1], int(first[2])) == (claims.sha256, claims.size_bytes)
    checks.append(Check("received", landed, "the first event does not say that these bytes were received"))
    return checks


def _roots(claims: Claims, roots: Mapping[str, str]) -> list[Check]:
    checks = []
    for event in claims.events:
        checks.append(_under(event, claims))
    for hour, seal in claims.seals.items():
        if roots:
            published = roots.get(hour)
            why = "no published root was given for it" if published is None else f"published was {published}"
            checks.append(Check(f"hour {hour}, published root", published == seal.root, why))
    used = {event.hour for event in claims.events}
    checks.append(Check("hours", used == set(claims.seals), "an hour is listed that no event is in, or one is missing"))
    return checks


def _under(event: EventClaim, claims: Claims) -> Check:
    name = f"event {event.sequence}, root of hour {event.hour}"
    seal = claims.seals.get(event.hour)
    if seal is None:
        return Check(name, False, "the hour has no root here")
    found = root_by(bytes.fromhex(event.link), event.place, seal.size, event.path)
    if found is None or found.hex() != seal.root:
        return Check(name, False, "its path does not lead to the root")
    try:
        begin = datetime.strptime(event.hour, "%Y%m%dT%H").replace(tzinfo=UTC)
    except ValueError:
        return Check(name, False, "this is no hour")
    return Check(name, event.at < begin + HOUR, "it came after the hour")


def _members(claims: Claims) -> list[Check]:
    told = _told(_ADMITTED, claims)
    if told is None:
        return [Check("members", not claims.members.facts, "no event says that members were admitted")]
    count, root = int(told[1]), told[2]
    return [_facts("member", claims, claims.members, count, root)]


def _outcomes(claims: Claims) -> list[Check]:
    told = _told(_SETTLED, claims)
    if told is None:
        return [Check("outcomes", not claims.outcomes.facts, "no event says that the flow was settled")]
    counts = [int(number) for number in told.groups()[:3]]
    checks = [_facts("outcome", claims, claims.outcomes, sum(counts), told[4])]
    hashes = {fact[0]: fact[3] for fact in claims.members.facts}
    same = all(hashes.get(fact[0]) == fact[1] for fact in claims.outcomes.facts)
    checks.append(Check("outcomes, documents", same, "an outcome is of other bytes than the member"))
    if claims.position is None:
        found = [sum(fact[2] == name for fact in claims.outcomes.facts) for name in ("accepted", "rejected")]
        checks.append(Check("outcomes, counts", found == counts[:2], f"{found} for {counts[:2]}"))
    return checks


def _late(claims: Claims) -> list[Check]:
    """Each invoice that left quarantine was decided as its event says: the event's root is over that fact alone."""
    told = {int(found[1]): found for event in claims.events if (found := _LATE.fullmatch(event.what))}
    ours = {position for position in told if claims.position in (None, position)}
    hashes = {fact[0]: fact[3] for fact in claims.members.facts}
    listed = [fact[0] for fact in claims.late]
    checks = []
    if ours or listed:
        checks.append(Check("late outcomes", listed == sorted(ours), f"{listed} for {sorted(ours)}"))
    for fact in claims.late:
        found = told.get(int(str(fact[0])))
        same = found is not None and fact[2] == found[2] and facts_root([fact]) == found[3]
        why = "it is not what the event says, or of other bytes than the member"
        checks.append(Check(f"late outcome {fact[0]}", same and hashes.get(fact[0]) == fact[1], why))
    return checks


def _facts(name: str, claims: Claims, claim: FactsClaim, count: int, root: str) -> Check:
    positions = [fact[0] for fact in claim.facts]
    if claims.position is None:
        name += "s"
        if positions != list(range(count)):
            return Check(name, False, f"{len(positions)} of {count}, or not in order")
        return Check(name, facts_root(claim.facts) == root, "they do not lead to the root that the event names")
    name += f" {claims.position}"
    if positions != [claims.position] or claim.path is None:
        return Check(name, False, "it is missing, or another one")
    found = root_by(leaf(claim.facts[0]), claims.position, count, claim.path)
    return Check(name, found is not None and found.hex() == root, "it does not lead to the root that the event names")


def _owed(claims: Claims) -> list[Check]:
    told = {event.what for event in claims.events}
    return [
        Check(
            f"answer {one.name}",
            f"owed {one.name} to {one.partner_code} sha256={one.sha256} bytes={one.size_bytes}" in told,
            "no event says that it was owed",
        )
        for one in claims.answers.values()
    ]


def _parts(claims: Claims, proof: ProofFile) -> list[Check]:
    checks = []
    seen = set()
    for name, chunks in proof.parts():
        digest, size = hashlib.sha256(), 0
        with Reread(claims) if name == RECEIVED else _Nowhere() as kept:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                kept.write(chunk)
            expected = _expected(name, claims)
            same = expected == (digest.hexdigest(), size) and name not in seen
            checks.append(Check(f"bytes of {name}", same, "they are not those whose hash is recorded"))
            if same and isinstance(kept, Reread) and claims.members.facts:
                checks.append(Check("members, read again", *kept.compared()))
        seen.add(name)
    missing = sorted(set(claims.answers) - seen)
    checks.append(Check("answers", not missing, f"bytes are missing of {', '.join(missing)}"))
    return checks


def _expected(name: str, claims: Claims) -> tuple[object, object] | None:
    if name == RECEIVED:
        return claims.sha256, claims.size_bytes
    if name == DOCUMENT and claims.position is not None and claims.members.facts:
        fact = claims.members.facts[0]
        return fact[3], fact[2]
    answer = claims.answers.get(name)
    return None if answer is None else (answer.sha256, answer.size_bytes)


def _told(pattern: re.Pattern[str], claims: Claims) -> re.Match[str] | None:
    found = [match for event in claims.events if (match := pattern.fullmatch(event.what))]
    return found[0] if found else None


class _Nowhere:
    """Keeps nothing of a part."""

    def __enter__(self) -> _Nowhere:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was kept."""

    def write(self, chunk: bytes) -> None:
        """Nothing."""
