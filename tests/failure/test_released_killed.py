"""A release that links an invoice to an earlier one and draws on a commitment, killed after each operation that writes:
nothing of it is lost, nothing is there twice, and until it is settled nothing of it is seen."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts.directory import Directory
from data_contracts.history_ledger import Link, LinkKind
from data_contracts.ledger import InvoiceKey, Owner
from data_contracts.quarantine import QuarantineState
from pipelines.delivery.stage import deliver_answers
from pipelines.quarantine.stage import settle_quarantined
from tests.end_to_end.released import INTERFACE, KEY, Waiting, checked_again, demanding, first_life
from tests.end_to_end.test_status_flows import LATER, deposit
from tests.end_to_end.year import SUPPLIER
from tests.end_to_end.year_run import opened, settings_of
from tests.failure import scenario

READS = frozenset(
    {
        "announcing", "batches_of", "commitments", "exists", "flow", "flows_of", "keys", "open", "owed", "owners_of",
        "quarantine", "read", "rejected_before", "standings", "unfollowed",
    }
)  # fmt: skip
"""Operations that change nothing: a kill after one is a kill after the write before it."""


class Mortal(scenario.Mortal):
    """A port that dies after the Nth operation that writes."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in READS:
            return super().__getattr__(name)
        read: Callable[..., Any] = getattr(self._port, name)
        return read


@dataclass(frozen=True)
class Seen:
    """What partners got, and all that the ledger says of the released invoice and of the first one."""

    files: dict[str, bytes]
    appearances: Counter[str]
    state: QuarantineState
    links: list[Link]
    codes: dict[Owner, list[str]]
    drawn: Decimal
    sums: Any


def number() -> str:
    return first_life().invoice.number


def base(where: Path) -> Path:
    """A home whose operator ordered the release of an invoice that another service is to get, of a number that is to
    be recycled and drew on a commitment."""
    world, life = Waiting(where), first_life()
    world.commit(str(life.invoice.totals.gross + 1))
    deposit(world, life.invoice, interface=INTERFACE)
    world.say(life, "04")
    flow_key = world.set_aside(replace(life.invoice, service_code="COLLEGES"))
    ledger: Any = world.house.ledger
    deliver_answers(ledger=ledger, store=world.house.store, mailbox=world.house.mailbox)
    world.order(flow_key, LATER + timedelta(days=1))
    ledger.close()
    return where


def carry_out(home: Path, life: scenario.Life, seen: Counter[str], known: Directory) -> None:
    """What the DAG does with orders, and the next delivery, through mortal ports."""
    house = opened(home)
    mailbox = scenario.Greedy(house.mailbox, settings_of(home).mailbox_dir, seen, home / "taken")
    ledger, store, box = (Mortal(port, life) for port in (house.ledger, house.store, mailbox))
    mortal: Any = type("House", (), {"ledger": house.ledger, "store": store})
    ports: dict[str, Any] = {"ledger": ledger, "store": store}
    try:
        settle_quarantined(directory=known, recheck=checked_again(mortal), **ports)
        deliver_answers(mailbox=box, **ports)  # type: ignore[arg-type]
    finally:
        house.ledger.close()  # type: ignore[attr-defined]


def looked_at(home: Path, appearances: Counter[str]) -> Seen:
    house = opened(home)
    ledger: Any = house.ledger
    (entry,) = ledger.quarantine()
    key = InvoiceKey(2026, SUPPLIER.siren, number())
    later, earlier = Owner(entry.flow_key, entry.position), ledger.owners_of([key])[key]
    told = ledger.events([later, earlier])
    taken = home / "taken"
    found = Seen(
        {str(path.relative_to(taken)): path.read_bytes() for path in sorted(taken.rglob("*")) if path.is_file()},
        appearances,
        entry.state,
        list(ledger.links([earlier])),
        {owner: [event.code for event in told.get(owner, ())] for owner in (later, earlier)},
        ledger.commitments([KEY])[KEY].drawn,
        ledger.reconciliation(),
    )
    ledger.close()
    return found


def run(base: Path, home: Path, known: Directory, steps_max: int | None = None) -> tuple[Seen, Seen, int]:
    """What is seen right after a kill, and once the order was carried out again; the steps of the first run."""
    shutil.copytree(base, home)
    appearances: Counter[str] = Counter()
    life = scenario.Life(steps_max)
    with suppress(scenario.Killed):
        carry_out(home, life, appearances, known)
    killed = looked_at(home, Counter())
    if steps_max is not None:
        carry_out(home, scenario.Life(), appearances, known)
    return killed, looked_at(home, appearances), life.steps


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return base(tmp_path_factory.mktemp("to_recycle") / "home")


def test_a_release_that_recycles_and_draws_is_killed_at_every_write(waiting: Path, tmp_path: Path) -> None:
    gross = first_life().invoice.totals.gross
    before = looked_at(waiting, Counter())
    _, expected, steps = run(waiting, tmp_path / "undisturbed", demanding())
    assert (before.state, before.links, before.drawn) == (QuarantineState.ORDERED, [], gross)
    assert (expected.state, expected.drawn) == (QuarantineState.ACCEPTED, gross)
    assert [link.kind for link in expected.links] == [LinkKind.RECYCLES]
    assert set(expected.appearances.values()) == {1}
    assert {Path(name).name[:8] for name in expected.files} == {"FEN1204A", "FEN0036A"}
    assert expected.sums.gap == 0
    assert steps > 12
    for step in range(1, steps + 1):
        killed, result, _ = run(waiting, tmp_path / f"at {step}", demanding(), step)
        assert result == expected, f"killed at step {step}"
        # All of it, or nothing of it.
        bound = (killed.state, killed.links, killed.codes, killed.drawn)
        assert bound in [(one.state, one.links, one.codes, one.drawn) for one in (before, expected)], f"step {step}"


def test_a_release_that_a_commitment_refuses_is_killed_at_every_write(tmp_path: Path) -> None:
    world, life = Waiting(tmp_path / "home"), first_life()
    world.commit("1.00")
    deposit(world, replace(life.invoice, engagement=None), interface=INTERFACE)
    world.say(life, "04")
    flow_key = world.set_aside(replace(life.invoice, service_code="COLLEGES"))
    ledger: Any = world.house.ledger
    deliver_answers(ledger=ledger, store=world.house.store, mailbox=world.house.mailbox)
    world.order(flow_key, LATER + timedelta(days=1))
    ledger.close()
    _, expected, steps = run(tmp_path / "home", tmp_path / "undisturbed", demanding())
    assert (expected.state, expected.drawn, expected.links) == (QuarantineState.REJECTED, 0, [])
    assert {Path(name).name[:8] for name in expected.files} == {"FEN1214A"}
    for step in range(1, steps + 1):
        _, result, _ = run(tmp_path / "home", tmp_path / f"at {step}", demanding(), step)
        assert result == expected, f"killed at step {step}"
