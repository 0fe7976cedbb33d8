"""Statuses of invoices towards suppliers on the Chorus Pro circuit: CPPStatut with CPPFactureStatuts.

Source   CPPStatutPivot V1_19. Codes 01, 03 and 05 of `data_contracts.statuses`; a schema-valid status needs the
         invoice's number, the supplier's identifier and name, and a debtor of fourteen characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from data_contracts.answers import FindingRow, Header, InvoiceRow, InvoiceStatus
from data_contracts.errors import ContractBroken
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.motives import MOTIVES
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cpp_envelope import cpp_envelope
from pipelines.acknowledgment.cpp_flow_status import CPP_STATUS_VERSION
from pipelines.acknowledgment.elements import Streamed, bilingual, child, children, cut, instant, quoted

SIRET_CHARACTERS = 14
SERVICE_CODE_CHARACTERS_MAX = 100
SELLER_ID_TYPES = frozenset("1234567")
COUNTRY_CHARACTERS = 2
SIRET_TYPE = "1"


def expressible(invoice: InvoiceRow) -> bool:
    """Whether CPPStatut can speak of this invoice at all; if not, the flow's acknowledgment alone tells its fate."""
    return (
        bool(invoice["number"] and invoice["seller_id"] and invoice["seller_name"])
        and invoice["seller_id_type"] in SELLER_ID_TYPES
        and len(invoice["buyer_siret"] or "") == SIRET_CHARACTERS
    )


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


def comment(one: InvoiceStatus) -> str:
    """Why an invoice has its status: the motive, then each finding, in French and English.

    Shape    at most COMMENT_CHARACTERS_MAX; findings that do not fit are counted: « … (3 autres) ». A comment of the
             status itself is written only without findings, which say the same at length.
    """
    motive = MOTIVES.get(one.motive)
    parts = []
    if motive:
        whole = bilingual(motive.sentence_fr, motive.sentence_en, COMMENT_CHARACTERS_MAX)
        parts.append(f"{one.motive} : {whole}")
    elif one.motive:
        parts.append(one.motive)
    if not one.findings and (one.comment_fr or one.comment_en):
        parts.append(bilingual(one.comment_fr, one.comment_en, COMMENT_CHARACTERS_MAX))
    parts += [_finding(finding) for finding in one.findings]
    return _joined(parts, len(one.findings))


def _finding(finding: FindingRow) -> str:
    at = [", ".join(finding["terms"])] if finding["terms"] else []
    if finding["line"] is not None:
        at.append(f"ligne/line {finding['line']}")
    if finding["found"] is not None:
        at.append(f"« {quoted(finding['found'])} »")
    place = f" ({' ; '.join(at)})" if at else ""
    return f"{finding['rule']}{place} : {finding['message_fr']} / {finding['message_en']}"


def _joined(parts: Sequence[str], findings: int) -> str:
    separator = " | "
    joined = separator.join(parts)
    if len(joined) <= COMMENT_CHARACTERS_MAX:
        return joined
    before = len(parts) - findings
    kept, characters = 0, 0
    room = COMMENT_CHARACTERS_MAX - len(f"{separator}… ({findings} autres)")
    for part in parts:
        characters += len(part) + (len(separator) if kept else 0)
        if characters > room:
            break
        kept += 1
    if kept <= before and findings:
        # Not even the first finding fits whole: its beginning says more than a count alone.
        head = cut(separator.join(parts[: before + 1]), room)
        rest = findings - 1
        return f"{head}{separator}… ({rest} autres)" if rest else head
    if not findings:
        return cut(joined, COMMENT_CHARACTERS_MAX)
    return f"{separator.join(parts[:kept])}{separator}… ({len(parts) - kept} autres)"
