"""Official XML schemas: libxml2's verdict on a document, each error explained."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.messages import Sentences, both
from data_contracts.rule_sets import Schema
from data_contracts.tables import Flag
from pipelines.parsing.xml_gate import parser_for
from pipelines.validation.places import NOWHERE, Place, Places
from pipelines.validation.schema_sentences import explained
from pipelines.validation.streamed_schema import compiled_schema, errors_by_piece

XSD_RULE = "XSD"
FINDINGS_MAX = 50
"""Schema errors told of one document: a wrong namespace makes one for each element."""
FLOOD = 1_000
"""Schema errors of one document above which they are neither counted nor placed."""
COUNTED_FIRST_BYTES = 100_000
"""Bytes from which the errors of a document are counted before they are placed. Shorter ones hold 6,000."""

_STEP = re.compile(r"(?:(?P<prefix>[^:*\[]+):)?(?P<name>[^\[]+)(?:\[(?P<number>\d+)\])?")


@dataclass(frozen=True)
class SchemaVerdict:
    valid: bool
    findings: tuple[FindingRow, ...]


PROVED_VALID = SchemaVerdict(True, ())
"""Of a document that a scanner proved: libxml2 would say the same."""


def schema_verdict(
    flow_key: str, position: int, places: Places, schema: Schema, data: bytes, most: int = FINDINGS_MAX
) -> SchemaVerdict:
    """What a schema says of a document, whose bytes are `data`.

    Shape    one finding an error, in the document's order, at most `most` and one that counts the others.
    Errors   ConfigurationError when the schema is missing or broken.
    Cost     0.1 ms a document of 10 kB; 0.1 s once per schema and process. Errors beyond FLOOD cost nothing.
    """
    told = _errors(places.root.getroottree(), schema, data, most)
    if told is None:
        return SchemaVerdict(True, ())
    errors, flooded = told
    rule_set = f"xsd:{schema.name}"
    twins: _Twins = {}
    findings = [_finding(flow_key, position, rule_set, error, places, twins) for error in errors[:most]]
    if flooded:
        findings.append(_others(flow_key, position, rule_set, "schema-flood", FLOOD))
    elif len(errors) > most:
        findings.append(_others(flow_key, position, rule_set, "schema-more", len(errors) - most))
    return SchemaVerdict(False, tuple(findings))


def is_valid(tree: etree._ElementTree, schema: Schema) -> bool:
    """Whether a schema accepts a tree, in libxml2's word."""
    return bool(compiled_schema(schema).validate(tree))


def _errors(
    tree: etree._ElementTree, schema: Schema, data: bytes, most: int
) -> tuple[list[etree._LogEntry], bool] | None:
    """The errors of a document, with their paths; or, of one with a flood of them, the first, and that it has.

    Nulls    None for a valid document.
    """
    validator = compiled_schema(schema)
    enough = 0
    if len(data) >= COUNTED_FIRST_BYTES:
        for end, errors in errors_by_piece(data, schema):
            enough = enough or (end if len(errors) > most else 0)
            if len(errors) > FLOOD:
                # libxml2 counts the path of each error among the element's twins: of a flood that is quadratic.
                tree = etree.fromstring(data[:enough], parser_for(data, recover=True)).getroottree()
                validator.validate(tree)
                return _logged(validator)[:most], True
    return None if validator.validate(tree) else (_logged(validator), False)


def _logged(validator: etree.XMLSchema) -> list[etree._LogEntry]:
    log: Any = validator.error_log
    return list(log)


def _finding(
    flow_key: str, position: int, rule_set: str, error: etree._LogEntry, places: Places, twins: _Twins
) -> FindingRow:
    node = _node(places.root, error.path or "", twins)
    place = NOWHERE if node is None else places.of(node)
    said = explained(error.message)
    return _row(
        flow_key,
        position,
        rule_set,
        Place(place.location, place.line or error.line or None, said.found if said.found is not None else place.found),
        said.expected,
        Sentences(said.message_fr, said.message_en),
    )


def _others(flow_key: str, position: int, rule_set: str, message_id: str, count: int) -> FindingRow:
    return _row(
        flow_key,
        position,
        rule_set,
        Place(None, None, str(count)),
        None,
        both(message_id, count=str(count)),
    )


def _row(
    flow_key: str,
    position: int,
    rule_set: str,
    place: Place,
    expected: str | None,
    said: Sentences,
) -> FindingRow:
    return FindingRow(
        flow_key=flow_key,
        position=position,
        rule_set=rule_set,
        rule=XSD_RULE,
        flag=Flag.FATAL.value,
        terms=[],
        location=place.location,
        line=place.line,
        found=place.found,
        expected=expected,
        message_fr=said.fr,
        message_en=said.en,
    )


_Twins = dict[tuple[etree._Element, str | None, str], list[etree._Element]]
"""Children of one name, as steps asked for them: each list is made once a document."""


def _node(root: etree._Element, path: str, known: _Twins) -> etree._Element | None:
    """The node of a path as libxml2 writes it: `/*/cac:Party[2]/*[3]`, where `*` stands for a name without prefix.

    Read by hand: the prefixes of such a path are those of the place where each element stands, not those of the root.
    """
    node: etree._Element | None = None
    for step in path.strip("/").split("/"):
        match = _STEP.fullmatch(step)
        if match is None:
            return None
        number = int(match["number"] or 1)
        if node is None:
            node = root
            continue
        key = (node, match["prefix"], match["name"])
        if key not in known:
            known[key] = [child for child in node.iterchildren(tag=etree.Element) if _is(child, key[1], key[2])]
        twins = known[key]
        if number > len(twins):
            return None
        node = twins[number - 1]
    return node


def _is(child: etree._Element, prefix: str | None, name: str) -> bool:
    if name == "*":
        return True
    return bool(child.prefix == prefix and etree.QName(child).localname == name)
