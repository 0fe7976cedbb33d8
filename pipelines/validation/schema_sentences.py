"""Sentences for schema errors: the shapes of libxml2's messages, each with our words in French and English.

Source: the messages of libxml2's xmlschemas.c, seen on the versions 2.9 to 2.14.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.validation.compiled.expected.expected_values import matching
from pipelines.validation.places import VALUE_CHARACTERS_MAX, short_name

_MESSAGE = re.compile(r"Element '(?P<element>[^']*)'(?:, attribute '(?P<attribute>[^']*)')?: (?P<detail>.*)", re.DOTALL)
_EXPECTED = r"(?: Expected is (?:one of )?\( (?P<expected>.*) \)\.)?"
_BRACED = re.compile(r"\{[^{}\s]*:[^{}\s]*\}[\w.-]+")
_FORMS = {"xs:decimal": r"^[+-]?\d+(\.\d+)?$", "xs:date": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"}
_EXPECTED_CHARACTERS_MAX = 500
_RAW_CHARACTERS_MAX = 1_000


@dataclass(frozen=True)
class Explained:
    """What a schema error says. `found` is None where the message quotes no value."""

    found: str | None
    expected: str | None
    message_fr: str
    message_en: str


@dataclass(frozen=True)
class _Shape:
    """A shape of message and our sentences; `{node}` is the element or attribute, `{limit}` the group of that name.

    `expected` is a template too, empty when the message's own `Expected is ( ... )` says it, or nothing does.
    """

    pattern: re.Pattern[str]
    fr: str
    en: str
    expected: str = ""


def _shape(pattern: str, fr: str, en: str, expected: str = "") -> _Shape:
    return _Shape(re.compile(pattern, re.DOTALL), fr, en, expected)


_V = r"(?:\[facet '\w+'\] )?The value '(?P<value>.*)' "
_LENGTH = r"(?:\[facet '\w+'\] )?The value(?: '(?P<value>.*)')? has a length of '(?P<size>\d+)'; this "

_SHAPES = (
    _shape(
        r"This element is not expected\." + _EXPECTED,
        "L'élément {node} n'est pas attendu à cet endroit.",
        "Element {node} is not expected here.",
    ),
    _shape(
        r"Missing child element\(s\)\." + _EXPECTED,
        "Il manque un élément dans {node}.",
        "An element is missing in {node}.",
    ),
    _shape(
        r"No matching global (?:element )?declaration available.*",
        "L'élément {node} n'est pas une racine de ce schéma.",
        "Element {node} is not a root of this schema.",
    ),
    _shape(
        _V + r"is not an element of the set \{(?P<limit>.*)\}\.",
        "La valeur de {node} n'est pas dans la liste permise.",
        "The value of {node} is not in the list of those allowed.",
        "{limit}",
    ),
    _shape(
        _V + r"is not accepted by the pattern '(?P<limit>.*)'\.",
        "La valeur de {node} n'a pas la forme demandée.",
        "The value of {node} does not have the form asked for.",
        "{limit}",
    ),
    _shape(
        _LENGTH + r"exceeds the allowed maximum length of '(?P<limit>\d+)'\.",
        "La valeur de {node} est trop longue.",
        "The value of {node} is too long.",
        "<= {limit}",
    ),
    _shape(
        _LENGTH + r"underruns the allowed minimum length of '(?P<limit>\d+)'\.",
        "La valeur de {node} est trop courte.",
        "The value of {node} is too short.",
        ">= {limit}",
    ),
    _shape(
        _LENGTH + r"differs from the allowed length of '(?P<limit>\d+)'\.",
        "La valeur de {node} n'a pas la longueur demandée.",
        "The value of {node} does not have the length asked for.",
        "= {limit}",
    ),
    _shape(
        _V + r"has more digits than are allowed \('(?P<limit>\d+)'\)\.",
        "La valeur de {node} a trop de chiffres.",
        "The value of {node} has too many digits.",
        "<= {limit}",
    ),
    _shape(
        _V + r"has more fractional digits than are allowed \('(?P<limit>\d+)'\)\.",
        "La valeur de {node} a trop de décimales.",
        "The value of {node} has too many decimals.",
        "<= {limit}",
    ),
    _shape(
        _V + r"is (?P<side>less|greater) than the (?:minimum|maximum) value allowed \('(?P<limit>.*)'\)\.",
        "La valeur de {node} sort des bornes.",
        "The value of {node} is out of bounds.",
        "{limit}",
    ),
    _shape(
        _V + r"must be (?P<side>less|greater) than .*'(?P<limit>[^']*)'.*",
        "La valeur de {node} sort des bornes.",
        "The value of {node} is out of bounds.",
        "{limit}",
    ),
    _shape(
        r"'(?P<value>.*)' is not a valid value of the (?:local )?\w+ type(?: '(?P<limit>[^']*)')?\.",
        "La valeur de {node} n'est pas du type demandé.",
        "The value of {node} is not of the type asked for.",
        "{limit}",
    ),
    _shape(
        r"The attribute '(?P<name>[^']*)' is required but missing\.",
        "L'attribut {name} manque à {node}.",
        "Attribute {name} is missing on {node}.",
        "{name}",
    ),
    _shape(
        r"The attribute '(?P<name>[^']*)' is not allowed\.",
        "L'attribut {name} n'est pas permis sur {node}.",
        "Attribute {name} is not allowed on {node}.",
    ),
    _shape(
        r"Character content (?:other than whitespace )?is not allowed.*",
        "{node} contient du texte là où il n'en faut pas.",
        "{node} holds text where there must be none.",
    ),
    _shape(
        r"Element content is not allowed.*",
        "{node} contient des éléments là où il faut une valeur.",
        "{node} holds elements where a value is due.",
    ),
    _shape(
        r"The element is not 'nillable'.*|.*xsi:nil.*",
        "{node} ne peut pas être déclaré vide (xsi:nil).",
        "{node} cannot be declared empty (xsi:nil).",
    ),
    _shape(
        r".*",
        "{node} ne respecte pas le schéma.",
        "{node} does not follow the schema.",
    ),
)


def explained(message: str) -> Explained:
    """Our sentences for a schema error of libxml2, whose own words end the English one."""
    head = _MESSAGE.fullmatch(message)
    element, attribute, detail = (head["element"], head["attribute"], head["detail"]) if head else ("", None, message)
    node = short_name(element) + (f"/@{short_name(attribute)}" if attribute else "")
    shape, match = next((row, found) for row in _SHAPES if (found := row.pattern.fullmatch(detail)))
    groups = {name: text or "" for name, text in match.groupdict().items()}
    words = {"node": node or "document", "name": short_name(groups.get("name", "")), "limit": groups.get("limit", "")}
    expected = shape.expected.format(**words) if shape.expected else _names(groups.get("expected", ""))
    if "is not a valid value of the" in detail:
        expected = _of_type(groups.get("value", ""), expected)
    raw = _BRACED.sub(lambda name: short_name(name[0]), " ".join(message.split()))[:_RAW_CHARACTERS_MAX]
    return Explained(
        found=_found(match, node),
        expected=expected[:_EXPECTED_CHARACTERS_MAX] or None,
        message_fr=shape.fr.format(**words),
        message_en=f"{shape.en.format(**words)} ({raw})",
    )


def _of_type(value: str, name: str) -> str:
    """What a value of a type looks like: the value as it was meant, or the form of the type, or its name.

    Source   a type without name is local to the schema; those of both syntaxes are amounts and rates.
    """
    form = _FORMS.get(name or "xs:decimal")
    return (form and matching(value, form)) or name


def _found(match: re.Match[str], node: str) -> str | None:
    """The value quoted; the element itself where it is not expected; None otherwise."""
    groups = match.groupdict()
    if groups.get("value") is not None:
        return str(groups["value"])[:VALUE_CHARACTERS_MAX]
    return node if "expected" in groups and match[0].startswith("This element") else None


def _names(expected: str) -> str:
    """`cbc:ID, cbc:UUID` for libxml2's list of names in braces; `##other{...}*` is any element of another namespace."""
    names = []
    for name in filter(None, expected.split(", ")):
        names.append("any other namespace" if name.startswith("##other") else short_name(name))
    return ", ".join(names)
