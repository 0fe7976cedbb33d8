"""The fast road and its net: who judges what, sampling, the alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.rule_sets import EN16931_UBL, RuleSet
from pipelines.parsing.path_tables import Batch, PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.compiled import engine
from pipelines.validation.compiled.engine import ALARM, CompiledJudge, Difference, Road
from pipelines.validation.compiled.plan import RuleSetPlan
from pipelines.validation.judge import Hit, Judgment, Subjects

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
INVOICE = (
    f'<Invoice xmlns="{UBL}:Invoice-2" xmlns:cbc="{UBL}:CommonBasicComponents-2"><cbc:ID>{{}}</cbc:ID>{{}}</Invoice>'
)
AMBIGUOUS = "<cbc:CustomizationID>a</cbc:CustomizationID>" * 2
"""A repeated element that the official rules pass to normalize-space: they raise."""


class Recorder:
    """A stand-in for the official engine that says what it is told to say."""

    def __init__(self, answer: Judgment) -> None:
        self.answer = answer
        self.asked: list[bytes] = []

    def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
        self.asked.append(xml)
        return self.answer


def _subjects(count: int, ambiguous: int | None = None) -> Subjects:
    texts = [INVOICE.format(number, AMBIGUOUS if number == ambiguous else "") for number in range(count)]
    contents = [text.encode() for text in texts]
    return Subjects(shredded([gated(content) for content in contents], PathDictionary()), contents)


def _judge(cache: Path, official: Recorder, alarms: list[Difference], every: int, road: Road) -> CompiledJudge:
    return CompiledJudge(cache, alarms.append, sample_every=every, official=official, road=road)


def test_decided_documents_never_reach_the_official_engine(cache: Path) -> None:
    official = Recorder(Judgment((), "never asked"))
    judge = _judge(cache, official, [], 0, Road())
    found = judge.judge_batch(_subjects(20), EN16931_UBL)
    assert official.asked == []
    assert {hit.rule for hit in found[0].hits} >= {"BR-01", "BR-03", "BR-16"}
    assert len(set(found)) == 1
    assert (judge.tally.decided, judge.tally.official, judge.tally.sampled) == (20, 0, 0)


def test_a_document_on_which_the_rules_raise_is_judged_by_the_official_engine(cache: Path) -> None:
    official = Recorder(Judgment((), "it raised"))
    found = _judge(cache, official, [], 0, Road()).judge_batch(_subjects(20, ambiguous=3), EN16931_UBL)
    assert [judgment.crashed for judgment in found].count("it raised") == 1
    assert found[3].crashed == "it raised"
    assert AMBIGUOUS.encode() in official.asked[0]


def test_a_difference_raises_the_alarm_and_shuts_the_fast_road(cache: Path) -> None:
    hit = Hit("BR-01", "fatal", "/x", "a sentence with secrets")
    official, alarms, road = Recorder(Judgment((hit,))), [], Road()
    judge = _judge(cache, official, alarms, 5, road)
    found = judge.judge_batch(_subjects(20), EN16931_UBL)
    assert [alarm.alarm for alarm in alarms] == [ALARM]
    assert alarms[0].official == (("BR-01", "fatal", "/x"),)
    assert "secrets" not in repr(alarms)
    assert not road.open
    assert found == [official.answer] * 20, "nothing that compiled rules said of this batch is kept"
    asked = len(official.asked)
    assert judge.judge_batch(_subjects(20), EN16931_UBL) == [official.answer] * 20
    assert len(official.asked) == asked + 20


@pytest.mark.parametrize("phase", [0, 8, 11])
def test_one_in_so_many_decided_documents_is_judged_twice(
    cache: Path, monkeypatch: pytest.MonkeyPatch, phase: int
) -> None:
    monkeypatch.setattr(engine, "SAMPLE_RUN", 2)
    plain = _judge(cache, Recorder(Judgment(())), [], 0, Road()).judge_batch(_subjects(24), EN16931_UBL)
    alarms: list[Difference] = []
    official, road = Recorder(plain[0]), Road()
    judge = CompiledJudge(cache, alarms.append, sample_every=6, phase=phase, official=official, road=road)
    assert judge.judge_batch(_subjects(24), EN16931_UBL) == plain
    assert (len(official.asked), judge.tally.sampled, alarms, road.open) == (4, 4, [], True)


def test_one_document_is_judged_by_compiled_rules_too(cache: Path) -> None:
    official = Recorder(Judgment((), "never asked"))
    assert _judge(cache, official, [], 0, Road()).judge_batch(_subjects(1), EN16931_UBL)[0].crashed is None
    assert official.asked == []


def test_long_batches_are_judged_in_parts(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCH_MAX", 16)
    judge = _judge(cache, Recorder(Judgment((), "it raised")), [], 0, Road())
    found = judge.judge_batch(_subjects(33, ambiguous=20), EN16931_UBL)
    assert [number for number, judgment in enumerate(found) if judgment.crashed] == [20]


def test_a_document_beyond_measure_is_judged_by_itself(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LARGE_BYTES", 230)
    subjects = _subjects(20, ambiguous=3)
    assert [len(content) > 230 for content in subjects.contents].count(True) == 1
    judge = _judge(cache, Recorder(Judgment((), "it raised")), [], 0, Road())
    found = judge.judge_batch(subjects, EN16931_UBL)
    assert [number for number, judgment in enumerate(found) if judgment.crashed] == [3]
    assert len(set(found)) == 2


def test_a_fault_of_ours_leaves_one_document_to_the_official_engine_and_says_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = engine.judge_tables

    def faulty(tables: Batch, plan: RuleSetPlan) -> list[Judgment | None]:
        if "13" in numbers_of(tables):
            raise ZeroDivisionError("a bug")
        return whole(tables, plan)

    def numbers_of(tables: Batch) -> list[str]:
        (path,) = tables.by_name[f"{{{UBL}:CommonBasicComponents-2}}ID"]
        return [tables.strings.values[number] for number in tables.text_ids(path, None).tolist()]

    monkeypatch.setattr(engine, "judge_tables", faulty)
    official = Recorder(Judgment((), "asked"))
    judge = _judge(cache, official, [], 0, Road())
    found = judge.judge_batch(_subjects(20), EN16931_UBL)
    assert [number for number, judgment in enumerate(found) if judgment.crashed] == [13]
    assert len(official.asked) == 1
    assert judge.tally.decided == 19
    assert [record.message.split()[0] for record in caplog.records] == ["rules.fault"]
