"""UBL 2.1: an invoice or credit note as bytes.

Parts that repeat (a party, an article) are rendered once and kept: a flow has thousands of documents and few parties.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from xml.sax.saxutils import escape

from relais.samples.billers import Article, Biller
from relais.samples.invoices import CREDIT_NOTE, Buyer, Invoice, Line, Vat

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ROOT = (
    '<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"\n'
    '    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"\n'
    '    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">\n'
)

_VAT_SCHEME = "<cac:TaxScheme>\n{indent}  <cbc:ID>VAT</cbc:ID>\n{indent}</cac:TaxScheme>"


def ubl_bytes(invoice: Invoice) -> bytes:
    """The document: root Invoice, or CreditNote for type 381.

    Cost     about 40 µs for three lines.
    """
    credit = invoice.type_code == CREDIT_NOTE
    root = "CreditNote" if credit else "Invoice"
    parts = [
        _DECLARATION,
        _ROOT.format(root=root),
        _header(invoice, credit),
        _references(invoice),
        _supplier(invoice.seller),
        _customer(invoice.buyer),
        _delivery(invoice.buyer, invoice.period[1]),
        "" if credit else _payment_means(invoice),
        _PAYMENT_TERMS,
        _tax_total(invoice),
        _monetary_total(invoice),
        *(_line(line, index, invoice, credit) for index, line in enumerate(invoice.lines, 1)),
        f"</{root}>\n",
    ]
    return "".join(parts).encode()


def _header(invoice: Invoice, credit: bool) -> str:
    due = "" if credit else f"  <cbc:DueDate>{invoice.due_date}</cbc:DueDate>\n"
    kind = "CreditNoteTypeCode" if credit else "InvoiceTypeCode"
    notes = "".join(f"  <cbc:Note>#{code}#{escape(text)}</cbc:Note>\n" for code, text in invoice.notes)
    reference = (
        "" if invoice.service_code is None
        else f"  <cbc:BuyerReference>{escape(invoice.service_code)}</cbc:BuyerReference>\n"
    )  # fmt: skip
    return (
        f"  <cbc:CustomizationID>{invoice.specification}</cbc:CustomizationID>\n"
        f"  <cbc:ProfileID>{invoice.frame}</cbc:ProfileID>\n"
        f"  <cbc:ID>{escape(invoice.number)}</cbc:ID>\n"
        f"  <cbc:IssueDate>{invoice.issue_date}</cbc:IssueDate>\n"
        f"{due}"
        f"  <cbc:{kind}>{invoice.type_code}</cbc:{kind}>\n"
        f"{notes}"
        f"  <cbc:DocumentCurrencyCode>{invoice.currency}</cbc:DocumentCurrencyCode>\n"
        f"{reference}"
        "  <cac:InvoicePeriod>\n"
        f"    <cbc:StartDate>{invoice.period[0]}</cbc:StartDate>\n"
        f"    <cbc:EndDate>{invoice.period[1]}</cbc:EndDate>\n"
        "  </cac:InvoicePeriod>\n"
    )


def _references(invoice: Invoice) -> str:
    order = (
        "" if invoice.engagement is None
        else f"  <cac:OrderReference>\n    <cbc:ID>{escape(invoice.engagement)}</cbc:ID>\n  </cac:OrderReference>\n"
    )  # fmt: skip
    preceding = ""
    if invoice.preceding is not None:
        number, issued = invoice.preceding
        preceding = (
            "  <cac:BillingReference>\n"
            "    <cac:InvoiceDocumentReference>\n"
            f"      <cbc:ID>{escape(number)}</cbc:ID>\n"
            f"      <cbc:IssueDate>{issued}</cbc:IssueDate>\n"
            "    </cac:InvoiceDocumentReference>\n"
            "  </cac:BillingReference>\n"
        )
    contract = (
        "  <cac:ContractDocumentReference>\n"
        f"    <cbc:ID>{escape(invoice.contract)}</cbc:ID>\n"
        "  </cac:ContractDocumentReference>\n"
    )
    return order + preceding + contract


def _address(street: str, city: str, postcode: str, country: str, indent: str) -> str:
    return (
        f"{indent}<cbc:StreetName>{escape(street)}</cbc:StreetName>\n"
        f"{indent}<cbc:CityName>{escape(city)}</cbc:CityName>\n"
        f"{indent}<cbc:PostalZone>{escape(postcode)}</cbc:PostalZone>\n"
        f"{indent}<cac:Country>\n"
        f"{indent}  <cbc:IdentificationCode>{country}</cbc:IdentificationCode>\n"
        f"{indent}</cac:Country>\n"
    )


@lru_cache(maxsize=64)
def _supplier(seller: Biller) -> str:
    return (
        "  <cac:AccountingSupplierParty>\n"
        "    <cac:Party>\n"
        f'      <cbc:EndpointID schemeID="0225">{seller.siren}</cbc:EndpointID>\n'
        "      <cac:PartyIdentification>\n"
        f'        <cbc:ID schemeID="0009">{seller.siret}</cbc:ID>\n'
        "      </cac:PartyIdentification>\n"
        "      <cac:PartyName>\n"
        f"        <cbc:Name>{escape(seller.trading_name)}</cbc:Name>\n"
        "      </cac:PartyName>\n"
        "      <cac:PostalAddress>\n"
        f"{_address(seller.street, seller.city, seller.postcode, 'FR', ' ' * 8)}"
        "      </cac:PostalAddress>\n"
        "      <cac:PartyTaxScheme>\n"
        f"        <cbc:CompanyID>{seller.vat_number}</cbc:CompanyID>\n"
        f"        {_VAT_SCHEME.format(indent=' ' * 8)}\n"
        "      </cac:PartyTaxScheme>\n"
        "      <cac:PartyLegalEntity>\n"
        f"        <cbc:RegistrationName>{escape(seller.name)}</cbc:RegistrationName>\n"
        f'        <cbc:CompanyID schemeID="0002">{seller.siren}</cbc:CompanyID>\n'
        f"        <cbc:CompanyLegalForm>{escape(seller.legal_form)}</cbc:CompanyLegalForm>\n"
        "      </cac:PartyLegalEntity>\n"
        "      <cac:Contact>\n"
        "        <cbc:Name>Facturation des collectivités</cbc:Name>\n"
        f"        <cbc:Telephone>{seller.phone}</cbc:Telephone>\n"
        f"        <cbc:ElectronicMail>{seller.mail}</cbc:ElectronicMail>\n"
        "      </cac:Contact>\n"
        "    </cac:Party>\n"
        "  </cac:AccountingSupplierParty>\n"
    )


@lru_cache(maxsize=1024)
def _customer(buyer: Buyer) -> str:
    trading = (
        "" if buyer.name is None
        else f"      <cac:PartyName>\n        <cbc:Name>{escape(buyer.name)}</cbc:Name>\n      </cac:PartyName>\n"
    )  # fmt: skip
    legal = (
        "" if buyer.name is None
        else f"        <cbc:RegistrationName>{escape(buyer.name)}</cbc:RegistrationName>\n"
    )  # fmt: skip
    return (
        "  <cac:AccountingCustomerParty>\n"
        "    <cac:Party>\n"
        f'      <cbc:EndpointID schemeID="0225">{buyer.siren}_{buyer.siret}</cbc:EndpointID>\n'
        "      <cac:PartyIdentification>\n"
        f'        <cbc:ID schemeID="0009">{buyer.siret}</cbc:ID>\n'
        "      </cac:PartyIdentification>\n"
        f"{trading}"
        "      <cac:PostalAddress>\n"
        f"{_address(buyer.street, buyer.city, buyer.postcode, buyer.country, ' ' * 8)}"
        "      </cac:PostalAddress>\n"
        "      <cac:PartyLegalEntity>\n"
        f"{legal}"
        f'        <cbc:CompanyID schemeID="0002">{buyer.siren}</cbc:CompanyID>\n'
        "      </cac:PartyLegalEntity>\n"
        "    </cac:Party>\n"
        "  </cac:AccountingCustomerParty>\n"
    )


@lru_cache(maxsize=1024)
def _delivery(buyer: Buyer, delivered: date) -> str:
    return (
        "  <cac:Delivery>\n"
        f"    <cbc:ActualDeliveryDate>{delivered}</cbc:ActualDeliveryDate>\n"
        "    <cac:DeliveryLocation>\n"
        "      <cac:Address>\n"
        f"{_address(buyer.street, buyer.city, buyer.postcode, 'FR', ' ' * 8)}"
        "      </cac:Address>\n"
        "    </cac:DeliveryLocation>\n"
        "  </cac:Delivery>\n"
    )


def _payment_means(invoice: Invoice) -> str:
    return (
        "  <cac:PaymentMeans>\n"
        '    <cbc:PaymentMeansCode name="Virement">30</cbc:PaymentMeansCode>\n'
        f"    <cbc:PaymentID>{escape(invoice.number)}</cbc:PaymentID>\n"
        "    <cac:PayeeFinancialAccount>\n"
        f"      <cbc:ID>{invoice.seller.iban}</cbc:ID>\n"
        f"      <cbc:Name>{escape(invoice.seller.name)}</cbc:Name>\n"
        "      <cac:FinancialInstitutionBranch>\n"
        f"        <cbc:ID>{invoice.seller.bic}</cbc:ID>\n"
        "      </cac:FinancialInstitutionBranch>\n"
        "    </cac:PayeeFinancialAccount>\n"
        "  </cac:PaymentMeans>\n"
    )


_PAYMENT_TERMS = (
    "  <cac:PaymentTerms>\n"
    "    <cbc:Note>Paiement à 30 jours à compter de la date de réception de la facture.</cbc:Note>\n"
    "  </cac:PaymentTerms>\n"
)


def _tax_total(invoice: Invoice) -> str:
    return (
        "  <cac:TaxTotal>\n"
        f'    <cbc:TaxAmount currencyID="{invoice.currency}">{invoice.totals.vat}</cbc:TaxAmount>\n'
        + "".join(_tax_subtotal(row, invoice.currency) for row in invoice.vat)
        + "  </cac:TaxTotal>\n"
    )


def _tax_subtotal(row: Vat, currency: str) -> str:
    return (
        "    <cac:TaxSubtotal>\n"
        f'      <cbc:TaxableAmount currencyID="{currency}">{row.base}</cbc:TaxableAmount>\n'
        f'      <cbc:TaxAmount currencyID="{currency}">{row.amount}</cbc:TaxAmount>\n'
        "      <cac:TaxCategory>\n"
        "        <cbc:ID>S</cbc:ID>\n"
        f"        <cbc:Percent>{row.rate}</cbc:Percent>\n"
        "        <cac:TaxScheme>\n          <cbc:ID>VAT</cbc:ID>\n        </cac:TaxScheme>\n"
        "      </cac:TaxCategory>\n"
        "    </cac:TaxSubtotal>\n"
    )


def _monetary_total(invoice: Invoice) -> str:
    totals, currency = invoice.totals, invoice.currency
    return (
        "  <cac:LegalMonetaryTotal>\n"
        f'    <cbc:LineExtensionAmount currencyID="{currency}">{totals.lines}</cbc:LineExtensionAmount>\n'
        f'    <cbc:TaxExclusiveAmount currencyID="{currency}">{totals.net}</cbc:TaxExclusiveAmount>\n'
        f'    <cbc:TaxInclusiveAmount currencyID="{currency}">{totals.gross}</cbc:TaxInclusiveAmount>\n'
        f'    <cbc:PayableAmount currencyID="{currency}">{totals.payable}</cbc:PayableAmount>\n'
        "  </cac:LegalMonetaryTotal>\n"
    )


def _line(line: Line, index: int, invoice: Invoice, credit: bool) -> str:
    kind, quantity = ("CreditNoteLine", "CreditedQuantity") if credit else ("InvoiceLine", "InvoicedQuantity")
    unit, currency = line.article.unit, invoice.currency
    return (
        f"  <cac:{kind}>\n"
        f"    <cbc:ID>{index}</cbc:ID>\n"
        f'    <cbc:{quantity} unitCode="{unit}">{line.quantity}</cbc:{quantity}>\n'
        f'    <cbc:LineExtensionAmount currencyID="{currency}">{line.net}</cbc:LineExtensionAmount>\n'
        "    <cac:InvoicePeriod>\n"
        f"      <cbc:StartDate>{invoice.period[0]}</cbc:StartDate>\n"
        f"      <cbc:EndDate>{invoice.period[1]}</cbc:EndDate>\n"
        "    </cac:InvoicePeriod>\n"
        f"{_item(line.article)}"
        "    <cac:Price>\n"
        f'      <cbc:PriceAmount currencyID="{currency}">{line.price}</cbc:PriceAmount>\n'
        f'      <cbc:BaseQuantity unitCode="{unit}">1</cbc:BaseQuantity>\n'
        "    </cac:Price>\n"
        f"  </cac:{kind}>\n"
    )


@lru_cache(maxsize=256)
def _item(article: Article) -> str:
    return (
        "    <cac:Item>\n"
        f"      <cbc:Description>{escape(article.description)}</cbc:Description>\n"
        f"      <cbc:Name>{escape(article.name)}</cbc:Name>\n"
        "      <cac:SellersItemIdentification>\n"
        f"        <cbc:ID>{escape(article.code)}</cbc:ID>\n"
        "      </cac:SellersItemIdentification>\n"
        "      <cac:ClassifiedTaxCategory>\n"
        "        <cbc:ID>S</cbc:ID>\n"
        f"        <cbc:Percent>{article.vat_rate}</cbc:Percent>\n"
        f"        {_VAT_SCHEME.format(indent=' ' * 8)}\n"
        "      </cac:ClassifiedTaxCategory>\n"
        "    </cac:Item>\n"
    )
