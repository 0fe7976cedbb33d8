"""The official rules for life-cycle statuses, where a distribution that carries them is installed: both engines agree.

On the official sample statuses, and on fragments made to break each assert.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from data_contracts.rule_sets import RuleSet
from pipelines.parsing.opening import STATUS_ROOT
from pipelines.parsing.xml_gate import gated
from pipelines.validation.compiled.plan import RuleSetPlan, coverage
from pipelines.validation.compiled.rule_files.rule_file import read_rule_file
from pipelines.validation.saxon import SaxonJudge
from tests.judged_trees import judge_batch
from tests.official.purpose_made import fewest, purpose_made

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "fr_ctc" / "cdar"
CARRIER, PATH = "pyfrctc", "cdar-schematron/BR-FR-CDV-Schematron-CDAR.xslt"


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    spec = find_spec(CARRIER)
    file = None if spec is None or spec.origin is None else Path(spec.origin).parent / PATH
    if file is None or not file.is_file():
        pytest.skip(f"no distribution with the rules for statuses is installed ({CARRIER})")
    return RuleSet("fr.fnfe.br-fr-cdv.cdar:1.4.0", "", "", "fr", str(file))


def test_every_assert_is_compiled_and_broken_on_purpose(rule_set: RuleSet) -> None:
    rules = read_rule_file(Path(rule_set.file))
    plan = RuleSetPlan(rules, rule_set.coordinate)
    assert coverage(plan).uncompiled == () and not plan.blind
    made = purpose_made(rules, (STATUS_ROOT,))
    _agreed([etree.ElementTree(etree.fromstring(document)) for document in fewest(made)], plan, rule_set)
    assert len(made.breaking) + len(made.undecided) > 30


def test_official_statuses_are_judged_alike(rule_set: RuleSet) -> None:
    files = sorted(SAMPLES.glob("*.xml"))
    if not files:
        pytest.skip("official samples of statuses are not beside the checkout")
    plan = RuleSetPlan(read_rule_file(Path(rule_set.file)), rule_set.coordinate)
    _agreed([gated(file.read_bytes()) for file in files], plan, rule_set)


def _agreed(trees: list[etree._ElementTree], plan: RuleSetPlan, rule_set: RuleSet) -> None:
    official = SaxonJudge()
    undecided = 0
    for tree, judgment in zip(trees, judge_batch(trees, plan), strict=True):
        told = official.judge(etree.tostring(tree.getroot(), encoding="UTF-8"), rule_set)
        if judgment is None:
            undecided += told.crashed is None
        else:
            assert judgment == told
    assert undecided <= len(trees) // 20
