"""Compiled rule sets say what the official engine says: same rules, flags, order, locations and sentences.

Against recorded verdicts on public EN 16931 invoices; and, for each rule set, against SaxonC on French samples and
on seeded mutants of them. A document on which the official rules raise must be left undecided.
"""

from __future__ import annotations

import json
import random
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from data_contracts.interfaces import Syntax
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import EN16931_CII, EN16931_UBL, RULE_SETS
from pipelines.parsing.xml_gate import gated
from pipelines.validation.compiled.plan import compiled, coverage
from pipelines.validation.saxon import SaxonJudge
from relais.bench.mutation import mutated
from tests.judged_trees import judge_batch

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
SEED = 20261122
RECORDED = 250
FRENCH = 6
MUTANTS = 10


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@pytest.mark.parametrize("name", sorted(RULE_SETS))
def test_every_assert_of_every_installed_set_is_compiled(name: str, cache: Path) -> None:
    report = coverage(compiled(RULE_SETS[name], cache))
    assert report.uncompiled == ()
    assert report.total == report.compiled > (40 if RULE_SETS[name].syntax is Syntax.CDAR else 150)


@pytest.fixture(scope="module")
def recorded() -> list[tuple[dict[str, Any], etree._ElementTree]]:
    folder = SAMPLES / "en16931"
    if not (folder / "verdicts.jsonl").is_file():
        pytest.skip("official samples of EN 16931 are not beside the checkout")
    rows = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text("utf-8").splitlines()]
    wanted = {row["path"]: row for row in rows if row.get("crashed")}
    for syntax in ("ubl", "cii"):
        of_syntax = [row for row in rows if row["syntax"].startswith(syntax)]
        wanted.update({row["path"]: row for row in random.Random(SEED).sample(of_syntax, RECORDED)})
    found = []
    with tarfile.open(folder / "invoices.tar.xz") as archive:
        for member in archive:
            row = wanted.get(member.name.removeprefix("./"))
            if row is not None and (file := archive.extractfile(member)) is not None:
                try:
                    found.append((row, gated(file.read())))
                except DocumentUnreadable:
                    continue
    return found


def test_recorded_verdicts_are_given_again(
    recorded: list[tuple[dict[str, Any], etree._ElementTree]], cache: Path
) -> None:
    for syntax, rule_set in (("ubl", EN16931_UBL), ("cii", EN16931_CII)):
        chosen = [(row, tree) for row, tree in recorded if row["syntax"].startswith(syntax)]
        judgments = judge_batch([tree for _, tree in chosen], compiled(rule_set, cache))
        undecided = 0
        for (row, _), judgment in zip(chosen, judgments, strict=True):
            if row.get("crashed"):
                assert judgment is None, row["path"]
            elif judgment is None:
                undecided += 1
            else:
                rules = Counter(hit.rule for hit in judgment.hits)
                assert rules == Counter(row["fatal"]) + Counter(row["warning"]), row["path"]
        assert len(chosen) >= RECORDED
        assert undecided <= 2, "the fast road is for nearly all"


def _french(syntax: Syntax) -> list[etree._ElementTree]:
    folders = {Syntax.UBL: ["ubl"], Syntax.CII: ["cii", "facturx"], Syntax.CDAR: ["cdar"]}[syntax]
    files = sorted(file for folder in folders for file in (SAMPLES / "fr_ctc" / folder).rglob("*.xml"))
    if not files:
        pytest.skip("French samples are not beside the checkout")
    trees = []
    for file in random.Random(SEED).sample(files, min(3 * FRENCH, len(files))):
        try:
            tree = gated(file.read_bytes())
        except DocumentUnreadable:
            continue
        if len(list(tree.iter())) < 400:
            trees.append(tree)
    return trees[:FRENCH]


@pytest.mark.parametrize("name", sorted(RULE_SETS))
def test_the_official_engine_says_the_same_of_samples_and_mutants(name: str, cache: Path) -> None:
    rule_set = RULE_SETS[name]
    chance = random.Random(f"{SEED} {name}")
    samples = _french(rule_set.syntax)
    trees = [*samples, *(mutated(chance.choice(samples), chance) for _ in range(MUTANTS))]
    judge = SaxonJudge()
    judgments = judge_batch(trees, compiled(rule_set, cache))
    undecided = 0
    for tree, judgment in zip(trees, judgments, strict=True):
        official = judge.judge(etree.tostring(tree.getroot(), encoding="UTF-8"), rule_set)
        if judgment is None:
            undecided += official.crashed is None
        else:
            assert judgment == official
    assert undecided <= 2
