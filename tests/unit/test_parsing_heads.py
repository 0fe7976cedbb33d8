"""What is known of the documents of a batch before anything judges them."""

from __future__ import annotations

from data_contracts.interfaces import Syntax
from pipelines.parsing.heads import heads, root_line
from pipelines.parsing.path_tables import Batch, PathDictionary
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated

CAC, CBC, RSM, RAM = (NAMESPACES[prefix] for prefix in ("cac", "cbc", "rsm", "ram"))
UBL = "urn:oasis:names:specification:ubl:schema:xsd"


def batch(*texts: str) -> Batch:
    return shredded([gated(text.encode()) for text in texts], PathDictionary())


def ubl(root: str, inside: str) -> str:
    return f'<{root} xmlns="{UBL}:{root}-2" xmlns:a="{CAC}" xmlns:b="{CBC}">{inside}</{root}>'


def cii(inside: str) -> str:
    return f'\n<x:CrossIndustryInvoice xmlns:x="{RSM}" xmlns="{RAM}">{inside}</x:CrossIndustryInvoice>'


def guideline(text: str) -> str:
    parameter = "GuidelineSpecifiedDocumentContextParameter"
    context = f"<{parameter}><ID>{text}</ID></{parameter}>"
    return f"<x:ExchangedDocumentContext>{context}</x:ExchangedDocumentContext>"


def test_a_batch_of_every_syntax_says_which_document_is_what() -> None:
    tables = batch(
        cii(guideline("cii")),
        ubl("CreditNote", "<b:CustomizationID> \n one </b:CustomizationID>"),
        "<Invoice/>",
        ubl("Invoice", "<b:CustomizationID>two</b:CustomizationID>"),
        ubl("Invoice", ""),
    )
    known = heads(tables)
    assert [known.root(number) for number in range(5)] == [
        "CrossIndustryInvoice", "CreditNote", "Invoice", "Invoice", "Invoice",
    ]  # fmt: skip
    assert known.syntaxes == [Syntax.CII, Syntax.UBL, None, Syntax.UBL, Syntax.UBL]
    assert known.specifications == ["cii", "one", "", "two", ""]
    assert known.tags[2:4] == ["Invoice", f"{{{UBL}:Invoice-2}}Invoice"]
    assert [root_line(tables, number) for number in range(5)] == [2, 1, 1, 1, 1]


def test_the_first_specification_counts_even_when_it_is_empty() -> None:
    twice = "<b:CustomizationID/><b:CustomizationID>two</b:CustomizationID>"
    known = heads(batch(ubl("Invoice", twice), cii(guideline("a<z>b</z>") + guideline("c"))))
    assert known.specifications == ["", "ab"]


def test_lines_and_vat_groups_are_counted_together() -> None:
    subtotal = "<a:TaxTotal><a:TaxSubtotal/><a:TaxSubtotal/></a:TaxTotal>"
    line = "<IncludedSupplyChainTradeLineItem/>"
    group = "<ApplicableHeaderTradeSettlement><ApplicableTradeTax/></ApplicableHeaderTradeSettlement>"
    known = heads(
        batch(
            ubl("Invoice", "<a:InvoiceLine/>" * 3 + subtotal),
            cii(f"<x:SupplyChainTradeTransaction>{line * 2}{group}</x:SupplyChainTradeTransaction>"),
            ubl("CreditNote", "<a:CreditNoteLine/>" + subtotal * 2),
            "<other/>",
        )
    )
    assert known.rows.tolist() == [5, 3, 5, 0]


def test_documents_of_which_nothing_was_read_have_empty_heads() -> None:
    known = heads(Batch.empty(PathDictionary(), 2))
    assert (known.tags, known.syntaxes, known.specifications) == (["", ""], [None, None], ["", ""])
    assert known.rows.tolist() == [0, 0]
    assert root_line(Batch.empty(PathDictionary(), 2), 0) is None
