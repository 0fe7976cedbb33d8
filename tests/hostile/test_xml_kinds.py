"""XML that is another kind of document than it says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.interfaces import Syntax
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.terms import unreadable
from pipelines.parsing.xml_gate import line_of
from tests.hostile.document_refusals import CII, UBL, document, refusal, told
from tests.unit.reading import invoice_of, read


@pytest.mark.parametrize(
    "data",
    [
        b'<z xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<a xsi:type="b"/></z>',
        b'<z xmlns:s="http://www.w3.org/2001/XMLSchema&#45;instance">\n<a s:type="b"/></z>',
    ],
)
def test_an_element_cannot_change_its_type(data: bytes) -> None:
    refused = refusal(data)
    assert (refused.motive, line_of(refused.where)) == ("IRR_SYNTAX", 2)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CII, Syntax.UBL),
        (UBL, Syntax.CII),
        (UBL, Syntax.FACTURX),
        (CII, Syntax.FACTURX),
        (b"%PDF-1.7\n", Syntax.UBL),
        (b"%PDF-1.7\n", Syntax.CII),
        (UBL.replace(NAMESPACES["ubl"].encode(), b"urn:example:other"), Syntax.UBL),
        (b"<Invoice/>", Syntax.UBL),
        (b"<CrossIndustryInvoice/>", Syntax.CII),
        (UBL.replace(b"Invoice ", b"CreditNote ").replace(b"/Invoice>", b"/CreditNote>"), Syntax.UBL),
        (CII.replace(b":100", b":12"), Syntax.CII),
    ],
)
def test_a_document_of_another_syntax_is_told_so(data: bytes, expected: Syntax) -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        read([document(data)], expected)
    assert told(refused.value).motive == "IRR_TYPE_F"


def test_a_syntax_without_invoices_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="holds no invoices"):
        read([document(UBL)], Syntax.CDAR)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_invoice_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(UBL)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    received = document(bytes(whole))
    try:
        found = invoice_of(received, Syntax.UBL).invoice
    except DocumentUnreadable as refused:
        row, finding = unreadable(received, told(refused))
        assert finding["rule"] == refused.motive
        found = dict(row)
    assert found["sha256"] == received.sha256
