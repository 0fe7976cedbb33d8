"""XPath text, read by elementpath into a neutral tree of tuples: picklable, hashable, free of parser objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from elementpath import ElementPathError
from elementpath.xpath30 import XPath30Parser

from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.rule_files.trees import LISTED_CODE, Tree

_GENERAL = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_VALUE = frozenset(_GENERAL.values())
_AXES = frozenset({"child", "self", "parent", "ancestor", "descendant", "preceding", "attribute"})
_BINDERS = frozenset({"some", "every", "for"})
_CODE_POINTS = "http://www.w3.org/2005/xpath-functions/collation/codepoint"
"""Said outright: the parser would else ask the locale of the machine."""
_XS = "http://www.w3.org/2001/XMLSchema"


class XPathReader:
    """Reads the XPath expressions of one rule file.

    Shape    `namespaces` maps prefixes; `functions` holds (prefix:name, number of parameters) of the file's own
             functions, and those of XSLT that elementpath does not know.
    """

    def __init__(self, namespaces: Mapping[str, str], functions: Iterable[tuple[str, int]]) -> None:
        self._namespaces = {"xs": _XS, **namespaces}
        self._parser = XPath30Parser(namespaces=dict(self._namespaces), strict=False, default_collation=_CODE_POINTS)
        self._parser.external_function(_stand_in(3), name=LISTED_CODE)
        for name, parameters in functions:
            prefix, _, local = name.rpartition(":")
            self._parser.external_function(_stand_in(parameters), name=local, prefix=prefix or None)

    def expanded(self, name: str) -> str:
        """`{uri}local` of a prefixed name; a name without prefix is in no namespace."""
        prefix, _, local = name.rpartition(":")
        return f"{{{self._namespaces[prefix]}}}{local}" if prefix else local

    def tree(self, text: str) -> Tree:
        """The tree of an expression. Errors   NotCompilable when it is not read, or holds a form not known here."""
        try:
            token = self._parser.parse(text)
        except (ElementPathError, SyntaxError, TypeError, ValueError) as error:
            raise NotCompilable(f"the XPath is not read: {str(error)[:160]}") from error
        return self._tree(token)

    def _tree(self, token: Any) -> Tree:
        symbol = token.symbol
        if symbol in ("(string)", "(integer)", "(decimal)"):
            kind = symbol[1:-1]
            return (kind, str(token.value) if kind == "decimal" else token.value)
        if symbol == "(":
            return self._tree(token[0]) if len(token) else ("list",)
        if symbol in (".", "..", "$", "@", "*", ":", "(name)", "text") or symbol in _AXES:
            return self._leaf(token, symbol)
        if symbol in ("/", "//"):
            return self._path(token, symbol)
        if symbol == "[":
            return self._filter(self._tree(token[0]), self._tree(token[1]))
        if symbol in _BINDERS:
            return self._binder(token, symbol)
        return self._operation(token, symbol)

    def _leaf(self, token: Any, symbol: str) -> Tree:
        if symbol == ".":
            return ("here",)
        if symbol == "..":
            return ("step", "parent", "node()")
        if symbol == "$":
            return ("variable", token[0].value if token[0].symbol != ":" else _qualified(token[0]))
        if symbol == "@":
            return ("step", "attribute", self._test(token[0]))
        if symbol == "*" and len(token) == 2:
            return ("arithmetic", "*", self._tree(token[0]), self._tree(token[1]))
        if symbol == "text":
            return ("step", "child", "text()")
        if symbol in _AXES:
            return ("step", symbol, self._test(token[0]))
        if symbol == ":" and token[1].symbol not in ("(name)", "*"):
            return self._call(token[1], self.expanded(_qualified(token)))
        return ("step", "child", self._test(token))

    def _test(self, token: Any) -> str:
        if token.symbol == ":":
            uri = self._namespaces[token[0].value]
            return f"{{{uri}}}{'*' if token[1].symbol == '*' else token[1].value}"
        if token.symbol in ("(name)", "*"):
            return str(token.value) if token.symbol == "(name)" else "*"
        raise NotCompilable(f"node test {token.symbol}")

    def _path(self, token: Any, symbol: str) -> Tree:
        if len(token) == 0:
            return ("root",)
        base = ("root",) if len(token) == 1 else self._tree(token[0])
        step = self._tree(token[-1])
        return ("slash", base, step) if symbol == "/" else _descending(base, step)

    def _filter(self, base: Tree, predicate: Tree) -> Tree:
        return ("filter", base, predicate)

    def _binder(self, token: Any, symbol: str) -> Tree:
        """Several variables are nested binders: `some $a in A, $b in B` is `some $a in A satisfies some $b in B`."""
        tree = self._tree(token[-1])
        for index in range(len(token) - 3, -1, -2):
            name = self._tree(token[index])[1]
            tree = (symbol, name, self._tree(token[index + 1]), tree)
        return tree

    def _operation(self, token: Any, symbol: str) -> Tree:
        items = [self._tree(item) for item in token] if symbol != "cast" else []
        if symbol in ("or", "and"):
            return (symbol, *items)
        if symbol in ("|", "union"):
            return ("union", *items)
        if symbol == ",":
            return ("list", *(item for tree in items for item in (tree[1:] if tree[0] == "list" else (tree,))))
        if symbol == "if":
            return ("if", *items)
        if symbol in _GENERAL:
            return ("general", _GENERAL[symbol], *items)
        if symbol in _VALUE:
            return ("value", symbol, *items)
        if symbol in ("+", "-") and len(items) == 1:
            return ("minus", items[0]) if symbol == "-" else items[0]
        if symbol in ("+", "-", "div", "mod"):
            return ("arithmetic", symbol, *items)
        if symbol == "cast":
            kind = "cast" if token[1].occurrence == "?" else "cast-one"
            return (kind, self._type(token[1]), self._tree(token[0]))
        return self._call(token, symbol)

    def _type(self, token: Any) -> str:
        return f"{{{_XS}}}{token[1].value}" if token.symbol == ":" else str(token.value)

    def _call(self, token: Any, name: str) -> Tree:
        if token.label not in ("function", "external function", "constructor function"):
            raise NotCompilable(f"operator {token.symbol}")
        arguments = tuple(self._tree(item) for item in token)
        if name == "string-join" and arguments[1:] == (("string", ""),):
            arguments = (_without_text_step(arguments[0]), *arguments[1:])
        return ("call", name, *arguments)


def _qualified(token: Any) -> str:
    return f"{token[0].value}:{token[1].value if token[1].symbol == '(name)' else token[1].symbol}"


def _descending(base: Tree, step: Tree) -> Tree:
    """`base//step` without the step `descendant-or-self::node()`, which would make every node a context."""
    kind = step[0]
    if kind == "union":
        return ("union", _descending(base, step[1]), _descending(base, step[2]))
    if kind == "slash":
        return ("slash", _descending(base, step[1]), step[2])
    if kind == "filter":
        inner = _descending(base, step[1])
        return ("first-of-parent", inner, step[2][1]) if step[2][0] == "integer" else ("filter", inner, step[2])
    if kind == "step" and step[1] in ("child", "attribute"):
        axis = "descendant" if step[1] == "child" else "descendant-attribute"
        return ("slash", base, ("step", axis, step[2]))
    raise NotCompilable(f"// before {kind}")


def _without_text_step(tree: Tree) -> Tree:
    """`x//text()` joined by nothing is the string value of x joined by nothing."""
    return tree[1] if tree[0] == "slash" and tree[2] == ("step", "descendant", "text()") else tree


def _stand_in(parameters: int) -> Any:
    """A function object with that many parameters: elementpath reads only their number."""
    return {
        0: lambda: None,
        1: lambda a: None,
        2: lambda a, b: None,
        3: lambda a, b, c: None,
    }[parameters]
