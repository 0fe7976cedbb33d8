"""Statuses of invoices towards suppliers on the Chorus Pro circuit: CPPStatut with CPPFactureStatuts.

Source   CPPStatutPivot V1_19. Codes 01, 03 and 05 of `data_contracts.statuses`; a schema-valid status needs the
         invoice's number, the supplier's identifier and name, and a debtor of fourteen characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data_contracts.answers import FindingRow, Header, InvoiceRow, InvoiceStatus
from data_contracts.errors import ContractBroken
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.messages import Language, both
from data_contracts.motives import MOTIVES
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cpp_envelope import envelope_text
from pipelines.acknowledgment.cpp_flow_status import CPP_STATUS_VERSION
from pipelines.acknowledgment.elements import bilingual, instant, quoted, shortened
from pipelines.acknowledgment.xml_text import DECLARATION, attribute, element, kept_text, text
from pipelines.lifecycle.explaining import SEPARATOR, status_explained, with_explanations

SIRET_CHARACTERS = 14
SERVICE_CODE_CHARACTERS_MAX = 100
SELLER_ID_TYPES = frozenset("1234567")
COUNTRY_CHARACTERS = 2
SIRET_TYPE = "1"
STATUSES_A_PART = 500
"""Statuses written at once: half a megabyte."""


def expressible(invoice: InvoiceRow) -> bool:
    """Whether CPPStatut can speak of this invoice at all; if not, the flow's acknowledgment alone tells its fate."""
    return (
        bool(invoice["number"] and invoice["seller_id"] and invoice["seller_name"])
        and invoice["seller_id_type"] in SELLER_ID_TYPES
        and len(invoice["buyer_siret"] or "") == SIRET_CHARACTERS
    )


def cpp_invoice_status_parts(header: Header, statuses: Sequence[InvoiceStatus]) -> Iterator[bytes]:
    """One CPPStatut that carries these statuses, in order: its bytes, part by part.

    Errors   ContractBroken for an unknown code, a rejection without motive, an invoice that is not `expressible`, or no
             status at all.
    Cost     linear in statuses and findings, about 7 us a status without findings; memory holds one part.
    """
    if not statuses:
        raise ContractBroken("a lifecycle flow needs a status", where="cpp_invoice_statuses")
    yield (
        f'{DECLARATION}<CPPStatut Version="{CPP_STATUS_VERSION}">{envelope_text(header)}'
        f'<CPPFactureStatuts compteur="{len(statuses)}">'
    ).encode()
    producer = attribute(header.name.emitter_code)
    invoice, parties = None, ""
    for start in range(0, len(statuses), STATUSES_A_PART):
        written = []
        for order, one in enumerate(statuses[start : start + STATUSES_A_PART], start=start + 1):
            if one.invoice is not invoice:
                # An invoice's statuses follow one another, and say the same of its parties.
                invoice, parties = one.invoice, debtor_and_supplier(one.invoice)
            written.append(
                f'<CPPFactureStatutUnitaire NumOrdre="{order}">\n{parties}{_data(one, producer)}'
                "</CPPFactureStatutUnitaire>\n"
            )
        yield "".join(written).encode()
    yield b"</CPPFactureStatuts></CPPStatut>"


def debtor_and_supplier(invoice: InvoiceRow) -> str:
    """The two parties of a unit of CPPStatut. ContractBroken if the invoice is not `expressible`."""
    if not expressible(invoice):
        raise ContractBroken(
            "CPPStatut cannot speak of an invoice without number, supplier or fourteen-character debtor",
            where=f"{invoice['flow_key']}/{invoice['position']}",
            remedy="keep to the invoices that are expressible",
        )
    country, service = invoice["seller_country"], invoice["service_code"]
    # A longer buyer reference is no service code: the schema has no room for it.
    code = service if service and len(service) <= SERVICE_CODE_CHARACTERS_MAX else None
    return (
        f"  <Fournisseur>\n    <TypeIdentifiant>{invoice['seller_id_type']}</TypeIdentifiant>\n"
        f"    <Identifiant>{kept_text(invoice['seller_id'] or '')}</Identifiant>\n"
        f"    <RaisonSociale>{kept_text(invoice['seller_name'] or '')}</RaisonSociale>\n"
        f"{element('    ', 'CodePays', country if country and len(country) == COUNTRY_CHARACTERS else None)}"
        f"  </Fournisseur>\n  <Debiteur>\n    <TypeIdentifiant>{SIRET_TYPE}</TypeIdentifiant>\n"
        f"    <Identifiant>{text(invoice['buyer_siret'] or '')}</Identifiant>\n"
        f"{element('    ', 'Nom', invoice['buyer_name'])}{element('    ', 'CodeService', code)}  </Debiteur>\n"
    )


