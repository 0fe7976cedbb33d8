"""Business terms of many documents at once: each has the terms that it has alone, in the order of the documents."""

from __future__ import annotations

import hashlib
import random
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import tables
from data_contracts.interfaces import Syntax
from pipelines.parsing.documents import Document
from pipelines.parsing.path_tables import Batch, PathDictionary
from pipelines.parsing.term_rows import Terms
from pipelines.parsing.term_tables import business_terms
from pipelines.parsing.term_texts import Amounts, Texts
from pipelines.parsing.values import decimal_term
from tests.unit.reading import invoice_of, read, terms_of
from tests.unit.test_parsing_terms import SELLER_SIREN, SELLER_SIRET, cii, ubl

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
CREDITED = (
    b"<cac:CreditNoteLine><cbc:ID>C</cbc:ID><cbc:LineExtensionAmount>y</cbc:LineExtensionAmount></cac:CreditNoteLine>"
)


def documents(*contents: bytes) -> list[Document]:
    return [
        Document(f"flow {number % 2}", number, f"{number}.xml", data, hashlib.sha256(data).hexdigest())
        for number, data in enumerate(contents)
    ]


def alone(received: list[Document]) -> list[tuple[object, ...]]:
    return [tuple(invoice_of(document, None)) for document in received]


def one_by_one(terms: Terms, count: int) -> list[tuple[object, ...]]:
    """The rows of each document, found by the number that each row bears."""
    rows: list[tuple[list[object], ...]] = [([], [], []) for _ in range(count)]
    for place, part in enumerate((terms.invoices, terms.lines, terms.vat_breakdown)):
        for number, row in zip(part.documents.tolist(), part.table.to_pylist(), strict=True):
            rows[number][place].append(row)
    return [
        (invoices[0], lines, vat, terms.findings.get(number, [])) for number, (invoices, lines, vat) in enumerate(rows)
    ]


MIXED = documents(
    cii(),
    ubl("CreditNote", payable="x"),
    ubl(),
    cii(payable="1e3", price="y"),
    ubl().replace(b"  <cac:InvoiceLine>", CREDITED + b"<cac:InvoiceLine>"),
    ubl("CreditNote"),
    ubl().replace(b"120.00", b"+120."),
)


def test_a_mixed_batch_gives_each_document_the_terms_it_has_alone() -> None:
    terms = terms_of(MIXED, None)
    assert one_by_one(terms, len(MIXED)) == alone(MIXED)
    assert terms.invoices.table.column("position").to_pylist() == list(range(len(MIXED)))
    assert terms.lines.documents.tolist() == [0, 1, 2, 3, 4, 4, 5, 6]
    assert list(terms.findings) == [1, 3, 4]
    for name, rows in zip(("invoices", "lines", "vat_breakdown"), terms[:3], strict=True):
        assert tables.conforming(rows.table, tables.CHECKED[name], name).num_rows == len(rows.documents)


def test_documents_without_a_kind_have_no_rows_and_change_nothing() -> None:
    whole = read(MIXED, None)
    kept = {number: kind for number, kind in whole.kinds.items() if number in {1, 3, 4}}
    terms = business_terms(whole.batch, whole.documents, kept)
    assert terms.invoices.documents.tolist() == [1, 3, 4]
    found = terms.invoices.table.to_pylist()
    assert found == [row for number, (row, *_) in enumerate(alone(MIXED)) if number in kept]
    assert {number: len(told) for number, told in terms.findings.items()} == {1: 1, 3: 2, 4: 1}
    nobody = business_terms(whole.batch, whole.documents, {})
    assert [rows.table.num_rows for rows in nobody[:3]] == [0, 0, 0]


def test_a_batch_of_nothing_has_empty_tables() -> None:
    terms = business_terms(Batch.empty(PathDictionary(), 0), [], {})
    assert [rows.table.schema for rows in terms[:3]] == [tables.INVOICES, tables.LINES, tables.VAT_BREAKDOWN]
    assert terms.findings == {}


def test_lines_of_two_names_are_numbered_together_and_named_by_their_own() -> None:
    found = invoice_of(MIXED[4], Syntax.UBL)
    assert [(row["line"], row["line_id"]) for row in found.lines] == [(1, "C"), (2, "1")]
    assert found.invoice["line_count"] == 2
    assert [finding["location"] for finding in found.findings] == [
        "(/ubl:Invoice/cac:CreditNoteLine)[1]/cbc:LineExtensionAmount"
    ]


