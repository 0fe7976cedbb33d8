"""How identifiers are written, country by country: VAT numbers of the European Union, IBAN."""

from __future__ import annotations

VAT_NUMBERS: dict[str, tuple[str, str]] = {
    "AT": (r"U\d{8}", "ATU99999999"),
    "BE": (r"[01]\d{9}", "BE9999999999"),
    "BG": (r"\d{9,10}", "BG999999999"),
    "CY": (r"\d{8}[A-Z]", "CY99999999L"),
    "CZ": (r"\d{8,10}", "CZ99999999"),
    "DE": (r"\d{9}", "DE999999999"),
    "DK": (r"\d{8}", "DK99999999"),
    "EE": (r"\d{9}", "EE999999999"),
    "EL": (r"\d{9}", "EL999999999"),
    "ES": (r"[A-Z0-9]\d{7}[A-Z0-9]", "ESX9999999X"),
    "FI": (r"\d{8}", "FI99999999"),
    "FR": (r"[A-HJ-NP-Z0-9]{2}\d{9}", "FRXX999999999"),
    "HR": (r"\d{11}", "HR99999999999"),
    "HU": (r"\d{8}", "HU99999999"),
    "IE": (r"\d[A-Z0-9+*]\d{5}[A-Z]|\d{7}[A-W][A-I]", "IE9999999LL"),
    "IT": (r"\d{11}", "IT99999999999"),
    "LT": (r"\d{9}|\d{12}", "LT999999999"),
    "LU": (r"\d{8}", "LU99999999"),
    "LV": (r"\d{11}", "LV99999999999"),
    "MT": (r"\d{8}", "MT99999999"),
    "NL": (r"[A-Z0-9+*]{12}", "NLSSSSSSSSSSSS"),
    "PL": (r"\d{10}", "PL9999999999"),
    "PT": (r"\d{9}", "PT999999999"),
    "RO": (r"\d{2,10}", "RO9999999999"),
    "SE": (r"\d{12}", "SE999999999999"),
    "SI": (r"\d{8}", "SI99999999"),
    "SK": (r"\d{10}", "SK9999999999"),
    "XI": (r"\d{9}|\d{12}|GD\d{3}|HA\d{3}", "XI999999999"),
}
"""By prefix: the pattern of what follows it, and a model of the whole (9 a digit, L a letter, X either, S any sign).

Source: European Commission, VIES, "structure of VAT numbers"."""

VAT_NUMBER_FORMS = "|".join(
    f"{prefix}(?:{rest.replace(chr(92) + 'd', '[0-9]')})" for prefix, (rest, _) in VAT_NUMBERS.items()
)
VAT_MODELS = {prefix: model for prefix, (_, model) in VAT_NUMBERS.items()}

IBAN_LENGTHS: dict[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
"""Characters of an IBAN, by country. Source: SWIFT, IBAN registry (ISO 13616)."""
