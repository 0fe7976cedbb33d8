"""Two settlers at once: each flow is answered once, and every series of flow ids runs from 1 without gap or repeat.

The worst case is one that was thought dead: it stops after its Nth operation, another one settles everything, and then
it goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from data_contracts.errors import LedgerConflict
from data_contracts.partners import Partners
from pipelines.admission.stage import admit_flows
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.shares import WHOLE, Share
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from tests.failure import scenario
from tests.failure.numbering import numbered_from_one, series_of

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose flows are ready to be settled."""
    where = tmp_path_factory.mktemp("scenario")
    scenario.flows(where / "flows", where / "scratch")
    _check(where / "home", where / "flows")
    return where / "home"


class _Paused(scenario.Life):
    """Stops after its Nth operation until it is let go on."""

    def __init__(self, steps_max: int) -> None:
        super().__init__(steps_max)
        self.stopped, self.resumed = threading.Event(), threading.Event()

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.steps_max:
            self.stopped.set()
            assert self.resumed.wait(PATIENCE_SECONDS)


def _check(home: Path, source: Path) -> None:
    home.mkdir()
    scenario.dropped(source, home)
    parts = scenario.built(home)
    collect_flows(mailbox=parts.mailbox, store=parts.store, ledger=parts.ledger, clock=parts.clock)
    admit_flows(ledger=parts.ledger, store=parts.store, partners=Partners({}, open_to_all=True))
    for batch_id in plan_batches(ledger=parts.ledger, store=parts.store):
        engine = Engine(None, scenario.NoRules())
        check_batch(batch_id, ledger=parts.ledger, store=parts.store, worker="w", engine=engine)


def _settle(home: Path, life: scenario.Life, share: Share = WHOLE) -> None:
    parts = scenario.built(home)
    ledger, store = scenario.Mortal(parts.ledger, life), scenario.Mortal(parts.store, life)
    settle_flows(ledger=ledger, store=store, directory=parts.directory, clock=parts.clock, share=share)


def _answers(home: Path) -> dict[str, bytes]:
    """Every answer owed, with the bytes that lie in the store under its hash."""
    parts = scenario.built(home)
    found = {}
    for delivery in parts.ledger.owed():
        answer = delivery.answer
        assert answer.name not in found, "a name is owed once"
        found[answer.name] = parts.store.read(answer.object_key)
        assert len(found[answer.name]) == answer.size_bytes
    return found


@pytest.fixture(scope="module")
def undisturbed(checked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], int]:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    copytree(checked, home)
    life = scenario.Life()
    _settle(home, life)
    return _answers(home), life.steps


def _in_thread(work: Callable[[], None]) -> tuple[threading.Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failed


def test_series_of_an_undisturbed_run_are_whole(undisturbed: tuple[dict[str, bytes], int]) -> None:
    answers, steps = undisturbed
    numbered_from_one(answers)
    assert len(series_of(answers)) > 4, "acknowledgments, lifecycles, diffusions of several senders"
    assert steps > 30


PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_a_settler_overtaken_after_any_operation_changes_nothing(
    part: int, checked: Path, undisturbed: tuple[dict[str, bytes], int], tmp_path: Path
) -> None:
    expected, steps = undisturbed
    for step in range(1 + part, steps + 1, PARTS):
        home = tmp_path / str(step)
        copytree(checked, home)
        late = _Paused(step)
        thread, failed = _in_thread(lambda home=home, late=late: _settle(home, late))  # type: ignore[misc]
        assert late.stopped.wait(PATIENCE_SECONDS), f"step {step}"
        _settle(home, scenario.Life())
        late.resumed.set()
        thread.join(PATIENCE_SECONDS)
        assert not failed or isinstance(failed[0], LedgerConflict), f"step {step}: {failed}"
        answers = _answers(home)
        numbered_from_one(answers)
        assert answers == expected, f"overtaken at step {step}"


def test_two_shares_at_once_answer_as_one_settler_does(
    checked: Path, undisturbed: tuple[dict[str, bytes], int], tmp_path: Path
) -> None:
    expected, _ = undisturbed
    home = tmp_path / "home"
    copytree(checked, home)
    settlers: list[Any] = [
        _in_thread(lambda number=number: _settle(home, scenario.Life(), Share(number, 2)))  # type: ignore[misc]
        for number in range(2)
    ]
    for thread, failed in settlers:
        thread.join(PATIENCE_SECONDS)
        assert not failed
    answers = _answers(home)
    numbered_from_one(answers)
    assert answers == expected
