"""The interface catalogue: what may be exchanged, in which syntax, with which limits and answers.

A table, not code: adding an interface is adding a row. No module branches on an interface code.
Sources: DSE-CP 5.4.2.1 p. 55 to 57, ANX-CP, EDI-2017 p. 3 (2017 codes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_contracts.limits import MEMBERS_MAX
from data_contracts.refusals import FlowRefused


class Direction(StrEnum):
    """Seen from Relais."""

    IN = "in"
    OUT = "out"


class Content(StrEnum):
    INVOICES = "invoices"
    FLOW_ACKNOWLEDGMENT = "flow acknowledgment"
    LIFECYCLE = "lifecycle"
    DIFFUSION = "diffusion"
    DIGEST = "digest"
    COMMITMENTS = "commitments"


class Syntax(StrEnum):
    """How one document of the flow is written."""

    UBL = "ubl"
    CII = "cii"
    FACTURX = "facturx"
    CPP_MIXED = "cpp_mixed"
    CPP_STATUS = "cpp_status"
    CPP_PIVOT = "cpp_pivot"
    CDAR = "cdar"
    CSV = "csv"
    PARQUET = "parquet"
    COMMITMENTS = "commitments"


class Circuit(StrEnum):
    """Which family of rules and answers an interface belongs to."""

    CHORUS_PRO = "chorus_pro"
    AFNOR = "afnor"


@dataclass(frozen=True)
class Interface:
    """One row of the catalogue.

    `family` is Chorus Pro's flow family (E1 structured, E2 mixed, E3 court costs, E4 and E5 works), empty elsewhere.
    `acknowledgment`, `lifecycle` and `made_available` are the codes of the answers that a deposit brings: on the flow,
    on each invoice (deposited, rejected), on each invoice made available to its recipient.
    `mixed` says that a document holds the least that Chorus Pro books, and the invoice itself is a file attached to it:
    the rules of EN 16931 do not judge it. `currency` is that of its invoices that give none, empty where each must.
    """

    code: str
    direction: Direction
    circuit: Circuit
    content: Content
    syntax: Syntax
    family: str
    label_fr: str
    label_en: str
    acknowledgment: str = ""
    lifecycle: str = ""
    made_available: str = ""
    invoices_max: int = MEMBERS_MAX
    mixed: bool = False
    currency: str = ""
    source: str = "DSE-CP 5.4.2.1"


E1_INVOICES_MAX = 500
"""Invoices of one E1 flow. EDI annex, quoted by Akuiteo's help (second-hand)."""

EURO = "EUR"
"""The currency of FSO1116A where none is given: sixteen of the eighteen official samples give none, and the diffusion to
the recipient must say one."""

CPP_V1_LIFECYCLE = "FEN1201A"
"""The lifecycle in format CPP V1: a supplier that subscribes to it gets it in the place of FEN1200A."""

OURS = "Relais"
"""The source of rows that no public specification knows."""

COMMITMENTS_OUT = "FEN9010A"
"""Commitments towards suppliers. The codes 9010 are ours: no public interface of commitments is known, and none of the
catalogue's sources uses the digits 9000 to 9999."""

DIGESTS = ("FEN9020A", "FEN9021A")
"""Digests of a diffusion as a table, in CSV and in Parquet: a recipient that subscribes to one gets it beside each pivot.
The codes 9020 and 9021 are ours."""

DIFFUSION = "FEN0036A"
"""The interface by which every accepted invoice reaches its recipient, whatever interface brought it. DSE-CP p. 57."""


