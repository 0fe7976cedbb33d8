"""The servers of `make run PROFILE=servers`, without Airflow: partners drop flows by SFTP, S3 and AS2, every server is
killed and started again, answers are taken home by the same channels, and are those of local folders, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connectors.assembly import House, house
from connectors.settings import Settings, default
from data_contracts.errors import ConfigurationError, TransientError
from infra.as2.gateway import PID
from infra.comparing import differences
from infra.ground import Ground, LocalGround
from infra.openssh.server import kill_server as kill_sshd
from infra.seaweedfs.server import kill_server as kill_weed
from infra.servers.ground import ServersGround
from infra.servers.spread import SPREAD
from infra.servers.stand import Stand
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.validation.stage import check_batch
from pipelines.validation.standing_engine import standing_engine
from relais.samples.generator import write_samples
from relais.samples.registers import partners

INVOICES = 100
TRIES = 10


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_samples(folder, invoices=INVOICES, seed=3)
    # Forty flows of one invoice each would show nothing that four do not.
    for path in sorted((folder / "flows").glob("FSO11?7A_BAT001_*"))[4:]:
        path.unlink()
    return folder


@pytest.fixture
def ground() -> Iterator[ServersGround]:
    # Not below pytest's own folder, which PostgreSQL's user cannot enter.
    home = Path(tempfile.mkdtemp(prefix="relais-servers-"))
    home.chmod(0o755)
    made = ServersGround(home)
    yield made
    made.clear()
    shutil.rmtree(home)


def settings(home: Path, sample: Path) -> Settings:
    return replace(
        default(home),
        partners_file=sample / "registers" / "partners.csv",
        directory_dir=sample / "registers",
        fixed_now=datetime.fromisoformat(json.loads((sample / "expected.json").read_text())["fixed_now"]),
    )


def collected(ports: House) -> None:
    """Nothing; tried again as Airflow would, since killed servers break what was under way."""
    for left in reversed(range(TRIES)):
        try:
            collect_flows(mailbox=ports.mailbox, store=ports.store, ledger=ports.ledger, clock=ports.clock)
            return
        except TransientError:
            if not left:
                raise


def carried(ground: Ground, asked: Settings, sample: Path) -> tuple[Settings, House]:
    used = ground.up(asked, lambda line: None)
    ports = house(used)
    with ports:
        ground.drop(sample / "flows")
        if isinstance(ground, ServersGround):
            assert not ground.picked_up(ports)
            killed(ground.stand)
        collected(ports)
        ground.drop(sample / "resent")
        collected(ports)
        assert ground.picked_up(ports)
        admit_flows(ledger=ports.ledger, store=ports.store, partners=ports.partners)
        engine = standing_engine(ports.cache_dir, ports.store)
        for batch_id in plan_batches(ledger=ports.ledger, store=ports.store):
            check_batch(
                batch_id, ledger=ports.ledger, store=ports.store, worker="w", engine=engine, register=ports.register
            )
        settle_flows(ledger=ports.ledger, store=ports.store, directory=ports.directory, clock=ports.clock)
        deliver_answers(ledger=ports.ledger, store=ports.store, mailbox=ports.mailbox)
        ground.taken_home(ports)
        total = ports.ledger.reconciliation()
        assert (total.gap, total.flows_pending) == (0, 0)
        assert total.answers_delivered == total.answers_owed > 0
    return used, ports


def killed(stand: Stand) -> None:
    """Nothing; all servers were killed and are up again, each once."""
    said: list[str] = []
    kill_sshd(stand.sshd)
    kill_weed(stand.weed)
    postmaster = int((stand.cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    os.kill(int((stand.home / PID).read_text()), signal.SIGKILL)
    for _ in range(TRIES):
        stand.look_after(said.append)
    again = {line.split()[0] for line in said if line.endswith("starting it again")}
    assert again == {"PostgreSQL", "gateway", "sshd", "weed"}, said


def test_answers_by_real_channels_are_those_of_local_folders(
    ground: ServersGround, sample: Path, tmp_path: Path
) -> None:
    local, _ = carried(LocalGround(), settings(tmp_path / "local", sample), sample)
    try:
        far, ports = carried(ground, settings(ground.stand.home, sample), sample)
    except ConfigurationError as error:
        if "absent" in error.what or "environment cannot be made" in error.what:
            pytest.skip(f"no servers: {error}")
        raise
    assert differences(local.mailbox_dir, far.mailbox_dir) == []
    taken = {path.parts[-3] for path in far.mailbox_dir.glob("*/out/*")}
    assert taken >= {"ELC001", "TRA001", "BAT001", "ETA001", "CHU001", "DEP001"}
    assert not [path for path in far.mailbox_dir.glob("*/in/*") if path.parts[-3] in SPREAD]
    # Dropped once more, as by a driver that was killed and takes the run up: nobody drops anything twice.
    assert ground.drop(sample / "flows") == 0
    with ports:
        collected(ports)
        assert sum(report.resent_count for report in ports.ledger.reports()) == 1


def test_the_spread_names_partners_of_the_sample_alone() -> None:
    assert SPREAD.keys() <= {partner.code for partner in partners()}


def test_differences_name_what_lacks_is_too_much_and_is_other(tmp_path: Path) -> None:
    for place, name, data in (
        ("one", "same", b"1"), ("other", "same", b"1"), ("one", "lacks", b"1"), ("other", "more", b"1"),
        ("one", "changed", b"1"), ("other", "changed", b"2"),
    ):  # fmt: skip
        path = tmp_path / place / "AAA001" / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert differences(tmp_path / "one", tmp_path / "other") == [
        "AAA001/out/lacks: missing", "AAA001/out/more: too much", "AAA001/out/changed: other bytes",
    ]  # fmt: skip
