"""The management rules as people look them up: the page of the documentation, and `relais rules`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from data_contracts.interfaces import Circuit
from data_contracts.rule_sets import RULE_SETS
from pipelines.validation.management_rules import RULE_SET, RULES
from pipelines.validation.rule_files import file_of
from pipelines.validation.rules.elsewhere import ELSEWHERE
from relais.__main__ import app
from relais.management_rules import management_page, management_rows
from relais.rule_texts import rule_texts

PAGE = Path(__file__).parents[2] / "docs" / "management-rules.md"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["rules", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_page_of_the_documentation_is_what_the_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == management_page() == run("management", "--format", "markdown")


def test_the_page_has_a_line_for_each_rule_and_each_rule_judged_elsewhere() -> None:
    lines = [line for line in management_page().splitlines() if line.startswith("| ")]
    ids = [line.split(" | ")[0].removeprefix("| ") for line in lines]
    assert [id for id in ids if id not in {"Id", "---"}] == [rule.id for rule in RULES] + [one.id for one in ELSEWHERE]


def test_what_is_judged_elsewhere_is_judged_by_rules_of_the_official_files_or_by_someone_named() -> None:
    official = {text.rule for rule_set in RULE_SETS.values() for text in rule_texts(file_of(rule_set))}
    for one in ELSEWHERE:
        assert one.by or one.note, one.id
        assert set(one.by) <= official, one.id
    assert not {one.id for one in ELSEWHERE} & {rule.id for rule in RULES}


@pytest.mark.parametrize("circuit", Circuit)
def test_rows_are_those_of_a_circuit_with_how_they_weigh_there(circuit: Circuit) -> None:
    rows: list[dict[str, Any]] = json.loads(run("management", "--circuit", circuit.value, "--format", "json"))
    assert rows == json.loads(json.dumps(management_rows(circuit)))
    assert [row["rule"] for row in rows] == [rule.id for rule in RULES if circuit in rule.on]
    for row in rows:
        weight = row["circuits"][circuit.value]
        assert weight["flag"] == "warning" or weight["certainty"] == "verified"
        assert row["message_fr"] and row["message_en"] and row["source"] and row["terms"]


def test_a_rule_of_ours_is_shown_like_an_official_one() -> None:
    (row,) = json.loads(run("show", "g1.05", "--format", "json"))
    assert (row["rule_set"], row["rule"], row["ours"]) == (RULE_SET, "G1.05", False)
    assert row["circuits"]["chorus_pro"] == {"flag": "fatal", "certainty": "verified"}
    text = run("show", "RLS-CPRO-30")
    assert "ISO 13616" in text
    assert "warning, inferred" in text
    assert "not asked" in run("show", "G1.60")


def test_our_rules_are_listed_among_the_rule_sets() -> None:
    rows = json.loads(run("list", "--format", "json"))
    (ours,) = [row for row in rows if row["coordinate"] == RULE_SET]
    assert ours["asserts"] == len(RULES) == ours["fatal"] + ours["warning"] == ours["compiled"]
    assert len(ours["sha256"]) == 64
    table = run("management")
    assert all(rule.id in table for rule in RULES)
