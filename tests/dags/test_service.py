"""Starting and stopping: a stale pid is never trusted, nothing of a session survives `stop`, secrets stay private."""

from __future__ import annotations

import configparser
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from data_contracts.errors import ConfigurationError
from infra.airflow import processes
from infra.airflow.service import _free_port
from infra.airflow.settings import PARALLELISM_MAX, configuration, parallelism, secret_keys
from infra.run_record import Request, RunRecord

# A leader with a child in a process group of its own, as Airflow's task supervisor makes them.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
open("child", "w").write(str(child.pid)); os.rename("child", "child.pid")
time.sleep(60)
"""


@pytest.fixture
def component(tmp_path: Path) -> Iterator[processes.Component]:
    """A running component with a child."""
    made = processes.Component("family", tmp_path)
    processes.start(made, [sys.executable, "-c", FAMILY], dict(os.environ))
    _until(lambda: (tmp_path / "child.pid").exists())
    yield made
    processes.stop([made], 0.0)


def _until(done: object) -> None:
    deadline = time.monotonic() + 15
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _pid(component: processes.Component) -> int:
    return int(json.loads(component.pid_file.read_text())["pid"])


def test_stop_ends_the_leader_and_what_it_left_in_other_groups(component: processes.Component) -> None:
    child = int((component.home / "child.pid").read_text())
    assert processes.is_alive(component)
    assert {process.pid for process in processes.leftovers(component)} == {_pid(component), child}
    processes.stop([component], 0.0)
    assert not processes.is_alive(component)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert not component.pid_file.exists()


def test_a_killed_leader_is_dead_and_its_children_are_found(component: processes.Component) -> None:
    child = int((component.home / "child.pid").read_text())
    psutil.Process(_pid(component)).kill()
    _until(lambda: not processes.is_alive(component))
    assert [process.pid for process in processes.leftovers(component)] == [child]


def test_a_pid_that_was_given_out_again_is_not_ours(tmp_path: Path) -> None:
    component = processes.Component("stale", tmp_path)
    component.pid_file.parent.mkdir()
    born = psutil.Process().create_time() - 1000
    component.pid_file.write_text(json.dumps({"pid": os.getpid(), "born": born}))
    assert not processes.is_alive(component)
    assert processes.leftovers(component) == []
    processes.stop([component], 0.0)
    assert psutil.pid_exists(os.getpid())


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    first = secret_keys(tmp_path)
    assert secret_keys(tmp_path) == first
    assert len(set(first.values())) == 3
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_configuration_keeps_to_this_machine(tmp_path: Path) -> None:
    read = configparser.ConfigParser()
    read.read_string(configuration(tmp_path, tmp_path / "dags", 8123, secret_keys(tmp_path)))
    assert read["api"]["host"] == "127.0.0.1"
    assert read["core"]["execution_api_server_url"] == "http://127.0.0.1:8123/execution/"
    assert read["core"]["load_examples"] == "False"
    assert read["usage_data_collection"]["enabled"] == "False"
    assert 4 <= parallelism() <= PARALLELISM_MAX


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < _free_port(port) < port + 100


def test_an_unfinished_run_is_taken_up_and_a_finished_one_set_aside(tmp_path: Path) -> None:
    record = RunRecord(tmp_path / "run")
    asked, nothing = Request("/flows", "", 0), Request("", "", 0)
    assert not record.unfinished(asked)
    record.begin(asked)
    (record.home / "ledger.db").touch()
    assert record.unfinished(asked)
    assert record.unfinished(nothing)
    with pytest.raises(ConfigurationError, match="unfinished"):
        record.unfinished(Request("/others", "", 0))
    record.finish()
    assert not record.unfinished(asked)
    record.begin(nothing)
    assert not (record.home / "ledger.db").exists()
    assert (tmp_path / "previous" / "ledger.db").exists()
