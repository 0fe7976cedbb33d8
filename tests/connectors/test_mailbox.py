"""Partners' mailboxes: complete files in, answers out once, whatever the partner does meanwhile."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from data_contracts.errors import ContractBroken, IntegrityBroken, PartnerUnavailable
from data_contracts.ports import Deposit, Mailbox

ANSWER = b"<CPPStatut/>" * 1_000
NAME = "CSO1100A_AAA111_RLS0011100000000000000001"
PART = "1-1"


def _drop(drops: Path, name: str, data: bytes = b"<Invoice/>", partner_code: str = "AAA111") -> Path:
    path = drops / partner_code / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _only(mailbox: Mailbox) -> Deposit:
    (deposit,) = mailbox.incoming()
    return deposit


def test_complete_files_come_sorted_by_partner_then_name(mailbox: Mailbox, drops: Path) -> None:
    for partner_code, name in (("BBB222", "a"), ("AAA111", "z"), ("AAA111", "b"), ("AAA111", "B")):
        _drop(drops, name, name.encode(), partner_code)
    found = [(deposit.partner_code, deposit.name, deposit.size_bytes) for deposit in mailbox.incoming()]
    assert found == [("AAA111", "B", 1), ("AAA111", "b", 1), ("AAA111", "z", 1), ("BBB222", "a", 1)]


def test_what_is_not_a_complete_file_is_left_alone(mailbox: Mailbox, drops: Path) -> None:
    target = _drop(drops, "whole")
    for name in (".hidden", "a.part", "b.TMP", "c.filepart", "d.writing"):
        _drop(drops, name)
    (target.parent / "folder").mkdir()
    if isinstance(drops, Path):
        (target.parent / "link").symlink_to("/etc/passwd")
        os.mkfifo(target.parent / "fifo")
        (drops / "CCC333").symlink_to(drops / "AAA111")
    _drop(drops, "x", partner_code="not a partner")
    (drops / "DDD444").mkdir()
    assert [deposit.name for deposit in mailbox.incoming()] == ["whole"]


def test_a_deposit_is_read_and_taken_out(mailbox: Mailbox, drops: Path) -> None:
    path = _drop(drops, "flow", b"bytes")
    deposit = _only(mailbox)
    with mailbox.open(deposit) as stream:
        assert stream.read() == b"bytes"
    for _ in range(2):
        mailbox.remove(deposit)
    assert not path.exists()
    assert [found.name for found in path.parent.iterdir() if not found.name.startswith(".")] == []
    assert list(mailbox.incoming()) == []


def test_a_file_that_changed_is_neither_read_nor_removed(mailbox_in_place: Mailbox, drops: Path) -> None:
    mailbox = mailbox_in_place
    path = _drop(drops, "flow", b"first")
    deposit = _only(mailbox)
    path.write_bytes(b"another")
    with pytest.raises(PartnerUnavailable, match="changed"), mailbox.open(deposit):
        pass
    mailbox.remove(deposit)
    assert path.read_bytes() == b"another"
    path.unlink()
    with pytest.raises(PartnerUnavailable), mailbox.open(deposit):
        pass


def test_a_file_that_grows_while_read_is_said_so(mailbox_in_place: Mailbox, drops: Path) -> None:
    mailbox = mailbox_in_place
    path = _drop(drops, "flow", b"first")
    deposit = _only(mailbox)
    with pytest.raises(PartnerUnavailable, match="changed"), mailbox.open(deposit) as stream:
        stream.read()
        path.write_bytes(b"first and more")


def test_a_link_put_in_a_files_place_is_not_followed(mailbox_of_files: Mailbox, drops: Path, tmp_path: Path) -> None:
    mailbox = mailbox_of_files
    path = _drop(drops, "flow")
    deposit = _only(mailbox)
    secret = tmp_path / "secret"
    secret.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(PartnerUnavailable), mailbox.open(deposit):
        pass
    mailbox.remove(deposit)
    assert path.is_symlink()


def test_the_same_bytes_dropped_again_are_another_deposit(mailbox_telling: Mailbox, drops: Path) -> None:
    """Even when the sender keeps the modification time and the file system gives the same inode again."""
    mailbox = mailbox_telling
    identities = set()
    for _ in range(5):
        path = _drop(drops, "flow")
        os.utime(path, ns=(10**18, 10**18))
        deposit = _only(mailbox)
        identities.add(deposit.identity)
        assert _only(mailbox) == deposit
        mailbox.remove(deposit)
    assert len(identities) == 5


def test_an_answer_is_staged_then_published(mailbox: Mailbox, drops: Path) -> None:
    out = drops / "PORTAL" / "out"
    mailbox.stage("PORTAL", NAME, PART, io.BytesIO(b"half written before"))
    mailbox.stage("PORTAL", NAME, PART, io.BytesIO(ANSWER))
    assert [path.name for path in out.iterdir()] == [f"{NAME}.{PART}.part"]
    for _ in range(2):
        mailbox.publish("PORTAL", NAME, PART)
        assert [path.name for path in out.iterdir()] == [NAME]
    assert (out / NAME).read_bytes() == ANSWER


def test_of_several_attempts_one_is_published_and_the_others_are_taken_away(mailbox: Mailbox, drops: Path) -> None:
    out = drops / "PORTAL" / "out"
    mailbox.stage("PORTAL", NAME, "7-1", io.BytesIO(ANSWER[: len(ANSWER) // 2]))
    mailbox.stage("PORTAL", NAME, "7-2", io.BytesIO(ANSWER))
    mailbox.publish("PORTAL", NAME, "7-2")
    assert sorted(path.name for path in out.iterdir()) == [NAME, f"{NAME}.7-1.part"]
    for _ in range(2):
        mailbox.discard("PORTAL", NAME, "7-1")
    mailbox.publish("PORTAL", NAME, "7-1")
    assert [path.name for path in out.iterdir()] == [NAME]
    assert (out / NAME).read_bytes() == ANSWER


def test_what_the_partner_took_is_not_published_again_by_a_late_deliverer(mailbox: Mailbox, drops: Path) -> None:
    out = drops / "PORTAL" / "out"
    mailbox.stage("PORTAL", NAME, "7-1", io.BytesIO(ANSWER))
    mailbox.publish("PORTAL", NAME, "7-1")
    (out / NAME).unlink()
    mailbox.publish("PORTAL", NAME, "7-1")
    assert list(out.iterdir()) == []


def test_what_an_earlier_release_staged_is_published(mailbox: Mailbox, drops: Path) -> None:
    out = drops / "PORTAL" / "out"
    mailbox.stage("PORTAL", NAME, "", io.BytesIO(ANSWER))
    assert [path.name for path in out.iterdir()] == [f"{NAME}.part"]
    mailbox.publish("PORTAL", NAME, "")
    assert [path.name for path in out.iterdir()] == [NAME]


def test_the_same_answer_is_published_again_and_another_never(mailbox: Mailbox, drops: Path) -> None:
    for _ in range(2):
        mailbox.stage("AAA111", NAME, PART, io.BytesIO(ANSWER))
        mailbox.publish("AAA111", NAME, PART)
    mailbox.stage("AAA111", NAME, PART, io.BytesIO(b"other"))
    with pytest.raises(IntegrityBroken, match="same name"):
        mailbox.publish("AAA111", NAME, PART)
    out = drops / "AAA111" / "out"
    assert (out / NAME).read_bytes() == ANSWER
    assert sorted(path.name for path in out.iterdir()) == [NAME, f"{NAME}.{PART}.part"]


@pytest.mark.parametrize(
    ("partner_code", "name", "part"),
    [
        ("../etc", NAME, PART), ("AAA111", "../x", PART), ("AAA111", "", PART), ("AAA111", ".x", PART),
        ("AAA111", NAME, "../x"), ("AAA111", NAME, "x.part"),
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(mailbox: Mailbox, partner_code: str, name: str, part: str) -> None:
    with pytest.raises(ContractBroken):
        mailbox.stage(partner_code, name, part, io.BytesIO())
    with pytest.raises(ContractBroken):
        mailbox.publish(partner_code, name, part)
    with pytest.raises(ContractBroken):
        mailbox.discard(partner_code, name, part)
