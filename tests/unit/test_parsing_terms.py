"""Business terms of small documents, one syntax beside the other."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from data_contracts import limits, tables
from data_contracts.interfaces import Syntax
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.documents import ROOTS, Document
from pipelines.parsing.odd_amounts import FINDINGS_MAX
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.terms import unreadable
from pipelines.parsing.xml_gate import gated
from tests.unit.reading import Invoice, invoice_of, read, terms_of

SELLER_SIRET, SELLER_SIREN, BUYER_SIRET = "55208131766522", "552081317", "21750001600019"


def ubl(root: str = "Invoice", **changes: str) -> bytes:
    quantity = "InvoicedQuantity" if root == "Invoice" else "CreditedQuantity"
    due = "" if root == "CreditNote" else "<cbc:DueDate>2026-12-02</cbc:DueDate>"
    values = {"payable": "120.00", "price": "10.000000", "buyer_reference": "SERV1", "extra": ""} | changes
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- three lines
     of comment
-->
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
  xmlns:cac="{NAMESPACES["cac"]}" xmlns:cbc="{NAMESPACES["cbc"]}">
  <cbc:CustomizationID> urn:cen.eu:en16931:2017 </cbc:CustomizationID>
  <cbc:ProfileID>B1</cbc:ProfileID>
  <cbc:ID>F<!-- split -->2026<?split?>-1</cbc:ID>
  <cbc:IssueDate>2026-11-02</cbc:IssueDate>{due}
  <cbc:{root}TypeCode>380</cbc:{root}TypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>{values["buyer_reference"]}</cbc:BuyerReference>
  <cac:OrderReference><cbc:ID>1501966748</cbc:ID></cac:OrderReference>
  <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F0</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
  <cac:ContractDocumentReference><cbc:ID>CT1</cbc:ID></cac:ContractDocumentReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="0225">{SELLER_SIREN}</cbc:EndpointID>
    <cac:PartyIdentification><cbc:ID schemeID="0009">{SELLER_SIRET}</cbc:ID></cac:PartyIdentification>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Électricité du Centre</cbc:RegistrationName>
      <cbc:CompanyID schemeID="0002">{SELLER_SIREN}</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cbc:EndpointID schemeID="0225">{BUYER_SIRET[:9]}</cbc:EndpointID>
    {values["extra"]}
    <cac:PartyIdentification><cbc:ID schemeID="0009">{BUYER_SIRET}</cbc:ID></cac:PartyIdentification>
    <cac:PartyLegalEntity><cbc:RegistrationName>Ville</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:Delivery><cbc:ActualDeliveryDate>2026-11-01</cbc:ActualDeliveryDate></cac:Delivery>
  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentDueDate>2026-12-02</cbc:PaymentDueDate>
    <cac:PayeeFinancialAccount><cbc:ID>FR7630001007941234567890185</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
  <cac:PaymentMeans><cbc:PaymentMeansCode>48</cbc:PaymentMeansCode></cac:PaymentMeans>
  <cac:TaxTotal><cac:TaxSubtotal><cbc:TaxableAmount>100</cbc:TaxableAmount><cbc:TaxAmount>20</cbc:TaxAmount>
    <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>100.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount>120.00</cbc:TaxInclusiveAmount><cbc:PayableAmount>{values["payable"]}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:{root}Line><cbc:ID>1</cbc:ID><cbc:{quantity}>10</cbc:{quantity}>
    <cbc:LineExtensionAmount>100.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Câble</cbc:Name><cac:SellersItemIdentification><cbc:ID>C-1</cbc:ID></cac:SellersItemIdentification>
      <cac:ClassifiedTaxCategory><cbc:Percent>20</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
    <cac:Price><cbc:PriceAmount>{values["price"]}</cbc:PriceAmount></cac:Price></cac:{root}Line>
</{root}>""".encode()


