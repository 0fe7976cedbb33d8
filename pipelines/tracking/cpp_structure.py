"""The structure of CPPStatut. Source: CPPStatutPivot V1_19 (its facts; the table is ours)."""

from __future__ import annotations

from pipelines.tracking import lexical
from pipelines.tracking.structure import Leaf, Sequence, sequence

ROOT_TYPE = "CPPStatut"

_ORDER = {"NumOrdre": lexical.count}
_COUNT = {"compteur": lexical.count}

TYPES: dict[str, Leaf | Sequence] = {
    "CPPStatut": sequence(
        "Enveloppe:Enveloppe CPPFluxStatuts:Flows|CPPFactureStatuts:Invoices", {"Version": lexical.anything}
    ),
    "Enveloppe": sequence("EnveloppeUnitaire:EnveloppeUnitaire+"),
    "EnveloppeUnitaire": sequence("Parametres:Parametres Partenaires:Partenaires", _ORDER),
    # Two parameters at the least: the date of production and the identifier of the flow.
    "Parametres": sequence("ParametreIndiv:ParametreIndiv ParametreIndiv:ParametreIndiv+"),
    "ParametreIndiv": sequence(
        "Code:parameter Valeurparametre:text Note:text?", {"NumOrdre": lexical.four_digits}
    ),
    "Partenaires": sequence("Recepteur:partner Emetteur:partner"),
    "partner": sequence("Id:partner_code Libelle:text? Note:text?"),
    "Flows": sequence("CPPFluxStatutUnitaire:FlowUnit+", _COUNT),
    "FlowUnit": sequence("DonneesStatut:FlowStatus", _ORDER),
    "FlowStatus": sequence(
        "IdStatut:flow_code ComplementStatut:text40? Commentaire:text? Note:text? Horodatage:instant"
        " IdProducteur:producer_code? Producteur:nothing? IdFlux:text Details:Details?"
    ),
    "Details": sequence("LigneErreurDetail:ErrorLine+", {"NbLignesErreur": lexical.count}, "NbLignesErreur"),
    "ErrorLine": sequence(
        "NatureErreur:text CodeErreur:text LibelleErreur:text DescriptionErreur:text?",
        {"IdLigne": lexical.anything},
    ),
    "Invoices": sequence("CPPFactureStatutUnitaire:InvoiceUnit+", _COUNT),
    "InvoiceUnit": sequence("Fournisseur:Supplier Debiteur:Debtor DonneesStatut:InvoiceStatus", _ORDER),
    "Supplier": sequence("TypeIdentifiant:supplier_type Identifiant:text RaisonSociale:text CodePays:country?"),
    "Debtor": sequence("TypeIdentifiant:siret_type Identifiant:text14 Nom:text? CodeService:text100? NomService:text?"),
    "InvoiceStatus": sequence(
        "IdStatut:invoice_code ComplementStatut:text? Commentaire:text? Horodatage:instant Producteur:producer?"
        " IdFacture:text DateFacture:day? IdMandatDP:text?"
    ),
    "producer": sequence("", {"Id": lexical.anything}),
    "nothing": sequence(""),
    "text": Leaf(lexical.anything, "", {}),
    "text14": Leaf(lexical.long(14, 14), "14", {}),
    "text40": Leaf(lexical.long(0, 40), "<= 40", {}),
    "text100": Leaf(lexical.long(0, 100), "<= 100", {}),
    "parameter": Leaf(lexical.long(5, 5), "5", {}),
    "partner_code": Leaf(lexical.long(3, 8), "3-8", {}),
    "producer_code": Leaf(lexical.long(8, 8), "8", {}),
    "country": Leaf(lexical.long(2, 2), "2", {}),
    "supplier_type": Leaf(lexical.counted(1, 7), "1-7", {}),
    "siret_type": Leaf(lexical.counted(1, 1), "1", {}),
    "flow_code": Leaf(lexical.counted(90, 96), "90-96", {}),
    "invoice_code": Leaf(lexical.counted(1, 41), "01-41", {}),
    # Whether these can be read is told by a rule of its own (RLS-STATUS-05, -06), which says more.
    "instant": Leaf(lexical.anything, "", {}),
    "day": Leaf(lexical.anything, "", {}),
}  # fmt: skip
