"""The parity bench: it finds a wrong judge and names it, leaves what it must leave, and repeats itself by its seed."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from lxml import etree
from typer.testing import CliRunner

from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import Circuit
from data_contracts.rule_sets import BR_FR_UBL, EN16931_CII, EN16931_UBL, RuleSet
from pipelines.parsing.scanner.reading import Reading, Status
from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.parsing.xml_gate import gated
from pipelines.validation.judge import Hit, Judgment
from pipelines.validation.proved_schemas import automaton
from relais.__main__ import app
from relais.bench.corpus import documents, names, sampled
from relais.bench.mutation import CHANGES, CODES, mutant_of
from relais.bench.parity import (
    ADDED,
    CRASH,
    ELSEWHERE,
    MISSING,
    ORDER,
    SCANNER,
    Parity,
    ReadingTally,
    Recorded,
    SetTally,
    afnor_layers,
    compared,
    en16931,
    shares,
)
from relais.bench.recorded import recorded_verdicts
from relais.samples.billers import UTILITY
from relais.samples.cii_writer import cii_bytes
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes

FIRST = Hit("BR-01", "fatal", "/a", "one")
SECOND = Hit("BR-02", "warning", "/b", "two")
BOTH = Judgment((FIRST, SECOND))


def invoices(count: int) -> list[tuple[str, bytes]]:
    return [(f"{n:03}.xml", ubl_bytes(composed(UTILITY, n, Circuit.AFNOR, 1))) for n in range(1, count + 1)]


class Says:
    """A judge that says the same of every document."""

    def __init__(self, judgment: Judgment) -> None:
        self.judgment = judgment

    def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
        return self.judgment


def always(judgment: Judgment | None) -> Callable[[Sequence[bytes], RuleSet], list[Judgment | None]]:
    return lambda contents, rule_set: [judgment] * len(contents)


def judged(official: Judgment, compiled: Judgment | None) -> Parity:
    return compared(invoices(3), compiled=always(compiled), official=Says(official), due=en16931)


@pytest.mark.parametrize(
    ("compiled", "rules", "how"),
    [
        (Judgment((FIRST,)), ["BR-02"], MISSING),
        (Judgment((FIRST, SECOND, SECOND)), ["BR-02"], ADDED),
        (Judgment((Hit("BR-01", "fatal", "/c", "one"), SECOND)), ["BR-01"], ELSEWHERE),
        (Judgment((FIRST, Hit("BR-02", "warning", "/b", "other"))), ["BR-02"], ELSEWHERE),
        (Judgment((SECOND, FIRST)), ["BR-01"], ORDER),
        (Judgment((), None), ["BR-01", "BR-02"], MISSING),
    ],
)
def test_a_wrong_judge_is_found_and_its_rules_are_named(compiled: Judgment, rules: list[str], how: str) -> None:
    found = judged(BOTH, compiled)
    assert not found.agreed
    assert [(row.rule, row.how, row.documents, row.example) for row in found.disagreements.values()] == [
        (rule, how, 3, "001.xml") for rule in rules
    ]
    assert found.tallies[EN16931_UBL.coordinate] == SetTally(documents=3, different=3)


def test_another_flag_is_a_difference() -> None:
    found = judged(BOTH, Judgment((Hit("BR-01", "warning", "/a", "one"), SECOND)))
    assert {(row.rule, row.how) for row in found.disagreements.values()} == {("BR-01", ADDED), ("BR-01", MISSING)}


def test_equal_undecided_and_flagged_crashes_are_no_disagreement() -> None:
    assert judged(BOTH, BOTH).tallies[EN16931_UBL.coordinate] == SetTally(documents=3, equal=3)
    undecided = judged(BOTH, None)
    assert undecided.agreed
    assert undecided.undecided == {EN16931_UBL.coordinate: ["001.xml", "002.xml", "003.xml"]}
    flagged = judged(Judgment((), "raised"), None)
    assert flagged.agreed
    assert flagged.tallies[EN16931_UBL.coordinate] == SetTally(documents=3, crashes=3, crashes_flagged=3)


def test_a_crash_that_compiled_rules_decide_is_a_disagreement() -> None:
    found = judged(Judgment((), "raised"), Judgment(()))
    assert [row.how for row in found.disagreements.values()] == [CRASH]
    assert found.tallies[EN16931_UBL.coordinate].crashes_flagged == 0


def test_recorded_verdicts_are_compared_by_count(tmp_path: Path) -> None:
    lines = [
        {"path": "001.xml", "fatal": {"BR-01": 1}, "warning": {"BR-02": 1}},
        {"path": "002.xml", "fatal": {"BR-01": 2}, "warning": {"BR-02": 1}, "crashed": False},
        {"path": "003.xml", "fatal": None, "warning": None, "crashed": True},
    ]
    file = tmp_path / "verdicts.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    verdicts = recorded_verdicts(file)
    assert verdicts["002.xml"] == Recorded({("fatal", "BR-01"): 2, ("warning", "BR-02"): 1}, crashed=False)
    found = compared(invoices(4), compiled=always(BOTH), official=verdicts, due=en16931)
    assert sorted((row.rule, row.how, row.example) for row in found.disagreements.values()) == [
        ("-", CRASH, "003.xml"),
        ("BR-01", MISSING, "002.xml"),
    ]
    assert found.unrecorded == ["004.xml"]
    file.write_text('{"fatal": {}}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 1"):
        recorded_verdicts(file)


def test_each_document_is_judged_by_the_rules_of_its_syntax_and_what_is_no_invoice_is_named() -> None:
    cii = ("b.xml", cii_bytes(composed(UTILITY, 1, Circuit.AFNOR, 1)))
    found = compared(
        [*invoices(1), cii, ("c.xml", b"<html/>"), ("d.pdf", b"%PDF-1.7")],
        compiled=always(BOTH), official=Says(BOTH), due=afnor_layers,
    )  # fmt: skip
    assert {name: tally.documents for name, tally in found.tallies.items()} == {
        EN16931_UBL.coordinate: 1,
        BR_FR_UBL.coordinate: 1,
        EN16931_CII.coordinate: 1,
        "fr.fnfe.br-fr-flux2.cii:1.4.0": 1,
    }
    assert found.unreadable == ["c.xml", "d.pdf"]


def test_what_a_scanner_reads_is_compared_with_libxml2(tmp_path: Path) -> None:
    class Sure:
        """A scanner that calls everything valid."""

        def read(self, documents: Sequence[bytes]) -> Reading:
            reading = scanner.read(documents)
            return Reading(np.full(len(documents), Status.PROVED), reading.batch)

    scanner = standing_scanner(automaton(tmp_path))
    name, data = invoices(1)[0]
    odd = ("odd.xml", data.replace(b"<cbc:CustomizationID>", b"<cbc:Unknown/><cbc:CustomizationID>"))
    judges = {"compiled": always(BOTH), "official": Says(BOTH), "due": en16931}
    found = compared([(name, data), odd], scanner=scanner, **judges)
    assert found.agreed
    assert found.reading == ReadingTally(documents=2, proved=1, read=1, valid=1)
    wrong = compared([(name, data), odd], scanner=Sure(), **judges)
    assert wrong.reading is not None
    assert wrong.reading.different == 1
    assert [(row.rule_set, row.example) for row in wrong.disagreements.values()] == [(SCANNER, "odd.xml")]


def test_mutants_repeat_by_seed_name_and_number_and_leave_the_document_alone() -> None:
    name, data = invoices(1)[0]
    tree = gated(data)
    before = etree.tostring(tree)

    def written(number: int, seed: int) -> bytes:
        return etree.tostring(mutant_of(tree, name, number, seed))

    assert [written(n, 7) for n in range(40)] == [written(n, 7) for n in range(40)]
    assert len({written(n, 7) for n in range(40)}) > 35
    assert written(1, 7) != written(1, 8)
    assert etree.tostring(tree) == before
    assert {"drop", "repeat", "move", "code", "cent", "sign", "long"} <= set(CHANGES)
    assert "" in CODES


def test_mutants_are_spread_evenly_and_counted() -> None:
    assert shares(["a", "b", "c"], 7) == {"a": 3, "b": 2, "c": 2}
    seen: list[str] = []

    class Looks(Says):
        def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
            seen.append(xml.decode())
            return self.judgment

    for _ in range(2):
        found = compared(
            invoices(2), compiled=always(BOTH), official=Looks(BOTH), due=en16931, mutants={"002.xml": 3}, seed=5
        )
        assert found.tallies[EN16931_UBL.coordinate] == SetTally(documents=5, mutants=3, equal=5)
    assert seen[:5] == seen[5:]
    assert len(set(seen)) == 5


def test_a_corpus_is_a_directory_or_a_tar_file(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "b.XML").write_bytes(b"<b/>")
    (folder / "a.pdf").write_bytes(b"%PDF-")
    (folder / "notes.txt").write_bytes(b"no document")
    archive = tmp_path / "corpus.tar.xz"
    with tarfile.open(archive, "w:xz") as file:
        file.add(folder, arcname=".")
    assert names(folder) == names(archive) == ["a.pdf", "deep/b.XML"]
    assert (
        dict(documents(folder, ["deep/b.XML"])) == dict(documents(archive, ["deep/b.XML"])) == {"deep/b.XML": b"<b/>"}
    )
    many = [f"{n:03}" for n in range(100)]
    assert sampled(many, 5, 3) == sampled(many, 5, 3) != sampled(many, 5, 4)
    assert sampled(many, None, 3) == many
    for absent in (tmp_path / "nothing", folder / "notes.txt"):
        with pytest.raises(ConfigurationError):
            names(absent)


def test_the_command_compares_live_and_with_verdicts(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, data in invoices(2):
        (folder / name).write_bytes(data)
    live = relais("parity", "--corpus", folder, "--rules", "en16931", "--mutants", 4, "--seed", 9, "--json")
    assert live.exit_code == 0, live.output
    told = json.loads(live.output)
    assert told["agreed"] is True
    assert told["seed"] == 9
    tally = told["rule_sets"][EN16931_UBL.coordinate]
    assert (tally["documents"], tally["mutants"]) == (6, 4)

    wrong = tmp_path / "verdicts.jsonl"
    wrong.write_text('{"path": "001.xml", "fatal": {"BR-CO-10": 1}, "warning": {}}\n', encoding="utf-8")
    planted = relais("parity", "--corpus", folder, "--verdicts", wrong)
    assert planted.exit_code == 1, planted.output
    assert "BR-CO-10" in planted.output
    assert "001.xml" in planted.output
    assert "1 without recorded verdict: 002.xml" in planted.output

    nothing = relais("parity", "--corpus", folder, "--rules", "eu.cen.en16931.cii:1.3.16")
    assert isinstance(nothing.exception, ConfigurationError)
    assert "no document of the corpus was compared" in str(nothing.exception)


def relais(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])
