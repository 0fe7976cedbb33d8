"""CPPStatut of invoices built of lxml elements: what the text written in production must be equal to."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from data_contracts.answers import Header, InvoiceStatus
from data_contracts.errors import ContractBroken
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cpp_flow_status import CPP_STATUS_VERSION
from pipelines.acknowledgment.elements import child, instant
from pipelines.lifecycle.cpp_invoice_status import (
    COUNTRY_CHARACTERS,
    SERVICE_CODE_CHARACTERS_MAX,
    SIRET_TYPE,
    comment,
    expressible,
)
from tests.unit.reference.cpp_elements import Streamed, children, cpp_envelope


def cpp_invoice_statuses(header: Header, statuses: Sequence[InvoiceStatus]) -> bytes:
    """The bytes of one CPPStatut that carries these statuses, in order.

    Errors   ContractBroken for an unknown code, a rejection without motive, an invoice that is not `expressible`, or no
             status at all.
    Cost     linear in statuses and findings; memory holds the written bytes and one status.
    """
    if not statuses:
        raise ContractBroken("a lifecycle flow needs a status", where="cpp_invoice_statuses")
    written = Streamed()
    with written.file as file:
        file.write_declaration()
        with file.element("CPPStatut", {"Version": CPP_STATUS_VERSION}):
            file.write(cpp_envelope(header), pretty_print=True)
            with file.element("CPPFactureStatuts", {"compteur": str(len(statuses))}):
                for order, one in enumerate(statuses, start=1):
                    file.write(_unit(order, one, header.name.emitter_code), pretty_print=True)
    return written.bytes()


def _unit(order: int, one: InvoiceStatus, producer: str) -> etree._Element:
    invoice = one.invoice
    if not expressible(invoice):
        raise ContractBroken(
            "CPPStatut cannot speak of an invoice without number, supplier or fourteen-character debtor",
            where=f"{invoice['flow_key']}/{invoice['position']}",
            remedy="keep to the invoices that are expressible",
        )
    unit = etree.Element("CPPFactureStatutUnitaire", {"NumOrdre": str(order)})
    country = invoice["seller_country"]
    children(
        child(unit, "Fournisseur"),
        (
            ("TypeIdentifiant", invoice["seller_id_type"]),
            ("Identifiant", invoice["seller_id"]),
            ("RaisonSociale", invoice["seller_name"]),
            ("CodePays", country if country and len(country) == COUNTRY_CHARACTERS else None),
        ),
    )
    service = invoice["service_code"]
    children(
        child(unit, "Debiteur"),
        (
            ("TypeIdentifiant", SIRET_TYPE),
            ("Identifiant", invoice["buyer_siret"]),
            ("Nom", invoice["buyer_name"]),
            # A longer buyer reference is no service code: the schema has no room for it.
            ("CodeService", service if service and len(service) <= SERVICE_CODE_CHARACTERS_MAX else None),
        ),
    )
    _data(unit, one, producer)
    return unit


def _data(unit: etree._Element, one: InvoiceStatus, producer: str) -> None:
    where = f"{one.invoice['flow_key']}/{one.invoice['position']}"
    row = status(StatusFormat.CPP_INVOICE, one.code)
    if row is None:
        raise ContractBroken("not an invoice status of CPPStatut", where=where, value=one.code)
    if row.motive_required and not one.motive:
        raise ContractBroken("this status needs a motive", where=where, value=one.code)
    data = child(unit, "DonneesStatut")
    issued = one.invoice["issue_date"]
    children(
        data,
        (
            ("IdStatut", row.code),
            ("ComplementStatut", row.label_fr),
            ("Commentaire", comment(one) or None),
            ("Horodatage", instant(one.at)),
        ),
    )
    child(data, "Producteur", Id=producer)
    children(
        data,
        (
            ("IdFacture", one.invoice["number"]),
            ("DateFacture", issued.isoformat() if issued else None),
        ),
    )
