"""Billers: the invented companies that send flows, and their articles."""

from __future__ import annotations

from dataclasses import dataclass

from relais.samples.identifiers import french_iban, siren, siret, vat_number


@dataclass(frozen=True)
class Article:
    """Something sold. Its unit price lies between `price_low` and `price_high`, integers whose last `price_digits`
    digits stand after the point; quantities likewise."""

    code: str
    name: str
    description: str
    unit: str
    vat_rate: str
    price_low: int
    price_high: int
    price_digits: int
    quantity_low: int
    quantity_high: int
    quantity_digits: int = 0


@dataclass(frozen=True)
class Biller:
    """A seller with its connection. `frame` is BT-23 in AFNOR flows; `stamp` makes its draws its own."""

    partner_code: str
    stamp: int
    name: str
    trading_name: str
    siren: str
    siret: str
    vat_number: str
    iban: str
    bic: str
    street: str
    postcode: str
    city: str
    phone: str
    mail: str
    legal_form: str
    frame: str
    lines_low: int
    lines_high: int
    credit_note_odds: int
    articles: tuple[Article, ...]


UTILITY_ARTICLES = (
    Article(
        "ABO-36", "Abonnement puissance souscrite",
        "Part fixe mensuelle de l'acheminement et de la fourniture, puissance souscrite de 36 kVA",
        "MON", "5.5", 1890, 8990, 2, 1, 2,
    ),
    Article(
        "CONSO-HP", "Consommation heures pleines",
        "Énergie active relevée au compteur communicant, poste horosaisonnier heures pleines",
        "KWH", "20", 1620, 2490, 4, 180, 9800,
    ),
    Article(
        "CONSO-HC", "Consommation heures creuses",
        "Énergie active relevée au compteur communicant, poste horosaisonnier heures creuses",
        "KWH", "20", 1210, 1790, 4, 120, 7400,
    ),
    Article(
        "CAPACITE", "Mécanisme de capacité",
        "Contribution au mécanisme de capacité, au prorata de la consommation de la période",
        "KWH", "20", 41, 97, 4, 300, 9900,
    ),
    Article(
        "TURPE", "Acheminement",
        "Utilisation du réseau public de distribution : composantes de comptage et de soutirage",
        "MON", "20", 1450, 21900, 2, 1, 1,
    ),
)  # fmt: skip

CATERER_ARTICLES = (
    Article(
        "DEJ-SCO", "Déjeuner scolaire, quatre composantes",
        "Repas livré en liaison froide, dont une composante issue de l'agriculture biologique",
        "C62", "5.5", 289, 465, 2, 20, 640,
    ),
    Article(
        "DEJ-ADU", "Déjeuner adulte, cinq composantes",
        "Repas livré en liaison froide, menu au choix « terre & mer »",
        "C62", "5.5", 512, 790, 2, 4, 180,
    ),
    Article(
        "GOUTER", "Goûter",
        "Fruit de saison, pain & chocolat",
        "C62", "5.5", 68, 124, 2, 20, 420,
    ),
    Article(
        "DIN-EHP", "Dîner de résident",
        "Potage, plat en texture adaptée, laitage, dessert",
        "C62", "5.5", 495, 720, 2, 12, 160,
    ),
    Article(
        "PAIN", "Pain de campagne tranché",
        "Pain au levain, farine de meule, pièce de 800 g",
        "C62", "5.5", 245, 390, 2, 5, 90,
    ),
    Article(
        "BUFFET", "Buffet de réunion",
        "Pièces salées & sucrées, boissons comprises, service à table",
        "C62", "10", 1450, 3200, 2, 8, 120,
    ),
    Article(
        "EAU-GAZ", "Eau minérale gazeuse",
        "Bouteille de verre consigné, 1 litre",
        "C62", "5.5", 92, 160, 2, 12, 240,
    ),
    Article(
        "VIN", "Vin d'accompagnement",
        "Cuvée régionale, bouteille de 75 cl",
        "C62", "20", 620, 1490, 2, 2, 36,
    ),
    Article(
        "PERS", "Personnel de service",
        "Mise en place, service & plonge",
        "HUR", "20", 2450, 3150, 2, 2, 40,
    ),
    Article(
        "LOC-VAIS", "Location de vaisselle",
        "Lot de vaisselle lavée, livrée & reprise",
        "SET", "20", 210, 480, 2, 10, 200,
    ),
)  # fmt: skip