def test_of_a_repeated_term_the_first_that_is_not_empty_counts() -> None:
    data = ubl().replace(b"<cbc:BuyerReference>", b"<cbc:BuyerReference> </cbc:BuyerReference><cbc:BuyerReference>")
    data = data.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate>soon</cbc:IssueDate><cbc:IssueDate>")
    found = invoice_of(documents(data)[0], Syntax.UBL).invoice
    assert found["service_code"] == "SERV1"
    assert found["issue_date"] is None  # The first text is no day, and no other one is taken in its place.


def test_a_credit_note_falls_back_on_the_due_date_of_its_payment() -> None:
    payment, note = b"<cbc:PaymentDueDate>2026-12-02", b"<cbc:PaymentDueDate>2026-12-31"
    both = documents(ubl().replace(payment, note), ubl("CreditNote").replace(payment, note))
    assert [str(row["due_date"]) for row in terms_of(both, None).invoices.table.to_pylist()] == [
        "2026-12-02", "2026-12-31",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inner", "outer", "rate", "told"),
    [
        ("20", "5", Decimal(20), 0),
        ("20", "x", Decimal(20), 0),
        ("x", "5", Decimal(5), 1),
        ("x", "y", None, 2),
        ("", "5", Decimal(5), 0),
    ],
)
def test_the_rate_of_a_vat_group_is_that_of_its_category_else_its_own(
    inner: str, outer: str, rate: Decimal | None, told: int
) -> None:
    category = "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>{}</cbc:Percent></cac:TaxCategory>"
    text = f"<cbc:Percent>{outer}</cbc:Percent>{category.format(inner)}"
    found = invoice_of(documents(ubl().replace(category.format(20).encode(), text.encode()))[0], Syntax.UBL)
    assert found.vat[0]["rate"] == rate
    assert [finding["terms"] for finding in found.findings] == [["BT-119"]] * told


def test_a_scheme_is_that_of_the_element_whose_text_counts() -> None:
    endpoint = f'<cbc:EndpointID schemeID="0225">{SELLER_SIREN}'.encode()
    named = b'<cbc:EndpointID schemeID="0088"> </cbc:EndpointID><cbc:EndpointID schemeID="" schemeName=" EM ">a@b.fr'
    found = invoice_of(documents(ubl().replace(endpoint, named))[0], Syntax.UBL).invoice
    assert (found["seller_address"], found["seller_address_scheme"]) == ("a@b.fr", "EM")


def test_a_text_with_elements_in_it_is_read_whole() -> None:
    data = ubl(payable="1<cbc:x>2</cbc:x>0.00").replace(SELLER_SIRET.encode(), b" <z>55208</z>131766522 ")
    found = invoice_of(documents(data)[0], Syntax.UBL).invoice
    assert (found["payable_amount"], found["seller_id"]) == (Decimal("120.00"), SELLER_SIRET)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="0123456789+-.e \u0661\u00a0", max_size=32), max_size=8))
def test_amounts_read_at_once_are_those_read_one_by_one(texts: list[str]) -> None:
    batch = Batch.empty(PathDictionary(), 0)
    ids = pa.array([batch.strings.put(text) for text in texts], pa.int32()).to_numpy()
    known = Texts(batch, [ids])
    amounts = Amounts(known, [ids])
    trimmed = [text.strip(" ") for text in texts]
    places = ids * known.filled[ids]
    assert known.column(places).to_pylist() == [text or None for text in trimmed]
    assert amounts.column(places).to_pylist() == [decimal_term(text) for text in trimmed]
    assert amounts.odd[ids].tolist() == [bool(text) and decimal_term(text) is None for text in trimmed]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the official samples are not beside the checkout")
def test_samples_read_together_have_the_terms_they_have_alone() -> None:
    folders = ("chorus/fso1116a", "chorus/ubl_e1", "fr_ctc/ubl", "fr_ctc/cii")
    paths = [path for folder in folders for path in sorted((SAMPLES / folder).glob("*.xml"))]
    random.Random(5).shuffle(paths)
    received = documents(*(path.read_bytes() for path in paths))
    assert len(received) > 200
    assert one_by_one(terms_of(received, None), len(received)) == alone(received)
