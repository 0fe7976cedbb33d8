"""Thousands of bad nights, drawn from seeds: every invariant holds, and planted bugs are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.memory.ledger import MemoryLedger
from data_contracts.ledger import Attempt, Flow, FlowStatus, InvoiceKey, Ledger, Leftovers, Settlement
from data_contracts.ports import Deposit
from relais.__main__ import app
from relais.simulation.computing import computed_once
from relais.simulation.everywhere import FAULTS, faults_everywhere
from relais.simulation.invariants import INVARIANTS
from relais.simulation.ledgers import memory_ledger, sqlite_ledgers
from relais.simulation.running import run
from relais.simulation.schedule import Kind, drawn
from relais.simulation.shrinking import shrunk

STRIDE = 4
SHARES, SEEDS = 8, 1_000
"""The seeds are dealt to as many tests, so that they share the cores."""


@pytest.fixture(autouse=True, scope="module")
def _computed_once() -> Iterator[None]:
    with computed_once():
        yield


@pytest.mark.parametrize("share", range(SHARES))
def test_every_invariant_holds_after_every_schedule(share: int) -> None:
    for seed in range(1 + share, SEEDS + 1, SHARES):
        outcome = run(drawn(seed), memory_ledger)
        assert outcome.broken == (), f"relais simulate --show {seed}"
        assert outcome.checks == len(INVARIANTS)


@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_at_every_operation(kind: Kind) -> None:
    """Here at one in STRIDE, each kind at others; `relais simulate --everywhere` takes them all."""
    outcomes = list(faults_everywhere(kind, memory_ledger, first=1 + FAULTS.index(kind), stride=STRIDE))
    assert [outcome.schedule.events for outcome in outcomes if outcome.broken] == []
    assert len(outcomes) > 100


def test_a_seed_gives_the_same_operations_again_and_on_the_real_ledger() -> None:
    with sqlite_ledgers() as sqlite:
        for seed in range(1, 5):
            first, again, real = (
                run(drawn(seed), ledger, traced=True) for ledger in (memory_ledger, memory_ledger, sqlite)
            )
            assert first.trace == again.trace == real.trace, f"seed {seed}"
            assert first.broken == again.broken == real.broken == ()


class Unbound(MemoryLedger):
    """Gives an answer another number at every rerun."""

    def number(self, flow_key: str, slots: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str, int], int]:
        self._rows.numbers.pop(flow_key, None)
        return super().number(flow_key, slots)


class Undated(MemoryLedger):
    """Dates a settlement anew at every rerun."""

    def claim_invoices(self, flow_key: str, keys: Sequence[tuple[InvoiceKey, int]], at: datetime) -> Settlement:
        return replace(super().claim_invoices(flow_key, keys, at), settled_at=at)


class Greedy(MemoryLedger):
    """Gives every invoice to whoever asks last."""

    def claim_invoices(self, flow_key: str, keys: Sequence[tuple[InvoiceKey, int]], at: datetime) -> Settlement:
        for key, _ in keys:
            self._rows.keys.pop(key, None)
        return super().claim_invoices(flow_key, keys, at)


class Oblivious(MemoryLedger):
    """Does not know a file that it recorded."""

    def seen(self, deposit: Deposit) -> bool:
        self._rows.deposits.pop((deposit.partner_code, deposit.name, deposit.identity), None)
        return False


class Nameless(MemoryLedger):
    """Gives all attempts at a delivery one name to stage under: two at once publish twice, or what is half written."""

    def attempt(self, delivery_id: str) -> Attempt:
        return replace(super().attempt(delivery_id), part="", earlier=())


class Wavering(MemoryLedger):
    """Lets whoever staged last publish, too."""

    def staged(self, delivery_id: str, part: str) -> str:
        super().staged(delivery_id, part)
        return part


class Forgetful(MemoryLedger):
    """Does not remember what attempts before may have left."""

    def attempt(self, delivery_id: str) -> Attempt:
        return replace(super().attempt(delivery_id), earlier=())

    def leftovers(self) -> Sequence[Leftovers]:
        return []


class Hasty(MemoryLedger):
    """Calls a delivery done when it is staged."""

    def staged(self, delivery_id: str, part: str) -> str:
        staged = super().staged(delivery_id, part)
        self.delivered(delivery_id)
        return staged


class Impatient(MemoryLedger):
    """Does not wait for a partner's earlier flows."""

    def settleable(self) -> Sequence[Flow]:
        open_keys = {
            piece.flow_key for row in self._rows.batches.values() if not row.checked for piece in row.batch.slices
        }
        planned = [row.flow for row in self._rows.of_status(FlowStatus.ADMITTED) if row.planned]
        return [flow for flow in planned if flow.flow_key not in open_keys]

    def _in_turn(self, row: Any) -> None:
        """Anyone's turn."""


@pytest.mark.parametrize(
    ("planted", "names"),
    [
        (Unbound, {"I3"}),
        (Undated, {"I6", "same"}),
        (Greedy, {"same"}),
        (Oblivious, {"I1", "I2"}),
        (Nameless, {"I3"}),
        (Wavering, {"I3"}),
        (Forgetful, {"I3"}),
        (Hasty, {"I3"}),
        (Impatient, {"same"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_bug_is_found_and_shrunk_to_few_events(planted: Callable[..., Ledger], names: set[str]) -> None:
    def ledger(time: Callable[[], float]) -> Ledger:
        return planted(time=time)

    found = (seed for seed in range(1, 400) if run(drawn(seed), ledger).broken)
    # Some seeds need many turns of their workers: of the first ones, one needs few.
    leasts = (shrunk(drawn(seed), lambda schedule: run(schedule, ledger)) for seed in islice(found, 4))
    least = next(least for least in leasts if sum(event.kind is not Kind.DROP for event in least.schedule.events) <= 6)
    assert names & {told.partition(":")[0] for told in least.broken}
    assert run(least.schedule, ledger).broken == least.broken


def test_the_command_tells_what_it_did_and_replays_a_seed() -> None:
    result = CliRunner().invoke(app, ["simulate", "--seeds", "20", "--from", "7"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("20 schedules from seed 7: ")
    assert result.stdout.rstrip().endswith("0 broken")
    shown = CliRunner().invoke(app, ["simulate", "--show", "7"])
    assert shown.exit_code == 0
    assert shown.stdout == CliRunner().invoke(app, ["simulate", "--show", "7"]).stdout
    assert "ledger.land" in shown.stdout
