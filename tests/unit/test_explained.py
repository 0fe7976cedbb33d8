"""Findings told from path tables: the same places as in the trees, whichever engine judged."""

from __future__ import annotations

import numpy as np
import pytest
from lxml import etree

from data_contracts.rule_sets import EN16931_UBL
from pipelines.parsing.path_tables import COMPLEX, INT, Batch, PathDictionary, Strings
from pipelines.parsing.scanner.origin import FEEDS_KEPT_BYTES_MAX, ScannedOrigin, bases
from pipelines.parsing.tree_tables import shredded
from pipelines.validation import explain
from pipelines.validation.judge import Hit, Judgment
from pipelines.validation.places import Place, Places
from pipelines.validation.table_places import node_at, places_of

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"

DOCUMENTS = (
    f"""<Invoice xmlns="{UBL}" xmlns:b="{CBC}" xmlns:a="{CAC}">
  <b:ID schemeID="s1">A 1</b:ID>
  <a:InvoiceLine><b:ID>1</b:ID></a:InvoiceLine>
  <a:InvoiceLine><b:ID>{"x" * 300}</b:ID><b:Note/><b:Note>a<!-- no -->b</b:Note></a:InvoiceLine>
</Invoice>""",
    f"""<Invoice xmlns="{UBL}" xmlns:b="{CBC}" xmlns:a="{CAC}">

  <a:InvoiceLine>
    <b:ID schemeID="">1</b:ID><o xmlns="urn:other">v</o></a:InvoiceLine>
</Invoice>""",
    f"""<Invoice xmlns="{UBL}" xmlns:b="{CBC}"><b:ID/></Invoice>""",
)


def _trees() -> list[etree._ElementTree]:
    return [etree.ElementTree(etree.fromstring(document)) for document in DOCUMENTS]


def _batch(trees: list[etree._ElementTree]) -> Batch:
    return shredded(trees, PathDictionary())


def _location(node: etree._Element) -> str:
    parent = node.getparent()
    name = etree.QName(node)
    number = 1 if parent is None else list(parent.iterchildren(str(node.tag))).index(node) + 1
    step = f"/*:{name.localname}[namespace-uri()='{name.namespace}'][{number}]"
    return ("" if parent is None else _location(parent)) + step


def test_every_node_has_the_place_that_its_tree_tells() -> None:
    trees = _trees()
    batch = _batch(trees)
    seen = 0
    for number, tree in enumerate(trees):
        places = Places(tree.getroot())
        for node in tree.getroot().iter(etree.Element):
            element = places.of(node)
            expected = {_location(node): element}
            for name, value in node.attrib.items():
                place = Place(f"{element.location}/@{name!s}", element.line, str(value))
                expected[f"{_location(node)}/@{name!s}"] = place
            for location, place in expected.items():
                found = node_at(batch, number, location)
                assert found is not None, location
                assert places_of(batch, found[0], [found[1]]) == [place]
                seen += 1
    assert seen == 16


def test_many_rows_of_a_path_are_told_at_once() -> None:
    batch = _batch(_trees())
    notes = batch.path(f"{{{UBL}}}Invoice", f"{{{CAC}}}InvoiceLine", f"{{{CBC}}}Note")
    assert notes is not None
    assert [(place.location, place.line, place.found) for place in places_of(batch, notes, [0, 1])] == [
        ("/ubl:Invoice/cac:InvoiceLine[2]/cbc:Note[1]", 4, None),
        ("/ubl:Invoice/cac:InvoiceLine[2]/cbc:Note[2]", 4, "ab"),
    ]


def test_a_location_that_the_tables_lack_keeps_its_path_only() -> None:
    batch = _batch(_trees())
    invoice = f"/*:Invoice[namespace-uri()='{UBL}'][1]"
    missing = f"{invoice}/*:Note[namespace-uri()='{CBC}'][3]"
    assert node_at(batch, 0, missing) is None
    assert node_at(batch, 2, f"{invoice}/*:InvoiceLine[namespace-uri()='{CAC}'][1]") is None
    hits = tuple(Hit("BR-1", "fatal", location, "said") for location in (missing, "", "a value", invoice))
    rows = explain.explained(
        batch, [("f", 1), ("f", 2), ("f", 3)], EN16931_UBL, [Judgment(()), Judgment(hits), Judgment(())]
    )
    assert [row["location"] for row in rows[1]] == ["/ubl:Invoice/cbc:Note[3]", None, None, "/ubl:Invoice"]
    assert [row["line"] for row in rows[1]] == [None, None, None, 1]
    assert (rows[0], rows[2]) == ([], [])
    assert {(row["flow_key"], row["position"]) for row in rows[1]} == {("f", 2)}


def test_findings_of_one_rule_are_bounded_in_each_document() -> None:
    batch = _batch(_trees())
    hit = Hit("BR-27", "fatal", f"/*:Invoice[namespace-uri()='{UBL}'][1]", "[BR-27]-A price (BT-146) is not negative.")
    many = Judgment((hit,) * (explain.RULE_FINDINGS_MAX + 7))
    rows = explain.explained(batch, [("f", 0), ("f", 1), ("f", 2)], EN16931_UBL, [Judgment(()), many, Judgment((hit,))])
    assert [len(found) for found in rows] == [0, explain.RULE_FINDINGS_MAX + 1, 1]
    assert rows[1][-1]["found"] == "7"
    assert "7" in rows[1][-1]["message_fr"]
    assert "7" in rows[1][-1]["message_en"]
    assert {row["rule"] for row in rows[1]} == {"BR-27"}
    assert rows[1][0]["terms"] == ["BT-146"]


@pytest.mark.parametrize("elements", [3, 30_000], ids=["short", "long"])
def test_lines_of_scanned_documents_are_counted_in_any_order(elements: int) -> None:
    document = b"<r>\n" + b"<a\n>x</a>\n" * elements + b"</r>"
    assert (len(document) > FEEDS_KEPT_BYTES_MAX) == (elements > 3)
    paths = PathDictionary()
    root = paths.child(0, "r")
    below = paths.child(root, "a")
    starts = bases([document, document])
    offsets = np.arange(elements, dtype=INT) * 10 + 4
    columns = {
        root: (np.array([0, 1], INT), np.full(2, COMPLEX, INT), starts[:2]),
        below: (np.repeat(np.array([0, 1], INT), elements), np.zeros(2 * elements, INT),
                np.concatenate([offsets, offsets + starts[1]]).astype(INT)),
    }  # fmt: skip
    batch = Batch(paths, Strings(), 2, columns, ScannedOrigin([document, document], starts))
    rows = np.array([elements - 1, 0, elements, 2 * elements - 1, elements + 1], INT)
    assert batch.lines(below, rows) == [2 * elements + 1, 3, 3, 2 * elements + 1, 5]
    assert batch.lines(root, np.array([0, 1], INT)) == [1, 1]
    assert batch.line(below, 1) == 5
