"""The catalogue of messages: the same in both languages, and loud when it cannot say something."""

from __future__ import annotations

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from data_contracts.errors import ContractBroken
from data_contracts.messages import Language, resources, told


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)


def _variables(pattern: ast.Pattern) -> frozenset[str]:
    found = _Variables()
    found.visit(pattern)
    return frozenset(found.names)


def _messages(language: Language) -> dict[str, frozenset[str]]:
    """Each id and id.attribute with the variables it takes; the file's room is part of the key."""
    messages: dict[str, frozenset[str]] = {}
    for room, text in resources(language):
        for entry in FluentParser().parse(text).body:
            assert not isinstance(entry, ast.Junk), f"{language}/{room}: {entry.content}"
            if not isinstance(entry, ast.Message):
                continue
            key = f"{room}:{entry.id.name}"
            assert entry.id.name.startswith(f"{room}-"), f"{key}: an id begins with its room"
            assert key not in messages, f"{key} occurs twice"
            if entry.value:
                messages[key] = _variables(entry.value)
            for attribute in entry.attributes:
                messages[f"{key}.{attribute.id.name}"] = _variables(attribute.value)
    return messages


def test_both_languages_hold_the_same_messages_with_the_same_variables() -> None:
    french, english = _messages(Language.FR), _messages(Language.EN)
    assert french.keys() == english.keys()
    assert {key for key in french if french[key] != english[key]} == set()


def test_what_the_catalogue_does_not_hold_is_an_error() -> None:
    with pytest.raises(ContractBroken, match="no such message"):
        told("motive-NOWHERE", Language.FR)
