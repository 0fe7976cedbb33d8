"""The row of a document of which nothing could be read."""

from __future__ import annotations

from data_contracts.answers import InvoiceRow
from pipelines.parsing.documents import Document


def blank_invoice(document: Document) -> InvoiceRow:
    """The row of a document of which nothing could be read: its key, and nulls."""
    return InvoiceRow(
        flow_key=document.flow_key,
        position=document.position,
        member_name=document.member_name,
        sha256=document.sha256,
        syntax=None,
        profile=None,
        frame=None,
        number=None,
        issue_date=None,
        type_code=None,
        currency=None,
        due_date=None,
        delivery_date=None,
        service_code=None,
        engagement=None,
        contract=None,
        preceding_number=None,
        seller_name=None,
        seller_id=None,
        seller_id_type=None,
        seller_siren=None,
        seller_country=None,
        seller_address=None,
        seller_address_scheme=None,
        buyer_name=None,
        buyer_siret=None,
        buyer_address=None,
        buyer_address_scheme=None,
        payment_means=None,
        iban=None,
        net_amount=None,
        gross_amount=None,
        payable_amount=None,
        line_count=None,
    )
