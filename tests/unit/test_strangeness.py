"""Which documents the compiled rules learn from, and which cost more than they are worth."""

from __future__ import annotations

from pathlib import Path

from data_contracts.rule_sets import EN16931_UBL, RuleSet
from pipelines.parsing.path_tables import Batch, PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.compiled.engine import CompiledJudge, Road
from pipelines.validation.compiled.strangeness import STRANGE_MAX, Strangeness
from pipelines.validation.judge import Judgment, Subjects
from pipelines.validation.saxon import SaxonJudge

ROOT = '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">{}</Invoice>'
MANY = STRANGE_MAX + 10


def _document(names: range) -> bytes:
    return ROOT.format("".join(f"<n{number}/>" for number in names)).encode()


def _batch(contents: list[bytes], paths: PathDictionary) -> Batch:
    return shredded([gated(content) for content in contents], paths)


def test_a_process_learns_so_many_paths_from_anybody() -> None:
    strangeness, paths = Strangeness(MANY + 1), PathDictionary()
    assert strangeness.strange(_batch([_document(range(MANY))], paths)).tolist() == []
    other = _document(range(1_000, 1_000 + MANY))
    assert strangeness.strange(_batch([other], paths)).tolist() == [0]
    assert strangeness.strange(_batch([_document(range(MANY))], paths)).tolist() == [], "what is learnt stays"


def test_nothing_is_learnt_of_a_strange_document_and_little_of_others() -> None:
    strangeness, paths = Strangeness(0), PathDictionary()
    strange, plain = _document(range(MANY)), _document(range(2_000, 2_010))
    assert strangeness.strange(_batch([plain, strange], paths)).tolist() == [1]
    assert strangeness.strange(_batch([strange], paths)).tolist() == [0]
    assert strangeness.strange(_batch([_document(range(2_000, 2_010 + STRANGE_MAX))], paths)).tolist() == []


def test_what_documents_share_is_shared() -> None:
    strangeness, paths = Strangeness(0), PathDictionary()
    same = [_document(range(MANY))] * 2
    assert strangeness.strange(_batch(same, paths)).tolist() == []


def test_a_new_dictionary_of_paths_begins_anew() -> None:
    strangeness = Strangeness(MANY + 1)
    for _ in range(3):
        assert strangeness.strange(_batch([_document(range(MANY))], PathDictionary())).tolist() == []


def test_strange_documents_are_judged_by_the_official_engine_among_others(tmp_path: Path) -> None:
    class Counted(SaxonJudge):
        asked = 0

        def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
            self.asked += 1
            return super().judge(xml, rule_set)

    official = Counted()
    judge = CompiledJudge(tmp_path, lambda _difference: None, sample_every=0, official=official, road=Road())
    judge._strangeness = Strangeness(0)
    contents = [_document(range(3)), _document(range(100, 100 + MANY)), _document(range(3)), _document(range(MANY))]
    subjects = Subjects(_batch(contents, PathDictionary()), contents)
    told = judge.judge_batch(subjects, EN16931_UBL)
    assert official.asked == 2
    assert told == [SaxonJudge().judge(content, EN16931_UBL) for content in contents]
    alone = Subjects(_batch([contents[1]], PathDictionary()), [contents[1]])
    assert judge.judge_batch(alone, EN16931_UBL) == [told[1]]
