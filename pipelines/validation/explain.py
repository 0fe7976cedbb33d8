"""From a broken rule to a finding: where, which value, which business terms, and a sentence in two languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from data_contracts.answers import FindingRow
from data_contracts.rule_sets import RuleSet
from pipelines.validation.judge import NO_ID, Hit
from pipelines.validation.places import Place, Places
from pipelines.validation.sentences import sentence

RULE_FINDINGS_MAX = 1_000
"""Findings told of one rule on one document: a rule on lines may break on each of 100,000."""

_TERM = re.compile(r"EXT-FR-FE-(?:BG-)?\d+|(?<![A-Z0-9])B[TG]-\d+")


def findings(flow_key: str, position: int, rule_set: RuleSet, hits: Iterable[Hit], places: Places) -> list[FindingRow]:
    """One finding a hit, in the order of the official report.

    Shape    at most `RULE_FINDINGS_MAX` of one rule, then one more that counts the others.
    Cost     nothing without hits: nodes are looked for only when one asks.
    """
    told: Counter[str] = Counter()
    first: dict[str, Hit] = {}
    rows: list[FindingRow] = []
    for hit in hits:
        told[hit.rule] += 1
        if told[hit.rule] <= RULE_FINDINGS_MAX:
            rows.append(_finding(flow_key, position, rule_set, hit, places.at(hit.location)))
        else:
            first.setdefault(hit.rule, hit)
    for rule, hit in first.items():
        rows.append(_others(flow_key, position, rule_set, hit, told[rule] - RULE_FINDINGS_MAX))
    return rows


def terms(hit: Hit) -> list[str]:
    """The business terms that a rule id or its official sentence names, such as BT-106, sorted, each once."""
    return sorted({*_TERM.findall(hit.rule), *_TERM.findall(hit.text)})


def _finding(flow_key: str, position: int, rule_set: RuleSet, hit: Hit, place: Place) -> FindingRow:
    french, english = sentence(rule_set.coordinate, "" if hit.rule == NO_ID else hit.rule, hit.text, rule_set.language)
    return FindingRow(
        flow_key=flow_key,
        position=position,
        rule_set=rule_set.coordinate,
        rule=hit.rule,
        flag=hit.flag,
        terms=terms(hit),
        location=place.location,
        line=place.line,
        found=place.found,
        expected=None,
        message_fr=french,
        message_en=english,
    )


def _others(flow_key: str, position: int, rule_set: RuleSet, hit: Hit, count: int) -> FindingRow:
    row = _finding(flow_key, position, rule_set, hit, Place(None, None, str(count)))
    row["message_fr"] = f"La règle {hit.rule} est enfreinte {count} fois de plus, sans détail."
    row["message_en"] = f"Rule {hit.rule} is broken {count} more times, not listed."
    return row