def cii(payable: str = "120.00", price: str = "10.000000", agreement: str = "") -> bytes:
    return f"""<x:CrossIndustryInvoice xmlns:x="{NAMESPACES["rsm"]}" xmlns="{NAMESPACES["ram"]}"
  xmlns:u="{NAMESPACES["udt"]}">
<x:ExchangedDocumentContext><BusinessProcessSpecifiedDocumentContextParameter><ID>B1</ID>
  </BusinessProcessSpecifiedDocumentContextParameter><GuidelineSpecifiedDocumentContextParameter>
  <ID>urn:cen.eu:en16931:2017</ID></GuidelineSpecifiedDocumentContextParameter></x:ExchangedDocumentContext>
<x:ExchangedDocument><ID>F2026-1</ID><TypeCode>380</TypeCode><IssueDateTime>
  <u:DateTimeString format="102">20261102</u:DateTimeString></IssueDateTime></x:ExchangedDocument>
<x:SupplyChainTradeTransaction><IncludedSupplyChainTradeLineItem>
  <AssociatedDocumentLineDocument><LineID>1</LineID></AssociatedDocumentLineDocument>
  <SpecifiedTradeProduct><SellerAssignedID>C-1</SellerAssignedID><Name>Câble</Name></SpecifiedTradeProduct>
  <SpecifiedLineTradeAgreement><NetPriceProductTradePrice><ChargeAmount>{price}</ChargeAmount>
  </NetPriceProductTradePrice></SpecifiedLineTradeAgreement>
  <SpecifiedLineTradeDelivery><BilledQuantity>10</BilledQuantity></SpecifiedLineTradeDelivery>
  <SpecifiedLineTradeSettlement><ApplicableTradeTax><RateApplicablePercent>20</RateApplicablePercent></ApplicableTradeTax>
  <SpecifiedTradeSettlementLineMonetarySummation><LineTotalAmount>100.00</LineTotalAmount>
  </SpecifiedTradeSettlementLineMonetarySummation></SpecifiedLineTradeSettlement></IncludedSupplyChainTradeLineItem>
<ApplicableHeaderTradeAgreement><BuyerReference>SERV1</BuyerReference>
  <SellerTradeParty><GlobalID schemeID="0009">{SELLER_SIRET}</GlobalID><Name>Électricité du Centre</Name>
  <SpecifiedLegalOrganization><ID schemeID="0002">{SELLER_SIREN}</ID></SpecifiedLegalOrganization>
  <PostalTradeAddress><CountryID>FR</CountryID></PostalTradeAddress>
  <URIUniversalCommunication><URIID schemeID="0225">{SELLER_SIREN}</URIID></URIUniversalCommunication>
  </SellerTradeParty>
  <BuyerTradeParty>{agreement}<GlobalID schemeID="0009">{BUYER_SIRET}</GlobalID><Name>Ville</Name>
  <URIUniversalCommunication><URIID schemeID="0225">{BUYER_SIRET[:9]}</URIID></URIUniversalCommunication>
  </BuyerTradeParty>
  <BuyerOrderReferencedDocument><IssuerAssignedID>1501966748</IssuerAssignedID></BuyerOrderReferencedDocument>
  <ContractReferencedDocument><IssuerAssignedID>CT1</IssuerAssignedID></ContractReferencedDocument>
</ApplicableHeaderTradeAgreement>
<ApplicableHeaderTradeDelivery><ActualDeliverySupplyChainEvent><OccurrenceDateTime>
  <u:DateTimeString format="102">20261101</u:DateTimeString></OccurrenceDateTime></ActualDeliverySupplyChainEvent>
</ApplicableHeaderTradeDelivery>
<ApplicableHeaderTradeSettlement><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode>
  <SpecifiedTradeSettlementPaymentMeans><TypeCode>30</TypeCode><PayeePartyCreditorFinancialAccount>
  <IBANID>FR7630001007941234567890185</IBANID></PayeePartyCreditorFinancialAccount></SpecifiedTradeSettlementPaymentMeans>
  <ApplicableTradeTax><CalculatedAmount>20</CalculatedAmount><BasisAmount>100</BasisAmount>
  <CategoryCode>S</CategoryCode><RateApplicablePercent>20</RateApplicablePercent></ApplicableTradeTax>
  <SpecifiedTradePaymentTerms><DueDateDateTime><u:DateTimeString format="102">20261202</u:DateTimeString>
  </DueDateDateTime></SpecifiedTradePaymentTerms>
  <SpecifiedTradeSettlementHeaderMonetarySummation><TaxBasisTotalAmount>100.00</TaxBasisTotalAmount>
  <GrandTotalAmount>120.00</GrandTotalAmount><DuePayableAmount>{payable}</DuePayableAmount>
  </SpecifiedTradeSettlementHeaderMonetarySummation>
  <InvoiceReferencedDocument><IssuerAssignedID>F0</IssuerAssignedID></InvoiceReferencedDocument>
</ApplicableHeaderTradeSettlement></x:SupplyChainTradeTransaction></x:CrossIndustryInvoice>""".encode()


