"""CPPFactureMixte by our own grammar: what is mandatory rejects, what is unknown is told; one file, one invoice."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from data_contracts.interfaces import Syntax
from pipelines.validation.mixed_grammar import GRAMMAR, Part
from pipelines.validation.mixed_structure import structure_verdict
from pipelines.validation.places import Places
from tests.unit.mixed_documents import looked_at, plain, told_of

CODE = "FSO1113A"
UNIT = re.compile(r"<CPPFactureMixteUnitaire.*</CPPFactureMixteUnitaire>", re.DOTALL)


def changed(old: str, new: str) -> bytes:
    document = plain(Syntax.CPP_MIXED)
    assert old in document
    return document.replace(old, new, 1).encode()


def judged(tree: etree._Element) -> list[tuple[str, str]]:
    return [(row["rule"], row["flag"]) for row in structure_verdict("f", 0, Places(tree)).findings]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<Type>380</Type>", "", "RLS-MIXTE-01"),
        ("<Devise>EUR</Devise>", "<Devise>EUR</Devise><Devise>EUR</Devise>", "RLS-MIXTE-02"),
        ("<Type>380</Type>", "<Type>384</Type>", "RLS-MIXTE-05"),
        ("<Cadre>A1</Cadre>", "<Cadre>A26</Cadre>", "RLS-MIXTE-05"),
        ("<TypePJ>01</TypePJ>", "<TypePJ>03</TypePJ>", "RLS-MIXTE-05"),
        (' NumOrdre="0001"', "", "RLS-MIXTE-06"),
        ('Compteur="1"', 'Compteur="7"', "RLS-MIXTE-07"),
    ],
)
def test_what_is_mandatory_rejects(old: str, new: str, rule: str) -> None:
    found = looked_at(CODE, changed(old, new))
    fatal = [row for row in found.findings[0] if row["flag"] == "fatal"]
    assert [row["rule"] for row in fatal] == [rule]
    assert found.verdicts[0]["verdict"] == "invalid"
    assert fatal[0]["line"] and fatal[0]["location"].startswith("/CPPFactureMixte")  # type: ignore[union-attr]
    assert fatal[0]["message_fr"] != fatal[0]["message_en"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<Devise>EUR</Devise>", "<Devise>EUR</Devise><Remise>3</Remise>", "RLS-MIXTE-03"),
        ("<Devise>EUR</Devise>", '<x:Devise xmlns:x="urn:x">EUR</x:Devise><Devise>EUR</Devise>', "RLS-MIXTE-03"),
        ("<CodePays>FR</CodePays>", "<CodePays>FR</CodePays><TypeIdentifiant>1</TypeIdentifiant>", "RLS-MIXTE-04"),
    ],
)
def test_what_the_grammar_does_not_know_is_told(old: str, new: str, rule: str) -> None:
    rules = [(row["rule"], row["flag"]) for row in told_of(CODE, changed(old, new))]
    assert (rule, "warning") in rules


def test_several_invoices_in_one_file_are_refused_by_name() -> None:
    document = plain(Syntax.CPP_MIXED)
    unit = UNIT.search(document)
    assert unit is not None
    several = document.replace(unit[0], unit[0] * 3).replace('Compteur="1"', 'Compteur="3"').encode()
    (row,) = told_of(CODE, several)
    assert (row["rule"], row["flag"], row["found"]) == ("RLS-MIXTE-08", "fatal", "3")
    assert "tar.gz" in row["message_fr"] and "tar.gz" in row["message_en"]


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("2", "DE123456789"), ("3", "KRSAMSUNGMOBILEPHO"), ("4", "1234567890"), ("5", "123456789"), ("7", "X1")],
)
def test_the_kind_of_a_supplier_stands_beside_its_identifier(kind: str, identifier: str) -> None:
    document = plain(Syntax.CPP_MIXED).replace(
        "<TypeIdentifiant>1</TypeIdentifiant>", f"<TypeIdentifiant>{kind}</TypeIdentifiant>", 1
    )
    start, end = document.index("<Identifiant>") + 13, document.index("</Identifiant>")
    found = looked_at(CODE, (document[:start] + identifier + document[end:]).encode())
    row = found.invoices.to_pylist()[0]
    assert (row["seller_id"], row["seller_id_type"], row["seller_siren"]) == (identifier, kind, None)


def test_typed_texts_are_read_as_the_official_sample_writes_them() -> None:
    typed = changed(
        "<Identifiant>",
        '<Identifiant xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string">',
    )
    found = looked_at(CODE, typed)
    assert found.findings == [[]]
    assert found.invoices.to_pylist()[0]["seller_id_type"] == "1"


def test_a_document_of_defects_alone_is_invalid_in_a_bounded_list() -> None:
    tree = etree.fromstring(plain(Syntax.CPP_MIXED).encode())
    for _ in range(3_000):
        etree.SubElement(tree, "Inconnu")
    verdict = structure_verdict("f", 0, Places(tree))
    assert not verdict.valid
    assert len(verdict.findings) == 51
    assert verdict.findings[-1]["flag"] == "fatal"


def test_a_document_of_another_syntax_is_refused_by_name() -> None:
    (row,) = told_of(CODE, plain(Syntax.UBL).encode())
    assert row["rule"] == "IRR_TYPE_F"
    assert "CPPFactureMixte" in row["message_fr"]
    (row,) = told_of("FSO1110A", plain(Syntax.CPP_MIXED).encode())
    assert row["rule"] == "IRR_TYPE_F"


def mandatory(part: Part, path: str = ".") -> list[str]:
    """Paths of the elements without which the grammar is broken."""
    found = []
    for child in part.parts:
        if child.least:
            found += [f"{path}/{child.name}", *mandatory(child, f"{path}/{child.name}")]
    return found


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(mandatory(GRAMMAR)))
def test_each_mandatory_element_is_missed(path: str) -> None:
    tree = etree.fromstring(plain(Syntax.CPP_MIXED).encode())
    (element, *_) = tree.findall(path)
    parent = element.getparent()
    assert parent is not None
    for twin in parent.findall(element.tag):
        parent.remove(twin)
    assert ("RLS-MIXTE-01", "fatal") in judged(tree)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_tree_under_the_root_is_judged(data: st.DataObject) -> None:
    tree = etree.fromstring(plain(Syntax.CPP_MIXED).encode())
    elements = list(tree.iter(etree.Element))
    moved = data.draw(st.sampled_from(elements[1:]))
    others = [one for one in elements if one is not moved and moved not in one.iterancestors()]
    target = data.draw(st.sampled_from(others))
    target.append(moved)
    verdict = structure_verdict("f", 0, Places(tree))
    assert verdict.valid == all(row["flag"] == "warning" for row in verdict.findings)
