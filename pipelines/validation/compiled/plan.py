"""A rule set compiled: what `judge_batch` runs, and what of the rule file it covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from data_contracts.rule_sets import RuleSet
from pipelines.parsing.path_tables import PathDictionary
from pipelines.validation.compiled.evaluation.compiler import Compiler
from pipelines.validation.compiled.evaluation.expressions import FORMS
from pipelines.validation.compiled.evaluation.functions import with_code_lists
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.evaluation.spaces import Expression, evaluated
from pipelines.validation.compiled.match_patterns import Alternative, Candidate, alternatives, candidates
from pipelines.validation.compiled.presence import PresenceIndex, Reference, forbidden, root_names
from pipelines.validation.compiled.rule_files.rule_cache import cached_rule_file
from pipelines.validation.compiled.rule_files.rules import Assert, Rule, RuleFile
from pipelines.validation.compiled.rule_files.trees import Tree
from pipelines.validation.rule_files import digest, file_of
from pipelines.validation.uncollected import uncollected

Scope = dict[str, Expression | str]


@dataclass(frozen=True)
class Coverage:
    """What of a rule file is compiled: `uncompiled` holds (rule id, reason)."""

    total: int
    compiled: int
    uncompiled: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CompiledAssert:
    """One assert. `test` is None when `refusal` says why; `present`: the presence index answers it."""

    rule: str
    flag: str
    report: bool
    test: Expression | None
    sentence: tuple[str | Expression, ...]
    refusal: str
    present: bool


@dataclass(frozen=True)
class CompiledRule:
    """One context and its asserts. `refusal` says why the context is not compiled: then nothing can be decided.

    `variables` are those of the rule: one that raises leaves the document to the official engine even when no test
    needs it. SaxonC evaluates variables late, but learns to evaluate them at once when it has seen enough documents; so
    the same document crashes it in one run and not in the next.
    """

    match: str
    variables: tuple[Expression, ...]
    branches: tuple[Alternative, ...]
    asserts: tuple[CompiledAssert, ...]
    goes_on: bool
    refusal: str


@dataclass(frozen=True)
class CompiledPattern:
    rules: tuple[CompiledRule, ...]
    attributes: bool
    stops: bool

    @cached_property
    def _by_ending(self) -> dict[str, list[int]]:
        """The rules by the last name of their context; those that end in a wildcard under the empty name."""
        found: dict[str, list[int]] = {}
        for place, rule in enumerate(self.rules):
            for ending in {branch.steps[-1].test for branch in rule.branches}:
                found.setdefault("" if "*" in ending else ending, []).append(place)
        return found

    def ending_in(self, name: str) -> list[int]:
        """The rules that may match a path of this name, in the order in which they are tried."""
        return sorted({*self._by_ending.get(name, ()), *self._by_ending.get("", ())})


Claims = tuple[tuple[int, tuple[tuple[int, tuple[Candidate, ...]], ...]], ...]
"""Of one path: (pattern, ((rule, ways to match), ...)) in the order in which rules are tried."""


@dataclass
class Bindings:
    """What is known of each path of one dictionary; `tried` are the (pattern, rules) that may match a name."""

    paths: PathDictionary
    claims: dict[int, Claims] = field(default_factory=dict)
    presence: dict[int, tuple[Reference, ...]] = field(default_factory=dict)
    tried: dict[str, tuple[tuple[int, list[int]], ...]] = field(default_factory=dict)


class RuleSetPlan:
    """One compiled rule set. Expressions hold no state; what is learnt of paths is kept with the dictionary."""

    def __init__(self, rules: RuleFile, name: str) -> None:
        self.name = name
        builder = _Builder(rules)
        self.index = builder.index
        self.patterns = builder.patterns
        self.compiler = builder.compiler
        self.stops = any(pattern.stops for pattern in self.patterns)
        self.blind = next((rule.refusal for rule in self.rules() if rule.refusal), "")
        if not rules.known_location:
            self.blind = "locations are written in a form not known here"
        self._bindings: Bindings | None = None

    def rules(self) -> Iterator[CompiledRule]:
        for pattern in self.patterns:
            yield from pattern.rules

    def bindings(self, paths: PathDictionary, asked: Iterable[int]) -> Bindings:
        """What is known of the paths of this dictionary, worked out for those asked for that are new."""
        if self._bindings is None or self._bindings.paths is not paths:
            self._bindings = Bindings(paths)
        bindings = self._bindings
        for path in asked:
            if path in bindings.claims:
                continue
            bindings.claims[path] = tuple(self._claims(bindings, path))
            bindings.presence[path] = self.index.broken_by(paths, path)
        return bindings

    def _claims(
        self, bindings: Bindings, path: int
    ) -> Iterator[tuple[int, tuple[tuple[int, tuple[Candidate, ...]], ...]]]:
        paths = bindings.paths
        for number, places in self._tried(bindings, paths.names[path]):
            found: list[tuple[int, tuple[Candidate, ...]]] = []
            for place in places:
                rule = self.patterns[number].rules[place]
                ways = tuple(way for branch in rule.branches for way in candidates(branch, paths, path))
                if ways:
                    found.append((place, ways))
                    if () in ways:
                        break
            if found:
                yield number, tuple(found)

    def _tried(self, bindings: Bindings, name: str) -> tuple[tuple[int, list[int]], ...]:
        """The patterns and rules that may match a path of this name: names are few, paths many."""
        known = bindings.tried.get(name)
        if known is None:
            known = bindings.tried[name] = tuple(
                (number, places)
                for number, pattern in enumerate(self.patterns)
                if (pattern.attributes or not name.startswith("@")) and (places := pattern.ending_in(name))
            )
        return known


class _Builder:
    """Turns the trees of a rule file into expressions; what does not compile keeps its reason."""

    def __init__(self, rules: RuleFile) -> None:
        functions = {function.name: function for function in rules.functions}
        self.compiler = Compiler(functions, with_code_lists(rules.code_lists), FORMS)
        self.globals = {name: _of_document(value) for name, value in self.scope(rules.variables, {}).items()}
        self.index = PresenceIndex()
        self.patterns = tuple(
            CompiledPattern(
                tuple(self.rule(number, place, rule) for place, rule in enumerate(pattern.rules)),
                pattern.attributes,
                any(not rule.goes_on for rule in pattern.rules),
            )
            for number, pattern in enumerate(rules.patterns)
        )

    def scope(self, variables: tuple[tuple[str, Tree | str], ...], outer: Mapping[str, Expression | str]) -> Scope:
        """The variables in order, each seeing those before it. One that is not compiled is the reason instead."""
        scope: Scope = dict(outer)
        for name, tree in variables:
            if isinstance(tree, str):
                scope[name] = tree
                continue
            try:
                scope[name] = self.closed(tree, scope)
            except NotCompilable as refusal:
                scope[name] = str(refusal)
        return scope

    def rule(self, number: int, place: int, rule: Rule) -> CompiledRule:
        scope = self.scope(rule.variables, self.globals)
        branches: tuple[Alternative, ...] = ()
        refusal = rule.refusal
        if not refusal:
            try:
                branches = alternatives(self.compiler.resolved(rule.context, self.globals), self.compiler)
            except NotCompilable as reason:
                refusal = f"context {rule.match}: {reason}"
        roots = root_names(branches) if branches else None
        asserts = []
        for at, statement in enumerate(rule.asserts):
            places = forbidden(statement.test) if roots and statement.test and not statement.report else None
            if places and roots:
                self.index.add(roots, places, (number, place, at))
            asserts.append(self.statement(statement, scope, present=bool(places)))
        own = tuple(scope[name] for name, _tree in rule.variables)
        variables = tuple(variable for variable in own if not isinstance(variable, str))
        return CompiledRule(rule.match, variables, branches, tuple(asserts), rule.goes_on, refusal)

    def closed(self, tree: Tree, scope: Scope) -> Expression:
        """The expression of a tree all of whose variables are declared."""
        expression = self.compiler.compiled(tree, scope)
        unknown = sorted(name for name in expression.depends if name.startswith("$") and not name.startswith("$let "))
        if unknown:
            raise NotCompilable(f"the variable {unknown[0]} is not declared")
        return expression

    def statement(self, statement: Assert, scope: Scope, *, present: bool) -> CompiledAssert:
        refusal = statement.refusal
        test: Expression | None = None
        sentence: list[str | Expression] = []
        if not refusal:
            try:
                test = self.closed(statement.test, scope)
                for part in statement.sentence:
                    sentence.append(part if isinstance(part, str) else self.closed(part, scope))
            except NotCompilable as reason:
                refusal, test = str(reason), None
        return CompiledAssert(
            statement.rule, statement.flag, statement.report, test, tuple(sentence), refusal,
            present=present and test is not None,
        )  # fmt: skip


def _of_document(value: Expression | str) -> Expression | str:
    """A global variable: its context is the document node, wherever it is used."""
    if isinstance(value, str) or "context" not in value.depends:
        return value
    return Expression(("global", value.tree), frozenset({"document"}), lambda space: evaluated(value, space))


def compiled(rule_set: RuleSet, cache_dir: Path) -> RuleSetPlan:
    """The plan of a rule set.

    Errors   ConfigurationError when the rule file is missing or of unknown shape.
    Cost     under half a second from the rule file; a tenth from the cache, which then needs no parser.
    """
    rules = cached_rule_file(file_of(rule_set), digest(rule_set), cache_dir)
    with uncollected():
        return RuleSetPlan(rules, rule_set.coordinate)


def coverage(plan: RuleSetPlan) -> Coverage:
    """What of the rule file the plan decides. An assert that is not compiled sends the documents that reach it to the
    official engine."""
    asserts = [(rule, statement) for rule in plan.rules() for statement in rule.asserts]
    uncompiled = tuple(
        (statement.rule, rule.refusal or statement.refusal)
        for rule, statement in asserts
        if rule.refusal or statement.refusal
    )
    return Coverage(len(asserts), len(asserts) - len(uncompiled), uncompiled)
