"""Documents of more elements and attributes than a tree may have: refused by name, or read from their bytes alone."""

from __future__ import annotations

import pytest

from data_contracts.interfaces import Syntax
from data_contracts.limits import TREE_NODES_MAX
from data_contracts.motives import MOTIVES
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.attachments import attachments_of
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.reader import Refused, Untaken, tabled
from pipelines.parsing.scanner.native import NativeScanner
from pipelines.parsing.xml_gate import gated
from pipelines.validation.large_documents import hold_to_schema
from relais.bench.workloads import invoice_of_lines
from tests.hostile.case import Case
from tests.hostile.large_cases import large_cases, unplain_cases, with_notes
from tests.hostile.refusing import told_of_documents
from tests.unit.scanner_oracle import automaton

COUNT = TREE_NODES_MAX + 10_000
CASES, UNPLAIN = large_cases(COUNT), unplain_cases(COUNT)
NOTES = with_notes(b"<cbc:Note>a</cbc:Note>" * COUNT)


@pytest.fixture(scope="module")
def scanner() -> NativeScanner:
    return NativeScanner(automaton())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_large_document_is_refused_by_name_and_never_a_tree(
    case: Case, scanner: NativeScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.parsing.xml_gate.etree.fromstring", None)
    motive, said_fr, said_en = told_of_documents([(case.road, case.build())], scanner)[0]
    assert motive == case.motive
    assert case.said in said_en
    assert said_fr.startswith(MOTIVES[motive].sentence_fr)
    assert ".." not in said_fr


def test_what_is_refused_does_not_hang_on_a_scanner() -> None:
    for case in CASES[:2]:
        asked = [(case.road, case.build())]
        assert told_of_documents(asked, None)[0][0] == case.motive


@pytest.mark.parametrize("case", UNPLAIN, ids=[case.name for case in UNPLAIN])
def test_a_valid_large_document_that_is_not_plain_is_refused_by_name(case: Case, scanner: NativeScanner) -> None:
    motive, _, said = told_of_documents([(case.road, case.build())], scanner)[0]
    assert motive == case.motive
    assert case.said in said


def test_a_plain_and_valid_large_document_is_read_by_the_scanner_alone(scanner: NativeScanner) -> None:
    hold_to_schema(NOTES)
    (part,) = tabled([NOTES], scanner)
    assert not isinstance(part, Refused | Untaken)
    assert part.trees == ()


def test_without_a_scanner_nothing_is_known_of_a_large_document_and_it_waits() -> None:
    assert list(tabled([NOTES], None)) == [Untaken(0)]


def test_an_invoice_of_ten_thousand_lines_is_not_large() -> None:
    data = invoice_of_lines(10_000, 1)
    assert not is_large(data)
    assert is_large(data.replace(b"</cac:Item>", b"<a/></cac:Item>"))


def test_the_gate_makes_no_tree_of_a_large_document() -> None:
    with pytest.raises(DocumentUnreadable, match="250000 elements and attributes"):
        gated(NOTES)


def test_attachments_of_a_large_document_are_read_without_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.parsing.xml_gate.etree.fromstring", None)
    attached = (
        b"<cac:AdditionalDocumentReference><cbc:ID>bon</cbc:ID><cac:Attachment>"
        b'<cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="bon.csv">YTtiCg=='
        b"</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    party = b"<cac:AccountingSupplierParty>"
    (one,) = attachments_of(NOTES.replace(party, attached + party, 1), Syntax.UBL)
    assert (one.name, one.read()) == ("bon.csv", b"a;b\n")


def test_the_first_error_is_told_with_its_line() -> None:
    notes = b"<cbc:Note>a</cbc:Note>\n" * COUNT
    data = with_notes(notes + b"<cbc:Bad/>\n" + notes)
    with pytest.raises(DocumentUnreadable) as refused:
        hold_to_schema(data)
    line = data.count(b"\n", 0, data.index(b"<cbc:Bad/>")) + 1
    assert refused.value.where == f"line {line}"
    assert "cbc:Bad" in refused.value.what
    assert "shorter invoice" in refused.value.remedy
