"""The catalogue of messages: the same in both languages, and loud when it cannot say something."""

from __future__ import annotations

import ast as python
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from data_contracts.errors import ContractBroken
from data_contracts.messages import Language, Sentences, both, remedy, told
from data_contracts.motives import MOTIVES

ROOT = Path(__file__).parents[2]


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)


def _variables(pattern: ast.Pattern) -> frozenset[str]:
    found = _Variables()
    found.visit(pattern)
    return frozenset(found.names)


def _rooms(language: Language) -> Iterator[tuple[str, str]]:
    """Each room's name with the text of its file in one language, sorted."""
    for file in sorted((ROOT / "data_contracts" / "messages" / language.value).glob("*.ftl")):
        yield file.stem, file.read_text(encoding="utf-8")


def _messages(language: Language) -> dict[str, frozenset[str]]:
    """Each id and id.attribute with the variables it takes; the file's room is part of the key."""
    messages: dict[str, frozenset[str]] = {}
    for room, text in _rooms(language):
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


def test_a_value_may_be_longer_than_fluent_would_have_it() -> None:
    official = "x" * 4_000
    assert official in told("settlement-more", Language.EN, sentence=official, more=1)


def test_a_value_in_both_languages_stands_in_each() -> None:
    said = both("parsing-embedded", what=Sentences("ici", "here"))
    assert said.fr.startswith("ici,")
    assert said.en.startswith("here,")


def test_what_to_do_is_a_message_s_own_or_the_general_one() -> None:
    own = remedy("admission-zip-encrypted", "motive-IRR_EXTRAC")
    general = remedy("admission-cut", "motive-IRR_EXTRAC")
    assert (general.fr, general.en) == (MOTIVES["IRR_EXTRAC"].remedy_fr, MOTIVES["IRR_EXTRAC"].remedy_en)
    assert "mot de passe" in own.fr and "password" in own.en
    with pytest.raises(ContractBroken, match="no such message"):
        remedy("admission-cut", "motive-NOWHERE")


LAYERS = ("data_contracts", "pipelines", "connectors", "relais", "dags")

INLINE = {
    "data_contracts/terms.py": "names of the business terms, from the standard",
    "data_contracts/statuses.py": "labels of the statuses, from the specifications",
    "data_contracts/interfaces.py": "labels of the interfaces, from the catalogue of the specifications",
    "pipelines/delivery/pieces.py": "a value of the pivot, fixed by its specification",
    "pipelines/notifications/plain.py": "how a date is written",
    "pipelines/tracking/mandate_amounts.py": "patterns that read what recipients write",
    "pipelines/validation/official_text.py": "patterns that read the official sentences",
    "pipelines/validation/sentences.py": "pieces of the official sentences, around the words of their own tables",
    "relais/bench": "names of made-up parties",
    "relais/samples": "names and words of made-up invoices",
}
"""Modules that hold French of more than a word, with the reason."""

_ACCENTED = re.compile(r"[àâäéèêëîïôöùûüçœ]", re.IGNORECASE)
_SMALL_WORDS = re.compile(r"\b(?:le|la|les|du|des|une|est|pas|dans|pour|par|aux|ce|qui|ne)\b|\b[ldn]'")


def _texts(source: str) -> Iterator[str]:
    """The texts of a module, its docstrings apart."""
    tree = python.parse(source)
    docs = {id(node.value) for node in python.walk(tree) if isinstance(node, python.Expr)}
    for node in python.walk(tree):
        if isinstance(node, python.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def _french(text: str) -> bool:
    words = text.strip()
    return " " in words and (_ACCENTED.search(words) is not None or len(_SMALL_WORDS.findall(words)) > 1)


@cache
def _modules() -> dict[str, frozenset[str]]:
    """The texts of each module."""
    return {
        str(file.relative_to(ROOT)): frozenset(_texts(file.read_text(encoding="utf-8")))
        for layer in LAYERS
        for file in sorted((ROOT / layer).rglob("*.py"))
    }


def test_french_sentences_stand_in_the_catalogue_alone() -> None:
    inline = {name for name, texts in _modules().items() if any(map(_french, texts))}
    allowed = {name for name in inline for known in INLINE if name == known or name.startswith(f"{known}/")}
    assert inline - allowed == set()
    stale = {known for known in INLINE if not any(name == known or name.startswith(f"{known}/") for name in inline)}
    assert stale == set(), "these hold no French any more"


HEADERS = {"as2-from", "as2-to"}
"""Of HTTP, not messages of the room `as2`."""


def test_every_message_that_code_names_is_in_the_catalogue() -> None:
    known = {key.partition(":")[2] for key in _messages(Language.FR)}
    rooms = "|".join(room for room, _ in _rooms(Language.FR))
    named = re.compile(rf"(?:{rooms})(?:-[A-Za-z0-9]+)+(?:\.[a-z]+)?")
    missing = {
        (name, text)
        for name, texts in _modules().items()
        for text in texts - HEADERS
        if named.fullmatch(text) and text not in known
    }
    assert missing == set()


REFUSING = {"Refusal", "FlowRefused", "DocumentUnreadable", "MessageRefused"}
HANDING_ON = {"pipelines/parsing/opening.py"}
"""Where a refusal is made otherwise than by `saying`: one that is told again as a refusal of its PDF."""


def test_every_refusal_is_made_of_a_message_and_its_remedy() -> None:
    by_hand, remedies, made = set(), set(), 0
    for name, tree in _trees():
        for node in python.walk(tree):
            if not isinstance(node, python.Call):
                continue
            if isinstance(node.func, python.Name) and node.func.id in REFUSING:
                by_hand.add(name)
            elif isinstance(node.func, python.Attribute) and node.func.attr == "saying":
                made += 1
                remedies |= {name for one in node.keywords if one.arg in {"remedy", "to_do"}}
    assert (by_hand, remedies) == (HANDING_ON, set())
    assert made > 20


def _trees() -> Iterator[tuple[str, python.Module]]:
    for layer in LAYERS:
        for file in sorted((ROOT / layer).rglob("*.py")):
            yield str(file.relative_to(ROOT)), python.parse(file.read_text(encoding="utf-8"))


WITHOUT_REMEDY = {"rule-absent", "rule-more", "schema-more"}
_SECOND_SENTENCE = re.compile(r"\. [A-ZÀÉ].*\.$", re.MULTILINE)


@pytest.mark.parametrize("language", Language)
def test_every_rule_of_ours_and_every_error_of_a_structure_says_what_to_do(language: Language) -> None:
    """In a second sentence, after what is wrong."""
    texts = dict(_rooms(language))
    said = [line for room in ("rule", "schema") for line in texts[room].splitlines() if line.startswith(f"{room}-")]
    silent = {line.partition(" ")[0] for line in said if not _SECOND_SENTENCE.search(line)}
    assert len(said) > 60
    assert silent == WITHOUT_REMEDY
