"""relais bench ledger: what it counts is what the ledger says, and a ledger in use is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.ledger import SqlLedger
from data_contracts.errors import ConfigurationError
from relais.bench.command import bench
from relais.bench.ledger_speed import REPEATED_SHARE, LedgerBench
from tests.connectors.scenes import landed


def test_new_invoices_are_won_and_repeated_ones_are_not(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db")
    measured = LedgerBench(ledger, flow_size=200)
    seen: list[int] = []
    filled = measured.filled(250, seen.append)
    assert filled is not None
    assert (filled.invoices, filled.owned, measured.held, seen) == (250, 250, 250, [200, 50])
    assert measured.filled(250, seen.append) is None
    mixed = measured.mixed(200, seen.append)
    assert (mixed.invoices, mixed.owned) == (200, 200 - 200 // REPEATED_SHARE)
    told = ledger.reconciliation()
    assert (told.invoices_received, told.invoices_accepted, told.gap) == (450, measured.held, 0)
    assert LedgerBench(ledger).held == measured.held, "a filled ledger may be measured again"
    ledger.close()


def test_a_ledger_in_use_is_left_alone(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db")
    ledger.create_tables()
    landed(ledger)
    with pytest.raises(ConfigurationError, match="not of a measurement"):
        LedgerBench(ledger)
    ledger.close()


def test_the_command_tells_rates_of_each_kind() -> None:
    asked = ["ledger", "--holding", "100", "--invoices", "100", "--flow-size", "100"]
    told = json.loads(CliRunner().invoke(bench, [*asked, "--json"]).stdout)
    assert [row["kind"] for row in told["kinds"]] == ["filling", "new", "one in a hundred repeated"]
    assert all(row["claimed_per_second"] > row["settled_per_second"] > 0 for row in told["kinds"])
    shown = CliRunner().invoke(bench, asked)
    assert shown.exit_code == 0
    assert "held 100 invoices" in shown.stdout
