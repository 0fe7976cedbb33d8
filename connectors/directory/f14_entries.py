"""What each entry of an F14 means: from its fields as written to one row of the tables, or why it cannot be one.

Source: annex 3 v1.7, sheet F14: DG-3 units, DG-4 establishments, DG-5 routing codes, DG-6 platforms, DG-7 lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from connectors.directory.tables import (
    EITHER,
    ENGAGEMENT,
    ESTABLISHMENTS,
    LINES,
    PAYMENT,
    PLATFORMS,
    SERVICE,
    SERVICES,
    UNITS,
    WORKS,
    WORKS_ONLY,
    Row,
    Table,
    number_of,
)
from data_contracts.directory import ADDRESS_CHARACTERS_MAX

NAME_CHARACTERS_MAX = 255
CODE_CHARACTERS_MAX = 100
INSTANCE_MAX = 2**63 - 1
SCHEME = "qualifiant"
"""The one attribute, kept under its element's name and this one, as in `IdRoutage@qualifiant`."""

LEAVING = "S"
"""MotifPresence of what loses effect. A line says so by its dates; of everything else it is the end."""

Fields = Mapping[str, str]

_SIREN = re.compile(r"[0-9]{9}").fullmatch
_SIRET = re.compile(r"[0-9]{14}").fullmatch
_MATRICULE = re.compile(r"[0-9]{4}").fullmatch
_DAY = re.compile(r"[0-9]{8}").fullmatch
_BITS = {
    "EngagementJuridique": ENGAGEMENT,
    "Service": SERVICE,
    "EngJurServ": EITHER,
    "MOA": WORKS,
    "MOAunique": WORKS_ONLY,
    "StatutMiseEnPaiement": PAYMENT,
}
_TRUTHS = {"true": 1, "1": 1, "false": 0, "0": 0, "True": 1, "False": 0}
"""xs:boolean, and as annex 3 writes it."""


