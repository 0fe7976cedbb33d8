"""Every hostile case is refused by its name, on each road of reading, and leaves nothing behind."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_contracts.motives import MOTIVES
from pipelines.parsing.scanner.reading import Scanner
from pipelines.parsing.scanner.reference import PythonScanner
from pipelines.validation.watched_scanner import difference
from tests.hostile.case import Case, Road
from tests.hostile.flow_cases import FLOW_CASES
from tests.hostile.pdf_cases import PDF_CASES
from tests.hostile.refusing import NAME, told_of_documents, told_of_flow
from tests.hostile.xml_cases import XML_CASES
from tests.unit.scanner_oracle import SCANNERS, automaton
from tests.unit.xml_mutants import mutant

DOCUMENT_CASES = (*XML_CASES, *PDF_CASES)
MUTANTS = 1_500
SMALL_BYTES = 2_000
LARGE_BYTES = 2_000_000


@pytest.fixture(scope="module")
def roads() -> list[Scanner | None]:
    """libxml2 alone, then every scanner before it."""
    return [None, *(made(automaton()) for made in SCANNERS.values())]


@pytest.mark.parametrize("case", FLOW_CASES, ids=[case.name for case in FLOW_CASES])
def test_a_hostile_flow_is_refused_by_name_and_nothing_of_it_is_kept(case: Case, tmp_path: Path) -> None:
    motive, said = told_of_flow(io.BytesIO(case.build()), tmp_path / "store")
    assert motive == case.motive
    assert motive in MOTIVES
    assert case.said in said
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    landed, (answer,) = (
        [file for file in files if file.startswith("store/landing/")],
        [file for file in files if file.startswith("store/answers/")],
    )
    # The bytes as they came, under their hash; and our answer, under a name of ours.
    assert files == sorted([*landed, answer])
    assert len(landed) == 1
    assert NAME[:8] not in answer


@pytest.mark.parametrize("case", DOCUMENT_CASES, ids=[f"{case.road.value} {case.name}" for case in DOCUMENT_CASES])
def test_a_hostile_document_is_refused_by_name_before_any_judge(case: Case, roads: list[Scanner | None]) -> None:
    data = case.build()
    # Python's scanner is the slow one, and leaves large documents of the kind as it leaves small ones.
    taken = [one for one in roads if len(data) < LARGE_BYTES or not isinstance(one, PythonScanner)]
    alone, *others = (told_of_documents([(case.road, data)], scanner)[0] for scanner in taken)
    assert others == [alone] * (len(taken) - 1)
    motive, said_fr, said_en = alone
    assert motive == case.motive
    assert case.said in said_en
    assert said_fr.startswith(MOTIVES[motive].sentence_fr)
    assert "/etc/passwd" not in said_en


def small() -> Iterator[tuple[Case, bytes]]:
    for case in XML_CASES:
        data = case.build()
        if len(data) <= SMALL_BYTES:
            yield case, data


def test_hostile_documents_are_refused_the_same_in_company(roads: list[Scanner | None]) -> None:
    asked = [(case.road, data) for case, data in small()]
    alone = [told_of_documents([one], None)[0] for one in asked]
    assert len(alone) > len(XML_CASES) // 2
    for scanner in roads:
        assert told_of_documents(asked, scanner) == alone


def test_no_scanner_reads_what_the_gate_refuses_among_mutants(roads: list[Scanner | None]) -> None:
    chance = random.Random(20261120)
    seeds = [data for _, data in small() if data.strip()]
    for _ in range(MUTANTS // 500):
        documents = [mutant(chance.choice(seeds), chance) for _ in range(500)]
        for scanner in filter(None, roads):
            reading = scanner.read(documents)
            assert [difference(data, reading, at) for at, data in enumerate(documents)] == [None] * 500


def test_each_case_has_a_name_of_its_own() -> None:
    for cases in (FLOW_CASES, XML_CASES, PDF_CASES):
        assert len({case.name for case in cases}) == len(cases)
    assert {case.road for case in (*FLOW_CASES, *DOCUMENT_CASES)} == set(Road)
