"""Status flows under kills: the same bytes, every supplier told once, every history whole, wherever it died."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.year import STORIES, SUPPLIER, Year
from tests.end_to_end.year_run import carried, dropped, opened, settings_of
from tests.failure.scenario import Greedy, Killed, Life, Mortal

ROUND = 2
"""The round that is killed: statuses of recipients and of a supplier, recycling, completion, a rejected one's
successor, statuses told again."""
PARTS = 4
EVERY = 8
"""Every so many steps are tried; each part begins at another one."""


@dataclass(frozen=True)
class Base:
    """A home before the round, and what the round drops."""

    home: Path
    at: datetime
    flows: dict[str, bytes]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    files: dict[str, bytes]
    appearances: Counter[str]
    sums: Any
    histories: dict[str, Any]
    links: Any


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    home = tmp_path_factory.mktemp("before")
    year = Year(2 * len(STORIES), 1)
    for number, (at, flows) in enumerate(year.rounds()):
        if number == ROUND:
            return Base(home, at, flows, tuple(one for life in year.lives for one in life.numbers))
        dropped(flows, home, f"{at:%Y%m%d}")
        parts = opened(home)
        carried(parts, at)
        parts.close()
    raise AssertionError("the year is too short")


def outcome(base: Base, home: Path, steps_max: int | None = None) -> tuple[Outcome, int]:
    """The round on a copy of the home, killed at a step when one is given and then begun again."""
    shutil.copytree(base.home, home)
    dropped(base.flows, home, "killed")
    seen: Counter[str] = Counter()
    life = Life(steps_max)

    def once(life: Life) -> None:
        parts = opened(home)
        box = Greedy(parts.mailbox, settings_of(home).mailbox_dir, seen, home / "taken")
        try:
            carried(parts, base.at, box, lambda port: Mortal(port, life))
        finally:
            parts.close()

    with suppress(Killed):
        once(life)
    if steps_max is not None:
        once(Life())
    return _told(base, home, seen), life.steps


def _told(base: Base, home: Path, seen: Counter[str]) -> Outcome:
    parts, taken = opened(home), home / "taken"
    files = {str(path.relative_to(taken)): path.read_bytes() for path in sorted(taken.rglob("*")) if path.is_file()}
    owners = {number: parts.ledger.named([SUPPLIER.siren], number) for number in base.numbers}
    every = [owner for ours in owners.values() for owner in ours]
    histories = {f"{owner}": told for owner, told in parts.ledger.events(every).items()}
    made = Outcome(files, seen, parts.ledger.reconciliation(), histories, parts.ledger.links(every))
    parts.close()
    shutil.rmtree(home)
    return made


@pytest.fixture(scope="module")
def undisturbed(base: Base, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, int]:
    return outcome(base, tmp_path_factory.mktemp("undisturbed") / "home")


def test_the_round_has_all_kinds(undisturbed: tuple[Outcome, int]) -> None:
    result, steps = undisturbed
    assert {name.split("/")[1][:8] for name in result.files} >= {
        "CSO1301A", "CSO1304A", "CSO1100A", "FEN1200A", "FEN1204A", "FEN0036A",
    }  # fmt: skip
    assert {link.kind.value for link in result.links} == {"recycles", "completes", "replaces"}
    assert set(result.appearances.values()) == {1}
    assert result.sums.gap == 0
    assert steps > 100


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_leaves_the_same(
    part: int, base: Base, undisturbed: tuple[Outcome, int], tmp_path: Path
) -> None:  # fmt: skip
    expected, steps = undisturbed
    for step in range(1 + part * EVERY, steps + 1, PARTS * EVERY):
        result, died_at = outcome(base, tmp_path / str(step), steps_max=step)
        assert died_at >= step
        assert result.files == expected.files, f"killed at step {step}"
        assert result.appearances == expected.appearances, f"killed at step {step}"
        assert (result.sums, result.links) == (expected.sums, expected.links), f"killed at step {step}"
        assert result.histories == expected.histories, f"killed at step {step}"
