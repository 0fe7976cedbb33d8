"""Lists of codes that rules look values up in."""

from __future__ import annotations


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TYPES_HISTORICAL = ("380", "381")
TYPES_AFNOR = (
    "380", "389", "393", "501", "386", "500", "384", "471", "472", "473", "261", "262", "381", "396", "502", "503",
)  # fmt: skip
"""G1.01, and 262 of BR-FR-04."""
CREDIT_NOTES = ("381", "261", "396", "502", "503")
ADVANCES = ("386", "500", "503")
"""Invoices and credit notes of an advance. G1.60."""

FRAMES_HISTORICAL = tuple(f"A{number}" for number in range(1, 26) if number != 11)
"""A11 exists in Chorus Pro's API alone. CPPFacturePivot V2_02, Cadre."""
FRAMES_OF_WORKS = tuple(frame for frame in FRAMES_HISTORICAL if frame not in {"A1", "A2", "A3"})
"""What the interfaces of works invoices are for. Subcontractors (A9) and co-contractors (A12) are among them."""
WORKS_FAMILIES = ("E4", "E5")
COURT_COSTS_FAMILY = "E3"
COURT_COSTS_FRAME = "A3"
ALREADY_PAID_FRAME = "A2"
MIXED_FAMILY = "E2"
FRAMES_AFNOR = (
    "B1", "S1", "M1", "B2", "S2", "M2", "S3", "B4", "S4", "M4",
    "S5", "S6", "B7", "S7", "B8", "S8", "M8", "B9", "S9", "M9",
)  # fmt: skip
"""G1.02, and S3 and the frames 8 and 9 of BR-FR-08."""
FINAL_AFTER_ADVANCE = ("B4", "S4", "M4")

PAYMENT_MEANS = ("10", "20", "30", "31", "42", "48", "49", "97")
"""CPPFacturePivot V2_02, ModePaiement/Code."""

VAT_RATES = (
    "0", "0.9", "1.05", "1.75", "2.1", "5.5", "7", "8.5", "9.2", "9.6", "10", "13", "19.6", "20", "20.6",
)  # fmt: skip
"""In percent. G1.24."""
VAT_CATEGORIES = ("S", "E", "AE", "K", "G", "O", "Z")
"""G2.31."""

CURRENCIES = _codes("""
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CLF CLP CNH CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP
    TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF
    XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG
""")
"""ISO 4217, in force."""
CURRENCIES_WITHDRAWN = ("ANG", "BGN", "CUC", "HRK", "SLL", "ZWL")
"""Withdrawn from ISO 4217 since 2021: an invoice of before may name one, so none refuses it."""

COUNTRIES = _codes("""
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
""")
"""ISO 3166-1, alpha-2."""
