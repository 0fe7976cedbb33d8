"""What the driver of `make run` remembers of a profile, and what chaos draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.errors import ConfigurationError
from infra.airflow.service import Service
from infra.ground import LocalGround
from infra.run_record import Request, RunRecord
from infra.servers.chaos import Chaos
from infra.servers.journal import Journal
from infra.servers.stand import Stand

SERVERS = Request("", "", 300, "servers")


def test_a_run_on_servers_is_taken_up_by_its_own_profile_or_without_arguments(tmp_path: Path) -> None:
    record = RunRecord(tmp_path / "run")
    record.begin(SERVERS)
    for asked in (SERVERS, Request("", "", 0, "servers"), Request("", "", 0)):
        assert record.unfinished(asked)
    with pytest.raises(ConfigurationError, match="unfinished"):
        record.unfinished(Request("", "", 300))
    assert record.request == SERVERS


def test_a_local_run_is_not_taken_up_on_servers(tmp_path: Path) -> None:
    record = RunRecord(tmp_path / "run")
    record.begin(Request("", "", 300))
    with pytest.raises(ConfigurationError, match="unfinished"):
        record.unfinished(Request("", "", 0, "servers"))


def test_the_journal_of_drops_knows_a_file_by_folder_name_and_bytes(tmp_path: Path) -> None:
    for folder in ("flows", "resent"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x y\n").write_bytes(b"1")
    Journal(tmp_path).add([tmp_path / "flows" / "x y\n"])
    again = Journal(tmp_path)
    assert tmp_path / "flows" / "x y\n" in again
    assert tmp_path / "resent" / "x y\n" not in again
    (tmp_path / "flows" / "x y\n").write_bytes(b"2")
    assert tmp_path / "flows" / "x y\n" not in again


def test_the_seed_alone_decides_what_is_to_be_killed(tmp_path: Path) -> None:
    def drawn(seed: int) -> list[str]:
        said: list[str] = []
        service = Service(tmp_path / "airflow", tmp_path / "dags", tmp_path)
        chaos = Chaos(Stand(tmp_path), service, 0.001, seed, said.append)
        with chaos:
            while len(said) < 12:
                chaos._ended.wait(0.001)
        assert not chaos.killed.total()  # nothing runs here, so nothing was killed
        return said[1:12]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert all(line.endswith("was to be killed, but none runs") for line in drawn(3))


def test_local_folders_have_nothing_to_kill(tmp_path: Path) -> None:
    service = Service(tmp_path / "airflow", tmp_path / "dags", tmp_path)
    with pytest.raises(ConfigurationError, match="PROFILE=servers"):
        LocalGround().shaken(service, 1.0, 1, print)
