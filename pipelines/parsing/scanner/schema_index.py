"""A `SchemaAutomaton` asked by name: which type a child element has, and whether its attributes are surely valid."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.parsing.scanner.automaton import Content, SchemaAutomaton
from pipelines.parsing.scanner.lexis import proved
from pipelines.parsing.scanner.tags import SCHEMA_HINTS


@dataclass(frozen=True)
class AttributeRule:
    content: Content
    shortest: int
    longest: int
    required: bool


@dataclass(frozen=True)
class ElementType:
    """What an element may hold. `first`: its first state, None when it has no child elements."""

    first: int | None
    content: Content
    shortest: int
    longest: int
    attributes: dict[str, AttributeRule]
    required: frozenset[str]

    def allows(self, attributes: tuple[tuple[str, str, int], ...]) -> bool:
        """Whether an element with these attributes is surely valid, as far as they go."""
        names = {name for name, _, _ in attributes}
        return self.required <= names and all(self._allows(name, value) for name, value, _ in attributes)

    def _allows(self, name: str, value: str) -> bool:
        rule = self.attributes.get(name)
        if rule is None:
            return name in SCHEMA_HINTS
        return proved(rule.content, rule.shortest, rule.longest, value)


class SchemaIndex:
    """The automaton by names. State None is where nothing can be proved any more."""

    def __init__(self, automaton: SchemaAutomaton) -> None:
        names = automaton.names
        of_type: list[dict[str, AttributeRule]] = [{} for _ in automaton.types]
        for kind, name, content, shortest, longest, required in automaton.attributes.tolist():
            of_type[kind][names[name]] = AttributeRule(Content(content), shortest, longest, bool(required))
        self.types = [
            ElementType(
                first if first >= 0 else None,
                Content(content),
                shortest,
                longest,
                rules,
                frozenset(name for name, rule in rules.items() if rule.required),
            )
            for (first, content, shortest, longest), rules in zip(automaton.types.tolist(), of_type, strict=True)
        ]
        self.roots = {names[name]: kind for name, kind, _ in automaton.roots.tolist()}
        self._numbers = {name: number for number, name in enumerate(names)}
        self._edges = {(state, name): (after, kind) for state, name, after, kind in automaton.edges.tolist()}
        self._accepting = automaton.accepting.tolist()

    def step(self, state: int | None, name: str) -> tuple[int | None, ElementType | None]:
        """The state behind a child element of this name, and the child's type."""
        number = self._numbers.get(name)
        edge = None if state is None or number is None else self._edges.get((state, number))
        return (None, None) if edge is None else (edge[0], self.types[edge[1]])

    def root(self, name: str) -> ElementType | None:
        """The type of a root element."""
        kind = self.roots.get(name)
        return None if kind is None else self.types[kind]

    def may_end(self, state: int | None) -> bool:
        """Whether an element may end in this state. In state None that is not asked: its document is not proved."""
        return state is None or self._accepting[state]
