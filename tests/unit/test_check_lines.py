"""What `relais check` tells of the findings of one rule: once, with their places and their number."""

from __future__ import annotations

from pipelines.validation.explain import RULE_FINDINGS_MAX
from relais.checking_lines import together
from tests.unit.rows import finding


def test_findings_of_one_rule_are_one_and_schema_errors_one_a_sentence() -> None:
    rows = [
        finding(rule="BR-1", line=4, found="x"),
        finding(rule="BR-2", line=5, flag="warning"),
        finding(rule="BR-1", line=9, found="y"),
    ]
    first, second = together(rows)
    assert (first["count"], first["line"], first["lines"], first["found"]) == (2, 4, [4, 9], "x")
    assert (second["rule"], second["count"]) == ("BR-2", 1)
    schema = [finding(rule="XSD", message_fr=f"fr {n}", message_en=f"en {n}") for n in (1, 1, 2)]
    assert [row["count"] for row in together(schema)] == [2, 1]


def test_findings_beyond_what_is_listed_are_counted() -> None:
    rows = [finding(rule="BR-1", line=n) for n in range(RULE_FINDINGS_MAX)]
    (told,) = together([*rows, finding(rule="BR-1", line=None, found="41")])
    assert told["count"] == RULE_FINDINGS_MAX + 41
    assert len(told["lines"]) == RULE_FINDINGS_MAX
