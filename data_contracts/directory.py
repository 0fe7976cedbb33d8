"""The directory (annuaire): public structures by SIRET, their services, and what each makes mandatory.

Source: Chorus Pro API "Structures" (parameters codeServiceDoitEtreRenseigne, numeroEJDoitEtreRenseigne,
gestionNumeroEJOuCodeService; service numeroEngagement, estActif, validity dates).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Service:
    """A recipient service. `valid_to` is exclusive; None means open-ended."""

    code: str
    name: str
    active: bool = True
    engagement_required: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        return (
            self.active
            and (self.valid_from is None or self.valid_from <= on)
            and (self.valid_to is None or on < self.valid_to)
        )


@dataclass(frozen=True)
class Structure:
    """A public structure. `service_or_engagement_required`: one of the two is enough (gestionNumeroEJOuCodeService).

    `partner_code` is the connection that receives its invoices; empty means it reads them on the portal.
    """

    siret: str
    name: str
    active: bool = True
    service_required: bool = False
    engagement_required: bool = False
    service_or_engagement_required: bool = False
    partner_code: str = ""
    services: dict[str, Service] = field(default_factory=dict)


@dataclass(frozen=True)
class Directory:
    """Structures by SIRET.

    `open_to_all`: any well-formed SIRET is taken as a structure without demands. Meant for pre-checks, where there is
    no directory; the summary of a run says so.
    """

    structures: dict[str, Structure]
    open_to_all: bool = False
