"""Where UBL 2.1 invoices and credit notes hold the business terms.

Sources: EN 16931-3-2 (UBL binding); XP Z12-012 (France); DSE-CP for the service code in the accounting contact; the
template of FSO1110A for the frame in an extension and the country of the legal address.
"""

from __future__ import annotations

from datetime import date

from pipelines.parsing.term_paths import Binding, TermPaths, VatNumber, way
from pipelines.parsing.values import day

_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent"


def _day(text: str, _code: str | None) -> date | None:
    return day(text)


UBL = Binding(
    roots=(way("ubl:Invoice"), way("ubln:CreditNote")),
    invoice=TermPaths({
        f"{_EXTENSION}/ubl:CategoryCode": "frame_extension",
        f"{_EXTENSION}/ubln:CategoryCode": "frame_extension",
        f"{_EXTENSION}/cbc:CategoryCode": "frame_extension",
        "cbc:ProfileID": "frame",
        "cbc:ID": "number",
        "cbc:IssueDate": "issue_date",
        "cbc:DueDate": "due_date",
        "cbc:InvoiceTypeCode": "type_code",
        "cbc:CreditNoteTypeCode": "type_code",
        "cbc:DocumentCurrencyCode": "currency",
        "cbc:BuyerReference": "buyer_reference",
        "cac:OrderReference/cbc:ID": "engagement",
        "cac:ContractDocumentReference/cbc:ID": "contract",
        "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID": "preceding_number",
        "cac:Delivery/cbc:ActualDeliveryDate": "delivery_date",
        f"{_SELLER}/cbc:EndpointID": "seller_address",
        f"{_SELLER}/cac:PartyIdentification/cbc:ID": "seller_own_id",
        f"{_SELLER}/cac:PartyName/cbc:Name": "seller_trading_name",
        f"{_SELLER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode": "seller_country",
        f"{_SELLER}/cac:PartyLegalEntity/cac:RegistrationAddress/cac:Country/cbc:IdentificationCode":
            "seller_legal_country",
        f"{_SELLER}/cac:PartyLegalEntity/cbc:RegistrationName": "seller_name",
        f"{_SELLER}/cac:PartyLegalEntity/cbc:CompanyID": "seller_legal_id",
        "cac:AccountingCustomerParty/cac:AccountingContact/cbc:ID": "buyer_contact",
        f"{_BUYER}/cac:Contact/cbc:ID": "buyer_contact",
        f"{_BUYER}/cbc:EndpointID": "buyer_address",
        f"{_BUYER}/cac:PartyIdentification/cbc:ID": "buyer_own_id",
        f"{_BUYER}/cac:PartyName/cbc:Name": "buyer_trading_name",
        f"{_BUYER}/cac:PartyLegalEntity/cbc:RegistrationName": "buyer_name",
        f"{_BUYER}/cac:PartyLegalEntity/cbc:CompanyID": "buyer_legal_id",
        "cac:PaymentMeans/cbc:PaymentMeansCode": "payment_means",
        "cac:PaymentMeans/cbc:PaymentDueDate": "payment_due_date",
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": "account",
        "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount": "net_amount",
        "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount": "gross_amount",
        "cac:LegalMonetaryTotal/cbc:PayableAmount": "payable_amount",
    }),
    lines=(way("cac:InvoiceLine"), way("cac:CreditNoteLine")),
    line=TermPaths({
        "cbc:ID": "line_id",
        "cbc:InvoicedQuantity": "quantity",
        "cbc:CreditedQuantity": "quantity",
        "cbc:LineExtensionAmount": "net_amount",
        "cac:Item/cbc:Name": "product_name",
        "cac:Item/cac:SellersItemIdentification/cbc:ID": "product_id",
        "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent": "vat_rate",
        "cac:Price/cbc:PriceAmount": "unit_price",
    }),
    vat_groups=(way("cac:TaxTotal/cac:TaxSubtotal"),),
    vat=TermPaths({
        "cbc:TaxableAmount": "base_amount",
        "cbc:TaxAmount": "vat_amount",
        "cac:TaxCategory/cbc:ID": "category",
        "cac:TaxCategory/cbc:Percent": "rate",
        "cbc:Percent": "outer_rate",
    }),
    seller_vat=VatNumber(
        holder=way(f"{_SELLER}/cac:PartyTaxScheme"),
        number=way("cbc:CompanyID"),
        scheme=way("cac:TaxScheme/cbc:ID"),
        kind="VAT",
    ),
    day=_day,
)  # fmt: skip
