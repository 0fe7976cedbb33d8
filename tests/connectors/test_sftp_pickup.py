"""Picking up on a real OpenSSH server: which files are whole, who gets them, and that each is taken once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from connectors import sftp_drop
from connectors.clock import FixedClock
from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from connectors.sftp import SftpMailbox, sftp_mailbox
from connectors.sftp_account import Complete, Pickup, SftpAccount
from data_contracts.errors import PartnerUnavailable
from data_contracts.ledger import FlowStatus
from data_contracts.ports import Deposit
from pipelines.intake.stage import collect_flows
from tests.connectors.scenes import NOON, envelope
from tests.connectors.sftp_server import account, partner_folders

Open = Callable[..., SftpMailbox]
LISTING = """
import json, resource, sys
from pathlib import Path
from connectors.sftp import sftp_mailbox
from connectors.sftp_account import Pickup, SftpAccount
values = json.loads(sys.argv[1])
account = SftpAccount(**values | {"key_file": Path(values["key_file"]), "pickup": Pickup.LEAVE})
mailbox = sftp_mailbox([account])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
last, count = "", 0
for deposit in mailbox.incoming():
    assert deposit.name > last
    last, count = deposit.name, count + 1
mailbox.close()
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return partner_folders(tmp_path)


@pytest.fixture
def drop(root: Path) -> Path:
    return root / "AAA111" / "in"


@pytest.fixture
def opened(root: Path) -> Iterator[Open]:
    """Opens collectors of partner AAA111; all are closed at the end."""
    made: list[SftpMailbox] = []

    def opened(**changes: Any) -> SftpMailbox:
        made.append(sftp_mailbox([account(root, **changes)]))
        return made[-1]

    yield opened
    for mailbox in made:
        mailbox.close()


def _names(mailbox: SftpMailbox) -> list[str]:
    return [deposit.name for deposit in mailbox.incoming()]


def _read(mailbox: SftpMailbox, deposit: Deposit) -> bytes:
    with mailbox.open(deposit) as stream:
        return stream.read()


def _dead(mailbox: SftpMailbox) -> None:
    """A collector that ends without a word: its claims stay, and give no more sign of life."""
    mailbox._finalizer.detach()
    for parts in mailbox._accounts.values():
        mailbox._loop.run(parts.session.close())
    mailbox._loop.stop()


def _silent_since(drop: Path, seconds: int) -> None:
    for alive in drop.glob(".relais/*/.alive"):
        at = alive.stat().st_mtime - seconds
        os.utime(alive, (at, at))


# ---- completeness ----


@pytest.mark.parametrize("pickup", [Pickup.CLAIM, Pickup.REMOVE])
def test_a_done_file_vouches_for_its_file(opened: Open, drop: Path, pickup: Pickup) -> None:
    mailbox = opened(complete=Complete.DONE_FILE, pickup=pickup)
    for name in ("a", "b", "orphan.done"):
        (drop / name).write_bytes(name.encode())
    assert _names(mailbox) == []
    (drop / "a.done").touch()
    (deposit,) = mailbox.incoming()
    assert (deposit.name, _read(mailbox, deposit)) == ("a", b"a")
    mailbox.remove(deposit)
    assert sorted(path.name for path in drop.iterdir() if path.is_file()) == ["b", "orphan.done"]
    assert not list(drop.rglob("a*"))


@pytest.mark.parametrize("pickup", [Pickup.CLAIM, Pickup.LEAVE])
def test_a_file_waits_for_the_size_that_is_announced(opened: Open, drop: Path, pickup: Pickup) -> None:
    mailbox = opened(complete=Complete.SIZE_FILE, pickup=pickup)
    (drop / "a").write_bytes(b"half")
    (drop / "a.size").write_text(f"8 {hashlib.sha256(b'half and').hexdigest()}\n")
    assert _names(mailbox) == []
    (drop / "a").write_bytes(b"half and")
    for deposit in mailbox.incoming():
        assert _read(mailbox, deposit) == b"half and"
    (deposit,) = mailbox.incoming()
    assert _read(mailbox, deposit) == b"half and"


def test_what_contradicts_its_announcement_is_said_so_and_stops_nothing(opened: Open, drop: Path) -> None:
    mailbox = opened(complete=Complete.SIZE_FILE)
    rows = {"larger": (b"four", "3"), "other": (b"four", f"4 {'0' * 64}"), "said": (b"four", "much"), "z": (b"z", "1")}
    for name, (data, size) in rows.items():
        (drop / name).write_bytes(data)
        (drop / f"{name}.size").write_text(size)
    incoming = mailbox.incoming()
    other = next(incoming)
    with pytest.raises(PartnerUnavailable, match="not the one announced"):
        _read(mailbox, other)
    last = next(incoming)
    assert (other.name, last.name, _read(mailbox, last)) == ("other", "z", b"z")
    with pytest.raises(PartnerUnavailable, match=r"larger than announced.*in/larger.*4 bytes, announced 3"):
        next(incoming)
    with pytest.raises(PartnerUnavailable, match="not the one announced"):
        _read(mailbox, other)
    assert (drop / "larger").exists()


