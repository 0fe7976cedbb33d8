"""What a management rule says of one invoice, in both languages: its sentence, with what was found and is expected."""

from __future__ import annotations

from functools import cache

from data_contracts.messages import Sentences, both
from pipelines.acknowledgment.elements import quoted

ABSENT = "rule-absent"
_FOUND, _EXPECTED = "\ue000", "\ue001"
"""Stand for the values in a sentence that is formed once for all invoices: of the private use area, so that no word of
the catalogue holds them."""


def message_id(rule: str) -> str:
    """The catalogue's id of a rule's sentence: Fluent allows no dot in one."""
    return f"rule-{rule.replace('.', '-')}"


def sentences(rule: str, found: str | None, expected: str | None) -> Sentences:
    """The sentence of a rule about an invoice. What is absent is said to be.

    Errors   ContractBroken if the catalogue has no such sentence.
    """
    formed, absent = _formed(rule), _absent()
    return Sentences(
        _filled(formed.fr, f"« {_FOUND} »", absent.fr, found, expected),
        _filled(formed.en, f'"{_FOUND}"', absent.en, found, expected),
    )


def _filled(sentence: str, quotation: str, absent: str, found: str | None, expected: str | None) -> str:
    if found is None:
        # What is absent is no value to quote.
        sentence = sentence.replace(quotation, absent)
    said = sentence.replace(_EXPECTED, absent if expected is None else expected)
    return said.replace(_FOUND, absent if found is None else quoted(found))


@cache
def _formed(rule: str) -> Sentences:
    return both(message_id(rule), found=_FOUND, expected=_EXPECTED)


@cache
def _absent() -> Sentences:
    return both(ABSENT)