def _deposit(
    code: str,
    circuit: Circuit,
    syntax: Syntax,
    family: str,
    label_fr: str,
    label_en: str,
    *,
    invoices_max: int = MEMBERS_MAX,
    mixed: bool = False,
    currency: str = "",
) -> Interface:
    afnor = circuit is Circuit.AFNOR
    return Interface(
        code=code,
        direction=Direction.IN,
        circuit=circuit,
        content=Content.INVOICES,
        syntax=syntax,
        family=family,
        label_fr=label_fr,
        label_en=label_en,
        acknowledgment=f"C{code[1:]}",
        lifecycle="FEN1214A" if afnor else "FEN1200A",
        made_available="FEN1204A" if afnor else "FEN1200A",
        invoices_max=invoices_max,
        mixed=mixed,
        currency=currency,
    )


def _answer(code: str, circuit: Circuit, content: Content, syntax: Syntax, label_fr: str, label_en: str) -> Interface:
    return Interface(code, Direction.OUT, circuit, content, syntax, "", label_fr, label_en)


def _status_in(code: str, circuit: Circuit, syntax: Syntax, label_fr: str, label_en: str) -> Interface:
    return Interface(
        code, Direction.IN, circuit, Content.LIFECYCLE, syntax, "", label_fr, label_en, acknowledgment=f"C{code[1:]}"
    )


_CP, _AF = Circuit.CHORUS_PRO, Circuit.AFNOR

_DEPOSITS = (
    _deposit("FSO1100A", _CP, Syntax.UBL, "E1", "Demandes de paiement UBL structurées", "Structured UBL payment requests", invoices_max=E1_INVOICES_MAX),
    _deposit("FSO1106A", _CP, Syntax.CII, "E1", "Demandes de paiement CII 16B structurées", "Structured CII 16B payment requests", invoices_max=E1_INVOICES_MAX),
    _deposit("FSO1117A", _CP, Syntax.FACTURX, "E2", "Demandes de paiement Factur-X", "Factur-X payment requests"),
    _deposit("FSO1110A", _CP, Syntax.UBL, "E2", "Demandes de paiement UBL minimal avec pièce jointe", "Minimal UBL payment requests with attachment", mixed=True),
    _deposit("FSO1116A", _CP, Syntax.CII, "E2", "Demandes de paiement CII 16B minimal avec pièce jointe", "Minimal CII 16B payment requests with attachment", mixed=True, currency=EURO),
    _deposit("FSO1113A", _CP, Syntax.CPP_MIXED, "E2", "Demandes de paiement CPPFactureMixte", "CPPFactureMixte payment requests", mixed=True),
    _deposit("FSO1120A", _CP, Syntax.UBL, "E3", "Mémoires de frais de justice UBL", "UBL court-cost memoranda", mixed=True),
    _deposit("FSO1130A", _CP, Syntax.UBL, "E4", "Factures de travaux UBL", "UBL works invoices"),
    _deposit("FSO1131A", _CP, Syntax.UBL, "E5", "Factures de travaux UBL mixtes", "Mixed UBL works invoices", mixed=True),
    _deposit("FSO1137A", _CP, Syntax.FACTURX, "E5", "Factures de travaux Factur-X", "Factur-X works invoices"),
    _deposit("FSO1150A", _AF, Syntax.UBL, "", "Factures UBL 2.1 par plateforme agréée", "UBL 2.1 invoices through an approved platform"),
    _deposit("FSO1156A", _AF, Syntax.CII, "", "Factures CII D22B par plateforme agréée", "CII D22B invoices through an approved platform"),
    _deposit("FSO1157A", _AF, Syntax.FACTURX, "", "Factures Factur-X par plateforme agréée", "Factur-X invoices through an approved platform"),
)  # fmt: skip

