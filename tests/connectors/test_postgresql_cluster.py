"""The private PostgreSQL cluster: on loopback, behind a password, started and stopped as often as one likes."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psycopg
import pytest

from infra.postgresql import cluster as script
from infra.postgresql.cluster import HOST, ClusterFailed, PostgresqlAbsent, main
from tests.connectors import servers


def test_a_cluster_that_runs_is_left_running(capsys: pytest.CaptureFixture[str]) -> None:
    made = servers.cluster()
    port = made.port
    assert main(["up", str(made.folder)]) == 0
    assert f"{HOST}:{port}" in capsys.readouterr().out
    assert made.port == port
    assert main(["url", str(made.folder)]) == 0
    assert capsys.readouterr().out.strip() == made.url()


def test_it_listens_on_loopback_alone_and_asks_for_its_password() -> None:
    made = servers.cluster()
    assert (made.folder / "password").stat().st_mode & 0o077 == 0
    assert made.folder.stat().st_mode & 0o077 == 0
    with psycopg.connect(servers.driver_url(made.url())) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == (HOST,)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(servers.driver_url(made.url()).replace("relais:", "relais:wrong"))


def test_a_start_interrupted_halfway_begins_anew_and_down_stops() -> None:
    running = servers.cluster()
    made = script.Cluster(running.folder / "second")  # within a folder that the service user may enter
    (made.folder / "data.part" / "base").mkdir(parents=True)
    assert main(["down", str(made.folder)]) == 0
    made.start(servers.FAST)
    assert made.is_up()
    port = made.port
    assert main(["down", str(made.folder)]) == 0
    assert not made.is_up()
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, port)) != 0


def test_without_programs_and_root_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "PROGRAMS", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PostgresqlAbsent, match="only root"):
        script.Cluster(tmp_path / "new").start()
    assert main(["up", str(tmp_path / "new")]) == 1
    assert "not installed" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a cluster as somebody else")
def test_a_folder_that_the_service_user_cannot_enter_is_said_so(tmp_path: Path) -> None:
    servers.cluster()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ClusterFailed, match="cannot get there"):
        script.Cluster(closed / "new").start()
