"""The speed bench: its figures have the shape that it promises. Speed itself is shown, never asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import BR_FR_UBL, EN16931_UBL
from pipelines.parsing.scanner import native
from pipelines.parsing.xml_gate import gated
from pipelines.validation.check import EXPLAINING, JUDGING, OPENING, READING, SCHEMA, TERMS
from relais.__main__ import app
from relais.bench.speed import Bench, LineFigures, Reader, SetFigures, beside_official, peak
from relais.bench.speed_report import METHOD, speed_json
from relais.bench.workloads import KINDS, LINES, checked_kinds, generated, invoice_of_lines, of_corpus

JUDGED = {f"{JUDGING} {EN16931_UBL.coordinate}", f"{JUDGING} {BR_FR_UBL.coordinate}"}
STEPS = {OPENING, READING, EXPLAINING, TERMS, *JUDGED}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("rules"), Reader.PYTHON)


def test_a_set_is_measured_step_by_step_and_beside_the_official_engine(bench: Bench) -> None:
    workload, told = generated("utility", 12, 1), []
    figures = bench.measured(workload, told.append)
    assert (figures.documents, told) == (12, [12])
    assert figures.verdicts == {"valid": 12}
    assert figures.size == sum(map(len, workload.part(0, 12)))
    assert set(figures.steps) - {SCHEMA} == STEPS
    assert all(seconds >= 0 for seconds in figures.steps.values())
    assert figures.rate > figures.whole_rate > 0
    assert figures.by_official == 0
    assert 50_000_000 < figures.peak <= peak()
    beside = beside_official(workload, figures, 3)
    assert (beside.official_documents, beside.official_seconds > 0) == (3, True)
    assert beside.steps == figures.steps


@pytest.mark.parametrize("reader", Reader)
def test_documents_that_cannot_be_read_are_measured_too(reader: Reader, tmp_path: Path) -> None:
    if reader is Reader.NATIVE and not native.available():
        pytest.skip("the C scanner is not built")
    for n, content in enumerate([*generated("cii", 3, 1).part(0, 3), b"<none/>"]):
        (tmp_path / f"{n}.xml").write_bytes(content)
    figures = Bench(tmp_path / "cache", reader).measured(of_corpus(tmp_path))
    assert figures.verdicts == {"invalid": 1, "valid": 3}


def test_a_single_invoice_says_who_judged_it(bench: Bench) -> None:
    content = invoice_of_lines(10, 1)
    figures = bench.of_lines(10, content)
    assert set(figures.steps) - {SCHEMA} == STEPS
    assert figures.seconds == pytest.approx(sum(figures.steps.values()))
    assert (figures.size, figures.official) == (len(content), False)


@pytest.mark.parametrize("lines", [1, 10, 100])
def test_an_invoice_has_the_lines_asked_for(lines: int) -> None:
    root = gated(invoice_of_lines(lines, 1)).getroot()
    assert sum(child.tag.endswith("}InvoiceLine") for child in root) == lines


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_writes_the_same_bytes_again_and_another_invoice_each_time(name: str) -> None:
    contents = generated(name, 3, 1).part(0, 3)
    assert contents == generated(name, 3, 1).part(0, 3)
    assert len(set(contents)) == 3


def test_sets_come_in_batches_and_kinds_are_known_by_name() -> None:
    assert [len(part) for part in generated("utility", 5_001, 1).parts()] == [5_000, 1]
    assert 35_000 < sum(map(len, generated("long", 20, 1).part(0, 20))) / 20 < 45_000
    assert checked_kinds("utility, lines") == ["utility", LINES]
    with pytest.raises(ConfigurationError, match="plumber"):
        checked_kinds("plumber")


def test_rates_and_ratio_follow_from_seconds() -> None:
    row = SetFigures("x", "", 100, 900, {}, {READING: 0.5, TERMS: 0.5}, 0, 1, 10, 2.0)
    line = LineFigures(10, 900, {READING: 0.25, TERMS: 0.25}, official=True)
    told = json.loads(json.dumps(speed_json([row], [line], (0.1, 0.2, 0.3))))
    assert (told["sets"][0]["rate"], told["sets"][0]["official_rate"], told["sets"][0]["ratio"]) == (200.0, 5.0, 40.0)
    assert told["sets"][0]["whole_rate"] == 100.0
    assert told["lines"][0]["seconds_a_line"] == 0.05
    assert told["method"] == METHOD


def test_the_command_prints_what_it_measured_and_how() -> None:
    told = relais(
        "check", "--kinds", "utility,lines", "--invoices", 10, "--saxon", 2, "--lines-max", 1, "--reader", "python"
    )
    assert told.exit_code == 0, told.output
    for words in ("Invoices a second and core", "utility", EN16931_UBL.coordinate, "µs a line", "process_time", "load"):
        assert words in told.output, words


def relais(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])
