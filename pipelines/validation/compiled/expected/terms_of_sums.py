"""Solving a comparison of numbers for the value it speaks of: `a - b = c` says that a is c + b.

Rounding to cents (`round(x * 10 * 10) div 100`) and tolerances (`abs(a - b) <= 0.01 * n`, `a - 1 < b`) are looked
through: what is expected is the amount itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.validation.compiled.expected.forms import NUMBER_CASTS, Forms
from pipelines.validation.compiled.rule_files.trees import Tree

TURNED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}
"""The same comparison, sides changed."""
_NUMBERS = NUMBER_CASTS | {"sum", "round", "abs", "count"}
_CENTS = frozenset({"10", "100"})

Term = tuple[int, Tree]
"""(1 or -1, a part of a sum)."""


@dataclass(frozen=True)
class Solved:
    """What a comparison says of `subject`: it is so (`op`) to `expected`, or to the constant `bound`."""

    subject: Tree
    expected: Tree | None = None
    op: str = "eq"
    bound: str | None = None
    unsigned: bool = False


def constant(tree: Tree) -> str | None:
    """A number written in the test; None for anything else."""
    if tree[0] in ("integer", "decimal"):
        return str(tree[1])
    if tree[0] == "call" and tree[1] in NUMBER_CASTS and len(tree) == 3:
        return constant(tree[2])
    if tree[0] == "minus":
        inner = constant(tree[1])
        return None if inner is None else f"-{inner}"
    return None


def summed(tree: Tree | None) -> Iterator[Tree]:
    """What is added up by each `sum()` in a tree."""
    if tree is None or tree[0] in ("for", "some", "every"):
        return
    if tree[:2] == ("call", "sum"):
        yield tree[2]
        return
    for part in tree:
        if isinstance(part, tuple) and part:
            yield from summed(part)


def is_number(tree: Tree, forms: Forms) -> bool:
    """Whether a value is a number by its form, not by what the document holds."""
    tree = forms.opened(tree)
    if tree[0] == "slash":
        return is_number(tree[2], forms)
    if tree[0] == "call":
        return tree[1] in _NUMBERS
    return tree[0] in ("integer", "decimal", "arithmetic", "minus")


def solved(op: str, left: Tree, right: Tree, forms: Forms) -> Solved | None:
    """The comparison solved for the first value of the document in it; None when there is none, or only counts."""
    for one, other, turned in ((left, right, op), (right, left, TURNED[op])):
        terms = sum_terms(one, forms)
        paths = [(at, path) for at, (_, term) in enumerate(terms) if (path := forms.path(term)) is not None]
        if not paths or any(_counts(term, forms) for _, term in terms):
            continue
        at, subject = paths[0]
        rest = [term for number, term in enumerate(terms) if number != at]
        number = constant(forms.opened(other))
        if number is not None and turned == "ne":
            return None
        if number is not None and not [term for term in rest if constant(term[1]) is None]:
            return Solved(subject, op=turned, bound=number) if not rest else None
        sign = terms[at][0]
        if _is_distance(one, forms) and turned in ("le", "lt"):
            return Solved(subject, _total(None, [(-sign * s, term) for s, term in rest]))
        if _counts(other, forms):
            continue
        if turned != "eq" and sign > 0 and (near := [term for term in rest if constant(term[1]) is None]) != rest:
            turned, rest = "eq", near
        if turned != "eq" and sign < 0:
            turned = TURNED[turned]
        moved = [(-sign * s, term) for s, term in rest]
        return Solved(subject, _total((sign, other), moved), turned, unsigned=_unsigned(terms[at][1], forms))
    return None


def sum_terms(tree: Tree, forms: Forms) -> list[Term]:
    """The terms of a sum, rounding and casts looked through."""
    tree = forms.opened(tree)
    if tree[0] == "arithmetic" and tree[1] in ("+", "-"):
        second = sum_terms(tree[3], forms)
        return sum_terms(tree[2], forms) + [(s if tree[1] == "+" else -s, term) for s, term in second]
    if tree[0] == "minus":
        return [(-s, term) for s, term in sum_terms(tree[1], forms)]
    if tree[0] == "arithmetic" and (inner := _of_cents(tree, forms)) is not None:
        inner_terms = sum_terms(inner, forms)
        return inner_terms if len(inner_terms) > 1 or forms.path(inner) else [(1, tree)]
    if tree[0] == "call" and tree[1] in (NUMBER_CASTS | {"round", "abs"}) and len(tree) == 3:
        inner_terms = sum_terms(tree[2], forms)
        return inner_terms if len(inner_terms) > 1 else [(1, tree)]
    if tree[0] == "slash":
        inner_terms = sum_terms(tree[2], forms)
        if len(inner_terms) > 1:
            return [(s, term if constant(term) else ("slash", tree[1], term)) for s, term in inner_terms]
    return [(1, tree)]


def _of_cents(tree: Tree, forms: Forms) -> Tree | None:
    """x of `round(x * 10 * 10) div 100`."""
    inner = forms.opened(tree[2])
    if tree[1] == "div" and inner[:2] == ("call", "round") and constant(forms.opened(tree[3])) == "100":
        return _scaled(inner[2], forms)
    return None


def _scaled(tree: Tree, forms: Forms) -> Tree | None:
    tree = forms.opened(tree)
    if tree[0] == "arithmetic" and tree[1] == "*" and constant(forms.opened(tree[3])) in _CENTS:
        return _scaled(tree[2], forms) or tree[2]
    return None


def _total(first: Term | None, terms: list[Term]) -> Tree | None:
    """The sum of the terms as a tree."""
    total: Tree | None = None
    for sign, term in ([first] if first else []) + sorted(terms, key=lambda term: -term[0]):
        if total is None:
            total = term if sign > 0 else ("minus", term)
        else:
            total = ("arithmetic", "+" if sign > 0 else "-", total, term)
    return total


def _is_distance(tree: Tree, forms: Forms) -> bool:
    """Whether a side is `abs(a - b)`, perhaps rounded: what it is compared with is a tolerance."""
    tree = forms.opened(tree)
    if tree[:2] == ("call", "abs"):
        return len(sum_terms(tree[2], forms)) > 1
    if tree[0] == "arithmetic" and (inner := _of_cents(tree, forms)) is not None:
        return _is_distance(inner, forms)
    return tree[0] == "call" and tree[1] in NUMBER_CASTS and _is_distance(tree[2], forms)


def _unsigned(tree: Tree, forms: Forms) -> bool:
    tree = forms.opened(tree)
    if tree[:2] == ("call", "abs"):
        return True
    return tree[0] == "call" and len(tree) == 3 and tree[1] in (NUMBER_CASTS | {"round"}) and _unsigned(tree[2], forms)


def _counts(tree: Tree, forms: Forms) -> bool:
    tree = forms.opened(tree)
    if tree[:2] == ("call", "count"):
        return True
    return tree[0] in ("arithmetic", "call") and any(
        _counts(part, forms) for part in tree[2:] if isinstance(part, tuple)
    )