BUILDER_ARTICLES = (
    Article(
        "MO-MAC", "Main-d'œuvre maçonnerie",
        "Reprise d'enduits et de maçonneries en élévation",
        "HUR", "10", 3900, 5200, 2, 8, 120,
    ),
    Article(
        "MO-COUV", "Main-d'œuvre couverture",
        "Dépose et repose d'ardoises, crochets inox compris",
        "HUR", "10", 4100, 5600, 2, 8, 96,
    ),
    Article(
        "ENDUIT", "Enduit à la chaux",
        "Enduit trois couches, finition talochée, au mètre carré",
        "MTK", "10", 3800, 7200, 2, 125, 2600, 1,
    ),
    Article(
        "ECHAF", "Échafaudage",
        "Montage, location et démontage, au mètre carré",
        "MTK", "20", 1150, 1890, 2, 400, 4200, 1,
    ),
    Article(
        "BENNE", "Évacuation de gravats",
        "Benne de 8 m³, mise en décharge agréée",
        "C62", "20", 28000, 42000, 2, 1, 4,
    ),
    Article(
        "ETUDE", "Note de calcul",
        "Vérification de charpente par le bureau d'études",
        "C62", "20", 45000, 98000, 2, 1, 1,
    ),
)  # fmt: skip

_UTILITY_SIREN, _CATERER_SIREN, _BUILDER_SIREN = siren("81345127"), siren("43208861"), siren("52917340")

UTILITY = Biller(
    partner_code="ELC001", stamp=1, name="Électricité des Quatre Vallées SA", trading_name="EQV Énergie",
    siren=_UTILITY_SIREN, siret=siret(_UTILITY_SIREN, 2), vat_number=vat_number(_UTILITY_SIREN),
    iban=french_iban("30099", "01234", 40017713), bic="EQVAFRPPXXX",
    street="18 quai de la Turbine", postcode="38000", city="GRENOBLE", phone="+33476000118",
    mail="facturation.collectivites@eqv-energie.example", legal_form="SA au capital de 12 400 000 EUR",
    frame="M1", lines_low=2, lines_high=4, credit_note_odds=60, articles=UTILITY_ARTICLES,
)  # fmt: skip

CATERER = Biller(
    partner_code="TRA001", stamp=2, name="Traiteurs & Cuisines du Val SAS", trading_name="La Table du Val",
    siren=_CATERER_SIREN, siret=siret(_CATERER_SIREN, 1), vat_number=vat_number(_CATERER_SIREN),
    iban=french_iban("30098", "00452", 27700315), bic="TCVAFR2LXXX",
    street="4 rue des Maraîchers", postcode="37000", city="TOURS", phone="+33247000452",
    mail="compta@latableduval.example", legal_form="SAS au capital de 380 000 EUR",
    frame="S1", lines_low=10, lines_high=25, credit_note_odds=12, articles=CATERER_ARTICLES,
)  # fmt: skip

BUILDER = Biller(
    partner_code="BAT001", stamp=3, name="Bâtisseurs de l'Estuaire SARL", trading_name="Bâtisseurs de l'Estuaire",
    siren=_BUILDER_SIREN, siret=siret(_BUILDER_SIREN, 3), vat_number=vat_number(_BUILDER_SIREN),
    iban=french_iban("30097", "00871", 9905521), bic="BDESFRPPXXX",
    street="27 chemin du Halage", postcode="44600", city="SAINT-NAZAIRE", phone="+33240000871",
    mail="factures@batisseurs-estuaire.example", legal_form="SARL au capital de 90 000 EUR",
    frame="M1", lines_low=2, lines_high=5, credit_note_odds=0, articles=BUILDER_ARTICLES,
)  # fmt: skip

BILLERS = (UTILITY, CATERER, BUILDER)