def test_a_file_that_still_grows_is_left_until_it_is_stable(opened: Open, drop: Path, root: Path) -> None:
    mailbox = opened(complete=Complete.STABLE, quiet_seconds=1)
    (drop / "growing").write_bytes(b"1")
    (drop / "still").write_bytes(b"still")
    writer = Thread(target=lambda: _grow(drop / "growing", 30))
    writer.start()
    assert _names(mailbox) == ["still"]
    writer.join()
    assert _names(mailbox) == ["growing", "still"]


def _grow(path: Path, times: int) -> None:
    waiting = subprocess.Popen(["sleep", "2.5"])
    while waiting.poll() is None and times:
        with path.open("ab") as stream:
            stream.write(b"more")
        times -= 1
        subprocess.run(["sleep", "0.1"], check=True)
    waiting.wait()


def test_a_stalled_upload_that_goes_on_is_taken_again_not_lost(opened: Open, drop: Path) -> None:
    mailbox = opened(complete=Complete.STABLE, quiet_seconds=1)
    with (drop / "flow").open("wb", buffering=0) as stream:
        stream.write(b"half")
        (deposit,) = mailbox.incoming()
        assert _read(mailbox, deposit) == b"half"
        stream.write(b" and half")
        mailbox.remove(deposit)
    (again,) = mailbox.incoming()
    assert again.identity != deposit.identity
    assert _read(mailbox, again) == b"half and half"
    mailbox.remove(again)
    assert not list(drop.rglob("flow"))


# ---- claims ----


