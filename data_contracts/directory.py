"""The directory (annuaire): public structures by SIRET with their services and demands, and address lines.

Source: Chorus Pro API "Structures" (parameters codeServiceDoitEtreRenseigne, numeroEJDoitEtreRenseigne,
gestionNumeroEJOuCodeService; service numeroEngagement, estActif, validity dates); DGFiP external specifications 3.1,
annex 3 v1.7 (flow F14) and management rules G1.84 to G1.97 for address lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

ADDRESS_SCHEME = "0225"
"""ISO 6523 code of French electronic invoicing addresses (BT-49-1)."""

ADDRESS_CHARACTERS_MAX = 125
"""Annex 3, DT-7-5-1."""

RECEIVING_PLATFORM = "9999"
"""Matricule of Chorus Pro as a receiver: every line of a public body bears it (G1.112; annex 3, DT-7-6)."""

NO_PLATFORM = "9998"
"""Matricule of the lines of those who have chosen no platform yet (DSE 3.5; G1.112): nobody receives there."""

INTRA_PUBLIC_SERVICE = "FACTURES_PUBLIQUES"
"""The service of invoices between public bodies, and of no others (Chorus Pro OCA, second-hand)."""


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
    `commitment_required`: an engagement that an invoice quotes must be a commitment that the structure deposited, open,
    the supplier's and not overdrawn; else it is only told. A parameter of ours.
    """

    siret: str
    name: str
    active: bool = True
    service_required: bool = False
    engagement_required: bool = False
    service_or_engagement_required: bool = False
    partner_code: str = ""
    services: dict[str, Service] = field(default_factory=dict)
    commitment_required: bool = False


@dataclass(frozen=True)
class AddressLine:
    """One line of an address: which platform receives there from a day on. A masking line (nature M) takes it away.

    `valid_to` is exclusive. `instance` numbers what was published: the higher one replaces the lower of the same day.
    `siret` and `service_code` are what the line says of its address; the address itself is never taken apart.
    """

    address: str
    instance: int
    valid_from: date
    valid_to: date | None = None
    masked: bool = False
    platform: str = RECEIVING_PLATFORM
    siret: str | None = None
    service_code: str | None = None

    def covers(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


def line_in_force(lines: Iterable[AddressLine], on: date) -> AddressLine | None:
    """The line of one address that holds on a day, None if there is none.

    Of lines that begin on the same day the last published counts; if it masks, that beginning is as if never published
    (annex 3, DT-7-2). Of what then covers the day, the latest beginning: a line may still be used after another took
    over, up to its own end (DT-7-3-3).
    """
    last: dict[date, AddressLine] = {}
    for line in lines:
        if line.valid_from not in last or last[line.valid_from].instance < line.instance:
            last[line.valid_from] = line
    holding = [line for line in last.values() if not line.masked and line.covers(on)]
    return max(holding, key=lambda line: line.valid_from, default=None)


class DirectorySource(Protocol):
    """Where the directory is asked. Asked for many keys at once, it answers with what it knows of them."""

    @property
    def open_to_all(self) -> bool:
        """Whether any well-formed SIRET is taken."""
        ...

    def known(
        self,
        on: date,
        *,
        sirets: Collection[str] = (),
        sirens: Collection[str] = (),
        addresses: Collection[str] = (),
    ) -> Directory:
        """What is known as of a day of these structures, of these units being public, and of these addresses with the
        structures that their lines name."""
        ...


@dataclass(frozen=True)
class Directory:
    """Structures by SIRET and lines by address: all there are, or all that was asked for. It is its own source.

    `open_to_all`: any well-formed SIRET is taken as a structure without demands. Meant for pre-checks, where there is
    no directory; the summary of a run says so. `addressed`: there are address lines, so an address must be among them.
    `public_units` are SIRENs known to be public beside those of `structures`.
    """

    structures: dict[str, Structure]
    open_to_all: bool = False
    addresses: Mapping[str, tuple[AddressLine, ...]] = field(default_factory=dict)
    addressed: bool = False
    public_units: frozenset[str] = frozenset()

    def known(
        self,
        on: date,
        *,
        sirets: Collection[str] = (),
        sirens: Collection[str] = (),
        addresses: Collection[str] = (),
    ) -> Directory:
        """Itself: it holds whatever may be asked of it."""
        return self

    def is_public(self, siren: str) -> bool:
        """Whether a unit is a public body."""
        return siren in self.public_units or siren in self._sirens

    @cached_property
    def _sirens(self) -> frozenset[str]:
        return frozenset(siret[:9] for siret, structure in self.structures.items() if structure.active)
