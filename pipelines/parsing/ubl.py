"""Where UBL 2.1 invoices and credit notes hold the business terms.

Sources: EN 16931-3-2 (UBL binding); XP Z12-012 (France); DSE-CP for the service code in the accounting contact.
"""

from __future__ import annotations

from datetime import date

from pipelines.parsing.paths import NAMESPACES, Hit, PathTable
from pipelines.parsing.rows import Binding
from pipelines.parsing.values import day, text_of

_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"

_TAX_SCHEME = f"{{{NAMESPACES['cac']}}}TaxScheme/{{{NAMESPACES['cbc']}}}ID"
_COMPANY_ID = f"{{{NAMESPACES['cbc']}}}CompanyID"


def _day(hit: Hit) -> date | None:
    return day(text_of(hit.element))


def _vat_number(hit: Hit) -> str | None:
    """BT-31; the same element with another tax scheme is BT-32, a number of the tax office."""
    scheme, number = hit.element.find(_TAX_SCHEME), hit.element.find(_COMPANY_ID)
    if scheme is None or number is None or text_of(scheme) != "VAT":
        return None
    return text_of(number)


UBL = Binding(
    invoice=PathTable({
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
        f"{_SELLER}/cac:PartyTaxScheme": "seller_vat",
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
        "cac:TaxTotal/cac:TaxSubtotal": "vat",
        "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount": "net_amount",
        "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount": "gross_amount",
        "cac:LegalMonetaryTotal/cbc:PayableAmount": "payable_amount",
        "cac:InvoiceLine": "line",
        "cac:CreditNoteLine": "line",
    }),
    line=PathTable({
        "cbc:ID": "line_id",
        "cbc:InvoicedQuantity": "quantity",
        "cbc:CreditedQuantity": "quantity",
        "cbc:LineExtensionAmount": "net_amount",
        "cac:Item/cbc:Name": "product_name",
        "cac:Item/cac:SellersItemIdentification/cbc:ID": "product_id",
        "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent": "vat_rate",
        "cac:Price/cbc:PriceAmount": "unit_price",
    }),
    vat=PathTable({
        "cbc:TaxableAmount": "base_amount",
        "cbc:TaxAmount": "vat_amount",
        "cac:TaxCategory/cbc:ID": "category",
        "cac:TaxCategory/cbc:Percent": "rate",
        "cbc:Percent": "outer_rate",
    }),
    day=_day,
    vat_number=_vat_number,
)  # fmt: skip
