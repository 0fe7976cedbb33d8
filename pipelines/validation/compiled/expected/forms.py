"""Looking through a test: what a variable stands for, a function of the file says, which node holds a value.

Used to explain a test, never to judge by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.validation.compiled.evaluation.compiler import Compiler
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.rule_files.trees import Tree

NEGATED = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
_XS = "{http://www.w3.org/2001/XMLSchema}"
NUMBER_CASTS = frozenset({f"{_XS}decimal", f"{_XS}double", "number"})
_READ_FROM = NUMBER_CASTS | {"abs", "round", "string", "normalize-space", "upper-case", "lower-case", "replace"}
"""Functions whose result is read off the value of their first argument, so that this is the value in question."""
_DEPTH_MAX = 40
_SPACE = ("string", " ")


def wrapped(kind: str, binders: tuple[tuple[str, Tree], ...], tree: Tree) -> Tree:
    """The tree inside its binders again."""
    for name, sequence in reversed(binders):
        tree = (kind, name, sequence, tree)
    return tree


@dataclass(frozen=True)
class Forms:
    """What the names in a test stand for: `compiler` knows the variables of the rule, `bound` those of binders."""

    compiler: Compiler
    bound: Mapping[str, Tree] = field(default_factory=dict)

    def binding(self, name: str, sequence: Tree) -> Forms:
        """The same inside a binder."""
        return Forms(self.compiler, {**self.bound, name: sequence})

    def opened(self, tree: Tree) -> Tree:
        """The tree that a variable stands for; any other tree as it is."""
        for _ in range(_DEPTH_MAX):
            if tree[0] == "let":
                inner = self.compiler.let(tree[1]).tree
                if inner[0] == "global":
                    # Its context is the document, so only what has no context may be looked at from here.
                    return inner[1] if self.texts(inner[1]) else tree
                tree = inner
            elif tree[0] == "variable" and tree[1] in self.bound:
                tree = self.bound[tree[1]]
            else:
                break
        return tree

    def members(self, tree: Tree) -> list[Tree]:
        """The members of a conjunction or disjunction, nested ones of the same kind opened."""
        found: list[Tree] = []
        for part in tree[1:]:
            inner = self.opened(part)
            found += self.members(inner) if inner[0] == tree[0] else [part]
        return found

    def is_condition(self, tree: Tree, want: bool) -> bool:
        """Whether a member says when a rule applies, not what it asks for: that something is absent or differs."""
        tree = self.opened(tree)
        if tree[:2] == ("call", "not"):
            return want
        if tree[0] in ("general", "value"):
            empty = ("integer", 0) in tree or ("string", "") in tree
            return empty or (tree[1] == "ne") == want
        return tree[0] in ("and", "or") and all(self.is_condition(part, want) for part in self.members(tree))

    def inlined(self, tree: Tree) -> Tree | None:
        """The body of a function of the rule file, arguments put in; None for a function of XPath."""
        function = self.compiler.functions.get(tree[1])
        if function is None:
            return None
        names = [name for name, _type in function.parameters]
        known: dict[str, Tree] = dict(zip(names, tree[2:], strict=True))
        for name, value in function.variables:
            known[name] = _replaced(value, known)
        return _replaced(function.body, known)

    def text(self, tree: Tree) -> str | None:
        """A constant text; None for anything else."""
        tree = self.opened(tree)
        return str(tree[1]) if tree[0] == "string" else None

    def texts(self, tree: Tree) -> tuple[str, ...]:
        """Constant texts: one, a list, or a text cut at spaces; empty for anything else."""
        tree = self.opened(tree)
        if tree[0] == "string" and tree[1].strip():
            return (tree[1],)
        if tree[0] == "list" and len(tree) > 1 and all(part[0] == "string" for part in tree[1:]):
            return tuple(part[1] for part in tree[1:])
        if tree[:2] == ("call", "tokenize"):
            return tuple((self.text(tree[2]) or "").split())
        return ()

    def listed_codes(self, tree: Tree) -> tuple[str, ...]:
        """The codes of a list that stands in a file beside the rule file."""
        try:
            compared = self.compiler.expression(tree).tree
        except NotCompilable:
            return ()
        return self.texts(compared[3]) if compared[0] == "general" else ()

    def whole(self, tree: Tree) -> Tree:
        """x of `substring(x, 1, 8)`."""
        tree = self.opened(tree)
        return tree[2] if tree[:2] == ("call", "substring") else tree

    def between_spaces(self, tree: Tree) -> Tree:
        """x of `concat(' ', x, ' ')`."""
        tree = self.opened(tree)
        if tree[:2] == ("call", "concat") and len(tree) == 5 and tree[2] == tree[4] == _SPACE:
            return self.between_spaces(tree[3])
        if tree[:2] in (("call", "substring"), ("call", "normalize-space")):
            return self.between_spaces(tree[2])
        return tree

    def path(self, tree: Tree) -> Tree | None:
        """The nodes that a value is read from; None when it is worked out from several, or none."""
        tree = self.opened(tree)
        kind = tree[0]
        if kind in ("here", "step"):
            return tree
        if kind == "call" and tree[1] in _READ_FROM:
            return self.path(tree[2] if len(tree) > 2 else ("here",))
        if kind in ("cast", "cast-one"):
            return self.path(tree[2])
        if kind in ("filter", "first-of-parent"):
            return tree if self.path(tree[1]) else None
        if kind == "union":
            return tree if all(self.path(part) for part in tree[1:]) else None
        if kind == "slash":
            base, last = tree[1], tree[2]
            if base != ("root",) and self.path(base) is None:
                return None
            inner = self.path(last)
            return None if inner is None else base if inner == ("here",) else ("slash", base, inner)
        return None


def _replaced(tree: Tree, known: Mapping[str, Tree]) -> Tree:
    """The tree with variables put in. Trees that bind a name of their own keep it."""
    if tree[0] == "variable":
        return known.get(tree[1], tree)
    if tree[0] in ("some", "every", "for"):
        inner = {name: value for name, value in known.items() if name != tree[1]}
        return (tree[0], tree[1], _replaced(tree[2], known), _replaced(tree[3], inner))
    return tuple(_replaced(part, known) if isinstance(part, tuple) else part for part in tree)
