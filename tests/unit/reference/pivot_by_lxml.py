"""CPPFacturePivot built of lxml elements: what the text written in production must be equal to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lxml import etree

from data_contracts.answers import DiffusedInvoice, Header, InvoiceRow
from data_contracts.errors import ContractBroken
from data_contracts.limits import INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO
from pipelines.acknowledgment.elements import child, visible
from pipelines.delivery.amounts import amount, figure
from pipelines.delivery.chorus_codes import CREDIT_NOTE_TYPE, chorus_frame, chorus_payment_means, chorus_type
from pipelines.delivery.original import CATEGORIES, original_name, zipped_base64
from pipelines.delivery.pivot import (
    _IBAN,
    EMITTED_AS_FLOW,
    INVOICE_ATTACHMENT,
    PIVOT_VERSION,
    REFERENCE_CHARACTERS_MAX,
    SERVICE_CODE_CHARACTERS_MAX,
    SIRET_TYPE,
    _country,
    _fitting,
    lacking,
)
from tests.unit.reference.cpp_elements import Streamed, children, cpp_envelope

TEXT_CHUNK_CHARACTERS = 1_000_000


def pivot(header: Header, invoices: Sequence[DiffusedInvoice]) -> bytes:
    """The bytes of one CPPFacturePivot that carries these invoices, in order, each with its original.

    Nulls    VAT and lines are optional blocks: each is written whole, or left to the original when one of its rows
             lacks what the schema demands, so that a block never adds up to less than the invoice.
    Errors   ContractBroken if an invoice is `lacking` a term (the rules reject those before), or there is no invoice.
    Cost     linear; memory holds the written bytes and one invoice.
    """
    if not invoices:
        raise ContractBroken("a diffusion flow needs an invoice", where="pivot")
    written = Streamed()
    with written.file as file:
        file.write_declaration()
        with file.element("CPPFacturePivot", {"Version": PIVOT_VERSION}):
            file.write(cpp_envelope(header), pretty_print=True)
            with file.element("CPPFactures", {"Compteur": str(len(invoices))}):
                for order, one in enumerate(invoices, start=1):
                    _diffusable(one.invoice)
                    with file.element("CPPFacturePivotUnitaire", {"NumOrdre": str(order)}):
                        for element in (_supplier(one), _debtor(one), _invoice(one)):
                            file.write(element, pretty_print=True)
                        _attach(file, one)
    return written.bytes()


def _diffusable(invoice: InvoiceRow) -> None:
    missing = lacking(invoice)
    if missing:
        raise ContractBroken(
            "CPPFacturePivot cannot hold this invoice",
            where=f"{invoice['flow_key']}/{invoice['position']}",
            value=", ".join(missing),
            remedy="reject such invoices before they are diffused",
        )


def _supplier(one: DiffusedInvoice) -> etree._Element:
    invoice = one.invoice
    supplier = etree.Element("Fournisseur")
    children(
        supplier,
        (
            ("TypeIdentifiant", invoice["seller_id_type"]),
            ("Identifiant", invoice["seller_id"]),
            ("RaisonSociale", invoice["seller_name"]),
            ("CodePays", _country(invoice)),
        ),
    )
    account = "".join((invoice["iban"] or "").split())
    if account:
        # BT-84 may hold another kind of account number: then its type is not stated.
        stated = {"Type": "IBAN"} if _IBAN.fullmatch(account) else {}
        child(child(supplier, "ReferenceBancaire", **stated), "Compte", account)
    child(supplier, "ModeEmission", EMITTED_AS_FLOW)
    return supplier


def _debtor(one: DiffusedInvoice) -> etree._Element:
    debtor = etree.Element("Debiteur")
    children(
        debtor,
        (
            ("TypeIdentifiant", SIRET_TYPE),
            ("Identifiant", one.invoice["buyer_siret"]),
            ("Nom", one.invoice["buyer_name"]),
            ("CodeService", _fitting(one.invoice["service_code"], SERVICE_CODE_CHARACTERS_MAX)),
            ("NomService", one.service_name or None),
        ),
    )
    return debtor


def _invoice(one: DiffusedInvoice) -> etree._Element:
    invoice = one.invoice
    data = etree.Element("DonneesFacture")
    issued, delivered, kind = invoice["issue_date"], invoice["delivery_date"], chorus_type(invoice["type_code"])
    preceding = _fitting(invoice["preceding_number"], INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO)
    assert issued is not None
    children(
        data,
        (
            ("Id", invoice["number"]),
            # The schema allows it to credit notes alone.
            ("IdFactureOrigine", preceding if kind == CREDIT_NOTE_TYPE else None),
            ("Type", kind),
            ("Cadre", chorus_frame(invoice["frame"])),
            ("DateEmissionFacture", issued.isoformat()),
            ("DateLivraison", delivered.isoformat() if delivered else None),
        ),
    )
    means = child(data, "ModePaiement")
    children(means, (("Code", chorus_payment_means(invoice["payment_means"])), ("Libelle", invoice["payment_means"])))
    children(data, (("DateReception", one.received_on.isoformat()), ("Devise", invoice["currency"])))
    totals = (invoice["net_amount"], invoice["gross_amount"], invoice["payable_amount"])
    sums = child(data, "Montants")
    for tag, value in zip(("MontantHT", "MontantTTC", "MontantNetAPayer"), totals, strict=True):
        assert value is not None
        child(sums, tag, amount(value))
    _vat(data, one)
    _references(data, invoice)
    _lines(data, one)
    return data


def _vat(data: etree._Element, one: DiffusedInvoice) -> None:
    rows = [
        # A category without rate (O, not subject to VAT) is charged at none.
        (row["rate"] if row["rate"] is not None else Decimal(0), row["base_amount"], row["vat_amount"])
        for row in one.vat
    ]
    if not rows or any(base is None or tax is None for _, base, tax in rows):
        return
    block = child(data, "TVAs")
    for rate, base, tax in rows:
        assert base is not None and tax is not None
        children(child(block, "TVA"), (("Taux", figure(rate)), ("BaseHt", amount(base)), ("MontantTVA", amount(tax))))


def _references(data: etree._Element, invoice: InvoiceRow) -> None:
    market = _fitting(invoice["contract"], REFERENCE_CHARACTERS_MAX)
    engagement = _fitting(invoice["engagement"], REFERENCE_CHARACTERS_MAX)
    if market or engagement:
        children(child(data, "Engagement"), (("NumeroMarche", market), ("NumeroEngagement", engagement)))


def _lines(data: etree._Element, one: DiffusedInvoice) -> None:
    rows = [(row, row["unit_price"], row["quantity"], row["net_amount"]) for row in one.lines]
    if not rows or any(value is None for _, *values in rows for value in values):
        return
    block = child(data, "Lignes")
    for row, price, quantity, net in rows:
        assert price is not None and quantity is not None and net is not None
        children(
            child(block, "Ligne", NumOrdre=str(row["line"])),
            (
                ("ReferenceProduit", row["product"]),
                ("PrixUnitaire", amount(price)),
                ("Quantite", figure(quantity)),
                ("MontantHT", amount(net)),
                ("TauxTVA", figure(row["vat_rate"]) if row["vat_rate"] is not None else None),
            ),
        )


def _attach(file: etree._IncrementalFileWriter, one: DiffusedInvoice) -> None:
    """Attachment 01, the original. Its text is written in chunks: it may be larger than all the rest."""
    name = original_name(one.invoice, one.original_media_type)
    content = zipped_base64(name, one.original)
    parts = (
        ("NomPJ", name),
        ("CategoriePJ", CATEGORIES[one.original_media_type]),
        ("TypePJ", INVOICE_ATTACHMENT),
        ("MimeTypePJ", one.original_media_type),
    )
    with file.element("PJ", {"NumOrdre": "1"}):
        with file.element("Contenu"):
            for start in range(0, len(content), TEXT_CHUNK_CHARACTERS):
                file.write(content[start : start + TEXT_CHUNK_CHARACTERS])
        for tag, text in parts:
            with file.element(tag):
                file.write(visible(text))
