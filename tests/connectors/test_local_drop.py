"""The local mailbox alone: races and crashes between two operations on its file system."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from connectors.local_drop import LocalMailbox
from data_contracts.errors import PartnerUnavailable
from data_contracts.ports import Deposit
from tests.connectors.scenes import in_child, killed_at

ANSWER = b"<CPPStatut/>" * 1_000
NAME = "CSO1100A_AAA111_RLS0011100000000000000001"


@pytest.fixture
def mailbox(drops: Path) -> LocalMailbox:
    return LocalMailbox(drops)


def _drop(drops: Path, name: str, data: bytes = b"<Invoice/>", partner_code: str = "AAA111") -> Path:
    path = drops / partner_code / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _only(mailbox: LocalMailbox) -> Deposit:
    (deposit,) = mailbox.incoming()
    return deposit


def test_a_file_put_in_place_while_the_old_one_is_removed_survives(
    mailbox: LocalMailbox, drops: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _drop(drops, "flow", b"old")
    deposit = _only(mailbox)
    replace = os.replace

    def meanwhile(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "replace", replace)
        path.unlink()
        path.write_bytes(b"new and longer")
        replace(source, target)

    monkeypatch.setattr(os, "replace", meanwhile)
    mailbox.remove(deposit)
    assert path.read_bytes() == b"new and longer"
    assert [found.name for found in mailbox.incoming()] == ["flow"]


def test_a_file_put_in_place_right_after_the_old_one_was_looked_at_survives(
    mailbox: LocalMailbox, drops: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _drop(drops, "flow", b"old")
    deposit = _only(mailbox)
    lstat = Path.lstat

    def meanwhile(looked_at: Path) -> os.stat_result:
        status = lstat(looked_at)
        if looked_at == path:
            monkeypatch.setattr(Path, "lstat", lstat)
            path.unlink()
            path.write_bytes(b"new and longer")
        return status

    monkeypatch.setattr(Path, "lstat", meanwhile)
    mailbox.remove(deposit)
    assert path.read_bytes() == b"new and longer"


def test_a_drop_that_fails_does_not_keep_the_others_waiting(
    mailbox: LocalMailbox, drops: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _drop(drops, "a")
    _drop(drops, "b", partner_code="BBB222")
    scandir = os.scandir

    def failing(path: Path) -> object:
        if Path(path).parent.name == "AAA111":
            raise OSError("stale file handle")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    incoming = mailbox.incoming()
    assert next(incoming).partner_code == "BBB222"
    with pytest.raises(PartnerUnavailable, match="AAA111"):
        next(incoming)


def test_killed_at_any_operation_a_final_name_holds_the_whole_answer(tmp_path: Path) -> None:
    operation, code = 0, 9
    while code == 9:
        operation += 1
        root = tmp_path / str(operation)
        root.mkdir()
        mailbox = LocalMailbox(root)

        def work(mailbox: LocalMailbox = mailbox) -> None:
            mailbox.stage("AAA111", NAME, "1-1", io.BytesIO(ANSWER))
            mailbox.publish("AAA111", NAME, "1-1")

        code = in_child(killed_at(operation, work))
        if (root / "AAA111" / "out" / NAME).exists():
            assert (root / "AAA111" / "out" / NAME).read_bytes() == ANSWER
        work()
        assert [path.name for path in (root / "AAA111" / "out").iterdir()] == [NAME]
    assert code == 0
    assert operation > 8


def test_killed_at_any_operation_a_removal_is_done_or_can_be_done_again(tmp_path: Path) -> None:
    operation, code = 0, 9
    while code == 9:
        operation += 1
        root = tmp_path / str(operation)
        path = _drop(root, "flow", b"landed")
        mailbox = LocalMailbox(root)
        deposit = _only(mailbox)
        code = in_child(killed_at(operation, lambda mailbox=mailbox, deposit=deposit: mailbox.remove(deposit)))  # type: ignore[misc]
        assert list(mailbox.incoming()) in ([], [deposit])
        mailbox.remove(deposit)
        assert not path.exists()
    assert code == 0
