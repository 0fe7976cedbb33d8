"""relais bench answers: every flow is settled once, by one process or two, and the figures add up."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from pipelines.settlement.shares import WHOLE, Share
from relais.bench.answers_speed import STEPS, rounds
from relais.bench.command import bench


def test_the_command_tells_rates_and_steps_of_one_process_and_two() -> None:
    asked = ["answers", "--invoices", "60", "--flow-sizes", "20,5", "--processes", "1,2", "--json"]
    told = json.loads(CliRunner().invoke(bench, asked).stdout)
    one, two = told["measurements"]
    assert (one["invoices"], two["invoices"]) == (60, 60)
    assert one["answer_bytes"] == two["answer_bytes"] > 60 * 1_000, "two processes write what one writes"
    assert [len(row["workers"]) for row in (one, two)] == [1, 2]
    flows = len(next(rounds(60, [20, 5], 100)))
    assert [sum(worker["flows"] for worker in row["workers"]) for row in (one, two)] == [flows, flows]
    assert set(one["workers"][0]["steps"]) == set(STEPS)


def test_rounds_hold_every_invoice_once() -> None:
    parts = list(rounds(1_050, [500, 20], 600))
    assert parts == [[500, 20, 500], [20, 10]]


def test_each_partner_is_in_one_share() -> None:
    codes = [f"PAR{number:03d}" for number in range(200)]
    for count in (1, 2, 3):
        shares = [Share(number, count) for number in range(count)]
        assert all(sum(share.holds(code) for share in shares) == 1 for code in codes)
        assert all(any(share.holds(code) for code in codes) for share in shares)
    assert all(WHOLE.holds(code) for code in codes)
