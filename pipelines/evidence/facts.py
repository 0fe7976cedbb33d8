"""What roots commit to: the members of a flow, and what became of each. One fact a leaf, written in one way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data_contracts.evidence import canonical
from data_contracts.tables import Outcome
from pipelines.evidence.merkle import root_of

Fact = list[object]
"""A row as JSON holds it; its place among the leaves is its position in the flow."""


def member_fact(position: int, name: str, size_bytes: int, sha256: str) -> Fact:
    """One member as it was admitted."""
    return [position, name, size_bytes, sha256]


def outcome_fact(
    position: int, sha256: str, outcome: Outcome, motive: str, verdict: str, rule_sets: Sequence[str], cause: str | None
) -> Fact:
    """One invoice as its flow was settled: the verdict, by which very rule files, and what it led to."""
    return [position, sha256, outcome.value, motive, verdict, list(rule_sets), cause]


def status_fact(position: int, sha256: str, outcome: Outcome, motive: str) -> Fact:
    """One document of a status flow as its flow was settled: no rule file judged it."""
    return outcome_fact(position, sha256, outcome, motive, "", [], None)


def leaf(fact: Fact) -> bytes:
    """The bytes of a fact."""
    return canonical(fact)


def facts_root(facts: Iterable[Fact]) -> str:
    """The root over facts, in hex."""
    return root_of(leaf(fact) for fact in facts).hex()
