"""What the driver of `make run` remembers of a profile and of the second act, and what chaos draws."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest
from rich.console import Console

from connectors.assembly import House, house
from connectors.settings import Settings, default, write
from data_contracts.errors import ConfigurationError
from infra import acts, comparing, run
from infra.acts import STATUSES, WRITTEN_IN_PART, Manner, Stage
from infra.airflow.service import Service
from infra.ground import LocalGround
from infra.run_record import Request, RunRecord
from infra.servers import ground as servers_ground
from infra.servers.chaos import Chaos
from infra.servers.ground import ServersGround
from infra.servers.journal import Journal
from infra.servers.stand import Stand
from infra.watch import Stuck
from tests.unit.answer_values import diffused, header, pivot

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


@pytest.mark.parametrize(("profile", "left", "cleared"), [("servers", False, 1), ("", True, 1), ("", False, 0)])
def test_a_new_run_on_servers_clears_what_lies_outside_of_a_home_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str, left: bool, cleared: int
) -> None:
    ground, began = MagicMock(), []
    if left:
        (tmp_path / "run" / "servers").mkdir(parents=True)
    monkeypatch.setattr(run, "_servers", lambda _home: ground)
    monkeypatch.setattr(run, "_check", lambda _request: None)
    monkeypatch.setattr(run, "_stood", lambda *_, **__: began.append(ground.clear.call_count) or 0)
    service = SimpleNamespace(relais_home=tmp_path / "run", running=lambda: False)
    manner = Manner(keep=False, compare=False, chaos_seconds=0.0, seed=1)
    code = run._run(Request("", "", 300, profile), cast(Any, service), Console(quiet=True), manner)
    assert (code, began) == (0, [cleared])


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


class Counted(LocalGround):
    """Counts how often answers were taken home."""

    taken = 0

    def taken_home(self, ports: House) -> None:
        self.taken += 1


def delivered_to(settings: Settings, *bodies: str) -> None:
    for code in bodies:
        out = settings.mailbox_dir / code / "out"
        out.mkdir(parents=True)
        (out / f"FEN0036A_{code}_RLS0010036000000000000001").write_bytes(pivot(header("FEN0036A"), [diffused()]))


def open_settings(home: Path) -> Settings:
    now = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
    return replace(default(home), open_partners=True, open_directory=True, fixed_now=now)


def test_a_driver_that_is_killed_while_bodies_answer_drops_each_status_flow_once(tmp_path: Path) -> None:
    settings, ground = open_settings(tmp_path / "run"), Counted()
    delivered_to(settings, "DEP001", "COM001")
    half = settings.home / WRITTEN_IN_PART
    half.mkdir()
    (half / "FSO1301A_GONE01_GONE011301000000000000001").write_bytes(b"<half")
    ground.up(settings, print)
    service = Service(tmp_path / "airflow", tmp_path / "dags", tmp_path)
    manner = Manner(keep=False, compare=False, chaos_seconds=0.0, seed=1)
    with house(settings) as ports:
        for taken_up in (False, True):
            stage = Stage(settings, ports, ground, service, Console(quiet=True), manner)
            folder = stage._statuses()
            assert ground.drop(folder) == (0 if taken_up else 4)
    assert ground.taken == 1
    assert not half.exists()
    names = [path.name[:15] for path in sorted((settings.home / STATUSES).iterdir())]
    assert names == ["FSO1300A_COM001", "FSO1300A_DEP001", "FSO1301A_COM001", "FSO1301A_DEP001"]
    assert len(list(settings.mailbox_dir.glob("*/in/FSO13*"))) == 4


@pytest.mark.parametrize("code", ["90", "96"])
def test_the_second_act_fails_unless_each_status_flow_is_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    settings, ground, rung = open_settings(tmp_path / "run"), LocalGround(), []
    delivered_to(settings, "DEP001")
    ground.up(settings, print)
    flow = SimpleNamespace(interface_code="FSO1301A", acknowledgment_code=code, name="FSO1301A_DEP001_1")
    ledger = SimpleNamespace(reports=lambda: [SimpleNamespace(flow=flow)])
    ports = SimpleNamespace(ledger=ledger, clock=SimpleNamespace(now=lambda: settings.fixed_now))
    monkeypatch.setattr(acts, "watched", lambda *_, **__: nullcontext(MagicMock()))
    service = SimpleNamespace(client=SimpleNamespace(trigger=rung.append))
    manner = Manner(keep=False, compare=False, chaos_seconds=0.0, seed=1)
    stage = Stage(settings, cast(Any, ports), ground, cast(Any, service), Console(quiet=True), manner)
    with nullcontext() if code == "90" else pytest.raises(Stuck, match="FSO1301A_DEP001_1"):
        stage.answer()
    assert rung == ["collect_flows"]


def test_in_the_undisturbed_run_bodies_answer_in_the_order_of_the_run(tmp_path: Path) -> None:
    out = tmp_path / "undisturbed"
    settings = open_settings(out)
    write(settings)
    delivered_to(settings, "COM001", "DEP001", "ETA001")
    comparing._told(settings, out, ["ELC001", "ETA001", "COM001", "DEP001"])
    with house(settings) as ports:
        landed = [report.flow.partner_code for report in ports.ledger.reports()]
    assert landed == ["ETA001", "ETA001", "COM001", "COM001", "DEP001", "DEP001"]


def test_a_partner_waits_for_a_server_that_is_on_its_way_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers_ground, "LOOK_SECONDS", 0.0)
    tries: list[int] = []

    def dropped() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionRefusedError
        return 5

    ground = ServersGround(tmp_path)
    assert ground._patiently(dropped) == 5
    monkeypatch.setattr(servers_ground, "AWAY_SECONDS_MAX", -1.0)
    tries.clear()
    with pytest.raises(ConnectionRefusedError):
        ground._patiently(dropped)
    assert len(tries) == 1
