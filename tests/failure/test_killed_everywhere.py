"""Killed after any operation of any port and started again: same bytes, nothing lost, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.failure import scenario
from tests.failure.numbering import numbered_from_one


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("scenario")
    scenario.flows(where / "flows", where / "scratch")
    return where / "flows"


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[scenario.Result, int]:
    return scenario.run(tmp_path_factory.mktemp("undisturbed"), source)


def test_the_scenario_has_every_outcome(undisturbed: tuple[scenario.Result, int]) -> None:
    result, steps = undisturbed
    sums = result.sums
    assert sums.gap == 0
    assert (sums.flows_received, sums.flows_settled, sums.flows_refused, sums.flows_pending) == (4, 3, 1, 0)
    assert (sums.invoices_received, sums.invoices_accepted, sums.invoices_rejected) == (7, 4, 3)
    assert sums.answers_owed == sums.answers_delivered == len(result.files)
    assert set(result.appearances.values()) == {1}
    assert steps > 100


PARTS = 8
"""The steps are dealt to as many tests, so that they share the cores."""


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_every_step(
    part: int, source: Path, undisturbed: tuple[scenario.Result, int], tmp_path: Path
) -> None:
    expected, steps = undisturbed
    for step in range(1 + part, steps + 1, PARTS):
        result, died_at = scenario.run(tmp_path / str(step), source, steps_max=step)
        assert died_at >= step
        assert result.files == expected.files, f"killed at step {step}"
        assert result.appearances == expected.appearances, f"killed at step {step}"
        numbered_from_one(key.rpartition("/")[2] for key in result.files)
        assert result.sums == expected.sums, f"killed at step {step}"


def test_a_flow_sent_again_gets_its_first_answer_again(source: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, _ = scenario.run(home, source)
    again = tmp_path / "again"
    again.mkdir()
    (again / scenario.TAR_FLOW).write_bytes((source / scenario.TAR_FLOW).read_bytes())
    scenario.dropped(again, home)
    result, _ = scenario.run(home, source)
    name = next(key for key in first.files if key.startswith("ELC001/CSO1100A") and key.endswith("1"))
    assert result.files == first.files
    assert result.appearances == {name: 1}
    assert result.sums.invoices_received == first.sums.invoices_received
    assert result.sums.flows_received == first.sums.flows_received


def test_the_same_flow_id_with_other_bytes_is_refused_by_name(source: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, _ = scenario.run(home, source)
    other = tmp_path / "other"
    other.mkdir()
    (other / scenario.TAR_FLOW).write_bytes((source / scenario.SECOND_FLOW).read_bytes())
    scenario.dropped(other, home)
    result, _ = scenario.run(home, source)
    new = set(result.files) - set(first.files)
    assert len(new) == 1
    answer = result.files[new.pop()].decode()
    assert "IRR_UNICITE" in answer
    assert "<IdStatut>93</IdStatut>" in answer
    assert {key: result.files[key] for key in first.files} == first.files
