"""Schematron source is read and written rightly: official stylesheets, written back as source, come out the same.

The same as data for the compiler, and the same in the official engine's word on documents that break their asserts.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data_contracts.rule_sets import RULE_SETS
from pipelines.validation.compiled.rule_files.rule_cache import cached_rule_file
from pipelines.validation.compiled.rule_files.rule_file import read_rule_file
from pipelines.validation.compiled.rule_files.rules import Part, Rule, RuleFile
from pipelines.validation.rule_files import digest, file_of
from pipelines.validation.saxon import SaxonJudge
from tests.official.purpose_made import ROOTS, fewest, purpose_made
from tests.official.schematron_of import schematron_of

DOCUMENTS = 30
STOPPING = "org.fnfe.factur-x.extended:1.09.2"
"""Nine of its rules do not go on to what is below them, which no Schematron says: the file was changed by hand."""


@pytest.mark.parametrize("name", sorted(RULE_SETS))
def test_an_official_file_written_as_source_is_read_and_judged_the_same(
    name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rule_set = RULE_SETS[name]
    file = file_of(rule_set)
    source = tmp_path / "rules.sch"
    source.write_bytes(schematron_of(file))
    for codes in file.parent.glob("*codedb.xml"):
        shutil.copy(codes, tmp_path)
    official = cached_rule_file(file, digest(rule_set), tmp_path_factory.getbasetemp() / "rules")
    assert _data(read_rule_file(source)) == _data(official)

    made = fewest(purpose_made(official, ROOTS[rule_set.syntax]))
    judge, given = SaxonJudge(), replace(rule_set, file=str(source))
    for document in made[:: max(1, len(made) // DOCUMENTS)]:
        told = judge.judge(document, rule_set)
        assert judge.judge(document, given) == told or name == STOPPING, document


def _data(rules: RuleFile) -> list[Any]:
    """What a file says, without the names of its modes."""
    patterns = [[_rule(rule) for rule in pattern.rules] for pattern in rules.patterns]
    return [patterns, rules.variables, rules.functions, rules.refused_functions, rules.code_lists, rules.known_location]


def _rule(rule: Rule) -> Any:
    asserts = [replace(one, sentence=_joined(one.sentence)) for one in rule.asserts]
    return rule.match, rule.context, rule.refusal, rule.variables, asserts


def _joined(sentence: tuple[Part, ...]) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in sentence:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)
