"""`relais bench store` and the S3 service, with little to carry."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.settings import load
from data_contracts.errors import ConfigurationError
from infra.seaweedfs.server import is_alive, prepared
from infra.seaweedfs.service import main, settings_text
from relais.bench.command import bench
from tests.connectors.s3_server import lying, new_place


def test_folder_and_bucket_are_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    place = new_place()
    described = {
        "store_url": f"s3://{place.bucket}/{place.prefix}",
        "store_endpoint": place.endpoint,
        "store_credentials_file": str(place.credentials_file),
    }
    (tmp_path / "relais.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in described.items()))
    asked = ["store", "--home", str(tmp_path), "--objects", "5", "--large-mb", "1", "--rounds", "1", "--json"]
    done = CliRunner().invoke(bench, asked)
    assert done.exit_code == 0, done.output
    rates = json.loads(done.stdout)["rates"]
    assert [rate["store"] for rate in rates] == ["folder"] * 4 + ["bucket"] * 4
    assert min(rate["a_second"] for rate in rates) > 0
    assert all(name.startswith(".create-only") for name in lying(place))


def test_without_a_home_a_folder_alone_is_measured(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["store", "--objects", "2", "--large-mb", "1", "--rounds", "1"])
    assert done.exit_code == 0, done.output
    assert "bucket" not in done.stdout
    refused = CliRunner().invoke(bench, ["store", "--home", str(tmp_path)])
    assert isinstance(refused.exception, ConfigurationError)
    assert "relais.toml" in str(refused.exception)


def test_the_service_starts_a_server_that_a_home_can_use_and_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new_place()  # skips where no server can be had
    server = prepared(tmp_path / "server")
    assert server.credentials_file.stat().st_mode & 0o077 == 0
    asked = ["service", "up", "--home", str(server.place), "--partners", "AAA111", "--channels", str(tmp_path / "home")]
    try:
        for _ in range(2):
            monkeypatch.setattr(sys, "argv", asked)
            assert main() == 0
        assert capsys.readouterr().out == 2 * settings_text(server)
        (tmp_path / "home" / "relais.toml").write_text(settings_text(server))
        place = load(tmp_path / "home").store_place
        assert place is not None
        assert lying(place) == []
        monkeypatch.setattr(sys, "argv", [*asked[:-3], "BBB222", *asked[-2:]])
        assert main() == 2
        assert "other accounts" in capsys.readouterr().err
    finally:
        monkeypatch.setattr(sys, "argv", ["service", "down", "--home", str(server.place)])
        assert main() == 0
    assert not is_alive(server.component)
