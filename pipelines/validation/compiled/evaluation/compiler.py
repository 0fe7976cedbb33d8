"""From trees to expressions: each sub-expression is compiled once a plan.

What builds an expression is given: forms and functions are by themselves, and call the compiler for their parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.evaluation.spaces import Expression
from pipelines.validation.compiled.rule_files.trees import Tree

Builder = Callable[["Compiler", Tree, tuple[Expression, ...]], Expression]
Form = Callable[["Compiler", Tree], Expression]


class Called(Protocol):
    """A function that a rule file declares."""

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]: ...

    @property
    def variables(self) -> tuple[tuple[str, Tree], ...]: ...

    @property
    def body(self) -> Tree: ...

    def called(self, compiler: Compiler, tree: Tree, arguments: tuple[Expression, ...]) -> Expression:
        """The expression of a call."""
        ...


class Compiler:
    """Compiles the trees of one rule file.

    Shape    `functions` are the file's own; `builders` those of XPath, by name; `forms` what builds all other trees, by
             their first word.
    Errors   NotCompilable for a construct without exact translation.
    """

    def __init__(
        self, functions: Mapping[str, Called], builders: Mapping[str, Builder], forms: Mapping[str, Form]
    ) -> None:
        self.functions = functions
        self.builders = builders
        self._forms = forms
        self._known: dict[Tree, Expression] = {}
        self._lets: dict[int, Expression] = {}
        self._refused: dict[Tree, str] = {}

    def compiled(self, tree: Tree, scope: Mapping[str, Expression | str] | None = None) -> Expression:
        """The expression of a tree. `scope` says what the variables are; a text is why one cannot be compiled."""
        return self.expression(self.resolved(tree, scope or {}))

    def resolved(self, tree: Tree, scope: Mapping[str, Expression | str]) -> Tree:
        """The tree with each variable of the scope replaced by the key of its expression."""
        if tree[0] == "variable":
            found = scope.get(tree[1])
            if isinstance(found, str):
                raise NotCompilable(f"${tree[1]}: {found}")
            if found is None:
                return tree
            self._lets[found.key] = found
            return ("let", found.key)
        if tree[0] in ("some", "every", "for", "bag"):
            inner = {name: value for name, value in scope.items() if name != tree[1]}
            return (tree[0], tree[1], self.resolved(tree[2], scope), self.resolved(tree[3], inner))
        return tuple(self.resolved(part, scope) if isinstance(part, tuple) else part for part in tree)

    def expression(self, tree: Tree) -> Expression:
        """The expression of a resolved tree, the same object for the same tree."""
        known = self._known.get(tree)
        if known is None:
            if tree in self._refused:
                raise NotCompilable(self._refused[tree])
            try:
                known = self._built(tree)
            except NotCompilable as refusal:
                self._refused[tree] = str(refusal)
                raise
            self._known[tree] = known
        return known

    def _built(self, tree: Tree) -> Expression:
        kind = tree[0]
        if kind == "call":
            return self._call(tree)
        builder = self._forms.get(kind)
        if builder is None:
            raise NotCompilable(f"form {kind}")
        return builder(self, tree)

    def _call(self, tree: Tree) -> Expression:
        name = tree[1]
        arguments = tuple(self.expression(argument) for argument in tree[2:])
        own = self.functions.get(name)
        if own is not None:
            return own.called(self, tree, arguments)
        builder = self.builders.get(name)
        if builder is None:
            raise NotCompilable(f"function {name}")
        return builder(self, tree, arguments)

    def let(self, key: int) -> Expression:
        return self._lets[key]


def constant_of(tree: Tree) -> str | None:
    """The text of a string literal, else None."""
    return tree[1] if tree[0] == "string" else None
