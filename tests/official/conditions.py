"""Conditions made true or false in a fragment, worked out from the trees of a rule file."""

from __future__ import annotations

import re

from pipelines.validation.compiled.rule_files.trees import LISTED_CODE, Tree
from tests.official.fragments import PATHS, Closure, Fragment, Impossible, Node, Scope

_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
_SWAPPED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}
_PAIRS = {
    "eq": (("1", "1"),), "ne": (("1", "2"), ("1.2345", "1.2345"), ("2024-01-01", "2024-01-02")),
    "lt": (("1", "2"), ("2024-01-01", "2024-01-02"), ("20240101", "20240102")),
    "gt": (("2", "1"), ("2024-01-02", "2024-01-01"), ("20240102", "20240101")),
    "le": (("1", "1"), ("1", "2")), "ge": (("1", "1"), ("2", "1")),
}  # fmt: skip
_TEXTS = ("1", "", "12.345", "2024-01-01", "20240101", "A", "123456789", "12345678901234", "a b", "~", "-1", "FR",
          "0.123456789", "99999999999999999999", "2024-13-45", "B1", "12.5")  # fmt: skip
"""Texts tried where a function of strings must be true or false and its form does not say how."""
_CONSTANTS = frozenset({"string", "integer", "decimal"})


class Maker(Fragment):
    """Makes conditions hold, or not, in one document."""

    def truth(self, tree: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        """Makes the effective boolean value of an expression what is wanted."""
        self.depth += 1
        if self.depth > 400:
            raise Impossible
        kind = tree[0]
        if kind in ("and", "or"):
            self.logic(tree, here, scope, want=want)
        elif kind in ("general", "value"):
            self.compare(tree[1], tree[2], tree[3], here, scope, want=want)
        elif kind in ("some", "every"):
            self.quantified(tree, here, scope, want=want)
        elif kind == "if":
            other = bool(self.choices.pick(2))
            self.truth(tree[1], here, scope, want=not other)
            self.truth(tree[3 if other else 2], here, scope, want=want)
        elif kind == "variable" and scope.get(tree[1], (("node",),))[0][0] not in PATHS:
            bound, where, inner = self.bound(tree, scope)
            self.truth(bound, where, inner, want=want)
        elif kind == "call":
            self.called(tree, here, scope, want=want)
        elif kind == "slash" and tree[2][0] not in PATHS:
            self.truth(tree[2], self.build(tree[1], here, scope), scope, want=want)
        elif want:
            self.keep(self.build(tree, here, scope))
        elif kind == "filter" and self.choices.pick(2):
            for node in self.nodes(tree[1], here, scope):
                self.truth(tree[2], node, scope, want=False)
        else:
            self.remove(tree, here, scope)

    def logic(self, tree: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        parts = tree[1:]
        if (tree[0] == "and") != want:
            parts = (parts[self.choices.pick(len(parts))],)
        for part in parts:
            self.truth(part, here, scope, want=want)

    def quantified(self, tree: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        if (tree[0] == "every") == want and not self.choices.pick(2):
            try:
                self.remove(tree[2], here, scope)
                return
            except Impossible:
                pass
        sequence = tree[2]
        if sequence[0] == "list" and sequence[1:] and sequence[1][0] in _CONSTANTS:
            item: Closure = (sequence[1 + self.choices.pick(len(sequence) - 1)], here, scope)
        else:
            node = self.build(sequence, here, scope)
            self.keep(node)
            item = (("node", node), node, {})
        self.truth(tree[3], here, {**scope, tree[1]: item}, want=want)

    def called(self, tree: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        name, arguments = tree[1], tree[2:]
        if name in ("true", "false"):
            if (name == "true") != want:
                raise Impossible
        elif name in self.functions:
            function = self.functions[name]
            inner: dict[str, Closure] = {
                parameter: (argument, here, scope)
                for (parameter, _type), argument in zip(function.parameters, arguments, strict=True)
            }
            for variable, value in function.variables:
                inner[variable] = (value, here, dict(inner))
            if self.choices.pick(2):
                self.assign(arguments[0], here, scope, _TEXTS[self.choices.pick(len(_TEXTS))])
            else:
                self.truth(function.body, here, inner, want=want)
        elif name in ("not", "empty"):
            self.truth(arguments[0], here, scope, want=not want)
        elif name in ("exists", "boolean"):
            self.truth(arguments[0], here, scope, want=want)
        elif name == LISTED_CODE:
            codes = self.code_lists.get((str(arguments[0][1]), str(arguments[1][1])), ())
            self.assign(arguments[2], here, scope, codes[0] if want and codes else "~")
        elif name in ("contains", "starts-with", "ends-with"):
            self.part_of(name, arguments, here, scope, want=want)
        elif name == "matches":
            self.assign(arguments[0], here, scope, _TEXTS[self.choices.pick(len(_TEXTS))])
        elif want:
            self.assign(tree, here, scope, "1")
        else:
            self.remove(tree, here, scope)

    def part_of(self, name: str, arguments: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        """contains, starts-with, ends-with: the whole may be a list of codes, or the part a mark."""
        whole, part = arguments
        if part[0] == "string" and whole[0] not in _CONSTANTS:
            if whole in (("call", "name"), ("call", "local-name")):
                if here[0].tag.endswith(part[1]) != want:
                    raise Impossible
                return
            text = part[1] if want else "~"
            if want and name == "contains" and not part[1].strip():
                text = f"a{part[1]}b"
            self.assign(whole, here, scope, text)
        elif whole[0] == "string":
            words = re.split(r"[\s,|~]+", whole[1].strip()) or [""]
            self.assign(part, here, scope, words[self.choices.pick(min(len(words), 3))] if want else "~~")
        else:
            self.assign(whole, here, scope, "AB1" if want else "~")
            self.assign(part, here, scope, "AB1"[:2] if want else "CD2")

    def compare(self, op: str, a: Tree, b: Tree, here: Node, scope: Scope, *, want: bool) -> None:
        """A comparison: false also where a side is empty."""
        if not want:
            way = self.choices.pick(3)
            if way:
                self.remove((a, b)[way - 1], here, scope)
                return
            op = _OPPOSITE[op]
        a, b = self.constant(a, scope), self.constant(b, scope)
        if _is_constant(a) and not _is_constant(b):
            a, b, op = b, a, _SWAPPED[op]
        if a[0] == "call" and a[1] == "count":
            self.counted(op, a[2], b, here, scope)
        elif _is_constant(b):
            values = _meeting(op, b)
            self.assign(a, here, scope, values[self.choices.pick(len(values))])
        else:
            pairs = _PAIRS[op]
            left, right = pairs[self.choices.pick(len(pairs))]
            order = ((a, left), (b, right)) if not self.choices.pick(2) else ((b, right), (a, left))
            for side, text in order:
                self.assign(side, here, scope, text)

    def constant(self, tree: Tree, scope: Scope) -> Tree:
        """The tree a variable stands for when it is a constant or a count, else the tree."""
        if tree[0] == "variable" and tree[1] in scope:
            bound = scope[tree[1]][0]
            if _is_constant(bound):
                return bound
        return tree

    def counted(self, op: str, path: Tree, other: Tree, here: Node, scope: Scope) -> None:
        """So many nodes of a path that its number compares with the other side as wanted."""
        if path[0] == "call" and path[1] == "tokenize":
            mark = path[3][1] if path[3][0] == "string" else ""
            self.assign(path[2], here, scope, mark * (_number(_meeting(op, other)[0]) + 1))
            return
        distinct = path[0] == "call" and path[1] == "distinct-values"
        if distinct and other[0] == "call" and op in ("ne", "lt"):
            for rank in range(2):
                self.keep(self.build(path[2], here, scope, fresh=rank > 0))
            return
        if not _is_constant(other):
            # Of two counts, the left one grows beyond the right one, or is nothing where it must be less.
            number = {"ne": 2, "gt": 2, "ge": 2}.get(op, 0)
            if op in ("lt", "le", "eq"):
                self.build(other[2] if other[0] == "call" and len(other) > 2 else other, here, scope)
        else:
            number = _number(_meeting(op, other)[0])
        if number <= 0:
            self.remove(path, here, scope)
            return
        inner = path[2] if distinct else path
        for rank in range(number):
            node = self.build(inner, here, scope, fresh=rank > 0)
            if rank and not len(node[0]):
                node[0].text = str(rank + 1)
            self.keep(node)

    def assign(self, tree: Tree, here: Node, scope: Scope, text: str) -> None:
        """Makes the value of an expression this text, or one that serves as well."""
        kind = tree[0]
        if kind in _CONSTANTS:
            return
        if kind == "variable":
            self.assign(*self.bound(tree, scope), text)
        elif kind == "arithmetic":
            self.assign(tree[2 + self.choices.pick(2)], here, scope, text)
        elif kind in ("minus", "cast", "cast-one"):
            self.assign(tree[-1], here, scope, text)
        elif kind in ("general", "value", "and", "or", "some", "every"):
            self.truth(tree, here, scope, want=text not in ("0", "false", ""))
        elif kind == "if":
            other = bool(self.choices.pick(2))
            self.truth(tree[1], here, scope, want=not other)
            self.assign(tree[3 if other else 2], here, scope, text)
        elif kind == "for":
            node = self.build(tree[2], here, scope)
            self.assign(tree[3], here, {**scope, tree[1]: (("node", node), node, {})}, text)
        elif kind == "call":
            self.assign_call(tree, here, scope, text)
        elif kind == "slash" and tree[2][0] not in PATHS:
            self.assign(tree[2], self.build(tree[1], here, scope), scope, text)
        else:
            node = self.build(tree, here, scope)
            if node in self.written and tree[0] != "here" and self.choices.pick(2):
                node = self.build(tree, here, scope, fresh=True)
            self.write(node, text)

    def assign_call(self, tree: Tree, here: Node, scope: Scope, text: str) -> None:
        name, arguments = tree[1], tree[2:]
        if name == "string-length":
            self.assign(arguments[0] if arguments else ("here",), here, scope, "1" * max(_number(text), 0))
        elif name == "count":
            self.counted("eq", arguments[0], ("string", text), here, scope)
        elif name in ("substring-after", "substring-before"):
            mark = arguments[1][1] if arguments[1][0] == "string" else ""
            self.assign(arguments[0], here, scope, f"1{mark}{text}" if name.endswith("after") else f"{text}{mark}1")
        elif name == "concat":
            varying = [argument for argument in arguments if argument[0] not in _CONSTANTS]
            for argument in varying:
                self.assign(argument, here, scope, text.strip())
        elif name in ("name", "local-name", "true", "false"):
            raise Impossible
        elif name in self.functions:
            self.truth(tree, here, scope, want=text not in ("0", "false", ""))
        else:
            self.assign(arguments[0] if arguments else ("here",), here, scope, text)

    def write(self, node: Node, text: str) -> None:
        element, attribute = node
        if element is self.holder:
            raise Impossible
        self.written.add(node)
        if attribute:
            element.set(attribute, text)
        else:
            element.text = text


def _is_constant(tree: Tree) -> bool:
    if tree[0] == "list":
        return len(tree) > 1 and all(_is_constant(part) for part in tree[1:])
    return tree[0] in _CONSTANTS or tree in (("call", "true"), ("call", "false")) or tree[0] == "minus"


def _meeting(op: str, tree: Tree) -> tuple[str, ...]:
    """Texts that compare so with a constant."""
    if tree[0] == "list":
        return tuple(str(part[1]) for part in tree[1:3]) if op == "eq" else ("~", "1")
    if tree[0] == "call":
        return (tree[1],) if op == "eq" else ("false" if tree[1] == "true" else "true",)
    if tree[0] == "minus":
        return ("-1",) if op in ("eq", "le", "ge") else ("-9",) if op == "lt" else ("1",)
    text = str(tree[1])
    if op in ("eq", "le", "ge"):
        return (text,)
    try:
        number = float(text)
    except ValueError:
        return ("~", "1", f"{text}0")
    less, more, most = (f"{number + shift:g}" for shift in (-1, 1, 9))
    return {"lt": (less,), "gt": (more, most), "ne": (more, less, "~")}[op]


def _number(text: str) -> int:
    try:
        return min(int(float(text)), 200)
    except (ValueError, OverflowError):
        raise Impossible from None
