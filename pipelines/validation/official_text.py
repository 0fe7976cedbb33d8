"""Reading the text that an official rule file produced: its sentence, the rules it quotes, the values it carries.

The files write `[BR-02]-An Invoice shall ...`, `[BR-FR-01/BT-1] : L'identifiant ...`, `BR-FR-12/BT-49 : ...`, sometimes
with an unclosed bracket, and the extended profiles put the values they computed before the bracket.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 4_000
"""Characters of an official text that are read. The longest official sentence has some 1,500; beyond it is a value of
the document, which its sender may make as long as he likes."""

_ID: Final = r"(?:BR|CII|UBL|PEPPOL)-[A-Za-z0-9_.-]*[A-Za-z0-9]"
_BRACKET: Final = re.compile(rf"\[\s*({_ID})[^\]]*\]")
_LEADING_ID: Final = re.compile(rf"^\s*\[?({_ID})(?:/[^\]:]{{0,60}})?\s*(?:\]\s*:|\]|:)")
_INVOICE_FIRST: Final = re.compile(r"^invoiceID\s*:\s*\S*\s*(?=\[?BR-)")
_EMPTY_QUOTES: Final = re.compile(r'"\s*"(?!\w)|«\s*»')
_STRAY_QUOTE: Final = re.compile(r"\"\s*([^\"']*?)\s*'(?=\.|$)")
_NAMED_PAIR: Final = re.compile(r",\s*(?=[^,:]{1,30}?\s?:(?:\s|$))")
_UNREAD_VALUE: Final = re.compile(r"\s*«\s*<value-of[^»]*»")
_LEVEL: Final = re.compile(r"^\s*-?\s*warning\s*-\s*")
_MISSING_SPACE: Final = re.compile(r"(?<=[a-zé])\.(?=[A-ZÀÉ][a-z ])")
_QUOTED_VALUE: Final = re.compile(r"([\wÀ-ÿ][\wÀ-ÿ’' -]{0,40}?)\s*[:=]\s*[\"«]\s*([^\"»]*?)\s*[\"»]")
_BARE_VALUE: Final = re.compile(
    r"(Montant payé|Montant total|Net à payer|Date d’échéance actuelle|Nombre de références valides trouvées"
    r"|Nombre de documents trouvés|N° Facture|Ligne|AFL|AVV)\s*[:=]\s*([\w.,/+-]*\w)"
)
_RULES_OWN: Final = re.compile(r"(?:suivante?s?|autorisés|valeur MDT-207)$|^Lorsque ")
"""Names before a quoted text that is the rule's: a list that it admits, a condition that it asks about."""
_JUDGED_VALUE: Final = re.compile(
    r"(?:montant|quantité|du prix|taux de TVA|pièce jointe)\s*[\"«]\s*([^\"»]+?)\s*[\"»]\s+est invalide"
)
_ENGLISH: Final = re.compile(r"\b(?:shall|must|should|may|is|are|equal|Absolute)\b", re.IGNORECASE)
_FRENCH: Final = re.compile(r"\b(?:écart|doit|doivent|dans une|somme des|pour lesquels)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OfficialText:
    """What a rule file said.

    `sentence` is the text without rule identifiers; `rules` the identifiers it quoted, in order; `values` the name and
    value pairs that stood before the sentence (extended profiles).
    """

    sentence: str
    rules: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


def read_official(official: str) -> OfficialText:
    """The parts of an official text.

    Shape    one line, whitespace already normalised; any text is accepted, an empty one gives empty parts, one longer
             than LONGEST is cut.
    """
    official = official.strip()
    if len(official) > LONGEST:
        official = official[: LONGEST - 1] + "…"
    text = _INVOICE_FIRST.sub("", official)
    brackets = list(_BRACKET.finditer(text))
    if brackets:
        preamble = _BRACKET.sub("", text[: brackets[-1].start()])
        rules = tuple(dict.fromkeys(match.group(1) for match in brackets))
        return OfficialText(_trimmed(text[brackets[-1].end() :]), rules, _pairs(preamble))
    leading = _LEADING_ID.match(text)
    if leading:
        return OfficialText(_trimmed(text[leading.end() :]), (leading.group(1),), ())
    return OfficialText(_trimmed(text), (), ())


def tidy_french(sentence: str) -> str:
    """A French official sentence without the marks its rule file left in: empty quotes, asterisks, ends of XML, values
    that the file quotes as source."""
    text = _UNREAD_VALUE.sub("", sentence).replace("**", "").replace('"/>', '"').replace("/>", "")
    text = _STRAY_QUOTE.sub(r'"\1"', text)
    return _MISSING_SPACE.sub(". ", _EMPTY_QUOTES.sub("(vide)", text)).strip()


def values_in_french(sentence: str) -> tuple[tuple[str, str], ...]:
    """The named values of the document that a French official sentence quotes, in order, blank ones left out.

    Shape    an unnamed value that the sentence judges is named `Valeur actuelle`.
    """
    text = _STRAY_QUOTE.sub(r'"\1"', sentence)
    found: dict[tuple[str, str], None] = {}
    for match in _JUDGED_VALUE.finditer(text):
        found["Valeur actuelle", match.group(1)] = None
    for pattern in (_QUOTED_VALUE, _BARE_VALUE):
        for match in pattern.finditer(text):
            value = match.group(2).strip(" '")
            # A lone quote in the official text would make the rest of the sentence look like a value.
            if value and value != "à" and value[0] not in ".," and _RULES_OWN.search(match.group(1)) is None:
                found[match.group(1).strip(), value] = None
    return tuple(found)


def is_french(sentence: str) -> bool:
    """Whether a sentence of an English rule file is in fact French: the EXTENDED-CTC-FR file holds some."""
    return _FRENCH.search(sentence) is not None and _ENGLISH.search(sentence) is None


def _trimmed(text: str) -> str:
    text = text.strip().lstrip("-:,. ")
    if text.endswith('"') and text.count('"') % 2:
        text = text[:-1].rstrip()
    return text[:-1] if text.endswith("..") else text


def _pairs(preamble: str) -> tuple[tuple[str, str], ...]:
    """`Num Fact : F1, Code : , rate : 20` as pairs, those without a value left out.

    A name that ends in `ini` is the same figure computed without regard to exemption reasons; it counts only where the
    plain name is absent.
    """
    pairs: dict[str, str] = {}
    for piece in _NAMED_PAIR.split(_LEVEL.sub("", preamble).strip(" -,")):
        name, _, value = piece.partition(":")
        value = value.strip(" ,-'\"")
        if value:
            pairs.setdefault(name.strip(" -").removesuffix("ini"), value)
    return tuple(pairs.items())
