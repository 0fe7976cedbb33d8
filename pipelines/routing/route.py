"""Route: which public body receives an invoice, and what that body demands of it. Pure.

Sources: DSE-CP 3.2.1 and the parameters of API "Structures": a structure may demand a service code, an engagement, or
one of both; a service may demand an engagement; services have validity dates, looked at as of the deposit date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.directory import Directory, Service, Structure
from data_contracts.partners import PORTAL_CODE
from data_contracts.tables import Flag

RULE_SET = "relais.routing:1"
SIRET_DIGITS = 14
CHOICES_MAX = 10
"""Service codes quoted as expected: enough to choose from, few enough to read."""


@dataclass(frozen=True)
class RoutingRule:
    """One reason to refuse a route. Rule ids are ours. `{structure}`, `{code}`, `{who}` and `{on}` are filled in."""

    motive: str
    terms: tuple[str, ...]
    sentence_fr: str
    sentence_en: str


_SIRET_TERMS = ("BT-46", "BT-47")

ROUTING_RULES: dict[str, RoutingRule] = {
    "RLS-ROUTE-01": RoutingRule(
        "DEST_INC",
        _SIRET_TERMS,
        "Le SIRET du destinataire est absent ou n'a pas 14 chiffres ; il désigne la structure publique à facturer.",
        "The recipient's SIRET is missing or has not 14 digits; it names the public body to invoice.",
    ),
    "RLS-ROUTE-02": RoutingRule(
        "DEST_INC",
        _SIRET_TERMS,
        "Aucune structure publique de l'annuaire ne porte ce SIRET ; vérifier le SIRET du destinataire.",
        "No public body of the directory has this SIRET; check the recipient's SIRET.",
    ),
    "RLS-ROUTE-03": RoutingRule(
        "DEST_INC",
        _SIRET_TERMS,
        "La structure {structure} n'est plus active ; demander à l'acheteur son SIRET en vigueur.",
        "Public body {structure} is no longer active; ask the buyer for its SIRET in force.",
    ),
    "RLS-ROUTE-04": RoutingRule(
        "REJ_CONT_B2G",
        ("BT-10",),
        "Le code service est absent, et {structure} l'exige ; le demander à l'acheteur.",
        "The service code is missing, and {structure} demands it; ask the buyer for it.",
    ),
    "RLS-ROUTE-05": RoutingRule(
        "REJ_CONT_B2G",
        ("BT-10",),
        "{structure} n'a pas de service {code} ; utiliser un de ses codes service.",
        "{structure} has no service {code}; use one of its service codes.",
    ),
    "RLS-ROUTE-06": RoutingRule(
        "REJ_CONT_B2G",
        ("BT-10",),
        "Le service {code} de {structure} n'est pas ouvert au {on} ; utiliser un service actif.",
        "Service {code} of {structure} is not open on {on}; use an active service.",
    ),
    "RLS-ROUTE-07": RoutingRule(
        "REJ_CONT_B2G",
        ("BT-13",),
        "Le numéro d'engagement est absent, et {who} l'exige ; le demander à l'acheteur.",
        "The engagement number is missing, and {who} demands it; ask the buyer for it.",
    ),
    "RLS-ROUTE-08": RoutingRule(
        "REJ_CONT_B2G",
        ("BT-10", "BT-13"),
        "{structure} exige un code service ou un numéro d'engagement ; la facture n'a ni l'un ni l'autre.",
        "{structure} demands a service code or an engagement number; the invoice has neither.",
    ),
}


@dataclass(frozen=True)
class Route:
    """`partner_code` receives the invoice. `findings` are empty when the route is open; `motive` is theirs."""

    partner_code: str
    service_name: str
    motive: str
    findings: tuple[FindingRow, ...]


def routed(invoice: InvoiceRow, directory: Directory, on: date) -> Route:
    """The recipient of one invoice as of a date, or every reason why there is none.

    Nulls    an invoice without buyer SIRET has no recipient.
    Errors   none: refusals are findings.
    """
    siret = invoice["buyer_siret"]
    if siret is None or not (len(siret) == SIRET_DIGITS and siret.isascii() and siret.isdigit()):
        return _refused([_finding(invoice, "RLS-ROUTE-01", found=siret, expected="14")])
    structure = directory.structures.get(siret)
    if structure is None:
        if directory.open_to_all:
            return Route(PORTAL_CODE, "", "", ())
        return _refused([_finding(invoice, "RLS-ROUTE-02", found=siret)])
    if not structure.active:
        return _refused([_finding(invoice, "RLS-ROUTE-03", found=siret, structure=structure.name)])
    code = invoice["service_code"]
    service = structure.services.get(code) if code is not None else None
    findings = [*_service(invoice, structure, service, on), *_engagement(invoice, structure, service)]
    if findings:
        return _refused(findings)
    return Route(structure.partner_code or PORTAL_CODE, service.name if service else "", "", ())


def _service(invoice: InvoiceRow, structure: Structure, service: Service | None, on: date) -> Iterator[FindingRow]:
    code = invoice["service_code"]
    named = {"structure": structure.name, "code": code or "", "on": on.isoformat()}
    if code is None:
        if structure.service_required:
            yield _finding(invoice, "RLS-ROUTE-04", expected=_choices(structure, on), **named)
    elif service is None:
        # A structure without services takes any buyer reference: BT-10 then is no service code.
        if structure.services:
            yield _finding(invoice, "RLS-ROUTE-05", found=code, expected=_choices(structure, on), **named)
    elif not service.in_force(on):
        yield _finding(invoice, "RLS-ROUTE-06", found=code, expected=_choices(structure, on), **named)


def _engagement(invoice: InvoiceRow, structure: Structure, service: Service | None) -> Iterator[FindingRow]:
    if invoice["engagement"] is not None:
        return
    if structure.engagement_required:
        yield _finding(invoice, "RLS-ROUTE-07", who=structure.name)
    elif service is not None and service.engagement_required:
        yield _finding(invoice, "RLS-ROUTE-07", who=f"{structure.name}, service {service.code}")
    elif structure.service_or_engagement_required and invoice["service_code"] is None:
        yield _finding(invoice, "RLS-ROUTE-08", structure=structure.name)


def _choices(structure: Structure, on: date) -> str | None:
    codes = sorted(service.code for service in structure.services.values() if service.in_force(on))
    more = f" … (+{len(codes) - CHOICES_MAX})" if len(codes) > CHOICES_MAX else ""
    return ", ".join(codes[:CHOICES_MAX]) + more if codes else None


def _refused(findings: list[FindingRow]) -> Route:
    return Route("", "", ROUTING_RULES[findings[0]["rule"]].motive, tuple(findings))


def _finding(
    invoice: InvoiceRow, rule: str, *, found: str | None = None, expected: str | None = None, **named: str
) -> FindingRow:
    text = ROUTING_RULES[rule]
    return FindingRow(
        flow_key=invoice["flow_key"],
        position=invoice["position"],
        rule_set=RULE_SET,
        rule=rule,
        flag=Flag.FATAL,
        terms=list(text.terms),
        location=None,
        line=None,
        found=found,
        expected=expected,
        message_fr=text.sentence_fr.format(**named),
        message_en=text.sentence_en.format(**named),
    )
