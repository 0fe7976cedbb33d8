"""What may be wrong with a status message, and how it is told: the sentences are messages `status-{rule}`."""

from __future__ import annotations

from dataclasses import dataclass

from data_contracts.answers import FindingRow
from data_contracts.messages import both
from data_contracts.tables import Flag
from pipelines.acknowledgment.elements import quoted

RULE_SET = "relais.status:1"

STRUCTURE_UNEXPECTED = "RLS-STATUS-01"
STRUCTURE_MISSING = "RLS-STATUS-02"
STRUCTURE_VALUE = "RLS-STATUS-03"
STRUCTURE_ATTRIBUTE = "RLS-STATUS-04"
TIME_UNREADABLE = "RLS-STATUS-05"
DAY_UNREADABLE = "RLS-STATUS-06"
NUMBER_MISSING = "RLS-STATUS-07"
CODE_UNKNOWN = "RLS-STATUS-08"
MOTIVE_MISSING = "RLS-STATUS-09"
COMMENT_MISSING = "RLS-STATUS-10"
MANDATE_ELSEWHERE = "RLS-STATUS-11"
COUNT_WRONG = "RLS-STATUS-12"
COMMENT_LONG = "RLS-STATUS-13"
TOO_MANY = "RLS-STATUS-14"
NOT_YOURS = "RLS-STATUS-15"
NOT_YOURS_TO_SET = "RLS-STATUS-16"
OTHER_DEBTOR = "RLS-STATUS-17"
RULES_THREW = "RLS-STATUS-18"

_WARNINGS = frozenset({
    CODE_UNKNOWN, COMMENT_MISSING, MANDATE_ELSEWHERE, COUNT_WRONG, COMMENT_LONG,
    OTHER_DEBTOR, DAY_UNREADABLE, RULES_THREW,
})  # fmt: skip
"""Rules whose breach is told and does not take the status out."""

_TERMS = {
    TIME_UNREADABLE: ("MDT-78",),
    DAY_UNREADABLE: ("MDT-100", "BT-2"),
    NUMBER_MISSING: ("MDT-87", "BT-1"),
    CODE_UNKNOWN: ("MDT-105",),
    MOTIVE_MISSING: ("MDT-113",),
    COMMENT_MISSING: ("MDT-126",),
}


@dataclass(frozen=True)
class Place:
    """Where a finding is: the status concerned (or `history.MESSAGE`), the line, the element's path."""

    ordinal: int
    line: int | None = None
    location: str | None = None


def finding(rule: str, place: Place, *, found: str = "", expected: str = "", **values: str) -> tuple[int, FindingRow]:
    """A finding with the ordinal that it concerns.

    Shape    `values` fill the sentence; each is quoted on one line, cut where it is long. `flow_key` is empty and
             `position` the ordinal: whoever knows the flow fills in the rest.
    """
    sentences = both(f"status-{rule}", **{name: quoted(value) for name, value in values.items()})
    flag = Flag.WARNING if rule in _WARNINGS else Flag.FATAL
    row = FindingRow(
        flow_key="",
        position=place.ordinal,
        rule_set=RULE_SET,
        rule=rule,
        flag=flag.value,
        terms=list(_TERMS.get(rule, ())),
        location=place.location,
        line=place.line,
        found=quoted(found) if found else None,
        expected=expected or None,
        message_fr=sentences.fr,
        message_en=sentences.en,
    )
    return place.ordinal, row
