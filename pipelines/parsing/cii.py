"""Where Cross Industry Invoices (D16B, D22B) hold the business terms.

Sources: EN 16931-3-3 (CII binding); official samples FSO1116A and FSO1117A for Chorus Pro's own use of it.
"""

from __future__ import annotations

from pipelines.parsing.term_paths import Binding, TermPaths, VatNumber, way
from pipelines.parsing.values import day_102

_CONTEXT = "rsm:ExchangedDocumentContext"
_HEAD = "rsm:ExchangedDocument"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_DELIVERY = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_SELLER = f"{_AGREEMENT}/ram:SellerTradeParty"
_BUYER = f"{_AGREEMENT}/ram:BuyerTradeParty"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_TOTALS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"

CII = Binding(
    roots=(way("rsm:CrossIndustryInvoice"),),
    invoice=TermPaths({
        f"{_CONTEXT}/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID": "frame",
        f"{_HEAD}/ram:ID": "number",
        f"{_HEAD}/ram:TypeCode": "type_code",
        f"{_HEAD}/ram:IssueDateTime/udt:DateTimeString": "issue_date",
        f"{_AGREEMENT}/ram:BuyerReference": "buyer_reference",
        f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID": "engagement",
        f"{_AGREEMENT}/ram:ContractReferencedDocument/ram:IssuerAssignedID": "contract",
        f"{_SELLER}/ram:ID": "seller_own_id",
        f"{_SELLER}/ram:GlobalID": "seller_own_id",
        f"{_SELLER}/ram:Name": "seller_name",
        f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:ID": "seller_legal_id",
        f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName": "seller_trading_name",
        f"{_SELLER}/ram:PostalTradeAddress/ram:CountryID": "seller_country",
        f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:PostalTradeAddress/ram:CountryID": "seller_legal_country",
        f"{_SELLER}/ram:URIUniversalCommunication/ram:URIID": "seller_address",
        f"{_BUYER}/ram:ID": "buyer_own_id",
        f"{_BUYER}/ram:GlobalID": "buyer_own_id",
        f"{_BUYER}/ram:Name": "buyer_name",
        f"{_BUYER}/ram:SpecifiedLegalOrganization/ram:ID": "buyer_legal_id",
        f"{_BUYER}/ram:SpecifiedLegalOrganization/ram:TradingBusinessName": "buyer_trading_name",
        f"{_BUYER}/ram:URIUniversalCommunication/ram:URIID": "buyer_address",
        f"{_DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString": "delivery_date",
        f"{_SETTLEMENT}/ram:InvoiceCurrencyCode": "currency",
        f"{_SETTLEMENT}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID": "preceding_number",
        f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString": "due_date",
        f"{_MEANS}/ram:TypeCode": "payment_means",
        f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID": "account",
        f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID": "account",
        f"{_TOTALS}/ram:TaxBasisTotalAmount": "net_amount",
        f"{_TOTALS}/ram:GrandTotalAmount": "gross_amount",
        f"{_TOTALS}/ram:DuePayableAmount": "payable_amount",
    }),
    lines=(way("rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"),),
    line=TermPaths({
        "ram:AssociatedDocumentLineDocument/ram:LineID": "line_id",
        "ram:SpecifiedTradeProduct/ram:SellerAssignedID": "product_id",
        "ram:SpecifiedTradeProduct/ram:Name": "product_name",
        "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount": "unit_price",
        "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity": "quantity",
        "ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:RateApplicablePercent": "vat_rate",
        "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount":
            "net_amount",
    }),
    vat_groups=(way(f"{_SETTLEMENT}/ram:ApplicableTradeTax"),),
    vat=TermPaths({
        "ram:CategoryCode": "category",
        "ram:RateApplicablePercent": "rate",
        "ram:BasisAmount": "base_amount",
        "ram:CalculatedAmount": "vat_amount",
    }),
    seller_vat=VatNumber(
        holder=way(f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID"),
        number=way(""),
        scheme=way("@schemeID"),
        kind="VA",
    ),
    day=day_102,
)  # fmt: skip
