"""A finding told in one sentence: what is wrong, in which terms, where, which value was found and which expected."""

from __future__ import annotations

from data_contracts.answers import FindingRow
from data_contracts.terms import term
from pipelines.acknowledgment.elements import quoted

OWN_RULES_PREFIX = "relais."


def told_fr(finding: FindingRow) -> str:
    """The finding in French: « La somme est fausse ; terme BT-106 (…) ; ligne 12 du fichier ; … »."""
    found, expected = (_unsaid(finding, finding[name], finding["message_fr"]) for name in ("found", "expected"))
    named = [(code, known.name_fr if (known := term(code)) else "") for code in finding["terms"]]
    parts = (
        _terms("terme", "termes", named),
        "" if finding["line"] is None else f"ligne {finding['line']} du fichier",
        "" if finding["location"] is None else f"élément {quoted(finding['location'])}",
        "" if found is None else f"valeur trouvée : « {found} »",
        "" if expected is None else f"valeur attendue : « {expected} »",
    )
    return _sentence(finding["message_fr"], " ; ", parts)


def told_en(finding: FindingRow) -> str:
    """The finding in English."""
    found, expected = (_unsaid(finding, finding[name], finding["message_en"]) for name in ("found", "expected"))
    named = [(code, known.name_en if (known := term(code)) else "") for code in finding["terms"]]
    parts = (
        _terms("term", "terms", named),
        "" if finding["line"] is None else f"line {finding['line']} of the file",
        "" if finding["location"] is None else f"element {quoted(finding['location'])}",
        "" if found is None else f'value found: "{found}"',
        "" if expected is None else f'value expected: "{expected}"',
    )
    return _sentence(finding["message_en"], "; ", parts)


def _unsaid(finding: FindingRow, value: str | None, sentence: str) -> str | None:
    """The value as it is quoted; None where there is none, or where the sentence of one of our own rules says it."""
    if value is None or (finding["rule_set"].startswith(OWN_RULES_PREFIX) and quoted(value) in sentence):
        return None
    return quoted(value)


def _sentence(message: str, separator: str, parts: tuple[str, ...]) -> str:
    said = [part for part in parts if part]
    return separator.join([message.removesuffix("."), *said]) + "." if said else message


def _terms(one: str, many: str, named: list[tuple[str, str]]) -> str:
    if not named:
        return ""
    listed = ", ".join(f"{code} ({name})" if name else code for code, name in named)
    return f"{one if len(named) == 1 else many} {listed}"
