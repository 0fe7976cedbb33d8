"""The same scenario on PostgreSQL: the bytes that SQLite's run gives, also when killed on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.assembly import House, house
from connectors.settings import Settings
from tests.connectors import servers
from tests.failure import scenario

KILLS = 8


def test_postgresql_gives_the_same_bytes_killed_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario.flows(tmp_path / "flows", tmp_path / "scratch")
    expected, steps = scenario.run(tmp_path / "sqlite", tmp_path / "flows")
    urls: dict[Path, str] = {}
    on_sqlite = scenario.settings

    def on_postgresql(home: Path) -> Settings:
        if home not in urls:
            urls[home] = servers.new_database()
        return replace(on_sqlite(home), ledger_url=urls[home])

    opened: list[Any] = []

    def kept(home: Path) -> House:
        parts = house(on_postgresql(home))
        opened.append(parts.ledger)
        return parts

    monkeypatch.setattr(scenario, "settings", on_postgresql)
    monkeypatch.setattr(scenario, "built", kept)
    for kill in (None, *range(steps // KILLS // 2, steps, steps // KILLS)):
        result, _ = scenario.run(tmp_path / f"postgresql {kill}", tmp_path / "flows", steps_max=kill)
        assert result == expected, f"killed at step {kill}"
        while opened:
            opened.pop().close()
    assert len(urls) == len(set(urls.values())) > KILLS
