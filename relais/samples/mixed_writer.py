"""Mixed flows: the least that Chorus Pro books, as data, with the readable invoice attached, zipped alone, in base64.

Sources: template of FSO1110A, official samples of FSO1116A and FSO1113A.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

from data_contracts.interfaces import Syntax
from relais.samples.facturx_writer import readable_page
from relais.samples.invoices import CREDIT_NOTE, Invoice

_FIXED_MOMENT = (2026, 1, 1, 0, 0, 0)
_UNIX, _REGULAR_FILE = 3, 0o100644 << 16


def mixed_bytes(invoice: Invoice, syntax: Syntax) -> bytes:
    """The document of an invoice in a mixed flow. The same invoice always gives the same bytes.

    Cost     about 10 ms, for the page.
    """
    name = f"FAC{invoice.number}.pdf"
    return _WRITERS[syntax](invoice, name, zipped(name, readable_page(invoice))).encode()


def zipped(name: str, content: bytes) -> str:
    """One file in a zip of its own, in base64."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo(name, _FIXED_MOMENT)
        entry.create_system, entry.external_attr = _UNIX, _REGULAR_FILE
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return base64.b64encode(target.getvalue()).decode("ascii")


def _ubl(invoice: Invoice, name: str, content: str) -> str:
    credit = invoice.type_code == CREDIT_NOTE
    root = "CreditNote" if credit else "Invoice"
    line, quantity = ("CreditNoteLine", "CreditedQuantity") if credit else ("InvoiceLine", "InvoicedQuantity")
    currency, totals, seller = f'currencyID="{invoice.currency}"', invoice.totals, invoice.seller
    order = "" if invoice.engagement is None else _held("OrderReference", _id(invoice.engagement))
    preceding = (
        _held("BillingReference", _held("InvoiceDocumentReference", _id(invoice.preceding[0])))
        if invoice.preceding
        else ""
    )
    contact = "" if invoice.service_code is None else _held("AccountingContact", _id(invoice.service_code))
    means = "" if credit else _held("PaymentMeans", "<cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>\n")
    subtotals = "".join(
        f"<cac:TaxSubtotal><cbc:TaxableAmount {currency}>{row.base}</cbc:TaxableAmount>"
        f"<cbc:TaxAmount {currency}>{row.amount}</cbc:TaxAmount><cbc:Percent>{row.rate}</cbc:Percent>"
        "<cac:TaxCategory><cac:TaxScheme><cbc:TaxTypeCode>TVA DEBIT</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory>"
        "</cac:TaxSubtotal>\n"
        for row in invoice.vat
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    xmlns:cec="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">
  <cec:UBLExtensions>
    <cec:UBLExtension>
      <cec:ExtensionContent>
        <CategoryCode>{invoice.frame}</CategoryCode>
      </cec:ExtensionContent>
    </cec:UBLExtension>
  </cec:UBLExtensions>
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID>
  <cbc:ID>{escape(invoice.number)}</cbc:ID>
  <cbc:IssueDate>{invoice.issue_date}</cbc:IssueDate>
  <cbc:{root}TypeCode>{invoice.type_code}</cbc:{root}TypeCode>
  <cbc:DocumentCurrencyCode>{invoice.currency}</cbc:DocumentCurrencyCode>
{order}{preceding}{_held("ContractDocumentReference", _id(invoice.contract))}  <cac:AdditionalDocumentReference>
    <cbc:ID>{escape(name)}</cbc:ID>
    <cbc:DocumentTypeCode>application/pdf</cbc:DocumentTypeCode>
    <cbc:DocumentType>01</cbc:DocumentType>
    <cac:Attachment>
      <cbc:EmbeddedDocumentBinaryObject mimeCode="application/zip">{content}</cbc:EmbeddedDocumentBinaryObject>
    </cac:Attachment>
  </cac:AdditionalDocumentReference>
  <cac:AccountingSupplierParty>
    <cac:Party>
      <cac:PartyIdentification>
        <cbc:ID schemeName="1">{seller.siret}</cbc:ID>
      </cac:PartyIdentification>
      <cac:PartyLegalEntity>
        <cbc:RegistrationName>{escape(seller.name)}</cbc:RegistrationName>
        <cac:RegistrationAddress>
          <cac:Country>
            <cbc:IdentificationCode>FR</cbc:IdentificationCode>
          </cac:Country>
        </cac:RegistrationAddress>
      </cac:PartyLegalEntity>
    </cac:Party>
  </cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>
    <cac:Party>
      <cac:PartyIdentification>
        <cbc:ID schemeName="1">{invoice.buyer.siret}</cbc:ID>
      </cac:PartyIdentification>
    </cac:Party>
{contact}  </cac:AccountingCustomerParty>
{means}  <cac:TaxTotal>
    <cbc:TaxAmount {currency}>{totals.vat}</cbc:TaxAmount>
{subtotals}  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount {currency}>{totals.net}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount {currency}>{totals.gross}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount {currency}>{totals.payable}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:{line}>
    <cbc:ID>1</cbc:ID>
    <cbc:{quantity} unitCode="EA">1</cbc:{quantity}>
    <cbc:LineExtensionAmount {currency}>{totals.net}</cbc:LineExtensionAmount>
    <cac:Item>
      <cbc:Name>Voir la facture jointe</cbc:Name>
    </cac:Item>
    <cac:Price>
      <cbc:PriceAmount {currency}>{totals.net}</cbc:PriceAmount>
    </cac:Price>
  </cac:{line}>
</{root}>
"""


def _id(value: str) -> str:
    return f"<cbc:ID>{escape(value)}</cbc:ID>"


def _held(name: str, content: str) -> str:
    return f"  <cac:{name}>{content}</cac:{name}>\n"


def _cii(invoice: Invoice, name: str, content: str) -> str:
    """As the official samples, without a currency."""
    totals, seller = invoice.totals, invoice.seller
    credit = invoice.type_code == CREDIT_NOTE
    service = (
        ""
        if invoice.service_code is None
        else f"<ram:BuyerReference>{escape(invoice.service_code)}</ram:BuyerReference>"
    )
    order = "" if invoice.engagement is None else _document("BuyerOrderReferencedDocument", invoice.engagement)
    preceding = _document("InvoiceReferencedDocument", invoice.preceding[0]) if invoice.preceding else ""
    means = (
        ""
        if credit
        else "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>"
        f"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{seller.iban}</ram:IBANID>"
        "</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
    )
    taxes = "".join(
        f"<ram:ApplicableTradeTax><ram:CalculatedAmount>{row.amount}</ram:CalculatedAmount>"
        f"<ram:BasisAmount>{row.base}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>"
        f"<ram:RateApplicablePercent>{row.rate}</ram:RateApplicablePercent></ram:ApplicableTradeTax>\n"
        for row in invoice.vat
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
    xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
    xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocumentContext>
    <ram:BusinessProcessSpecifiedDocumentContextParameter>
      <ram:ID>{invoice.frame}</ram:ID>
    </ram:BusinessProcessSpecifiedDocumentContextParameter>
  </rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument>
    <ram:ID>{escape(invoice.number)}</ram:ID>
    <ram:TypeCode>{invoice.type_code}</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString>{invoice.issue_date:%Y%m%d}</udt:DateTimeString></ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
    <ram:ApplicableHeaderTradeAgreement>
      {service}
      <ram:SellerTradeParty>
        <ram:Name>{escape(seller.name)}</ram:Name>
        <ram:SpecifiedLegalOrganization><ram:ID schemeID="1">{seller.siret}</ram:ID></ram:SpecifiedLegalOrganization>
        <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>
      </ram:SellerTradeParty>
      <ram:BuyerTradeParty>
        <ram:Name>{escape(invoice.buyer.name or "")}</ram:Name>
        <ram:SpecifiedLegalOrganization>
          <ram:ID schemeID="1">{invoice.buyer.siret}</ram:ID>
        </ram:SpecifiedLegalOrganization>
      </ram:BuyerTradeParty>
      {order}
      {_document("ContractReferencedDocument", invoice.contract)}
      <ram:AdditionalReferencedDocument>
        <ram:IssuerAssignedID>{escape(name)}</ram:IssuerAssignedID>
        <ram:Name>01</ram:Name>
        <ram:AttachmentBinaryObject mimeCode="application/pdf">{content}</ram:AttachmentBinaryObject>
      </ram:AdditionalReferencedDocument>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery/>
    <ram:ApplicableHeaderTradeSettlement>
      {means}
      {taxes}<ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:TaxBasisTotalAmount>{totals.net}</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount>{totals.vat}</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>{totals.gross}</ram:GrandTotalAmount>
        <ram:DuePayableAmount>{totals.payable}</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
      {preceding}
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
"""


def _document(name: str, number: str) -> str:
    return f"<ram:{name}><ram:IssuerAssignedID>{escape(number)}</ram:IssuerAssignedID></ram:{name}>"


def _cpp(invoice: Invoice, name: str, content: str) -> str:
    totals, seller = invoice.totals, invoice.seller
    origin = f"<IdFactureOrigine>{escape(invoice.preceding[0])}</IdFactureOrigine>" if invoice.preceding else ""
    service = "" if invoice.service_code is None else f"<CodeService>{escape(invoice.service_code)}</CodeService>"
    order = "" if invoice.engagement is None else f"<NumeroEngagement>{escape(invoice.engagement)}</NumeroEngagement>"
    vat = "".join(
        f"<TVA><Taux>{row.rate}</Taux><BaseHt>{row.base}</BaseHt><MontantTVA>{row.amount}</MontantTVA></TVA>"
        for row in invoice.vat
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<CPPFactureMixte>
  <Enveloppe>
    <EnveloppeUnitaire NumOrdre="1">
      <Parametres>
        <ParametreIndiv NumOrdre="0001">
          <Code>DtPrd</Code><Valeurparametre>{invoice.issue_date}</Valeurparametre>
        </ParametreIndiv>
        <ParametreIndiv NumOrdre="0002">
          <Code>IdFlx</Code><Valeurparametre>1</Valeurparametre>
        </ParametreIndiv>
      </Parametres>
      <Partenaires>
        <Recepteur><Id>CPP001</Id></Recepteur>
        <Emetteur><Id>{seller.partner_code}</Id></Emetteur>
      </Partenaires>
    </EnveloppeUnitaire>
  </Enveloppe>
  <CPPFactures Compteur="1">
    <CPPFactureMixteUnitaire NumOrdre="1">
      <Fournisseur>
        <TypeIdentifiant>1</TypeIdentifiant>
        <Identifiant>{seller.siret}</Identifiant>
        <RaisonSociale>{escape(seller.name)}</RaisonSociale>
        <CodePays>FR</CodePays>
      </Fournisseur>
      <Debiteur>
        <TypeIdentifiant>1</TypeIdentifiant>
        <Identifiant>{invoice.buyer.siret}</Identifiant>
        <Nom>{escape(invoice.buyer.name or "")}</Nom>
        {service}
      </Debiteur>
      <DonneesFacture>
        <Id>{escape(invoice.number)}</Id>
        {origin}
        <Type>{invoice.type_code}</Type>
        <Cadre>{invoice.frame}</Cadre>
        <DateEmissionFacture>{invoice.issue_date}</DateEmissionFacture>
        <ModePaiement><Code>30</Code></ModePaiement>
        <Devise>{invoice.currency}</Devise>
        <Montants>
          <MontantHT>{totals.net}</MontantHT>
          <MontantTTC>{totals.gross}</MontantTTC>
          <MontantNetAPayer>{totals.payable}</MontantNetAPayer>
        </Montants>
        <TVAS>{vat}</TVAS>
        <Engagement><NumeroMarche>{escape(invoice.contract)}</NumeroMarche>{order}</Engagement>
      </DonneesFacture>
      <PJ NumOrdre="1">
        <Contenu>{content}</Contenu>
        <NomPJ>{escape(name)}</NomPJ>
        <TypePJ>01</TypePJ>
        <MimeTypePJ>application/pdf</MimeTypePJ>
      </PJ>
    </CPPFactureMixteUnitaire>
  </CPPFactures>
</CPPFactureMixte>
"""


_WRITERS: dict[Syntax, Callable[[Invoice, str, str], str]] = {
    Syntax.UBL: _ubl,
    Syntax.CII: _cii,
    Syntax.CPP_MIXED: _cpp,
}
