"""Status codes, by message format and version. An unknown code stays unknown: it is never taken for a known one.

Sources: CPPStatutPivot V1_19 (documentation of IdStatut); DSE table 7 and ANX-CP for CDAR.
The schema of CPPStatut also admits 13 to 41, whose meaning depends on the interface version: they are not listed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_contracts.interfaces import Circuit
from data_contracts.messages import Sentences, both


class StatusFormat(StrEnum):
    """A message format with the version whose code list is meant."""

    CPP_FLOW = "CPPFluxStatuts V1_19"
    CPP_INVOICE = "CPPFactureStatuts V1_19"
    CDAR_FLOW = "CDAR D22B flow"
    CDAR_INVOICE = "CDAR D22B invoice"
    RELAIS = "Relais"


@dataclass(frozen=True)
class Status:
    """`motive_required`: a status that must say why. `unece_code`: MDT-88 of CDAR, empty where none is known."""

    format: StatusFormat
    code: str
    label_fr: str
    label_en: str
    motive_required: bool = False
    unece_code: str = ""


def _rows(format: StatusFormat, *rows: tuple[str, str, str] | tuple[str, str, str, bool, str]) -> dict[str, Status]:
    return {row[0]: Status(format, *row) for row in rows}


CPP_FLOW = _rows(
    StatusFormat.CPP_FLOW,
    ("90", "Reçu", "Received"),
    ("91", "En cours de transmission", "Being transmitted"),
    ("92", "Reçu par le destinataire final", "Received by the final recipient"),
    ("93", "Erreur à la réception", "Reception error"),
    ("94", "Erreur à la réception par le destinataire final", "Reception error at the final recipient"),
    ("95", "Erreur de transmission au destinataire final", "Transmission error to the final recipient"),
    ("96", "Reçu, intégration partielle", "Received, partly integrated"),
)

CPP_INVOICE = _rows(
    StatusFormat.CPP_INVOICE,
    ("01", "Déposée", "Deposited"),
    ("02", "En cours d'acheminement vers le destinataire", "On its way to the recipient"),
    ("03", "Mise à disposition du destinataire", "Made available to the recipient"),
    ("04", "Rejetée pour erreur de données d'acheminement", "Rejected for a routing data error", True, ""),
    ("05", "Rejetée pour autre motif", "Rejected for another motive", True, ""),
    ("06", "Suspendue", "Suspended", True, ""),
    ("07", "Service fait", "Service rendered"),
    ("08", "Mandatée", "Payment ordered"),
    ("09", "Mise à disposition du comptable", "Made available to the accountant"),
    ("10", "Comptabilisée", "Booked"),
    ("11", "Mise en paiement", "Being paid"),
    ("12", "Complétée", "Completed"),
)

CDAR_FLOW = _rows(
    StatusFormat.CDAR_FLOW,
    ("500", "Recevable", "Admissible"),
    ("501", "Irrecevable", "Not admissible", True, ""),
    ("601", "Rejeté (message de cycle de vie)", "Rejected (a life-cycle message)", True, ""),
)

CDAR_INVOICE = _rows(
    StatusFormat.CDAR_INVOICE,
    ("200", "Déposée", "Deposited", False, "10"),
    ("201", "Émise par la plateforme", "Issued by the platform", False, ""),
    ("202", "Reçue par la plateforme", "Received by the platform", False, "43"),
    ("203", "Mise à disposition", "Made available", False, "48"),
    ("204", "Prise en charge", "Taken in charge", False, "45"),
    ("205", "Approuvée", "Approved", False, "1"),
    ("206", "Approuvée partiellement", "Partly approved", True, ""),
    ("207", "En litige", "Disputed", True, "46"),
    ("208", "Suspendue", "Suspended", True, ""),
    ("209", "Complétée", "Completed", False, ""),
    ("210", "Refusée", "Refused", True, "50"),
    ("211", "Paiement transmis", "Payment sent", False, "47"),
    ("212", "Encaissée", "Cashed", False, "47"),
    ("213", "Rejetée", "Rejected", True, "8"),
    ("214", "Visée", "Endorsed", False, ""),
    ("220", "Annulée", "Cancelled", False, ""),
    ("221", "Erreur de routage", "Routing error", True, ""),
    ("224", "Demande de paiement direct", "Direct payment request", False, ""),
    ("225", "Affacturée", "Factored", False, ""),
    ("226", "Affacturée confidentiel", "Factored, confidential", False, ""),
    ("227", "Changement de compte à payer", "Change of account to pay", False, ""),
    ("228", "Non affacturée", "Not factored", False, ""),
)

RECYCLED, SUCCEEDED = "RECYCLEE", "REMPLACEE"

RELAIS = _rows(
    StatusFormat.RELAIS,
    (RECYCLED, "Recyclée sous le même numéro", "Recycled under the same number"),
    (SUCCEEDED, "Remplacée par une facture d'un autre numéro", "Replaced by an invoice of another number"),
)
"""What no message format says and a history must: events that Relais itself sees happen."""

TABLES: dict[StatusFormat, dict[str, Status]] = {
    StatusFormat.CPP_FLOW: CPP_FLOW,
    StatusFormat.CPP_INVOICE: CPP_INVOICE,
    StatusFormat.CDAR_FLOW: CDAR_FLOW,
    StatusFormat.CDAR_INVOICE: CDAR_INVOICE,
    StatusFormat.RELAIS: RELAIS,
}


def status(format: StatusFormat, code: str) -> Status | None:
    """The row of a code, or None: the caller keeps an unknown code as it came and never guesses."""
    return TABLES[format].get(code)


@dataclass(frozen=True)
class PlatformStatuses:
    """The codes that Relais itself sets on an invoice: taken in, made available to its recipient, rejected."""

    received: str
    made_available: str
    rejected: str


PLATFORM_STATUSES: dict[Circuit, PlatformStatuses] = {
    Circuit.CHORUS_PRO: PlatformStatuses(received="01", made_available="03", rejected="05"),
    Circuit.AFNOR: PlatformStatuses(received="202", made_available="203", rejected="213"),
}
"""DSE-CP 3.4 and ANX-CP: Chorus Pro sends 01, 03 and 05 to suppliers; 202, 203 and 213 to approved platforms."""


_FAMILIES = {
    StatusFormat.CPP_FLOW: "CPP",
    StatusFormat.CPP_INVOICE: "CPP",
    StatusFormat.CDAR_FLOW: "CDAR",
    StatusFormat.CDAR_INVOICE: "CDAR",
    StatusFormat.RELAIS: "RELAIS",
}


DUPLICATE_MOTIVES = frozenset({"DOUBLON", "REJ_UNI"})
"""Motives of a deposit that repeats an invoice: the deposit is rejected, and the invoice stands."""

_REJECTED = frozenset(codes.rejected for codes in PLATFORM_STATUSES.values())


def meaning(format: StatusFormat, code: str, own_motive: str | None = None) -> Sentences:
    """What a status means for the supplier, in both languages; of an unknown code, that it is not known.

    Nulls    `own_motive` is the motive where Relais itself set the status as it took the deposit in, None where a
             recipient or a platform set it: a rejection at the door is not one by the recipient.
    """
    return _said(format, code, "", own_motive)


def what_next(format: StatusFormat, code: str, own_motive: str | None = None) -> Sentences:
    """What happens after a status and what the supplier has to do, in both languages. Nulls as of `meaning`."""
    return _said(format, code, ".next", own_motive)


def _said(format: StatusFormat, code: str, attribute: str, own_motive: str | None) -> Sentences:
    if status(format, code) is None:
        return both(f"status-unknown{attribute}", **({} if attribute else {"code": code}))
    if own_motive is not None and code in _REJECTED:
        kind = "duplicate" if own_motive in DUPLICATE_MOTIVES else "rejected"
        return both(f"status-deposit-{kind}{attribute}")
    return both(f"status-{_FAMILIES[format]}-{code}{attribute}")
