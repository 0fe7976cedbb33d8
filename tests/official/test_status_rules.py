"""The installed rules for life-cycle statuses: both engines say the same of our statuses and of official samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from data_contracts.rule_sets import BR_FR_CDAR
from pipelines.lifecycle.cdar_invoice_status import cdar_invoice_status
from pipelines.parsing.xml_gate import gated
from pipelines.validation.compiled.plan import compiled
from pipelines.validation.judge import Judgment
from pipelines.validation.saxon import SaxonJudge
from tests.judged_trees import judge_batch
from tests.unit.answer_values import header
from tests.unit.test_answers_cdar import STATUSES

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "fr_ctc" / "cdar"


def test_statuses_of_ours_break_nothing_by_either_engine(tmp_path: Path) -> None:
    trees = [gated(cdar_invoice_status(header("FEN1214A"), one)) for one in STATUSES]
    assert [judgment.hits for judgment in _agreed(trees, tmp_path)] == [()] * len(STATUSES)


def test_official_statuses_are_judged_alike(tmp_path: Path) -> None:
    files = sorted(SAMPLES.glob("*.xml"))
    if not files:
        pytest.skip("official samples of statuses are not beside the checkout")
    assert len(_agreed([gated(file.read_bytes()) for file in files], tmp_path)) > 20


def _agreed(trees: list[etree._ElementTree], cache: Path) -> list[Judgment]:
    """What both engines say; every document must be decided by the compiled rules."""
    official, decided = SaxonJudge(), []
    for tree, judgment in zip(trees, judge_batch(trees, compiled(BR_FR_CDAR, cache)), strict=True):
        assert judgment is not None
        assert judgment == official.judge(etree.tostring(tree.getroot(), encoding="UTF-8"), BR_FR_CDAR)
        decided.append(judgment)
    return decided
