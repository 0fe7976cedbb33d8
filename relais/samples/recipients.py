"""Recipients: forty public bodies, what each demands, and who receives for it. All invented but the State's SIRET,
which the official samples use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from data_contracts.directory import Directory, Service, Structure
from relais.samples.identifiers import siren, siret

STATE_SIRET = "11000201100044"
UNKNOWN_SIRET = siret(siren("21999998"), 1)
"""Well formed, and in no register."""

INACTIVE_SERVICE = "FAC0099075"
EXPIRED_SERVICE = "SCOLAIRE-2025"


@dataclass(frozen=True)
class Recipient:
    """A public body and its address."""

    structure: Structure
    street: str
    postcode: str
    city: str


def _services(*rows: Service) -> dict[str, Service]:
    return {row.code: row for row in rows}


def _state() -> Recipient:
    services = _services(
        Service("FAC0000075", "CBCM Finances, service facturier"),
        Service("FAC9470075", "Direction des achats"),
        Service("FAC0012038", "Préfecture de l'Isère"),
        Service("FAC0044044", "Direction interrégionale de la mer"),
        Service(INACTIVE_SERVICE, "Ancien service facturier", active=False),
    )
    structure = Structure(
        STATE_SIRET, "État", service_required=True, engagement_required=True, partner_code="ETA001", services=services
    )
    return Recipient(structure, "120 rue de Bercy", "75572", "PARIS CEDEX 12")


_HOSPITALS = (
    ("CHU des Quatre Vallées", "CHU001", "1 avenue de l'Hôpital", "38043", "GRENOBLE CEDEX 9"),
    ("CHU de l'Estuaire", "CHU002", "5 allée de l'Île Gloriette", "44093", "NANTES CEDEX 1"),
    ("Centre hospitalier de Rochebrune", "", "2 rue des Tilleuls", "05200", "EMBRUN"),
    ("Centre hospitalier du Haut-Val", "", "14 route des Granges", "73300", "SAINT-JEAN-DE-MAURIENNE"),
    ("EHPAD Les Charmilles", "", "9 rue du Verger", "37150", "BLÉRÉ"),
)
_DEPARTMENTS = (
    ("Département de l'Isère amont", "DEP001", "7 rue Fantin-Latour", "38000", "GRENOBLE"),
    ("Département de la Basse-Loire", "", "3 quai Ceineray", "44000", "NANTES"),
    ("Département du Jardin-de-Touraine", "", "1 place de la Préfecture", "37000", "TOURS"),
)
_UNIVERSITIES = (
    ("Université des Alpes du Nord", "UNI001", "621 avenue Centrale", "38400", "SAINT-MARTIN-D'HÈRES"),
    ("Université du Val de Loire", "", "60 rue du Plat-d'Étain", "37000", "TOURS"),
    ("Université de l'Océan", "", "1 quai de Tourville", "44000", "NANTES"),
)
_INTERCOMMUNALITIES = (
    ("Métropole des Quatre Vallées", "MET001", "3 rue Malakoff", "38000", "GRENOBLE"),
    ("Communauté de communes du Haut-Val", "", "22 rue de la Mairie", "73140", "SAINT-MICHEL-DE-MAURIENNE"),
    ("Communauté d'agglomération de l'Estuaire", "", "4 avenue du Commandant-L'Herminier", "44600", "SAINT-NAZAIRE"),
)
_COMMUNES = (
    ("Valfleury-sur-Isère", "COM001", "38210"), ("Montorge", "COM002", "38450"), ("Saint-Aubin-des-Prés", "", "38120"),
    ("Les Granges-Neuves", "", "38570"), ("Rochebrune-le-Haut", "", "05100"), ("La Ferrière-d'Aval", "", "38580"),
    ("Pont-de-l'Arche-Vieille", "", "73130"), ("Chantemerle-les-Eaux", "", "73260"), ("Villeneuve-du-Lac", "", "73370"),
    ("Beauregard-en-Touraine", "COM003", "37130"), ("Azay-la-Rivière", "", "37190"), ("Luzières", "", "37230"),
    ("Saint-Epain-le-Château", "", "37800"), ("Les Hermites-du-Lac", "", "37110"), ("Cormery-le-Vieux", "", "37320"),
    ("Port-Navalo-sur-Loire", "", "44350"), ("La Turmelière", "", "44530"), ("Saint-Gildas-des-Marais", "", "44410"),
    ("Préfailles-l'Océan", "", "44770"), ("Bourgneuf-les-Salines", "", "44580"), ("Corsept-la-Plage", "", "44560"),
    ("Frossay-le-Canal", "", "44320"), ("Sainte-Marie-du-Phare", "", "44210"), ("Montbert-la-Lande", "", "44140"),
)  # fmt: skip
INACTIVE_COMMUNE = "Commune déléguée de Vieux-Bourg"


def _hospitals() -> list[Recipient]:
    return [
        Recipient(
            Structure(siret(siren(f"2638{n:04d}"), 1), name, engagement_required=True, partner_code=code), *address
        )
        for n, (name, code, *address) in enumerate(_HOSPITALS, 101)
    ]


def _departments() -> list[Recipient]:
    services = _services(
        Service("BATIMENTS", "Direction des bâtiments"),
        Service("COLLEGES", "Direction de l'éducation et des collèges"),
        Service(EXPIRED_SERVICE, "Transport scolaire, marché 2025", valid_to=date(2026, 7, 1)),
    )
    return [
        Recipient(
            Structure(
                siret(siren(f"2238{n:04d}"), 1), name, service_required=True, partner_code=code, services=services
            ),
            *address,
        )
        for n, (name, code, *address) in enumerate(_DEPARTMENTS, 201)
    ]


def _universities() -> list[Recipient]:
    services = _services(
        Service("CAMPUS", "Direction du patrimoine", engagement_required=True),
        Service("RESTAURATION", "Service de la vie étudiante", valid_from=date(2024, 1, 1)),
    )
    return [
        Recipient(
            Structure(
                siret(siren(f"1938{n:04d}"), 1), name, service_required=True, partner_code=code, services=services
            ),
            *address,
        )
        for n, (name, code, *address) in enumerate(_UNIVERSITIES, 301)
    ]


def _intercommunalities() -> list[Recipient]:
    services = _services(Service("EAU", "Régie de l'eau"), Service("VOIRIE", "Direction de la voirie"))
    return [
        Recipient(
            Structure(
                siret(siren(f"2000{n:04d}"), 1),
                name,
                service_or_engagement_required=True,
                partner_code=code,
                services=services,
            ),
            *address,
        )
        for n, (name, code, *address) in enumerate(_INTERCOMMUNALITIES, 401)
    ]


def _communes() -> list[Recipient]:
    communes = [
        Recipient(
            Structure(siret(siren(f"2138{n:04d}"), 1), f"Commune de {name}", partner_code=code),
            "1 place de la Mairie",
            postcode,
            name.upper(),
        )
        for n, (name, code, postcode) in enumerate(_COMMUNES, 501)
    ]
    inactive = Structure(siret(siren("21380599"), 1), INACTIVE_COMMUNE, active=False)
    return [*communes, Recipient(inactive, "3 rue de l'Église", "38300", "VIEUX-BOURG")]


RECIPIENTS: tuple[Recipient, ...] = (
    _state(), *_hospitals(), *_departments(), *_universities(), *_intercommunalities(), *_communes(),
)  # fmt: skip

BY_NAME = {recipient.structure.name: recipient for recipient in RECIPIENTS}

ACTIVE: tuple[Recipient, ...] = tuple(recipient for recipient in RECIPIENTS if recipient.structure.active)


def directory() -> Directory:
    """The directory of the samples, as the registers written beside the flows say it."""
    return Directory({recipient.structure.siret: recipient.structure for recipient in RECIPIENTS})
