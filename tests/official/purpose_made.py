"""Documents made on purpose: for each assert of a rule file a fragment that breaks it, worked out from its tree.

Each fragment is tried on the compiled rules, whose word costs little. What they leave undecided is kept beside: there
the official rules may raise before they tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from lxml import etree

from data_contracts.interfaces import Syntax
from pipelines.parsing.opening import STATUS_ROOT
from pipelines.parsing.paths import NAMESPACES
from pipelines.validation.compiled.plan import RuleSetPlan
from pipelines.validation.compiled.rule_files.rules import Assert, Rule, RuleFile
from tests.judged_trees import judge_batch
from tests.official.conditions import Maker
from tests.official.fragments import Choices, Closure, Impossible, attempts

Key = tuple[int, int, int]
"""Pattern, rule, assert."""

UBL_ROOTS = (f"{{{NAMESPACES['ubl']}}}Invoice", f"{{{NAMESPACES['ubln']}}}CreditNote")
CII_ROOTS = (f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice",)
ROOTS = {Syntax.UBL: UBL_ROOTS, Syntax.CII: CII_ROOTS, Syntax.CDAR: (STATUS_ROOT,)}
"""Root elements by the syntax that a rule set judges."""
ROUNDS = (1, 12, 80, 200)
"""Fragments tried of an assert that has not been broken yet, round by round."""
WAYS_MAX = 600
ALWAYS = ("call", "true")


@dataclass
class Made:
    """What was made: `breaking` documents by assert, `undecided` ones of asserts that none of them breaks."""

    breaking: dict[Key, bytes] = field(default_factory=dict)
    undecided: dict[Key, list[bytes]] = field(default_factory=dict)
    broken_by: dict[bytes, set[Key]] = field(default_factory=dict)


def keyed_plan(rules: RuleFile) -> RuleSetPlan:
    """The plan of a rule file whose ids are the places of its asserts, which are unlike and never missing."""
    patterns = tuple(
        replace(pattern, rules=tuple(_keyed(rule, number, place) for place, rule in enumerate(pattern.rules)))
        for number, pattern in enumerate(rules.patterns)
    )
    return RuleSetPlan(replace(rules, patterns=patterns), "keyed")


def _keyed(rule: Rule, number: int, place: int) -> Rule:
    asserts = tuple(replace(one, rule=f"{number}/{place}/{at}") for at, one in enumerate(rule.asserts))
    return replace(rule, asserts=asserts)


def asserts_of(rules: RuleFile) -> dict[Key, tuple[Rule, Assert]]:
    """Every assert by its place."""
    return {
        (number, place, at): (rule, one)
        for number, pattern in enumerate(rules.patterns)
        for place, rule in enumerate(pattern.rules)
        for at, one in enumerate(rule.asserts)
    }


def purpose_made(rules: RuleFile, roots: tuple[str, ...], by_hand: Sequence[bytes] = ()) -> Made:
    """Documents that break the asserts of a rule file, as far as they are found."""
    plan, made = keyed_plan(rules), Made()
    left = {key for key, (_rule, one) in asserts_of(rules).items() if one.report or one.test != ALWAYS}
    _try([(None, document) for document in by_hand], plan, made, left)
    ways = {
        key: attempts(_maker(rules, rule, one, roots), WAYS_MAX)
        for key, (rule, one) in asserts_of(rules).items()
        if key in left
    }
    for most in ROUNDS:
        _try([(key, document) for key in sorted(left) for document in islice(ways[key], most)], plan, made, left)
    return made


def fewest(made: Made) -> list[bytes]:
    """Documents that together break every assert that any of them breaks, those that break most taken first."""
    open_keys = set(made.breaking)
    chosen = []
    for document in sorted(made.broken_by, key=lambda text: (-len(made.broken_by[text]), text)):
        if open_keys & made.broken_by[document]:
            open_keys -= made.broken_by[document]
            chosen.append(document)
    return chosen


def _maker(rules: RuleFile, rule: Rule, one: Assert, roots: tuple[str, ...]) -> Callable[[Choices], etree._Element]:
    functions = {function.name: function for function in rules.functions}

    def make(choices: Choices) -> etree._Element:
        maker = Maker(choices, roots, functions, rules.code_lists)
        scope: dict[str, Closure] = {}
        for name, tree in rules.variables:
            if not isinstance(tree, str):
                scope[name] = (tree, maker.document, dict(scope))
        node = maker.context(rule.context, scope)
        for name, tree in rule.variables:
            if not isinstance(tree, str):
                scope[name] = (tree, node, dict(scope))
        maker.truth(one.test, node, scope, want=one.report)
        if not len(maker.holder):
            raise Impossible
        return maker.holder[0]

    return make


def _try(candidates: list[tuple[Key | None, bytes]], plan: RuleSetPlan, made: Made, left: set[Key]) -> None:
    """Judges candidates, notes what they break, and takes it off what is left."""
    trees = [etree.ElementTree(etree.fromstring(document)) for _, document in candidates]
    for (key, document), judgment in zip(candidates, judge_batch(trees, plan), strict=True):
        if judgment is None:
            if key is not None:
                made.undecided.setdefault(key, []).append(document)
            continue
        broken = set(_keys(hit.rule for hit in judgment.hits))
        if broken & left:
            made.broken_by[document] = broken
            for found in broken & left:
                made.breaking[found] = document
            left -= broken
    for key in set(made.undecided) - left:
        del made.undecided[key]


def _keys(rules: Iterator[str]) -> Iterator[Key]:
    for rule in rules:
        number, place, at = map(int, rule.split("/"))
        yield number, place, at