def _data(one: InvoiceStatus, producer: str) -> str:
    row = status(StatusFormat.CPP_INVOICE, one.code)
    if row is None:
        raise ContractBroken("not an invoice status of CPPStatut", where=_place(one), value=one.code)
    if row.motive_required and not one.motive:
        raise ContractBroken("this status needs a motive", where=_place(one), value=one.code)
    issued = one.invoice["issue_date"]
    said = comment(one) if one.motive or one.findings or one.comment_fr or one.comment_en else None
    return (
        f"  <DonneesStatut>\n    <IdStatut>{row.code}</IdStatut>\n"
        f"    <ComplementStatut>{kept_text(row.label_fr)}</ComplementStatut>\n"
        f"{element('    ', 'Commentaire', said or None)}    <Horodatage>{instant(one.at)}</Horodatage>\n"
        f'    <Producteur Id="{producer}"/>\n    <IdFacture>{text(one.invoice["number"] or "")}</IdFacture>\n'
        f"{element('    ', 'DateFacture', issued.isoformat() if issued else None)}  </DonneesStatut>\n"
    )


def _place(one: InvoiceStatus) -> str:
    return f"{one.invoice['flow_key']}/{one.invoice['position']}"


def comment(one: InvoiceStatus) -> str:
    """Why an invoice has its status: the motive, then each finding, in French and English.

    Shape    at most COMMENT_CHARACTERS_MAX; findings that do not fit are counted: « … (suite coupée : 3 anomalies) ». A
             comment of the status itself is written only without findings, which say the same at length.
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
    joined = _joined(parts, len(one.findings))
    # Only a rejection has a motive, and all that are written here are ours.
    return with_explanations(joined, (status_explained(StatusFormat.CPP_INVOICE, one.code, one.motive),))


def _finding(finding: FindingRow) -> str:
    at = [", ".join(finding["terms"])] if finding["terms"] else []
    if finding["line"] is not None:
        at.append(f"ligne/line {finding['line']}")
    if finding["found"] is not None and quoted(finding["found"]) not in finding["message_fr"]:
        at.append(f"« {quoted(finding['found'])} »")
    if finding["expected"] is not None and quoted(finding["expected"]) not in finding["message_fr"]:
        at.append(f"attendu/expected « {quoted(finding['expected'])} »")
    place = f" ({' ; '.join(at)})" if at else ""
    return f"{finding['rule']}{place} : {finding['message_fr']} / {finding['message_en']}"


def _joined(parts: Sequence[str], findings: int) -> str:
    """The parts in one text. What does not fit is counted, in both languages."""
    joined = SEPARATOR.join(parts)
    if len(joined) <= COMMENT_CHARACTERS_MAX:
        return joined
    if not findings:
        return shortened(joined, COMMENT_CHARACTERS_MAX, Language.FR)
    before = len(parts) - findings
    kept, characters = 0, 0
    room = COMMENT_CHARACTERS_MAX - len(_left_out(findings))
    for part in parts:
        characters += len(part) + (len(SEPARATOR) if kept else 0)
        if characters > room:
            break
        kept += 1
    if kept <= before:
        # Not even the first finding fits whole: its beginning says more than a count alone.
        head = shortened(SEPARATOR.join(parts[: before + 1]), room, Language.FR)
        return head + (_left_out(findings - 1) if findings > 1 else "")
    return SEPARATOR.join(parts[:kept]) + _left_out(len(parts) - kept)


def _left_out(findings: int) -> str:
    said = both("acknowledgment-cut-findings", findings=findings)
    return f"{SEPARATOR}{said.fr} / {said.en}"