def document(data: bytes) -> Document:
    return Document("f" * 24, 3, "invoice.xml", data, hashlib.sha256(data).hexdigest())


def terms(data: bytes, syntax: Syntax) -> Invoice:
    return invoice_of(document(data), syntax)


CASES = pytest.mark.parametrize(
    ("data", "syntax"),
    [(ubl(), Syntax.UBL), (ubl("CreditNote"), Syntax.UBL), (cii(), Syntax.CII)],
    ids=["ubl invoice", "ubl credit note", "cii"],
)


@CASES
def test_the_same_invoice_has_the_same_terms_in_every_syntax(data: bytes, syntax: Syntax) -> None:
    found = terms(data, syntax)
    assert found.invoice == {
        "flow_key": "f" * 24,
        "position": 3,
        "member_name": "invoice.xml",
        "sha256": hashlib.sha256(data).hexdigest(),
        "syntax": syntax.value,
        "profile": "urn:cen.eu:en16931:2017",
        "frame": "B1",
        "number": "F2026-1",
        "issue_date": date(2026, 11, 2),
        "type_code": "380",
        "currency": "EUR",
        "due_date": date(2026, 12, 2),
        "delivery_date": date(2026, 11, 1),
        "service_code": "SERV1",
        "engagement": "1501966748",
        "contract": "CT1",
        "preceding_number": "F0",
        "seller_name": "Électricité du Centre",
        "seller_id": SELLER_SIRET,
        "seller_id_type": "1",
        "seller_siren": SELLER_SIREN,
        "seller_country": "FR",
        "seller_address": SELLER_SIREN,
        "seller_address_scheme": "0225",
        "buyer_name": "Ville",
        "buyer_siret": BUYER_SIRET,
        "buyer_address": BUYER_SIRET[:9],
        "buyer_address_scheme": "0225",
        "payment_means": "30",
        "iban": "FR7630001007941234567890185",
        "net_amount": Decimal("100.00"),
        "gross_amount": Decimal("120.00"),
        "payable_amount": Decimal("120.00"),
        "line_count": 1,
    }
    assert found.lines == [
        {
            "flow_key": "f" * 24,
            "position": 3,
            "line": 1,
            "line_id": "1",
            "product": "C-1",
            "unit_price": Decimal(10),
            "quantity": Decimal(10),
            "net_amount": Decimal(100),
            "vat_rate": Decimal(20),
        }
    ]
    assert found.vat == [
        {
            "flow_key": "f" * 24,
            "position": 3,
            "category": "S",
            "rate": Decimal(20),
            "base_amount": Decimal(100),
            "vat_amount": Decimal(20),
        }
    ]
    assert found.findings == []


@CASES
def test_rows_conform_to_the_tables(data: bytes, syntax: Syntax) -> None:
    found = terms_of([document(data)] * 2, syntax)
    for name, rows in zip(("invoices", "lines", "vat_breakdown"), found[:3], strict=True):
        assert tables.conforming(rows.table, tables.CHECKED[name], name).num_rows == 2
        assert rows.documents.tolist() == [0, 1]


def test_a_routing_code_is_the_service_code() -> None:
    routing = '<cac:PartyIdentification><cbc:ID schemeID="0224">ROUTE</cbc:ID></cac:PartyIdentification>'
    assert terms(ubl(extra=routing), Syntax.UBL).invoice["service_code"] == "ROUTE"
    routing = '<GlobalID schemeID="0224">ROUTE</GlobalID>'
    assert terms(cii(agreement=routing), Syntax.CII).invoice["service_code"] == "ROUTE"


def test_a_term_left_empty_is_null() -> None:
    assert terms(ubl(buyer_reference=" \n "), Syntax.UBL).invoice["service_code"] is None


@pytest.mark.parametrize("text", ["1" * 21, "0.123456789", "1e3", "12O.00"])
def test_an_amount_that_cannot_be_held_is_null_and_said(text: str) -> None:
    found = terms(ubl(payable=text, price=text), Syntax.UBL)
    assert found.invoice["payable_amount"] is None
    assert found.lines[0]["unit_price"] is None
    payable, price = found.findings
    assert (payable["rule_set"], payable["rule"], payable["flag"]) == ("relais.reading:1", "RLS-AMOUNT-01", "fatal")
    assert payable["terms"] == ["BT-115"]
    assert payable["location"] == "/ubl:Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"
    assert payable["found"] == text
    assert price["terms"] == ["BT-146"]
    assert price["location"] == "(/ubl:Invoice/cac:InvoiceLine)[1]/cac:Price/cbc:PriceAmount"


