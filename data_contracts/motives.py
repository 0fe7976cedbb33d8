"""Motive codes: why a flow is not admissible, why an invoice is rejected, refused or suspended, why a status is.

Sources: G7.18 (flow and file admissibility), G7.19 (rejection of invoices, of statuses), annex 7, tab of motives
(recipients' motives), BR-FR-CDV-CL-09 (which motive goes with which status). Sentences are ours: `motive-{code}` says what
happened, its `.remedy` what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_contracts.messages import Language, told


class Scope(StrEnum):
    """What a motive is about: a flow, one of its files, an invoice as it comes in, an invoice in its recipient's hands,
    a status of an invoice."""

    FLOW = "flow"
    DOCUMENT = "document"
    INVOICE = "invoice"
    PROCESSING = "processing"
    STATUS = "status"


REASONS_BY_STATUS: dict[str, frozenset[str]] = {
    "200": frozenset({"NON_TRANSMISE"}),
    "206": frozenset({
        "AUTRE", "CMD_ERR", "SIRET_ERR", "CODE_ROUTAGE_ERR", "REF_CT_ABSENT", "REF_ERR", "PU_ERR", "REM_ERR", "QTE_ERR",
        "ART_ERR", "MODPAI_ERR", "QUALITE_ERR", "LIVR_INCOMP",
    }),
    "207": frozenset({
        "AUTRE", "COORD_BANC_ERR", "TX_TVA_ERR", "MONTANTTOTAL_ERR", "CALCUL_ERR", "NON_CONFORME", "DOUBLON", "DEST_INC",
        "DEST_ERR", "TRANSAC_INC", "EMMET_INC", "CONTRAT_TERM", "DOUBLE_FACT", "CMD_ERR", "ADR_ERR", "SIRET_ERR",
        "CODE_ROUTAGE_ERR", "REF_CT_ABSENT", "REF_ERR", "PU_ERR", "REM_ERR", "QTE_ERR", "ART_ERR", "MODPAI_ERR",
        "QUALITE_ERR", "LIVR_INCOMP",
    }),
    "208": frozenset({
        "JUSTIF_ABS", "COORD_BANC_ERR", "CMD_ERR", "SIRET_ERR", "CODE_ROUTAGE_ERR", "REF_CT_ABSENT", "REF_ERR",
    }),
    "210": frozenset({
        "TX_TVA_ERR", "MONTANTTOTAL_ERR", "CALCUL_ERR", "NON_CONFORME", "DOUBLON", "DEST_ERR", "TRANSAC_INC", "EMMET_INC",
        "CONTRAT_TERM", "DOUBLE_FACT", "CMD_ERR", "ADR_ERR", "REF_CT_ABSENT",
    }),
    "213": frozenset({
        "MONTANTTOTAL_ERR", "CALCUL_ERR", "DOUBLON", "DEST_INC", "ADR_ERR", "REJ_SEMAN", "REJ_UNI", "REJ_COH", "REJ_ADR",
        "REJ_CONT_B2G", "REJ_REF_PJ", "REJ_ASS_PJ",
    }),
    "221": frozenset({"ROUTAGE_ERR"}),
    "501": frozenset({
        "IRR_VIDE_F", "IRR_TYPE_F", "IRR_SYNTAX", "IRR_TAILLE_PJ", "IRR_NOM_PJ", "IRR_VID_PJ", "IRR_EXT_DOC",
        "IRR_TAILLE_F", "IRR_ANTIVIRUS", "IRR_NOM_F",
    }),
}  # fmt: skip
"""The motives that a status may carry: closed lists. BR-FR-CDV-CL-09. A status that is not here has no list."""

REASONS_B2G: frozenset[str] = REASONS_BY_STATUS["210"] | {
    "RETRAIT_MAN_SERV", "ST_CT_NON_DECLAR", "SUPPR_COMP_AVOIR", "TRANSF_PMNT_REGIE", "AUTRE", "COORD_BANC_ERR",
    "LIVR_INCOMP",
}  # fmt: skip
"""What 210 may carry when Chorus Pro (0238:9999) sends it. The official sentence names CONTACT_ACHTR too; its test does
not let it pass."""


@dataclass(frozen=True)
class Motive:
    """A code with its sentences in both languages, which the catalogue of messages holds."""

    code: str
    scope: Scope

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses of CDAR that may carry it, sorted."""
        return tuple(sorted(code for code, motives in REASONS_BY_STATUS.items() if self.code in motives))

    @property
    def sentence_fr(self) -> str:
        return told(f"motive-{self.code}", Language.FR)

    @property
    def sentence_en(self) -> str:
        return told(f"motive-{self.code}", Language.EN)

    @property
    def remedy_fr(self) -> str:
        return told(f"motive-{self.code}.remedy", Language.FR)

    @property
    def remedy_en(self) -> str:
        return told(f"motive-{self.code}.remedy", Language.EN)


_CODES: dict[Scope, tuple[str, ...]] = {
    Scope.FLOW: (
        "IRR_TAILLE", "IRR_UNICITE", "IRR_VIDE", "IRR_FORM", "IRR_TYPE", "IRR_ANTIVIRUS", "IRR_CODE_INTER",
        "IRR_EXTRAC", "IRR_CODE_APP",
    ),
    Scope.DOCUMENT: (
        "IRR_VIDE_F", "IRR_TYPE_F", "IRR_SYNTAX", "IRR_TAILLE_F", "IRR_NOM_F", "IRR_TAILLE_PJ", "IRR_NOM_PJ",
        "IRR_VID_PJ", "IRR_EXT_DOC",
    ),
    Scope.INVOICE: (
        "REJ_SEMAN", "REJ_UNI", "REJ_COH", "REJ_ADR", "REJ_CONT_B2G", "REJ_REF_PJ", "REJ_ASS_PJ", "DOUBLON",
        "DEST_INC", "ADR_ERR", "CALCUL_ERR", "MONTANTTOTAL_ERR",
    ),
    Scope.PROCESSING: (
        "DEST_ERR", "SE_ERR", "SIRET_ERR", "CODE_ROUTAGE_ERR", "ROUTAGE_ERR", "CMD_ERR", "CMD_EJ_ERR",
        "CREANCIER_ERR", "COORD_BANC_ERR", "DOUBLE_FACT", "ERR_VALIDEUR", "AUT_MOTIF_ERR_VALIDEUR", "CONTACT_ACHTR",
        "FACT_NON_CONFORME", "NON_CONFORME", "JUSTIF_ABS", "LIVR_INCOMP", "TRANSAC_INC", "EMMET_INC", "MARCHE_TERM",
        "CONTRAT_TERM", "MONTANT_ERR", "TX_TVA_ERR", "ST_CT_NON_DECLAR", "SUPPR_COMP_AVOIR", "TRANSF_PMNT_REGIE",
        "RETRAIT_MAN_SERV", "ANNUL_ENC", "AUTRE", "REF_CT_ABSENT", "REF_ERR", "PU_ERR", "REM_ERR", "QTE_ERR",
        "ART_ERR", "MODPAI_ERR", "QUALITE_ERR", "NON_TRANSMISE",
    ),
    Scope.STATUS: (
        "REJ_INC", "REJ_INEX", "REJ_RG", "REJ_HAB", "REJ_ENCAISSEMENT",
    ),
}  # fmt: skip

MOTIVES: dict[str, Motive] = {code: Motive(code, scope) for scope, codes in _CODES.items() for code in codes}
