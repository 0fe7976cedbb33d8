"""Where in the invoice a finding is and what stands there, as the tail of a sentence in French and in English."""

from __future__ import annotations

from data_contracts.answers import FindingRow
from data_contracts.terms import term
from pipelines.acknowledgment.elements import quoted


def place_fr(finding: FindingRow) -> str:
    """« ; terme : BT-1 (Numéro de facture) ; ligne 12 ; … », or nothing when nothing is known."""
    found, expected = finding["found"], finding["expected"]
    parts = (
        _terms("terme", "termes", [(code, name.name_fr if (name := term(code)) else "") for code in finding["terms"]]),
        "" if finding["line"] is None else f"ligne {finding['line']} du fichier",
        _node("élément", finding["location"]),
        "" if found is None else f"valeur trouvée : « {quoted(found)} »",
        "" if expected is None else f"valeur attendue : « {quoted(expected)} »",
    )
    return "".join(f" ; {part}" for part in parts if part)


def place_en(finding: FindingRow) -> str:
    """The same place in English."""
    found, expected = finding["found"], finding["expected"]
    parts = (
        _terms("term", "terms", [(code, name.name_en if (name := term(code)) else "") for code in finding["terms"]]),
        "" if finding["line"] is None else f"line {finding['line']} of the file",
        _node("element", finding["location"]),
        "" if found is None else f'value found: "{quoted(found)}"',
        "" if expected is None else f'value expected: "{quoted(expected)}"',
    )
    return "".join(f"; {part}" for part in parts if part)


def _terms(one: str, many: str, named: list[tuple[str, str]]) -> str:
    if not named:
        return ""
    listed = ", ".join(f"{code} ({name})" if name else code for code, name in named)
    return f"{one if len(named) == 1 else many} {listed}"


def _node(word: str, location: str | None) -> str:
    return "" if location is None else f"{word} {quoted(location)}"
