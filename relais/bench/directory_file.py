"""A directory file F14 of any size, for measurements: made-up firms, one public body in fifty, no real identifier.

The file is the same for the same size. Its entries have the fields and the order of annex 3; a differential says what
changed since the full file of that size.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PUBLIC_EVERY = 50
SERVICES_PER_BODY = 3
PLATFORMS = 100
CHORUS_PRO = "9999"
FULL_AT, NEXT_AT = "20261115030000", "20261116030000"
BLOCK = 2_000


def write_full(path: Path, size: int) -> int:
    """How many bytes the file has: a full F14 of `size` units, establishments and lines each, and their codes."""
    return _write(path, _full(size))


def write_differential(path: Path, size: int, changed: int) -> int:
    """How many bytes: a differential after the full file of `size`, with `changed` lines, each under three motives."""
    return _write(path, _differential(size, changed))


def siren_of(number: int) -> str:
    """The number of the nth unit."""
    return f"{100_000_000 + number:09d}"


def siret_of(number: int) -> str:
    """The establishment of the nth unit."""
    return f"{siren_of(number)}00011"


def _write(path: Path, parts: Iterator[str]) -> int:
    with path.open("w", encoding="utf-8") as stream:
        held: list[str] = []
        for part in parts:
            held.append(part)
            if len(held) == BLOCK:
                stream.write("".join(held))
                held.clear()
        stream.write("".join(held))
    return path.stat().st_size


def _full(size: int) -> Iterator[str]:
    yield _opening(FULL_AT, None, "C")
    yield "<BlocUnitesLegales>\n"
    yield from (_unit(number, "C") for number in range(size))
    yield "</BlocUnitesLegales>\n<BlocEtablissements>\n"
    yield from (_establishment(number, "C") for number in range(size))
    yield "</BlocEtablissements>\n<BlocCodesRoutage>\n"
    for number in range(0, size, PUBLIC_EVERY):
        yield from (_service(number, at) for at in range(SERVICES_PER_BODY))
    yield "</BlocCodesRoutage>\n<BlocIdPlateformesReception>\n"
    yield from (_platform(at) for at in range(PLATFORMS))
    yield _platform(int(CHORUS_PRO))
    yield "</BlocIdPlateformesReception>\n<BlocLignesAnnuaire>\n"
    yield from (_line(number, "C") for number in range(size))
    yield "</BlocLignesAnnuaire>\n</AnnuaireConsultationF14>\n"


def _differential(size: int, changed: int) -> Iterator[str]:
    yield _opening(NEXT_AT, FULL_AT, "D")
    yield "<BlocLignesAnnuaire>\n"
    for number in range(size, size + changed):
        yield from (_line(number, motive) for motive in "NPS")
    yield "</BlocLignesAnnuaire>\n</AnnuaireConsultationF14>\n"


def _opening(at: str, after: str | None, kind: str) -> str:
    before = f"<DernierHorodateProduction>{after}</DernierHorodateProduction>\n" if after else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<AnnuaireConsultationF14>\n'
        f"<HorodateProduction>{at}</HorodateProduction>\n{before}<TypeFlux>{kind}</TypeFlux>\n"
    )


def _unit(number: int, motive: str) -> str:
    kind = "A" if number % PUBLIC_EVERY else "P"
    return (
        f"<UniteLegale><IdInstance>{number + 1}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        f'<Statut>A</Statut><IdSIREN qualifiant="0002">{siren_of(number)}</IdSIREN>'
        f"<Nom>Société éprouvée {number}</Nom><TypeEntite>{kind}</TypeEntite>"
        "<Diffusible>O</Diffusible></UniteLegale>\n"
    )


def _establishment(number: int, motive: str) -> str:
    demands = "" if number % PUBLIC_EVERY else (
        "<DonneesB2G><EngagementJuridique>false</EngagementJuridique><Service>true</Service>"
        "<EngJurServ>false</EngJurServ><MOA>false</MOA><MOAunique>false</MOAunique>"
        "<StatutMiseEnPaiement>true</StatutMiseEnPaiement></DonneesB2G>"
    )  # fmt: skip
    return (
        f"<Etablissement><IdInstance>{number + 1}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        f'<Statut>A</Statut><IdSIRET qualifiant="0009">{siret_of(number)}</IdSIRET>'
        f"<TypeEtablissement>P</TypeEtablissement><Nom>Établissement {number}</Nom>"
        f"<LigneAdresse1>{number % 300} rue des Essais</LigneAdresse1><Localite>Ville-Neuve</Localite>"
        f"<CP>{number % 96000:05d}</CP><CodePays>FR</CodePays>{demands}<Diffusible>O</Diffusible></Etablissement>\n"
    )


def _service(number: int, at: int) -> str:
    return (
        f"<CodeRoutage><IdInstance>{number * SERVICES_PER_BODY + at + 1}</IdInstance><MotifPresence>C</MotifPresence>"
        f'<Statut>A</Statut><IdSIRET qualifiant="0009">{siret_of(number)}</IdSIRET>'
        f'<IdRoutage qualifiant="0224">SERVICE-{at}</IdRoutage><Nom>Service {at}</Nom>'
        "<EngagementJuridique>false</EngagementJuridique></CodeRoutage>\n"
    )


def _platform(number: int) -> str:
    kind = "PPF" if str(number) == CHORUS_PRO else "PDP"
    return (
        f"<IdPlateformeReception><IdInstance>{number + 1}</IdInstance><MotifPresence>C</MotifPresence>"
        f"<Statut>A</Statut><TypePlateforme>{kind}</TypePlateforme><Matricule>{number:04d}</Matricule>"
        f"<Nom>Plateforme {number}</Nom><DateDebutImmatriculation>20250101</DateDebutImmatriculation>"
        "</IdPlateformeReception>\n"
    )


def _line(number: int, motive: str) -> str:
    siren, siret = siren_of(number), siret_of(number)
    platform = f"{number % PLATFORMS:04d}" if number % PUBLIC_EVERY else CHORUS_PRO
    return (
        f"<LigneAnnuaire><IdInstance>{number + 1}</IdInstance><MotifPresence>{motive}</MotifPresence>"
        "<Nature>D</Nature><DateEffet><DateDebut>20260901</DateDebut></DateEffet><InfoAdressage>"
        f'<Identifiant>{siren}_{siret}</Identifiant><IdLinSIREN qualifiant="0002">{siren}</IdLinSIREN>'
        f'<IdLinSIRET qualifiant="0009">{siret}</IdLinSIRET></InfoAdressage>'
        f"<IdPlateforme>{platform}</IdPlateforme></LigneAnnuaire>\n"
    )
