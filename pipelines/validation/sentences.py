"""The sentence of a finding in French and in English, whatever the language of the rule file that produced it.

The official text stands in its own language. The other language comes from the first of: the sentence written for the
rule, the template of its family, the shape of the official sentence, and last a general sentence that names the rule
and its business terms and quotes the official text. The words are in `pipelines/validation/catalogue`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from data_contracts.terms import Term, terms_in
from pipelines.validation.catalogue import table
from pipelines.validation.official_text import OfficialText, is_french, read_official, tidy_french, values_in_french


class Origin(StrEnum):
    """Where the sentence in the other language comes from."""

    WRITTEN = "written for the rule"
    TEMPLATE = "template of a family or shape"
    GENERAL = "general sentence"


_VAT: Final = re.compile(r"BR-(S|Z|E|AE|IC|G|O|AF|AG)-(\d\d)")
_EXTENDED: Final = re.compile(r"BR-(?:FREXT|FXEXT|EXT)-(?:BR-)?(.+)")
_EXTENDED_VAT: Final = re.compile(r"(S|Z|E|AE|IC|G|O|AF|AG)-?(\d\d)(ini|rev|b)?")
_FRENCH_RULE: Final = re.compile(r"(BR-FR-(?:[A-Z]+-){0,2}\d+)(?:[_-](.*))?")
_TERM_CODE: Final = re.compile(r"EXT-FR-FE-(?:BG-)?\d+|(?:B[TG]|MD[TG])-\d+")
_MISSPELT_ATTRIBUTE: Final = re.compile(r"@(\w+)'")


def sentence(rule_set: str, rule: str, official: str, language: str) -> tuple[str, str]:
    """The sentence of a broken rule, French first, English second; neither is ever empty.

    Shape    `rule_set` is the coordinate, `rule` the identifier the file gives (empty: Factur-X leaves some out),
             `official` the text produced for this document, `language` the official one, `fr` or `en`.
    Nulls    an empty `official` is allowed.
    Errors   none: a rule nobody has written for gets a general sentence.
    Cost     microseconds; the catalogue is read at the first call.
    """
    french, english, _ = _both(rule_set, rule, official, language)
    return french, english


def origin(rule_set: str, rule: str, official: str, language: str) -> Origin:
    """Where the sentence in the language that the rule file does not speak comes from."""
    return _both(rule_set, rule, official, language)[2]


def _both(rule_set: str, rule: str, official: str, language: str) -> tuple[str, str, Origin]:
    said = read_official(official)
    if language == "fr":
        english, source = _english_of_french_rule(rule, said)
        values = _told(values_in_french(said.sentence), "english", keep_unknown=True)
        return tidy_french(said.sentence) or _no_text(rule), english + values, source
    french, source = _french(rule_set, rule, said)
    french += _told(said.values, "french", keep_unknown=False)
    values = _told(said.values, "english", keep_unknown=False)
    if not is_french(said.sentence):
        english = _MISSPELT_ATTRIBUTE.sub(r"@\1", said.sentence)
        return french, (english or f"Rule {rule} is broken.") + values, source
    written = _extended(rule, "english")
    if written is None:
        return tidy_french(said.sentence), _general_english(rule, said) + values, Origin.GENERAL
    return french, written + values, source


def _french(rule_set: str, rule: str, said: OfficialText) -> tuple[str, Origin]:
    """Our French for a rule whose file speaks English."""
    by_shape = _shaped(said.sentence)
    # Factur-X gives some CII-SR numbers to rules of its own: there the sentence decides, not the number.
    if by_shape and "factur-x" in rule_set and rule.startswith("CII-"):
        return by_shape, Origin.TEMPLATE
    for key in (rule, *said.rules):
        written: str | None = table("en16931")["french"].get(key) or table("extension")["french_by_rule"].get(key)
        if written:
            return written, Origin.WRITTEN
        made = _vat(key, said.sentence) or _extended(key, "french") or _decimals(key, said.sentence)
        if made:
            return made, Origin.TEMPLATE
    if by_shape:
        return by_shape, Origin.TEMPLATE
    return _general_french(rule, said), Origin.GENERAL


def _vat(rule: str, text: str) -> str | None:
    """The French of a rule that exists once for each VAT category."""
    match = _VAT.fullmatch(rule)
    words = table("vat")
    if match is None or match.group(2) not in words["numbers"]:
        return None
    category, number = match.groups()
    row, place = words["categories"][category], words["numbers"][number]
    name = place["property"]
    variant = f"own_{category}_{number}" if name == "own" else f"{name}_{row[name]}"
    if variant == "rate_not_negative" and "greater than 0 (zero)" in text:
        variant = "rate_positive"  # The CII file is stricter than the UBL file about BR-AF-05.
    template: str | None = words["french"].get(variant)
    return template and template.format(code=row["code"], name=row["fr"], place=place.get("place_fr", ""))


def _extended(rule: str, language: str) -> str | None:
    """The sentence of a rule of an EXTENDED profile in that language, None when there is none."""
    match = _EXTENDED.fullmatch(rule)
    if match is None:
        return None
    vat = _EXTENDED_VAT.fullmatch(match.group(1))
    if vat is None:
        written: str | None = table("extension")[language].get(match.group(1))
        return written
    category, number, variant = vat.groups()
    row = table("vat")["categories"][category]
    templates = table("vat")[f"extended_{language}"]
    template: str | None = templates.get(number + (variant or "")) or templates.get(number)
    return template and template.format(code=row["code"], name=row[language[:2]])


def _decimals(rule: str, text: str) -> str | None:
    named = terms_in(text)
    if not rule.startswith("BR-DEC-") or not named:
        return None
    template: str = table("en16931")["decimals"]["sentence"]
    return template.format(term=named[0].name_fr, code=named[0].code)


@lru_cache(maxsize=1)
def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = table("syntax")["shapes"]
    return tuple((re.compile(row["english"], re.IGNORECASE), row["french"]) for row in rows)


@lru_cache(maxsize=4096)
def _shaped(text: str) -> str | None:
    """The French of an English sentence of a known shape."""
    for pattern, template in _shapes():
        match = pattern.fullmatch(text.rstrip(". "))
        if match:
            return template.format_map({name: _part(name, part) for name, part in match.groupdict(default="").items()})
    return None


def _part(name: str, text: str) -> str:
    if name == "count" or not text:
        return text
    if name == "variant":
        element, _, condition = text.partition("[")
        return f"{_element(element)}, sous la forme [{condition.strip()}," if condition else _element(element)
    if name == "where":
        return " dans la facture" if text == "the document" else f" dans {_element(text)}"
    return _element(text)


def _element(name: str) -> str:
    """An element in quotes, followed by what it holds in plain French when that is known."""
    known: Mapping[str, str] = table("syntax")["elements"]
    steps = [step.rpartition(":")[2].lstrip("@") for step in re.split(r"[ /]+", name.strip())]
    if steps[-1] in known:
        return f"« {name} » ({known[steps[-1]]})"
    around = next((known[step] for step in reversed(steps) if step in known), None)
    return f"« {name} » (rubrique : {around})" if around else f"« {name} »"


def _english_of_french_rule(rule: str, said: OfficialText) -> tuple[str, Origin]:
    """Our English for a rule whose file speaks French."""
    english: Mapping[str, str] = table("br_fr")["english"]
    if rule in english:
        return english[rule].format(terms=_terms_of(rule)), Origin.WRITTEN
    for key in (rule, *said.rules):
        match = _FRENCH_RULE.fullmatch(key)
        if match is None:
            continue
        family, rest = match.group(1), match.group(2) or ""
        variant = _TERM_CODE.sub("", rest).strip("_-")
        template = english.get(f"{family}#{variant}") or english.get(family)
        if template:
            return template.format(terms=_terms_of(rest)), Origin.TEMPLATE
    return _general_english(rule, said), Origin.GENERAL


def _terms_of(text: str) -> str:
    """The terms of a rule identifier, by English name. A number after a code is a variant, not a sub-term."""
    codes = " ".join(_TERM_CODE.findall(text))
    return _listed(terms_in(codes), "en", " or ") or "This data"


def _general_french(rule: str, said: OfficialText) -> str:
    words: Mapping[str, Any] = table("en16931")["generic"]
    named = _listed(terms_in(said.sentence), "fr", ", ")
    terms = words["terms"].format(terms=named) if named else ""
    if not said.sentence:
        return _no_text(rule)
    template = words["sentence"] if rule else words["sentence_without_rule"]
    return str(template.format(rule=rule, terms=terms, official=said.sentence))


def _general_english(rule: str, said: OfficialText) -> str:
    words: Mapping[str, Any] = table("br_fr")["generic"]
    named = _listed(terms_in(said.sentence), "en", ", ")
    terms = words["terms"].format(terms=named) if named else ""
    return str(words["sentence"].format(rule=rule, terms=terms, official=tidy_french(said.sentence)))


def _no_text(rule: str) -> str:
    return str(table("en16931")["generic"]["no_text"].format(rule=rule))


def _listed(terms: Iterable[Term], language: str, separator: str) -> str:
    return separator.join(f"{term.name_en if language == 'en' else term.name_fr} ({term.code})" for term in terms)


def _told(values: Iterable[tuple[str, str]], language: str, *, keep_unknown: bool) -> str:
    """The values of the document, to be put after a sentence; empty when there are none."""
    names: Mapping[str, str] = table("values")[language]
    told = [f"{names.get(name, name)} = {value}" for name, value in values if keep_unknown or name in names]
    suffix: str = table("values")["suffix"][language]
    return suffix.format(values=", ".join(told)) if told else ""
