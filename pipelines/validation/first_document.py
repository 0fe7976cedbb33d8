"""What a stylesheet of the official engine judges first, so that its answers do not depend on what came before.

SaxonC evaluates a variable when it is needed, and after some ten times at once where it was always needed. So an
invoice with the issue date `2025-9-1` passes the date functions of BR-FR in a fresh process, and makes them raise in
one that has judged five invoices. A first document with many valid dates brings every process to the second state,
where a service that judges flows always is.
"""

from __future__ import annotations

from data_contracts.interfaces import Syntax
from pipelines.parsing.paths import NAMESPACES

PERIODS = 40
"""Each has two dates: eight times what SaxonC 12 needs."""

_UBL = (
    f'<Invoice xmlns="{NAMESPACES["ubl"]}" xmlns:a="{NAMESPACES["cac"]}" xmlns:b="{NAMESPACES["cbc"]}">',
    "<a:InvoiceLine><a:InvoicePeriod><b:StartDate>2026-01-01</b:StartDate><b:EndDate>2026-01-31</b:EndDate>"
    "</a:InvoicePeriod></a:InvoiceLine>",
    "</Invoice>",
)
_CII = (
    f'<r:CrossIndustryInvoice xmlns:r="{NAMESPACES["rsm"]}" xmlns:a="{NAMESPACES["ram"]}" '
    f'xmlns:u="{NAMESPACES["udt"]}"><r:SupplyChainTradeTransaction>',
    "<a:IncludedSupplyChainTradeLineItem><a:SpecifiedLineTradeSettlement><a:BillingSpecifiedPeriod>"
    '<a:StartDateTime><u:DateTimeString format="102">20260101</u:DateTimeString></a:StartDateTime>'
    '<a:EndDateTime><u:DateTimeString format="102">20260131</u:DateTimeString></a:EndDateTime>'
    "</a:BillingSpecifiedPeriod></a:SpecifiedLineTradeSettlement></a:IncludedSupplyChainTradeLineItem>",
    "</r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>",
)
_PARTS = {Syntax.UBL: _UBL, Syntax.CII: _CII}


def first_document(syntax: Syntax) -> str | None:
    """The document for rule sets of this syntax; None for life-cycle statuses, whose rules have no such functions."""
    if syntax not in _PARTS:
        return None
    before, period, after = _PARTS[syntax]
    return before + period * PERIODS + after