@pytest.mark.parametrize(("data", "syntax"), [(ubl(price="x"), Syntax.UBL), (cii(price="x"), Syntax.CII)])
def test_a_finding_names_a_node_that_xpath_finds_on_the_line_it_says(data: bytes, syntax: Syntax) -> None:
    (finding,) = terms(data, syntax).findings
    assert finding["location"] is not None and finding["line"] is not None
    (node,) = gated(data).xpath(finding["location"], namespaces=NAMESPACES)
    assert node.text == "x"
    assert node.sourceline == finding["line"]
    # Comments and instructions were taken out of the tree, but lines are still those of the bytes.
    assert b">x<" in data.splitlines()[finding["line"] - 1]


def test_very_many_odd_amounts_do_not_become_as_many_findings() -> None:
    line = ubl()[ubl().index(b"  <cac:InvoiceLine>") :].removesuffix(b"</Invoice>")
    odd = line.replace(b"10.000000", b"x") * 500
    found = terms(ubl().removesuffix(b"</Invoice>") + odd + b"</Invoice>", Syntax.UBL)
    assert len(found.lines) == 501
    assert len(found.findings) == FINDINGS_MAX + 1
    assert found.findings[-1]["found"] == "400"
    pa.Table.from_pylist(found.findings, tables.FINDINGS)


def test_an_invoice_of_too_many_lines_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INVOICE_ROWS_MAX", 1)
    with pytest.raises(DocumentUnreadable) as refused:
        read([document(ubl())], Syntax.UBL)
    assert refused.value.motive == "IRR_TAILLE_F"


def test_names_are_matched_with_their_namespace() -> None:
    foreign = ubl().replace(NAMESPACES["cbc"].encode(), b"urn:example:other")
    found = terms(foreign, Syntax.UBL)
    assert found.invoice["number"] is None
    assert found.lines[0]["quantity"] is None


def test_vat_numbers_are_told_from_other_tax_numbers() -> None:
    def party(scheme: str) -> bytes:
        tax = (
            f"<cac:PartyTaxScheme><cbc:CompanyID>DE123456789</cbc:CompanyID><cac:TaxScheme><cbc:ID>{scheme}</cbc:ID>"
            "</cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity>"
        )
        plain = ubl().decode().replace(f'<cbc:CompanyID schemeID="0002">{SELLER_SIREN}</cbc:CompanyID>', "")
        plain = plain.replace(f'<cbc:ID schemeID="0009">{SELLER_SIRET}</cbc:ID>', "")
        return plain.replace("<cac:PartyLegalEntity>", tax, 1).encode()

    found = terms(party("VAT"), Syntax.UBL).invoice
    assert (found["seller_id"], found["seller_id_type"], found["seller_siren"]) == ("DE123456789", "2", None)
    assert terms(party("LOC"), Syntax.UBL).invoice["seller_id"] is None


def test_a_document_refused_at_reading_is_a_row_and_a_finding() -> None:
    broken = document(ubl().replace(b"</cac:Delivery>", b"</cac:Delivered>"))
    with pytest.raises(DocumentUnreadable) as refused:
        read([broken], Syntax.UBL)
    row, finding = unreadable(broken, refused.value)
    assert row["sha256"] == broken.sha256
    assert {name for name, value in row.items() if value is not None} == {
        "flow_key", "position", "member_name", "sha256",
    }  # fmt: skip
    line = broken.data[: broken.data.index(b"</cac:Delivered>")].count(b"\n") + 1
    assert (finding["rule"], finding["rule_set"], finding["line"]) == ("IRR_SYNTAX", "relais.reading:1", line)
    assert finding["message_fr"].startswith("Un fichier n'est pas un document lisible")
    assert "not well-formed" in finding["message_en"]
    assert finding["location"] is None  # Else the French answer would speak of an element « line 12 ».
    tables.conforming(pa.Table.from_pylist([row], tables.INVOICES), tables.INVOICES, "invoices")
    tables.conforming(pa.Table.from_pylist([finding], tables.FINDINGS), tables.FINDINGS, "findings")


def test_every_table_of_paths_reaches_only_fields_and_reads_each_syntax_alike() -> None:
    assert set(ROOTS.values()) == {Syntax.UBL, Syntax.CII, Syntax.CPP_MIXED}
    assert terms(ubl(), Syntax.UBL).lines == terms(cii(), Syntax.CII).lines
