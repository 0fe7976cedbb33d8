"""A finding told in one sentence: what is wrong, in which terms, where, which value was found and which expected."""

from __future__ import annotations

from data_contracts.answers import FindingRow
from data_contracts.messages import Language, Sentences, told
from data_contracts.terms import term
from pipelines.acknowledgment.elements import quoted

OWN_RULES_PREFIX = "relais."
SEPARATORS = {Language.FR: " ; ", Language.EN: "; "}


def told_finding(finding: FindingRow) -> Sentences:
    """The finding in both languages: « La somme est fausse ; terme BT-106 (…) ; ligne 12 du fichier ; … »."""
    return Sentences(_told(finding, Language.FR), _told(finding, Language.EN))


def _told(finding: FindingRow, language: Language) -> str:
    french = language is Language.FR
    sentence = finding["message_fr" if french else "message_en"]
    named = [
        f"{code} ({known.name_fr if french else known.name_en})" if (known := term(code)) else code
        for code in finding["terms"]
    ]
    values = {
        "term" if len(named) == 1 else "terms": ", ".join(named) or None,
        "line": None if finding["line"] is None else str(finding["line"]),
        "element": None if finding["location"] is None else quoted(finding["location"]),
        "found": _unsaid(finding, finding["found"], sentence),
        "expected": _unsaid(finding, finding["expected"], sentence),
    }
    said = [
        told(f"acknowledgment-{name}", language, value=value) for name, value in values.items() if value is not None
    ]
    return SEPARATORS[language].join([sentence.removesuffix("."), *said]) + "." if said else sentence


def _unsaid(finding: FindingRow, value: str | None, sentence: str) -> str | None:
    """The value as it is quoted; None where there is none, or where the sentence of one of our own rules says it."""
    if value is None or (finding["rule_set"].startswith(OWN_RULES_PREFIX) and quoted(value) in sentence):
        return None
    return quoted(value)
