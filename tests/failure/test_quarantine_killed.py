"""An invoice leaves quarantine exactly once, however often and wherever the operator's command is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.envelope import LATE_SERIES, SERIES_SPAN, parsed
from data_contracts.quarantine import QuarantineState, Verb
from tests.failure import quarantined, scenario


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarantined.home_with_poison(tmp_path_factory.mktemp("poisoned"))


@pytest.mark.parametrize("verb", list(Verb))
def test_a_kill_at_every_step(verb: Verb, base: Path, tmp_path: Path) -> None:
    expected, entries, steps = quarantined.run(base, tmp_path / "undisturbed", verb)
    (entry,) = entries
    sums = expected.sums
    accepted = verb is Verb.RELEASE
    assert entry.state is (QuarantineState.ACCEPTED if accepted else QuarantineState.REJECTED)
    assert (sums.gap, sums.invoices_quarantined, sums.invoices_received) == (0, 0, 7)
    assert (sums.invoices_accepted, sums.invoices_rejected) == ((4, 3) if accepted else (3, 4))
    assert set(expected.appearances.values()) == {1}
    assert sums.answers_owed == sums.answers_delivered
    assert steps > 10
    for step in range(1, steps + 1):
        result, entries, _ = quarantined.run(base, tmp_path / str(step), verb, steps_max=step)
        assert result.files == expected.files, f"killed at step {step}"
        assert result.appearances == expected.appearances, f"killed at step {step}"
        assert result.sums == expected.sums, f"killed at step {step}"
        assert [one.state for one in entries] == [entry.state], f"killed at step {step}"


def test_a_released_invoice_is_told_and_diffused(base: Path, tmp_path: Path) -> None:
    result, _, _ = quarantined.run(base, tmp_path / "home", Verb.RELEASE)
    names = {parsed(Path(key).name).interface_code: key for key in result.files}
    assert set(names) == {"FEN1200A", "FEN0036A"}
    status = result.files[names["FEN1200A"]].decode()
    # Nothing could be said of the unopened invoice then: that it was received is told now.
    assert "<IdStatut>01</IdStatut>" in status
    assert "<IdStatut>03</IdStatut>" in status
    for key in result.files:
        assert parsed(Path(key).name).sequence // SERIES_SPAN >= LATE_SERIES
        assert parsed(Path(key).name).sequence % SERIES_SPAN == 1


def test_an_unopened_invoice_is_rejected_by_a_complement(base: Path, tmp_path: Path) -> None:
    result, _, _ = quarantined.run(base, tmp_path / "home", Verb.REJECT)
    ((name, content),) = result.files.items()
    assert parsed(Path(name).name).interface_code == "CSO1100A"
    answer = content.decode()
    assert "seen by hand" in answer
    assert "<IdStatut>96</IdStatut>" in answer  # as the first acknowledgment said
    assert "RLS-QUAR-01" in answer


def test_a_flow_sent_again_gets_its_first_acknowledgment_alone(base: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first, _, _ = quarantined.run(base, home, Verb.REJECT)
    again = tmp_path / "again"
    again.mkdir()
    (again / scenario.TAR_FLOW).write_bytes((base.parent / "flows" / scenario.TAR_FLOW).read_bytes())
    scenario.dropped(again, home)
    result, _ = scenario.run(home, again)
    assert set(result.files) - set(first.files) == {f"ELC001/CSO1100A_ELC001_RLS0011100{1:015d}"}
    assert result.sums.gap == 0
