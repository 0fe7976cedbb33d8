"""relais bench statuses: every status is recorded, whoever sends it, and the figures are told by kind."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from relais.bench.command import bench
from relais.bench.statuses_speed import COMPLETED, IN_ONE, STEPS


def test_the_command_tells_rates_and_steps_of_each_kind() -> None:
    asked = ["statuses", "--deposits", "12", "--deposit-size", "5", "--statuses", "12", "--flow-sizes", "1,3", "--json"]
    told = json.loads(CliRunner().invoke(bench, asked).stdout)
    rows = told["measurements"]
    assert [row["kind"] for row in rows] == ["in flows of 1, 3", IN_ONE, COMPLETED]
    assert all(row["deposits"] == 12 for row in rows)
    assert all(row["statuses"] >= row["flows"] >= 1 for row in rows)
    assert all(set(row["steps"]) == set(STEPS) for row in rows)
    assert all(row["per_cpu_second"] > 0 for row in rows)
