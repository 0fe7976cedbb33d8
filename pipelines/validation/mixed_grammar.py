"""How CPPFactureMixte is written, as data: elements, how often, in which order, with which texts.

No schema of this syntax is published. The grammar is ours, drawn from the official sample (V1.14), from DSE-CP and
from CPPFacturePivot V2_02, whose blocks have the same names. What is mandatory here stands in all of them; what only
the pivot has is allowed; anything else is told as a warning, since it may be the sender who knows better.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """What a text must look like. `shown` says it as people read it."""

    pattern: re.Pattern[str]
    shown: str


@dataclass(frozen=True)
class Part:
    """One element of the grammar.

    Shape    `least` and `most` count it under its parent; `names` are other names that it goes by. An element without
             `parts` holds a text, of the given form if there is one. `attributes` are mandatory.
    Nulls    `most` is None where there is no bound.
    """

    name: str
    least: int = 1
    most: int | None = 1
    form: Form | None = None
    parts: tuple[Part, ...] = ()
    attributes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def _form(pattern: str, shown: str) -> Form:
    return Form(re.compile(pattern), shown)


def _maybe(name: str, form: Form | None = None, parts: tuple[Part, ...] = (), **more: tuple[str, ...]) -> Part:
    return Part(name, 0, 1, form, parts, **more)


_AMOUNT = _form(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "-?[0-9]+(.[0-9]+)?")
_DAY = _form(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})?", "YYYY-MM-DD")
_FILLED = _form(r".*\S.*", "1+")
_COUNTRY = _form(r"[A-Z]{2}", "ISO 3166-1 alpha-2")
_SUPPLIER_TYPE = _form(r"[1-7]", "1-7")
_DEBTOR_TYPE = _form(r"1", "1")
_SIRET = _form(r"[0-9]{14}", "[0-9]{14}")
_NUMBER = _form(r".{1,20}", "1-20")
_TYPE = _form(r"38[01]", "380, 381")
_FRAME = _form(r"A(?:[1-9]|1[0-9]|2[0-5])", "A1-A25")
_CURRENCY = _form(r"[A-Z]{3}", "ISO 4217")
_SHORT = _form(r".{0,50}", "<= 50")
_SERVICE = _form(r".{0,100}", "<= 100")
_PIECE = _form(r"0[12]", "01, 02")

_PARTNER = (Part("Id"), _maybe("Libelle"), _maybe("Note"))
_ENVELOPE = Part(
    "Enveloppe",
    parts=(
        Part(
            "EnveloppeUnitaire",
            most=None,
            attributes=("NumOrdre",),
            parts=(
                Part(
                    "Parametres",
                    parts=(
                        Part(
                            "ParametreIndiv",
                            most=None,
                            attributes=("NumOrdre",),
                            parts=(Part("Code"), Part("Valeurparametre"), _maybe("Note")),
                        ),
                    ),
                ),
                Part("Partenaires", parts=(Part("Recepteur", parts=_PARTNER), Part("Emetteur", parts=_PARTNER))),
            ),
        ),
    ),
)

_SUPPLIER = Part(
    "Fournisseur",
    parts=(
        Part("TypeIdentifiant", form=_SUPPLIER_TYPE),
        Part("Identifiant", form=_FILLED),
        _maybe("RaisonSociale"),
        _maybe("CodePays", _COUNTRY),
        _maybe(
            "ReferenceBancaire", None, (_maybe("Compte"), _maybe("Etablissement"), _maybe("RaisonSocialeEncaisseur"))
        ),
        _maybe("ModeEmission"),
        _maybe("Note"),
    ),
)
_DEBTOR = Part(
    "Debiteur",
    parts=(
        Part("TypeIdentifiant", form=_DEBTOR_TYPE),
        Part("Identifiant", form=_SIRET),
        _maybe("Nom"),
        _maybe("CodeService", _SERVICE),
        _maybe("NomService"),
        _maybe("Note"),
    ),
)
_VAT = Part(
    "TVA",
    most=None,
    parts=(Part("Taux", form=_AMOUNT), Part("BaseHt", form=_AMOUNT), Part("MontantTVA", form=_AMOUNT)),
)
_LINE = Part(
    "Ligne",
    most=None,
    attributes=("NumOrdre",),
    parts=(
        _maybe("ReferenceProduit"),
        Part("PrixUnitaire", form=_AMOUNT),
        Part("Quantite", form=_AMOUNT),
        Part("MontantHT", form=_AMOUNT),
        _maybe("TauxTVA", _AMOUNT),
    ),
)
_INVOICE = Part(
    "DonneesFacture",
    parts=(
        Part("Id", form=_NUMBER),
        _maybe("IdCPRO"),
        _maybe("Renvoi"),
        _maybe("IdFactureOrigine", _NUMBER),
        Part("Type", form=_TYPE),
        Part("Cadre", form=_FRAME),
        Part("DateEmissionFacture", form=_DAY),
        _maybe("DateLivraison", _DAY),
        _maybe("ModePaiement", None, (Part("Code"), _maybe("Libelle"))),
        _maybe("DateReception", _DAY),
        Part("Devise", form=_CURRENCY),
        Part(
            "Montants",
            parts=tuple(Part(name, form=_AMOUNT) for name in ("MontantHT", "MontantTTC", "MontantNetAPayer")),
        ),
        _maybe("TVAS", None, (_VAT,), names=("TVAs",)),
        _maybe("Engagement", None, (_maybe("NumeroMarche", _SHORT), _maybe("NumeroEngagement", _SHORT))),
        _maybe("Lignes", None, (_LINE,)),
        _maybe("Commentaire"),
    ),
)
_ATTACHMENT = Part(
    "PJ",
    most=None,
    attributes=("NumOrdre",),
    parts=(
        _maybe("IdUnique"),
        _maybe("IdOriginal"),
        Part("Contenu"),
        Part("NomPJ"),
        _maybe("NomPJOrigine"),
        _maybe("CategoriePJ"),
        Part("TypePJ", form=_PIECE),
        Part("MimeTypePJ"),
    ),
)

UNIT = "CPPFactureMixteUnitaire"
GRAMMAR = Part(
    "CPPFactureMixte",
    parts=(
        _ENVELOPE,
        Part(
            "CPPFactures",
            attributes=("Compteur",),
            parts=(Part(UNIT, most=None, attributes=("NumOrdre",), parts=(_SUPPLIER, _DEBTOR, _INVOICE, _ATTACHMENT)),),
        ),
    ),
)