_OTHER_INBOUND = (
    _status_in("FSO1300A", _CP, Syntax.CPP_STATUS, "Acquittement de flux par le destinataire", "Flow acknowledgment by the recipient"),
    _status_in("FSO1301A", _CP, Syntax.CPP_STATUS, "Cycle de vie déposé par le destinataire", "Lifecycle deposited by the recipient"),
    _status_in("FSO1304A", _AF, Syntax.CDAR, "Cycle de vie déposé par la plateforme", "Lifecycle deposited by the platform"),
    _status_in("FSO1305A", _AF, Syntax.CDAR, "Cycle de vie rejeté par la plateforme", "Lifecycle rejected by the platform"),
    Interface(
        "FSO9010A", Direction.IN, _CP, Content.COMMITMENTS, Syntax.COMMITMENTS, "",
        "Engagements juridiques déposés par une structure", "Commitments deposited by a public body",
        acknowledgment="CSO9010A", source=OURS,
    ),
)  # fmt: skip

_ANSWERS = (
    *(
        _answer(
            deposit.acknowledgment,
            deposit.circuit,
            Content.FLOW_ACKNOWLEDGMENT,
            Syntax.CDAR if deposit.circuit is Circuit.AFNOR else Syntax.CPP_STATUS,
            f"Compte rendu du flux {deposit.code}",
            f"Acknowledgment of flow {deposit.code}",
        )
        for deposit in (*_DEPOSITS, *_OTHER_INBOUND)
    ),
    _answer("FEN1200A", _CP, Content.LIFECYCLE, Syntax.CPP_STATUS, "Cycle de vie vers le fournisseur", "Lifecycle to the supplier"),
    _answer("FEN1201A", _CP, Content.LIFECYCLE, Syntax.CPP_STATUS, "Cycle de vie vers le fournisseur, format CPP V1", "Lifecycle to the supplier, CPP V1 format"),
    _answer("FEN1204A", _AF, Content.LIFECYCLE, Syntax.CDAR, "Cycle de vie vers la plateforme", "Lifecycle to the platform"),
    _answer("FEN1205A", _AF, Content.LIFECYCLE, Syntax.CDAR, "Cycle de vie rejeté vers la plateforme", "Rejected lifecycle to the platform"),
    _answer("FEN1214A", _AF, Content.LIFECYCLE, Syntax.CDAR, "Compte rendu par facture vers la plateforme", "Object acknowledgment to the platform"),
    _answer(DIFFUSION, _CP, Content.DIFFUSION, Syntax.CPP_PIVOT, "Diffusion des factures au destinataire", "Diffusion of invoices to the recipient"),
    *(
        Interface(
            code, Direction.OUT, _CP, Content.DIGEST, syntax, "",
            f"Relevé des factures diffusées, en {said}", f"Digest of diffused invoices, in {said}", source=OURS,
        )
        for code, syntax, said in zip(DIGESTS, (Syntax.CSV, Syntax.PARQUET), ("CSV", "Parquet"), strict=True)
    ),
    Interface(
        COMMITMENTS_OUT, Direction.OUT, _CP, Content.COMMITMENTS, Syntax.COMMITMENTS, "",
        "Engagements juridiques vers le fournisseur", "Commitments to the supplier", source=OURS,
    ),
)  # fmt: skip

SUBSCRIBED_ANSWERS = frozenset({CPP_V1_LIFECYCLE, *DIGESTS})
"""Answers that a partner gets when its list of interfaces names them."""

CATALOGUE: dict[str, Interface] = {row.code: row for row in (*_DEPOSITS, *_OTHER_INBOUND, *_ANSWERS)}

STATUS_CODES = frozenset(row.code for row in _OTHER_INBOUND if row.content is Content.LIFECYCLE)
"""Codes of flows by which others tell us statuses: they hold no invoices."""


def inbound(code: str) -> Interface:
    """The catalogue row of a code that a partner may send to us.

    Errors   FlowRefused with IRR_CODE_INTER if the code is unknown or is one that only we send.
    """
    interface = CATALOGUE.get(code)
    if interface is None or interface.direction is Direction.OUT:
        raise FlowRefused.saying(
            "IRR_CODE_INTER",
            "admission-interface",
            where="envelope name",
            value=code,
            known=", ".join(sorted(row.code for row in _DEPOSITS)),
        )
    return interface
