"""Directory files for tests: a few entries each, as annex 3 writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

AT, ON = datetime(2026, 11, 17, 9, tzinfo=UTC), date(2026, 11, 17)
"""When files are loaded, and the day that is asked for."""
FULL_AT, SECOND_AT, THIRD_AT = "20261115030000", "20261116030000", "20261117030000"
CITY, CITY_SIREN, SHOP_SIREN = "21750001600019", "217500016", "552081317"


def unit(siren: str = CITY_SIREN, *, instance: int = 1, motive: str = "C", kind: str = "P", status: str = "A") -> str:
    return (
        f"<UniteLegale><IdInstance>{instance}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        f'<Statut>{status}</Statut><IdSIREN qualifiant="0002">{siren}</IdSIREN><Nom>Unité {siren}</Nom>'
        f"<TypeEntite>{kind}</TypeEntite><Diffusible>O</Diffusible></UniteLegale>"
    )


def establishment(
    siret: str = CITY, *, instance: int = 1, motive: str = "C", status: str = "A", name: str = "Ville",
    demands: str | None = "false true false false false true",
) -> str:  # fmt: skip
    names = ("EngagementJuridique", "Service", "EngJurServ", "MOA", "MOAunique", "StatutMiseEnPaiement")
    b2g = ""
    if demands is not None:
        told = "".join(f"<{name}>{value}</{name}>" for name, value in zip(names, demands.split(), strict=True))
        b2g = f"<DonneesB2G>{told}</DonneesB2G>"
    return (
        f"<Etablissement><IdInstance>{instance}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        f'<Statut>{status}</Statut><IdSIRET qualifiant="0009">{siret}</IdSIRET>'
        f"<TypeEtablissement>P</TypeEtablissement><Nom>{name}</Nom>{b2g}<Diffusible>O</Diffusible></Etablissement>"
    )


def service(code: str, siret: str = CITY, *, instance: int = 1, motive: str = "C", status: str = "A") -> str:
    return (
        f"<CodeRoutage><IdInstance>{instance}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        f'<Statut>{status}</Statut><IdSIRET qualifiant="0009">{siret}</IdSIRET>'
        f'<IdRoutage qualifiant="0224">{code}</IdRoutage><Nom>Service {code}</Nom>'
        "<EngagementJuridique>false</EngagementJuridique></CodeRoutage>"
    )


def platform(matricule: str = "9999", kind: str = "PPF") -> str:
    return (
        f"<IdPlateformeReception><IdInstance>{int(matricule)}</IdInstance><MotifPresence>C</MotifPresence>"
        f"<Statut>A</Statut><TypePlateforme>{kind}</TypePlateforme><Matricule>{matricule}</Matricule>"
        "<Nom>Plateforme</Nom><DateDebutImmatriculation>20250101</DateDebutImmatriculation></IdPlateformeReception>"
    )


def line(
    *, instance: int, siret: str | None = CITY, code: str | None = None, suffix: str | None = None,
    siren: str = CITY_SIREN, motive: str = "C", nature: str = "D", first: str = "20260901", last: str | None = None,
    effective: str | None = None, platform: str = "9999", address: str | None = None,
) -> str:  # fmt: skip
    parts = [part for part in (siren, siret, code, suffix) if part is not None]
    days = f"<DateDebut>{first}</DateDebut>"
    days += f"<DateFin>{last}</DateFin>" if last else ""
    days += f"<DateFinEffective>{effective}</DateFinEffective>" if effective else ""
    told = f'<IdLinSIREN qualifiant="0002">{siren}</IdLinSIREN>'
    told += f'<IdLinSIRET qualifiant="0009">{siret}</IdLinSIRET>' if siret else ""
    told += f'<IdLinRoutage qualifiant="0224">{code}</IdLinRoutage>' if code else ""
    told += f"<Suffixe>{suffix}</Suffixe>" if suffix else ""
    return (
        f"<LigneAnnuaire><IdInstance>{instance}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        f"<Nature>{nature}</Nature><DateEffet>{days}</DateEffet>"
        f"<InfoAdressage><Identifiant>{address or '_'.join(parts)}</Identifiant>{told}</InfoAdressage>"
        f"<IdPlateforme>{platform}</IdPlateforme></LigneAnnuaire>"
    )


def written(
    path: Path,
    *,
    at: str = FULL_AT,
    after: str | None = None,
    units: Iterable[str] = (),
    establishments: Iterable[str] = (),
    services: Iterable[str] = (),
    platforms: Iterable[str] = (),
    lines: Iterable[str] = (),
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> Path:
    """The file: a full one, or a differential after another."""
    blocks = (
        ("BlocUnitesLegales", units), ("BlocEtablissements", establishments), ("BlocCodesRoutage", services),
        ("BlocIdPlateformesReception", platforms), ("BlocLignesAnnuaire", lines),
    )  # fmt: skip
    told = "".join(f"<{name}>\n  {''.join(each)}\n</{name}>\n" for name, each in blocks if each)
    before = f"<DernierHorodateProduction>{after}</DernierHorodateProduction>" if after else ""
    heading = f"<HorodateProduction>{at}</HorodateProduction>{before}<TypeFlux>{'D' if after else 'C'}</TypeFlux>"
    path.write_text(
        f"{prolog}\n<AnnuaireConsultationF14>{heading}\n{told}</AnnuaireConsultationF14>\n", encoding="utf-8"
    )
    return path


def full(path: Path, **more: Iterable[str]) -> Path:
    """A city with two services, three addresses, and a shop on another platform."""
    blocks: dict[str, Iterable[str]] = {
        "units": [unit(), unit(SHOP_SIREN, kind="A")],
        "establishments": [establishment(), establishment(f"{SHOP_SIREN}00011", name="Boutique", demands=None)],
        "services": [service("EAU"), service("RH")],
        "platforms": [platform(), platform("0042", "PDP")],
        "lines": [
            line(instance=1, siret=None),
            line(instance=2),
            line(instance=3, code="EAU"),
            line(instance=4, siren=SHOP_SIREN, siret=None, platform="0042"),
        ],
    }
    return written(path, **(blocks | more))  # type: ignore[arg-type]
