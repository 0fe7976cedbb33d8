"""The engine of a worker: compiled rules first, the official engine alone while an alarm lies in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.object_storage import LocalStore
from data_contracts.rule_sets import EN16931_UBL, RuleSet
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation import standing_engine as room
from pipelines.validation.compiled.engine import CompiledJudge
from pipelines.validation.judge import Hit, Judgment, Subjects
from pipelines.validation.saxon import SaxonJudge
from pipelines.validation.standing_engine import ALARMS, SLOW_ROAD, standing_engine

INVOICE = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><a/></Invoice>'
SEVERAL = 4


def _several() -> Subjects:
    contents = [INVOICE] * SEVERAL
    return Subjects(shredded([gated(content) for content in contents], PathDictionary()), contents)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_KEPT", {})


def test_a_worker_keeps_one_engine(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    store.prepare()
    engine = standing_engine(tmp_path, store)
    judge = engine.judge
    assert isinstance(judge, CompiledJudge)
    assert standing_engine(tmp_path, store) is engine
    told = judge.judge_batch(_several(), EN16931_UBL)
    assert told == [SaxonJudge().judge(INVOICE, EN16931_UBL)] * SEVERAL
    assert judge.tally.decided > 0
    assert list(store.keys(ALARMS)) == []


def test_a_difference_leaves_evidence_and_shuts_the_fast_road_for_every_worker(tmp_path: Path) -> None:
    class Wrong:
        def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
            return Judgment((Hit("BR-00", "fatal", "/", "said otherwise"),))

    store = LocalStore(tmp_path / "store")
    store.prepare()
    judge = standing_engine(tmp_path, store).judge
    assert isinstance(judge, CompiledJudge)
    judge._official = Wrong()
    judge._sample_every = 1
    told = judge.judge_batch(_several(), EN16931_UBL)
    assert {hit.rule for judgment in told for hit in judgment.hits} == {"BR-00"}, "the official word stands"
    evidence = list(store.keys(ALARMS))
    assert len(evidence) == 1
    assert EN16931_UBL.coordinate in store.read(evidence[0]).decode()
    assert standing_engine(tmp_path, store) is SLOW_ROAD
