"""Route: which public body receives an invoice, and what that body demands of it. Pure.

Sources: DSE-CP 3.2.1 and the parameters of API "Structures": a structure may demand a service code, an engagement, or
one of both; a service may demand an engagement; services have validity dates, looked at as of the deposit date.
Rule ids RLS-ROUTE-nn are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.directory import Directory, Service, Structure
from data_contracts.partners import PORTAL_CODE
from data_contracts.tables import Flag

RULE_SET = "relais.routing:1"


@dataclass(frozen=True)
class Route:
    """`partner_code` receives the invoice. `findings` are empty when the route is open; `motive` is theirs."""

    partner_code: str
    service_name: str
    motive: str
    findings: tuple[FindingRow, ...]


def routed(invoice: InvoiceRow, directory: Directory, on: date) -> Route:
    """The recipient of one invoice as of a date, or why there is none.

    Nulls    an invoice without buyer SIRET has no recipient.
    Errors   none: refusals are findings.
    """
    siret = invoice["buyer_siret"]
    if siret is None or not (len(siret) == 14 and siret.isascii() and siret.isdigit()):
        return _closed(
            invoice, "DEST_INC", "RLS-ROUTE-01", ["BT-46", "BT-47"], siret, "14 chiffres / 14 digits",
            "Le SIRET du destinataire est absent ou n'a pas 14 chiffres ; il désigne la structure publique à facturer.",
            "The recipient's SIRET is missing or has not 14 digits; it names the public body to invoice.",
        )  # fmt: skip
    structure = directory.structures.get(siret)
    if structure is None:
        if directory.open_to_all:
            return Route(PORTAL_CODE, "", "", ())
        return _closed(
            invoice, "DEST_INC", "RLS-ROUTE-02", ["BT-46", "BT-47"], siret, None,
            "Aucune structure publique de l'annuaire ne porte ce SIRET ; vérifier le SIRET du destinataire.",
            "No public body of the directory has this SIRET; check the recipient's SIRET.",
        )  # fmt: skip
    if not structure.active:
        return _closed(
            invoice, "DEST_INC", "RLS-ROUTE-03", ["BT-46", "BT-47"], siret, None,
            f"La structure {structure.name} n'est plus active ; demander à l'acheteur son SIRET en vigueur.",
            f"Public body {structure.name} is no longer active; ask the buyer for its SIRET in force.",
        )  # fmt: skip
    return _within(invoice, structure, on)


def _within(invoice: InvoiceRow, structure: Structure, on: date) -> Route:
    """The demands of a known, active structure and of its service."""
    code, engagement = invoice["service_code"], invoice["engagement"]
    service = structure.services.get(code) if code is not None else None
    findings = [*_service_findings(invoice, structure, service, on)]
    demanded = structure.engagement_required or (service is not None and service.engagement_required)
    if engagement is None and demanded:
        who = structure.name if structure.engagement_required else f"service {code}"
        findings.append(
            _finding(
                invoice,
                "RLS-ROUTE-07",
                ["BT-13"],
                None,
                None,
                f"Le numéro d'engagement est absent, et {who} l'exige ; le demander à l'acheteur.",
                f"The engagement number is missing, and {who} demands it; ask the buyer for it.",
            )  # fmt: skip
        )
    if structure.service_or_engagement_required and code is None and engagement is None:
        findings.append(
            _finding(
                invoice,
                "RLS-ROUTE-08",
                ["BT-10", "BT-13"],
                None,
                None,
                f"{structure.name} exige un code service ou un numéro d'engagement ; la facture n'a ni l'un ni l'autre.",
                f"{structure.name} demands a service code or an engagement number; the invoice has neither.",
            )  # fmt: skip
        )
    motive = "REJ_CONT_B2G" if findings else ""
    name = service.name if service is not None else ""
    return Route(structure.partner_code or PORTAL_CODE, name, motive, tuple(findings))


def _service_findings(invoice: InvoiceRow, structure: Structure, service: Service | None, on: date) -> list[FindingRow]:
    code = invoice["service_code"]
    if code is None:
        if not structure.service_required:
            return []
        return [
            _finding(
                invoice,
                "RLS-ROUTE-04",
                ["BT-10"],
                None,
                None,
                f"Le code service est absent, et {structure.name} l'exige ; le demander à l'acheteur.",
                f"The service code is missing, and {structure.name} demands it; ask the buyer for it.",
            )  # fmt: skip
        ]
    if service is None:
        # A structure without services takes any buyer reference: BT-10 then is no service code.
        if not structure.services:
            return []
        return [
            _finding(
                invoice,
                "RLS-ROUTE-05",
                ["BT-10"],
                code,
                _choices(structure, on),
                f"{structure.name} n'a pas de service {code} ; utiliser un de ses codes service.",
                f"{structure.name} has no service {code}; use one of its service codes.",
            )  # fmt: skip
        ]
    if not service.in_force(on):
        return [
            _finding(
                invoice,
                "RLS-ROUTE-06",
                ["BT-10"],
                code,
                _choices(structure, on),
                f"Le service {code} de {structure.name} n'est pas ouvert au {on.isoformat()} ; utiliser un service actif.",
                f"Service {code} of {structure.name} is not open on {on.isoformat()}; use an active service.",
            )  # fmt: skip
        ]
    return []


CHOICES_MAX = 10
"""Service codes quoted as expected: enough to choose from, few enough to read."""


def _choices(structure: Structure, on: date) -> str | None:
    codes = sorted(service.code for service in structure.services.values() if service.in_force(on))
    more = f" … (+{len(codes) - CHOICES_MAX})" if len(codes) > CHOICES_MAX else ""
    return ", ".join(codes[:CHOICES_MAX]) + more if codes else None


def _closed(
    invoice: InvoiceRow, motive: str, rule: str, terms: list[str], found: str | None, expected: str | None,
    message_fr: str, message_en: str,
) -> Route:  # fmt: skip
    return Route("", "", motive, (_finding(invoice, rule, terms, found, expected, message_fr, message_en),))


def _finding(
    invoice: InvoiceRow, rule: str, terms: list[str], found: str | None, expected: str | None,
    message_fr: str, message_en: str,
) -> FindingRow:  # fmt: skip
    return FindingRow(
        flow_key=invoice["flow_key"],
        position=invoice["position"],
        rule_set=RULE_SET,
        rule=rule,
        flag=Flag.FATAL,
        terms=terms,
        location=None,
        line=None,
        found=found,
        expected=expected,
        message_fr=message_fr,
        message_en=message_en,
    )