class Corrupt(Exception):
    """An entry that cannot be a row: which field, what it holds, what is wrong."""

    def __init__(self, field: str, value: str, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.value = value
        self.why = why


def unit(fields: Fields, loaded: int) -> Row:
    """The row of a UniteLegale."""
    siren = _matching(fields, "IdSIREN", _SIREN, "nine digits")
    public = _one_of(fields, "TypeEntite", "PA") == "P"
    return (
        int(siren),
        _name(fields),
        int(public),
        _active(fields, "CPS"),
        _diffusion(fields),
        _instance(fields),
        loaded,
    )


def establishment(fields: Fields, loaded: int) -> Row:
    """The row of an Etablissement. Demands are None where DonneesB2G is absent; whether it is public, its unit says."""
    siret = _matching(fields, "IdSIRET", _SIRET, "fourteen digits")
    demands = None
    if "DonneesB2G" in fields:
        demands = sum(bit for name, bit in _BITS.items() if _truth(fields, name))
    return (
        int(siret), _name(fields), None, _active(fields, "CPS"), demands, _diffusion(fields), _instance(fields), loaded,
    )  # fmt: skip


def service(fields: Fields, loaded: int) -> Row:
    """The row of a CodeRoutage."""
    siret = _matching(fields, "IdSIRET", _SIRET, "fourteen digits")
    code = _text(fields, "IdRoutage", CODE_CHARACTERS_MAX)
    engagement = _truth(fields, "EngagementJuridique") if "EngagementJuridique" in fields else 0
    scheme = fields.get("IdRoutage@qualifiant", "")
    return (
        int(siret), code, scheme, _name(fields), _active(fields, "CPS"), engagement, None, None, _instance(fields),
        loaded,
    )  # fmt: skip


def platform(fields: Fields, loaded: int) -> Row:
    """The row of an IdPlateformeReception."""
    kind = _text(fields, "TypePlateforme", 4)
    if kind not in {"PPF", "PDP", "AP", "NA"}:
        raise Corrupt("TypePlateforme", kind, "not PPF, PDP, AP or NA")
    return (
        _matching(fields, "Matricule", _MATRICULE, "four digits"), kind, _name(fields), _active(fields, "CPS"),
        _day(fields, "DateDebutImmatriculation"), _day_or_none(fields, "DateFinImmatriculation"),
        _instance(fields), loaded,
    )  # fmt: skip


def line(fields: Fields, loaded: int) -> Row:
    """The row of a LigneAnnuaire.

    Errors   Corrupt also when the address is not the one its parts make (DT-7-5-1): it would lead elsewhere than it
             says.
    """
    _one_of(fields, "MotifPresence", "CVPSN")
    siren = _matching(fields, "IdLinSIREN", _SIREN, "nine digits")
    siret = _matching(fields, "IdLinSIRET", _SIRET, "fourteen digits") if "IdLinSIRET" in fields else None
    code = _text(fields, "IdLinRoutage", CODE_CHARACTERS_MAX) if "IdLinRoutage" in fields else None
    suffix = fields.get("Suffixe")
    address = _text(fields, "Identifiant", ADDRESS_CHARACTERS_MAX)
    if address != "_".join(part for part in (siren, siret, code, suffix) if part is not None):
        raise Corrupt("Identifiant", address, "not made of SIREN, SIRET, routing code and suffix of the line")
    if siret is None and code is not None:
        raise Corrupt("IdLinRoutage", code, "a routing code without SIRET")
    return (
        address, _day(fields, "DateDebut"), int(_one_of(fields, "Nature", "DM") == "M"),
        _day_or_none(fields, "DateFin"), _day_or_none(fields, "DateFinEffective"),
        _matching(fields, "IdPlateforme", _MATRICULE, "four digits"),
        None if siret is None else int(siret), code, _instance(fields), loaded,
    )  # fmt: skip


ENTRIES: dict[str, tuple[str, Table, Callable[[Fields, int], Row]]] = {
    "BlocUnitesLegales": ("UniteLegale", UNITS, unit),
    "BlocEtablissements": ("Etablissement", ESTABLISHMENTS, establishment),
    "BlocCodesRoutage": ("CodeRoutage", SERVICES, service),
    "BlocIdPlateformesReception": ("IdPlateformeReception", PLATFORMS, platform),
    "BlocLignesAnnuaire": ("LigneAnnuaire", LINES, line),
}
"""By block: the name of its entries, their table, and how one is read."""

FIELDS = frozenset({
    "IdInstance", "MotifPresence", "Statut", "IdSIREN", "Nom", "TypeEntite", "Diffusible", "IdSIRET",
    "TypeEtablissement", "LigneAdresse1", "LigneAdresse2", "LigneAdresse3", "Localite", "CP", "SubdivisionPays",
    "CodePays", "DonneesB2G", "EngagementJuridique", "Service", "EngJurServ", "MOA", "MOAunique",
    "StatutMiseEnPaiement", "IdRoutage", "TypePlateforme", "Matricule", "NomCommercial", "Contact",
    "DateDebutImmatriculation", "DateFinImmatriculation", "Nature", "DateEffet", "DateDebut", "DateFin",
    "DateFinEffective", "InfoAdressage", "Identifiant", "IdLinSIREN", "IdLinSIRET", "IdLinRoutage", "Suffixe",
    "IdPlateforme",
})  # fmt: skip
"""Every element of an entry that annex 3 v1.7 knows."""


def _given(fields: Fields, name: str) -> str:
    try:
        return fields[name]
    except KeyError:
        raise Corrupt(name, "", "missing") from None


def _matching(fields: Fields, name: str, fits: Callable[[str], object], what: str) -> str:
    value = _given(fields, name)
    if fits(value) is None:
        raise Corrupt(name, value, f"not {what}")
    return value


def _text(fields: Fields, name: str, most: int) -> str:
    value = _given(fields, name)
    if not value:
        raise Corrupt(name, "", "empty")
    if len(value) > most:
        raise Corrupt(name, value, f"more than {most} characters")
    return value


def _one_of(fields: Fields, name: str, letters: str) -> str:
    value = _given(fields, name)
    if len(value) != 1 or value not in letters:
        raise Corrupt(name, value, "not one of " + ", ".join(letters))
    return value


def _name(fields: Fields) -> str:
    # A name is for people: one that is too long is cut, since the entry routes as well without its end.
    return _given(fields, "Nom")[:NAME_CHARACTERS_MAX]


def _active(fields: Fields, motives: str) -> int:
    motive = _one_of(fields, "MotifPresence", motives)
    return int(_one_of(fields, "Statut", "AI") == "A" and motive != LEAVING)


def _diffusion(fields: Fields) -> str:
    # Added to the format in v1.7, and no reason to lose the entry when it says something else.
    return fields.get("Diffusible", "")[:1]


def _truth(fields: Fields, name: str) -> int:
    value = _given(fields, name)
    if value not in _TRUTHS:
        raise Corrupt(name, value, "not true or false")
    return _TRUTHS[value]


def _instance(fields: Fields) -> int:
    value = _given(fields, "IdInstance")
    if not (value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= INSTANCE_MAX):
        raise Corrupt("IdInstance", value, "not a whole number")
    return int(value)


def _day(fields: Fields, name: str) -> int:
    value = _given(fields, name)
    number = _day_number(value)
    if number is None:
        raise Corrupt(name, value, "not a day as AAAAMMJJ")
    return number


def _day_or_none(fields: Fields, name: str) -> int | None:
    return _day(fields, name) if name in fields else None


@lru_cache(maxsize=4_096)
def _day_number(text: str) -> int | None:
    if _DAY(text) is None:
        return None
    try:
        return number_of(date(int(text[:4]), int(text[4:6]), int(text[6:])))
    except ValueError:
        return None
