"""Contexts that judge no node: because a rule before them claims every one, or because no document has such a node.

A context that is read wrongly would be silent. This tells it, from the file alone and from the paths of documents.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.parsing.path_tables import PathDictionary
from pipelines.validation.compiled.match_patterns import Alternative, Step
from pipelines.validation.compiled.plan import RuleSetPlan


@dataclass(frozen=True)
class Unreached:
    """A context with asserts, and why it judges nothing: `claimed_by` is the rule before it, empty where none is."""

    context: str
    asserts: tuple[str, ...]
    claimed_by: str


def shadowed_contexts(plan: RuleSetPlan) -> tuple[Unreached, ...]:
    """The contexts of which a rule before them in their pattern claims every node, as far as their form says."""
    found = []
    for pattern in plan.patterns:
        for place, rule in enumerate(pattern.rules):
            before = [(other.match, branch) for other in pattern.rules[:place] for branch in other.branches]
            claims = [next((match for match, one in before if _covers(one, branch)), None) for branch in rule.branches]
            if claims and None not in claims:
                found.append(Unreached(rule.match, tuple(one.rule for one in rule.asserts), str(claims[0])))
    return tuple(found)


def unmatched_contexts(plan: RuleSetPlan, paths: PathDictionary) -> tuple[Unreached, ...]:
    """The contexts that no path of a dictionary can match, those left out that `shadowed_contexts` tells."""
    claims = plan.bindings(paths, range(1, len(paths))).claims.values()
    met = {(number, place) for claim in claims for number, rules in claim for place, _ways in rules}
    shadowed = {one.context for one in shadowed_contexts(plan)}
    return tuple(
        Unreached(rule.match, tuple(one.rule for one in rule.asserts), "")
        for number, pattern in enumerate(plan.patterns)
        for place, rule in enumerate(pattern.rules)
        if (number, place) not in met and rule.match not in shadowed
    )


def _covers(wide: Alternative, narrow: Alternative) -> bool:
    """Whether every node that the narrow branch matches is matched by the wide one. No means: not known."""
    steps = list(zip(reversed(wide.steps), reversed(narrow.steps), strict=False))
    if len(wide.steps) > len(narrow.steps) or not all(_includes(one, other) for one, other in steps):
        return False
    if any(one.far != other.far for one, other in steps[:-1]):
        return False
    first, other = steps[-1]
    if wide.anchored and not first.far:
        return narrow.anchored and not other.far and len(wide.steps) == len(narrow.steps)
    return True


def _includes(wide: Step, narrow: Step) -> bool:
    names = wide.test == narrow.test or (wide.test == "*" and not narrow.test.startswith("@"))
    asked = {predicate.tree for predicate in narrow.predicates}
    return names and all(predicate.tree in asked for predicate in wide.predicates)
