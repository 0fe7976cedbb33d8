"""Diffusion of accepted invoices to their recipient: CPPFacturePivot V2_02 (interface FEN0036A).

The pivot says in Chorus Pro's words what the recipient's software books; the original rides along as attachment 01 and
remains the invoice. So a detail that the schema cannot hold is left to the original, never bent to fit.
Written as text, an invoice at a time; tests hold it equal to a pivot built of elements.
Sources  CPPFacturePivot V2_02; DSE-CP 4.1.1.2 (content of a pivot).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from data_contracts.answers import DiffusedInvoice, Header, InvoiceRow
from data_contracts.errors import ContractBroken
from data_contracts.limits import INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO
from pipelines.acknowledgment.cpp_envelope import envelope_text
from pipelines.acknowledgment.xml_text import DECLARATION, element, kept_text, text
from pipelines.delivery.amounts import amount, figure
from pipelines.delivery.chorus_codes import CREDIT_NOTE_TYPE, chorus_frame, chorus_payment_means, chorus_type
from pipelines.delivery.original import CATEGORIES, original_name, zipped_base64
from pipelines.delivery.pieces import piece

PIVOT_VERSION = "V2_02"
SIRET_TYPE = "1"
SIRET_CHARACTERS = 14
SELLER_ID_TYPES = frozenset("1234567")
COUNTRY_LED_TYPES = frozenset("23")
IMPLIED_COUNTRIES = {SIRET_TYPE: "FR", "4": "NC", "5": "PF"}
"""SIRET, RIDET (New Caledonia), TAHITI (French Polynesia)."""
EMITTED_AS_FLOW = "flux"
INVOICE_ATTACHMENT = "01"
SERVICE_CODE_CHARACTERS_MAX = 100
REFERENCE_CHARACTERS_MAX = 50

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_NO_RATE = Decimal(0)
_CURRENCY = re.compile(r"[A-Z]{3}")


def lacking(invoice: InvoiceRow) -> tuple[str, ...]:
    """The business terms without which the schema cannot hold an invoice; empty when it can be diffused.

    Shape    codes such as BT-1, in order; a term counts as lacking too when its value does not fit the schema.
    """
    number, country = invoice["number"], _country(invoice)
    present = {
        "BT-1": bool(number) and len(number or "") <= INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO,
        "BT-2": invoice["issue_date"] is not None,
        "BT-5": bool(_CURRENCY.fullmatch(invoice["currency"] or "")),
        "BT-27": bool(invoice["seller_name"]),
        "BT-30": bool(invoice["seller_id"]) and invoice["seller_id_type"] in SELLER_ID_TYPES,
        "BT-40": len(country) == 2,
        "BT-47": len(invoice["buyer_siret"] or "") == SIRET_CHARACTERS,
        "BT-109": invoice["net_amount"] is not None,
        "BT-112": invoice["gross_amount"] is not None,
        "BT-115": invoice["payable_amount"] is not None,
    }
    return tuple(code for code, fits in present.items() if not fits)


def pivot_parts(header: Header, count: int, invoices: Iterable[DiffusedInvoice]) -> Iterator[bytes]:
    """One CPPFacturePivot that carries these invoices, in order, each with its original: its bytes, part by part.

    Nulls    VAT and lines are optional blocks: each is written whole, or left to the original when one of its rows
             lacks what the schema demands, so that a block never adds up to less than the invoice.
    Errors   ContractBroken if an invoice is `lacking` a term (the rules reject those before), or there is no invoice.
    Cost     linear, about 80 us for an invoice of 9 kB; memory holds one invoice.
    """
    if not count:
        raise ContractBroken("a diffusion flow needs an invoice", where="pivot")
    yield (
        f'{DECLARATION}<CPPFacturePivot Version="{PIVOT_VERSION}">{envelope_text(header)}'
        f'<CPPFactures Compteur="{count}">'
    ).encode()
    for order, one in enumerate(invoices, start=1):
        _diffusable(one.invoice)
        yield (
            f'<CPPFacturePivotUnitaire NumOrdre="{order}">{_supplier(one.invoice)}{_debtor(one)}{_invoice(one)}'
            f"{_original(one)}"
        ).encode()
        # An original and each piece may be of 100 MB: none is held beside another.
        for place, attachment in enumerate(one.pieces, start=2):
            yield piece(place, attachment).encode()
        yield b"</CPPFacturePivotUnitaire>"
    yield b"</CPPFactures></CPPFacturePivot>"


def _diffusable(invoice: InvoiceRow) -> None:
    missing = lacking(invoice)
    if missing:
        raise ContractBroken(
            "CPPFacturePivot cannot hold this invoice",
            where=f"{invoice['flow_key']}/{invoice['position']}",
            value=", ".join(missing),
            remedy="reject such invoices before they are diffused",
        )


def _supplier(invoice: InvoiceRow) -> str:
    account = "".join((invoice["iban"] or "").split())
    reference = ""
    if account:
        # BT-84 may hold another kind of account number: then its type is not stated.
        stated = ' Type="IBAN"' if _IBAN.fullmatch(account) else ""
        reference = (
            f"  <ReferenceBancaire{stated}>\n    <Compte>{kept_text(account)}</Compte>\n  </ReferenceBancaire>\n"
        )
    return (
        f"<Fournisseur>\n  <TypeIdentifiant>{invoice['seller_id_type']}</TypeIdentifiant>\n"
        f"  <Identifiant>{kept_text(invoice['seller_id'] or '')}</Identifiant>\n"
        f"  <RaisonSociale>{kept_text(invoice['seller_name'] or '')}</RaisonSociale>\n"
        f"  <CodePays>{kept_text(_country(invoice))}</CodePays>\n{reference}"
        f"  <ModeEmission>{EMITTED_AS_FLOW}</ModeEmission>\n</Fournisseur>\n"
    )


def _debtor(one: DiffusedInvoice) -> str:
    invoice = one.invoice
    service = _fitting(invoice["service_code"], SERVICE_CODE_CHARACTERS_MAX)
    return (
        f"<Debiteur>\n  <TypeIdentifiant>{SIRET_TYPE}</TypeIdentifiant>\n"
        f"  <Identifiant>{text(invoice['buyer_siret'] or '')}</Identifiant>\n"
        f"{element('  ', 'Nom', invoice['buyer_name'])}{element('  ', 'CodeService', service)}"
        f"{element('  ', 'NomService', one.service_name or None)}</Debiteur>\n"
    )


def _invoice(one: DiffusedInvoice) -> str:
    invoice = one.invoice
    issued, delivered, kind = invoice["issue_date"], invoice["delivery_date"], chorus_type(invoice["type_code"])
    net, gross, payable = invoice["net_amount"], invoice["gross_amount"], invoice["payable_amount"]
    assert issued is not None and net is not None and gross is not None and payable is not None
    preceding = _fitting(invoice["preceding_number"], INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO)
    means = invoice["payment_means"]
    return (
        f"<DonneesFacture>\n  <Id>{text(invoice['number'] or '')}</Id>\n"
        f"{element('  ', 'Renvoi', one.resend)}"
        # The schema allows it to credit notes alone.
        f"{element('  ', 'IdFactureOrigine', preceding if kind == CREDIT_NOTE_TYPE else None)}"
        f"  <Type>{kind}</Type>\n  <Cadre>{chorus_frame(invoice['frame'])}</Cadre>\n"
        f"  <DateEmissionFacture>{issued.isoformat()}</DateEmissionFacture>\n"
        f"{element('  ', 'DateLivraison', delivered.isoformat() if delivered else None)}"
        f"  <ModePaiement>\n    <Code>{chorus_payment_means(means)}</Code>\n"
        f"{element('    ', 'Libelle', means)}  </ModePaiement>\n"
        f"  <DateReception>{one.received_on.isoformat()}</DateReception>\n"
        f"  <Devise>{text(invoice['currency'] or '')}</Devise>\n"
        f"  <Montants>\n    <MontantHT>{amount(net)}</MontantHT>\n    <MontantTTC>{amount(gross)}</MontantTTC>\n"
        f"    <MontantNetAPayer>{amount(payable)}</MontantNetAPayer>\n  </Montants>\n"
        f"{_vat(one)}{_references(invoice)}{_lines(one)}</DonneesFacture>\n"
    )


def _vat(one: DiffusedInvoice) -> str:
    written = []
    for row in one.vat:
        rate, base, tax = row["rate"], row["base_amount"], row["vat_amount"]
        if base is None or tax is None:
            return ""
        # A category without rate (O, not subject to VAT) is charged at none.
        written.append(
            f"    <TVA>\n      <Taux>{figure(rate if rate is not None else _NO_RATE)}</Taux>\n"
            f"      <BaseHt>{amount(base)}</BaseHt>\n      <MontantTVA>{amount(tax)}</MontantTVA>\n    </TVA>\n"
        )
    return f"  <TVAs>\n{''.join(written)}  </TVAs>\n" if written else ""


def _references(invoice: InvoiceRow) -> str:
    market = _fitting(invoice["contract"], REFERENCE_CHARACTERS_MAX)
    engagement = _fitting(invoice["engagement"], REFERENCE_CHARACTERS_MAX)
    if not (market or engagement):
        return ""
    written = element("    ", "NumeroMarche", market) + element("    ", "NumeroEngagement", engagement)
    return f"  <Engagement>\n{written}  </Engagement>\n"


def _lines(one: DiffusedInvoice) -> str:
    written = []
    for row in one.lines:
        price, quantity, net, rate = row["unit_price"], row["quantity"], row["net_amount"], row["vat_rate"]
        if price is None or quantity is None or net is None:
            return ""
        written.append(
            f'    <Ligne NumOrdre="{row["line"]}">\n{element("      ", "ReferenceProduit", row["product"])}'
            f"      <PrixUnitaire>{amount(price)}</PrixUnitaire>\n      <Quantite>{figure(quantity)}</Quantite>\n"
            f"      <MontantHT>{amount(net)}</MontantHT>\n"
            f"{element('      ', 'TauxTVA', figure(rate) if rate is not None else None)}    </Ligne>\n"
        )
    return f"  <Lignes>\n{''.join(written)}  </Lignes>\n" if written else ""


def _original(one: DiffusedInvoice) -> str:
    name = original_name(one.invoice, one.original_media_type)
    content = zipped_base64(name, one.original)
    return (
        f'<PJ NumOrdre="1"><Contenu>{content}</Contenu><NomPJ>{name}</NomPJ>'
        f"<CategoriePJ>{CATEGORIES[one.original_media_type]}</CategoriePJ><TypePJ>{INVOICE_ATTACHMENT}</TypePJ>"
        f"<MimeTypePJ>{one.original_media_type}</MimeTypePJ></PJ>"
    )


def _country(invoice: InvoiceRow) -> str:
    """BT-40, or the country that the kind of identifier implies. G2.19: a VAT number and an identifier from outside the
    EU begin with their country."""
    kind = invoice["seller_id_type"] or ""
    if invoice["seller_country"]:
        return invoice["seller_country"]
    if kind in COUNTRY_LED_TYPES:
        return (invoice["seller_id"] or "")[:2]
    return IMPLIED_COUNTRIES.get(kind, "")


def _fitting(value: str | None, characters_max: int) -> str | None:
    """The value if the schema has room for it. A part of a number is another number, so it is never cut."""
    return value if value and len(value) <= characters_max else None