def test_two_collectors_at_once_never_take_the_same_file(opened: Open, drop: Path) -> None:
    names = {f"flow{number:04d}" for number in range(400)}
    for name in names:
        (drop / name).write_bytes(name.encode())
    taken: list[list[str]] = [[], []]

    def collect(mine: list[str]) -> None:
        mailbox = opened()
        for deposit in mailbox.incoming():
            assert _read(mailbox, deposit) == deposit.name.encode()
            mine.append(deposit.name)
            mailbox.remove(deposit)

    threads = [Thread(target=collect, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken[0] + taken[1]) == sorted(names)
    assert [path.name for path in drop.iterdir()] == [".relais"]


def test_claims_of_the_living_are_respected_and_those_of_the_dead_taken_over(opened: Open, drop: Path) -> None:
    (drop / "flow").write_bytes(b"bytes")
    first, second = opened(), opened()
    (deposit,) = first.incoming()
    _silent_since(drop, 50)
    assert _names(second) == []
    _dead(first)
    assert _names(second) == []
    _silent_since(drop, 50)
    (again,) = second.incoming()
    assert again == deposit
    assert _read(second, again) == b"bytes"
    second.remove(again)
    assert list(drop.glob(".relais/*")) == []


def test_claims_of_a_collector_that_closes_are_free_at_once(opened: Open, drop: Path) -> None:
    (drop / "flow").write_bytes(b"bytes")
    first, second = opened(), opened()
    deposits = list(first.incoming())
    first.close()
    assert list(second.incoming()) == deposits


def test_whose_claim_was_taken_over_can_neither_read_nor_remove(opened: Open, drop: Path) -> None:
    (drop / "flow").write_bytes(b"bytes")
    first, second = opened(), opened()
    (deposit,) = first.incoming()
    _silent_since(drop, 100)
    assert list(second.incoming()) == [deposit]
    with pytest.raises(PartnerUnavailable, match="no such file"):
        _read(first, deposit)
    first.remove(deposit)
    assert _read(second, deposit) == b"bytes"


def test_a_crash_between_marker_and_file_is_mended(opened: Open, drop: Path) -> None:
    mailbox = opened(complete=Complete.DONE_FILE)
    run = drop / ".relais" / "0123456789abcdef.free"
    run.mkdir(parents=True)
    os.chown(run.parent, drop.stat().st_uid, drop.stat().st_gid)
    os.chown(run, drop.stat().st_uid, drop.stat().st_gid)
    for name in ("flow.done", "gone.done"):
        (run / name).touch()
    (drop / "flow").write_bytes(b"bytes")
    (deposit,) = mailbox.incoming()
    assert (deposit.name, _read(mailbox, deposit)) == ("flow", b"bytes")
    mailbox.remove(deposit)
    assert list(drop.glob(".relais/*")) == []


def test_a_name_claimed_before_and_dropped_again_comes_twice(opened: Open, drop: Path) -> None:
    mailbox = opened()
    for data in (b"first", b"other"):
        (drop / "flow").write_bytes(data)
        found = list(mailbox.incoming())
    assert [_read(mailbox, deposit) for deposit in found] == [b"first", b"other"]


# ---- through the stage ----


@pytest.mark.parametrize("pickup", list(Pickup))
def test_a_drop_is_collected_once_by_the_stage(opened: Open, drop: Path, tmp_path: Path, pickup: Pickup) -> None:
    store, ledger = LocalStore(tmp_path / "store"), SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    store.prepare()
    ledger.create_tables()
    names = [envelope(number) for number in range(60)]
    for name in names:
        (drop / name).write_bytes(name.encode())
    mailbox = opened(pickup=pickup)
    counts = [collect_flows(mailbox=mailbox, store=store, ledger=ledger, clock=FixedClock(NOON)) for _ in range(2)]
    flows = ledger.flows(FlowStatus.LANDED)
    ledger.close()
    assert counts == [60, 0]
    assert [flow.name for flow in flows] == names
    left = [path.name for path in drop.iterdir() if path.is_file()]
    assert sorted(left) == (names if pickup is Pickup.LEAVE else [])


def test_recorded_but_not_removed_is_only_removed(opened: Open, drop: Path, tmp_path: Path) -> None:
    store, ledger = LocalStore(tmp_path / "store"), SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    store.prepare()
    ledger.create_tables()
    (drop / envelope(1)).write_bytes(b"bytes")
    first, second = opened(), opened()
    first.remove = lambda deposit: None  # type: ignore[method-assign]
    collected = [collect_flows(mailbox=first, store=store, ledger=ledger, clock=FixedClock(NOON))]
    _dead(first)
    _silent_since(drop, 100)
    collected.append(collect_flows(mailbox=second, store=store, ledger=ledger, clock=FixedClock(NOON)))
    (flow,) = ledger.flows(FlowStatus.LANDED)
    ledger.close()
    assert (collected, flow.name) == ([1, 0], envelope(1))
    assert list(drop.glob(".relais/*")) == []


# ---- listing ----


def test_a_drop_longer_than_a_page_comes_whole_and_in_order(
    opened: Open, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_drop, "PAGE_NAMES", 7)
    names = [f"flow{number:02d}" for number in range(40)]
    for name in names[::2]:
        (drop / name).touch()
    mailbox = opened()
    assert _names(mailbox) == names[::2]
    for name in names[1::2]:
        (drop / name).touch()
    assert _names(mailbox) == names


def test_names_of_any_bytes_are_picked_up(opened: Open, drop: Path) -> None:
    names = [b"caf\xe9", "caf\u00e9".encode(), b"a b", b"new\nline"]
    for name in names:
        (drop / os.fsdecode(name)).write_bytes(name)
    mailbox = opened()
    found = {os.fsencode(deposit.name): _read(mailbox, deposit) for deposit in mailbox.incoming()}
    assert found == {name: name for name in names}


def test_a_drop_of_100_000_files_is_listed_in_bounded_memory(root: Path, drop: Path) -> None:
    for number in range(100_000):
        # Links are made faster than files; one file can have some 65,000.
        if number % 50_000 == 0:
            first = drop / envelope(number)
            first.write_bytes(b"<Invoice/>")
        else:
            os.link(first, drop / envelope(number))
    names = ("partner_code", "host", "port", "user", "key_file", "host_keys", "pickup_folder", "delivery_folder")
    shown = json.dumps({name: getattr(account(root), name) for name in names}, default=str)
    done = subprocess.run([sys.executable, "-c", LISTING, shown], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count, grown_kb = map(int, done.stdout.split())
    assert count == 100_000
    assert grown_kb < 100_000


def test_an_account_that_fails_does_not_keep_the_others_waiting(root: Path) -> None:
    (root / "BBB222" / "in" / "flow").write_bytes(b"bytes")
    silent: SftpAccount = account(root, "AAA111", pickup_folder="/nowhere")
    mailbox = sftp_mailbox([silent, account(root, "BBB222")])
    incoming = mailbox.incoming()
    assert next(incoming).name == "flow"
    with pytest.raises(PartnerUnavailable, match=r"no such file or folder.*AAA111.*/nowhere"):
        next(incoming)
    mailbox.close()
