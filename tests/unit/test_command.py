"""The command: help that teaches, exit codes that mean what the help says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("sample", "sample-statuses", "run")


def relais(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relais", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_help_teaches_a_first_session_and_the_exit_codes() -> None:
    told = relais("--help")
    assert told.returncode == 0
    text = " ".join(told.stdout.split())
    for words in ("relais sample", "relais run", "--registers", "0 nothing rejected", "3 operating failure", *COMMANDS):
        assert words in text, words


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    told = relais(name, "--help")
    assert told.returncode == 0
    assert "--out" in told.stdout
    assert len(told.stdout.splitlines()) > 8


def test_a_missing_directory_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    told = relais("run", "--flows", tmp_path / "absent", "--out", tmp_path / "out")
    assert told.returncode == 2
    assert "absent" in told.stderr
    assert "remedy" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_sample_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    told = relais("sample", "--out", tmp_path)
    assert told.returncode == 2
    assert "not empty" in told.stderr


def test_a_damaged_ledger_is_an_operating_failure(tmp_path: Path) -> None:
    flows, out = tmp_path / "flows", tmp_path / "out"
    flows.mkdir()
    out.mkdir()
    (flows / "FSO1100A_ELC001_ELC0011100000000000000001").write_bytes(b"<x/>")
    (out / "ledger.db").write_bytes(b"this is no database" * 100)
    told = relais("run", "--flows", flows, "--out", out)
    assert told.returncode == 3, told.stderr


def test_a_flow_with_nothing_to_reject_exits_with_zero_and_one_with_something_exits_with_one(tmp_path: Path) -> None:
    sample, flows = tmp_path / "sample", tmp_path / "flows"
    assert relais("sample", "--out", sample, "--invoices", "100").returncode == 0
    flows.mkdir()
    good = next(path for path in sorted((sample / "flows").iterdir()) if path.name.startswith("FSO1117A"))
    (flows / good.name).write_bytes(good.read_bytes())
    told = relais("run", "--flows", flows, "--out", tmp_path / "good")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1 received = 1 accepted + 0 rejected + 0 quarantined" in " ".join(told.stdout.split())
    (flows / "FSO9999A_BAT001_BAT0019999000000000000001").write_bytes(b"<x/>")
    told = relais("run", "--flows", flows, "--out", tmp_path / "bad")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "IRR_CODE_INTER" in told.stdout
