"""Small invoices that hold whatever a scanner reads, and seeded mutants of them.

`python -m tests.hostile.scanner_mutants native 1000000 7` holds a scanner against libxml2 on so many mutants of a seed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

from pipelines.parsing.scanner.native import NativeScanner
from pipelines.parsing.scanner.reading import Scanner
from pipelines.parsing.scanner.reference import PythonScanner
from tests.unit.scanner_oracle import Findings, automaton, held_against
from tests.unit.xml_mutants import mutant

BATCH = 500

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_CII = "urn:un:unece:uncefact:data:standard"

INVOICE = f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{_UBL}:Invoice-2" xmlns:cac="{_UBL}:CommonAggregateComponents-2"
 xmlns:cbc="{_UBL}:CommonBasicComponents-2">
 <cbc:ID>F-1</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator>
 <cbc:IssueDate>2026-09-30</cbc:IssueDate><cbc:IssueTime>10:00:00Z</cbc:IssueTime><!-- note -->
 <cbc:Note languageID="fr">Été &amp; hiver</cbc:Note><cbc:Note/><?show it?>
 <cac:AdditionalDocumentReference><cbc:ID schemeURI="http://a.fr/x">1</cbc:ID><cac:Attachment>
  <cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="a.csv">QUJD
 REVG</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>
 <cac:AccountingSupplierParty/><cac:AccountingCustomerParty><cac:Party></cac:Party></cac:AccountingCustomerParty>
 <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">-12.50</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:LineExtensionAmount currencyID='EUR'>7</cbc:LineExtensionAmount>
  <cac:Item><cbc:Name>&#233;lectricité</cbc:Name></cac:Item></cac:InvoiceLine>
 <cac:InvoiceLine><cbc:ID >2</cbc:ID ><cbc:LineExtensionAmount currencyID="EUR">5.50</cbc:LineExtensionAmount>
  <cac:Item></cac:Item></cac:InvoiceLine>
</Invoice>
""".encode()

CREDIT_NOTE = f"""\ufeff<?xml version='1.0' standalone="yes" ?><!--x--><n:CreditNote
 xmlns:n="{_UBL}:CreditNote-2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="{_UBL}:CreditNote-2 a.xsd"><ID xmlns="{_UBL}:CommonBasicComponents-2">A😀</ID>
 <b:IssueDate xmlns:b="{_UBL}:CommonBasicComponents-2">2024-12-31</b:IssueDate>
 <a:AccountingSupplierParty xmlns:a="{_UBL}:CommonAggregateComponents-2"/>
 <AccountingCustomerParty xmlns="{_UBL}:CommonAggregateComponents-2"/>\r
 <a:LegalMonetaryTotal xmlns:a="{_UBL}:CommonAggregateComponents-2"><a:PayableAmount currencyID="EUR"
  xmlns:a="{_UBL}:CommonBasicComponents-2">1</a:PayableAmount></a:LegalMonetaryTotal>
 <a:CreditNoteLine xmlns:a="{_UBL}:CommonAggregateComponents-2" xmlns:b="{_UBL}:CommonBasicComponents-2">
  <b:ID>1</b:ID><b:LineExtensionAmount currencyID="EUR">1.0</b:LineExtensionAmount><a:Item/></a:CreditNoteLine>
</n:CreditNote>""".encode()

CROSS_INDUSTRY = f"""<rsm:CrossIndustryInvoice xmlns:rsm="{_CII}:CrossIndustryInvoice:100"
 xmlns:ram="{_CII}:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="{_CII}:UnqualifiedDataType:100">
 <rsm:ExchangedDocumentContext><ram:TestIndicator><udt:Indicator>true</udt:Indicator></ram:TestIndicator>
 </rsm:ExchangedDocumentContext><rsm:ExchangedDocument><ram:ID>1</ram:ID><ram:IssueDateTime>
  <udt:DateTimeString format="102">20260930</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement/><ram:ApplicableHeaderTradeDelivery/>
 <ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
 <ram:ApplicableTradeTax><ram:CalculatedAmount currencyID="EUR">1.20</ram:CalculatedAmount><ram:TaxPointDate>
 <udt:DateString format="102">20260930</udt:DateString></ram:TaxPointDate></ram:ApplicableTradeTax>
 </ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>""".encode()

SEEDS = (INVOICE, CREDIT_NOTE, CROSS_INDUSTRY)


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """So many mutants of the small invoices. The same arguments give the same bytes."""
    chance = random.Random(seed)
    for _ in range(count):
        yield mutant(chance.choice(SEEDS), chance)


def main(count: int, seed: int, scanner: Scanner) -> int:
    """Holds a scanner against libxml2 on so many mutants. Returns the number of those on which it is wrong."""
    findings = Findings()
    for start in range(0, count, BATCH):
        held_against(scanner, list(mutants(min(BATCH, count - start), seed * count + start)), findings)
        for what, data in findings.wrong[:5]:
            print(what, data)
        if start % (100 * BATCH) == 0:
            print(start, len(findings.wrong), "wrong", flush=True)
    print(f"{count} mutants, {len(findings.wrong)} wrong")
    for (status, said), number in sorted(findings.counts.items()):
        print(f"{number:9} {status:7} {said}")
    return len(findings.wrong)


if __name__ == "__main__":
    KINDS = {"native": NativeScanner, "python": PythonScanner}
    sys.exit(bool(main(int(sys.argv[2]), int(sys.argv[3]), KINDS[sys.argv[1]](automaton()))))
