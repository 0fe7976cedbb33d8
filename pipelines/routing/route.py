"""Route: which public body receives an invoice, and what that body demands of it. Pure.

Sources: DSE-CP 3.2.1 and the parameters of API "Structures": a structure may demand a service code, an engagement, or
one of both; a service may demand an engagement; services have validity dates, looked at as of the deposit date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.directory import INTRA_PUBLIC_SERVICE, Directory, Service, Structure
from data_contracts.interfaces import Circuit
from data_contracts.partners import PORTAL_CODE
from pipelines.routing.address import Addressee, addressee
from pipelines.routing.intra_public import from_public_body, service_between
from pipelines.routing.rules import ROUTING_RULES, finding

SIRET_DIGITS = 14
CHOICES_MAX = 10
"""Service codes quoted as expected: enough to choose from, few enough to read."""


@dataclass(frozen=True)
class Route:
    """`partner_code` receives the invoice. `findings` are empty when the route is open; `motive` is theirs.

    `siret` and `service_code` are what the invoice was routed by: its own, or those of its address.
    """

    partner_code: str
    service_name: str
    motive: str
    findings: tuple[FindingRow, ...]
    siret: str | None = None
    service_code: str | None = None


def routed(invoice: InvoiceRow, directory: Directory, on: date, circuit: Circuit = Circuit.AFNOR) -> Route:
    """The recipient of one invoice as of a date, or every reason why there is none.

    Shape    electronic addresses are those of the French reform: on Chorus Pro's historical interfaces they are text.
    Nulls    an invoice without buyer SIRET, nor address that stands for one, has no recipient.
    Errors   none: refusals are findings.
    """
    to = addressee(invoice, directory, on, circuit)
    if to.elsewhere:
        return _refused(to.findings)
    siret = to.siret
    if siret is None or not (len(siret) == SIRET_DIGITS and siret.isascii() and siret.isdigit()):
        return _refused((*to.findings, finding(invoice, "RLS-ROUTE-01", found=siret, expected="14")))
    structure = directory.structures.get(siret)
    if structure is None:
        if directory.open_to_all and not to.findings:
            return Route(PORTAL_CODE, "", "", (), siret, to.service_code)
        return _refused((*to.findings, finding(invoice, "RLS-ROUTE-02", found=siret)))
    if not structure.active:
        return _refused((*to.findings, finding(invoice, "RLS-ROUTE-03", found=siret, structure=structure.name)))
    return _received(invoice, to, structure, directory, on)


def as_routed(invoice: InvoiceRow, route: Route) -> InvoiceRow:
    """The invoice with the structure and service it is delivered to; itself when it named both, or has no route."""
    if route.findings or route.siret is None:
        return invoice
    taken = {"buyer_siret": route.siret, "service_code": route.service_code}
    same = all(invoice[name] == taken[name] for name in ("buyer_siret", "service_code"))
    return invoice if same else cast(InvoiceRow, {**invoice, **taken})


def _received(invoice: InvoiceRow, to: Addressee, structure: Structure, directory: Directory, on: date) -> Route:
    code = service_between(invoice, to.service_code, structure, directory, on)
    service = structure.services.get(code) if code is not None else None
    public = from_public_body(invoice, directory)
    findings = (
        *to.findings,
        *_service(invoice, code, structure, service, on, public),
        *_engagement(invoice, code, structure, service),
    )
    if findings:
        return _refused(findings)
    name = service.name if service else ""
    return Route(structure.partner_code or PORTAL_CODE, name, "", (), structure.siret, code)


def _service(
    invoice: InvoiceRow, code: str | None, structure: Structure, service: Service | None, on: date, public: bool
) -> Iterator[FindingRow]:
    if code is None:
        if structure.service_required:
            choices = _choices(structure, on, public)
            yield finding(invoice, "RLS-ROUTE-04", expected=choices, structure=structure.name)
    elif code == INTRA_PUBLIC_SERVICE and not public:
        choices = _choices(structure, on, public)
        yield finding(invoice, "RLS-ROUTE-09", found=code, expected=choices, structure=structure.name, code=code)
    elif service is None:
        # A structure without services takes any buyer reference: BT-10 then is no service code.
        if structure.services:
            choices = _choices(structure, on, public)
            yield finding(invoice, "RLS-ROUTE-05", found=code, expected=choices, structure=structure.name, code=code)
    elif not service.in_force(on):
        yield finding(
            invoice, "RLS-ROUTE-06", found=code, expected=_choices(structure, on, public), structure=structure.name,
            code=code, on=on.isoformat(),
        )  # fmt: skip


def _engagement(
    invoice: InvoiceRow, code: str | None, structure: Structure, service: Service | None
) -> Iterator[FindingRow]:
    if invoice["engagement"] is not None:
        return
    if structure.engagement_required:
        yield finding(invoice, "RLS-ROUTE-07", who=structure.name)
    elif service is not None and service.engagement_required:
        yield finding(invoice, "RLS-ROUTE-07", who=f"{structure.name}, service {service.code}")
    elif structure.service_or_engagement_required and code is None:
        yield finding(invoice, "RLS-ROUTE-08", structure=structure.name)


def _choices(structure: Structure, on: date, public: bool) -> str | None:
    """Services that the sender may choose from."""
    codes = sorted(
        service.code
        for service in structure.services.values()
        if service.in_force(on) and (public or service.code != INTRA_PUBLIC_SERVICE)
    )
    more = f" … (+{len(codes) - CHOICES_MAX})" if len(codes) > CHOICES_MAX else ""
    return ", ".join(codes[:CHOICES_MAX]) + more if codes else None


def _refused(findings: tuple[FindingRow, ...]) -> Route:
    return Route("", "", ROUTING_RULES[findings[0]["rule"]].motive, findings)
