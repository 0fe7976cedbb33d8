"""`relais bench sftp` on a real OpenSSH server, with little to carry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.channels import read_channels
from data_contracts.errors import ConfigurationError
from infra.openssh.service import channels_text
from relais.bench.command import bench
from tests.connectors.sftp_server import partner_folders, running_server


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's client is absent")
def test_both_are_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    root = partner_folders(tmp_path)
    server = running_server()
    text = channels_text(server, ["AAA111"])
    text = text.replace(server.seen_as(server.files / "AAA111"), server.seen_as(root / "AAA111"))
    (tmp_path / "channels.toml").write_text(text, encoding="utf-8")
    asked = ["sftp", "--home", str(tmp_path), "--files", "40", "--large-mb", "2", "--rounds", "1", "--json"]
    done = CliRunner().invoke(bench, asked)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    for kind in ("in_place", "claimed", "large"):
        (row,) = figures[kind]
        assert min(row.values()) > 0
    assert list((root / "AAA111" / "in").iterdir()) == []


def test_a_home_without_an_account_is_said_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["sftp", "--home", str(tmp_path)])
    assert isinstance(done.exception, ConfigurationError)
    assert "channels.toml" in str(done.exception)


def test_what_the_service_writes_is_what_channels_read(tmp_path: Path) -> None:
    server = running_server()
    (tmp_path / "channels.toml").write_text(channels_text(server, ["AAA111", "BBB222"]), encoding="utf-8")
    accounts = read_channels(tmp_path).sftp
    assert list(accounts) == ["AAA111", "BBB222"]
    assert (accounts["BBB222"].port, accounts["BBB222"].host_keys) == (server.port, (server.host_key,))
