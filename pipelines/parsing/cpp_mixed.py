"""Where CPPFactureMixte holds the business terms. Source: official sample V1.14, CPPFacturePivot V2_02.

A document holds one invoice (`pipelines.validation.mixed_structure` refuses more). The kind of an identifier stands
beside it, in TypeIdentifiant.
"""

from __future__ import annotations

from datetime import date

from pipelines.parsing.term_paths import Binding, TermPaths, way
from pipelines.parsing.values import day

_UNIT = "CPPFactures/CPPFactureMixteUnitaire"
_INVOICE = f"{_UNIT}/DonneesFacture"


def _day(text: str, _code: str | None) -> date | None:
    return day(text)


CPP_MIXED = Binding(
    roots=(way("CPPFactureMixte"),),
    invoice=TermPaths({
        f"{_INVOICE}/Cadre": "frame",
        f"{_INVOICE}/Id": "number",
        f"{_INVOICE}/IdFactureOrigine": "preceding_number",
        f"{_INVOICE}/Type": "type_code",
        f"{_INVOICE}/DateEmissionFacture": "issue_date",
        f"{_INVOICE}/DateLivraison": "delivery_date",
        f"{_INVOICE}/ModePaiement/Code": "payment_means",
        f"{_INVOICE}/Devise": "currency",
        f"{_INVOICE}/Montants/MontantHT": "net_amount",
        f"{_INVOICE}/Montants/MontantTTC": "gross_amount",
        f"{_INVOICE}/Montants/MontantNetAPayer": "payable_amount",
        f"{_INVOICE}/Engagement/NumeroMarche": "contract",
        f"{_INVOICE}/Engagement/NumeroEngagement": "engagement",
        f"{_UNIT}/Fournisseur/Identifiant": "seller_legal_id",
        f"{_UNIT}/Fournisseur/RaisonSociale": "seller_name",
        f"{_UNIT}/Fournisseur/CodePays": "seller_country",
        f"{_UNIT}/Fournisseur/ReferenceBancaire/Compte": "account",
        f"{_UNIT}/Debiteur/Identifiant": "buyer_legal_id",
        f"{_UNIT}/Debiteur/Nom": "buyer_name",
        f"{_UNIT}/Debiteur/CodeService": "buyer_contact",
    }),
    lines=(way(f"{_INVOICE}/Lignes/Ligne"),),
    line=TermPaths({
        "@NumOrdre": "line_id",
        "ReferenceProduit": "product_id",
        "PrixUnitaire": "unit_price",
        "Quantite": "quantity",
        "MontantHT": "net_amount",
        "TauxTVA": "vat_rate",
    }),
    vat_groups=(way(f"{_INVOICE}/TVAS/TVA"), way(f"{_INVOICE}/TVAs/TVA")),
    vat=TermPaths({"Taux": "rate", "BaseHt": "base_amount", "MontantTVA": "vat_amount"}),
    seller_vat=None,
    day=_day,
)  # fmt: skip
