"""Sentences for schema errors: the shapes of libxml2's messages, each with the name of our own sentence.

Source: the messages of libxml2's xmlschemas.c, seen on the versions 2.9 to 2.14.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts.messages import both
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
    """A shape of message and the name of our sentence, `schema-{name}` of the catalogue.

    `expected` is a template, in which `{limit}` is the group of that name; empty when the message's own
    `Expected is ( ... )` says it, or nothing does.
    """

    pattern: re.Pattern[str]
    name: str
    expected: str = ""


def _shape(pattern: str, name: str, expected: str = "") -> _Shape:
    return _Shape(re.compile(pattern, re.DOTALL), name, expected)


_V = r"(?:\[facet '\w+'\] )?The value '(?P<value>.*)' "
_LENGTH = r"(?:\[facet '\w+'\] )?The value(?: '(?P<value>.*)')? has a length of '(?P<size>\d+)'; this "

_SHAPES = (
    _shape(
        r"This element is not expected\." + _EXPECTED,
        "unexpected",
    ),
    _shape(
        r"Missing child element\(s\)\." + _EXPECTED,
        "missing",
    ),
    _shape(
        r"No matching global (?:element )?declaration available.*",
        "root",
    ),
    _shape(
        _V + r"is not an element of the set \{(?P<limit>.*)\}\.",
        "list",
        "{limit}",
    ),
    _shape(
        _V + r"is not accepted by the pattern '(?P<limit>.*)'\.",
        "form",
        "{limit}",
    ),
    _shape(
        _LENGTH + r"exceeds the allowed maximum length of '(?P<limit>\d+)'\.",
        "too-long",
        "<= {limit}",
    ),
    _shape(
        _LENGTH + r"underruns the allowed minimum length of '(?P<limit>\d+)'\.",
        "too-short",
        ">= {limit}",
    ),
    _shape(
        _LENGTH + r"differs from the allowed length of '(?P<limit>\d+)'\.",
        "length",
        "= {limit}",
    ),
    _shape(
        _V + r"has more digits than are allowed \('(?P<limit>\d+)'\)\.",
        "digits",
        "<= {limit}",
    ),
    _shape(
        _V + r"has more fractional digits than are allowed \('(?P<limit>\d+)'\)\.",
        "decimals",
        "<= {limit}",
    ),
    _shape(
        _V + r"is (?P<side>less|greater) than the (?:minimum|maximum) value allowed \('(?P<limit>.*)'\)\.",
        "bounds",
        "{limit}",
    ),
    _shape(
        _V + r"must be (?P<side>less|greater) than .*'(?P<limit>[^']*)'.*",
        "bounds",
        "{limit}",
    ),
    _shape(
        r"'(?P<value>.*)' is not a valid value of the (?:local )?\w+ type(?: '(?P<limit>[^']*)')?\.",
        "type",
        "{limit}",
    ),
    _shape(
        r"The attribute '(?P<name>[^']*)' is required but missing\.",
        "attribute-missing",
        "{name}",
    ),
    _shape(
        r"The attribute '(?P<name>[^']*)' is not allowed\.",
        "attribute",
    ),
    _shape(
        r"Character content (?:other than whitespace )?is not allowed.*",
        "text",
    ),
    _shape(
        r"Element content is not allowed.*",
        "elements",
    ),
    _shape(
        r"The element is not 'nillable'.*|.*xsi:nil.*",
        "nil",
    ),
    _shape(
        r".*",
        "other",
    ),
)


def explained(message: str) -> Explained:
    """Our sentences for a schema error of libxml2, whose own words end the English one."""
    head = _MESSAGE.fullmatch(message)
    element, attribute, detail = (head["element"], head["attribute"], head["detail"]) if head else ("", None, message)
    node = short_name(element) + (f"/@{short_name(attribute)}" if attribute else "")
    shape, match = next((row, found) for row in _SHAPES if (found := row.pattern.fullmatch(detail)))
    groups = {name: text or "" for name, text in match.groupdict().items()}
    name = short_name(groups.get("name", ""))
    expected = (
        shape.expected.format(name=name, limit=groups.get("limit", ""))
        if shape.expected
        else _names(groups.get("expected", ""))
    )
    if "is not a valid value of the" in detail:
        expected = _of_type(groups.get("value", ""), expected)
    raw = _BRACED.sub(lambda name: short_name(name[0]), " ".join(message.split()))[:_RAW_CHARACTERS_MAX]
    said = both(f"schema-{shape.name}", node=node or "document", name=name)
    return Explained(
        found=_found(match, node),
        expected=expected[:_EXPECTED_CHARACTERS_MAX] or None,
        message_fr=said.fr,
        message_en=f"{said.en} ({raw})",
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
