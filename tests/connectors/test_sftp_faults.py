"""What goes wrong on a real OpenSSH server: each has its named outcome, and what can be resumed is."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors import sftp_session
from connectors.sftp import SftpMailbox, sftp_mailbox
from connectors.sftp_account import Pickup, Verify
from data_contracts.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from infra.openssh.server import connections, cut_connections, kill_server, make_key, start_server
from tests.connectors.sftp_server import account, partner_folders, running_server

LARGE = os.urandom(1 << 20) * 24
NAME = "CSO1100A_AAA111_RLS0011100000000000000001"
PART = "1-1"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take rights away or mount a small disk")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return partner_folders(tmp_path)


@pytest.fixture
def drop(root: Path) -> Path:
    return root / "AAA111" / "in"


@pytest.fixture
def out(root: Path) -> Path:
    return root / "AAA111" / "out"


class Collectors:
    """Opens mailboxes of partner AAA111 and closes them all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: list[SftpMailbox] = []

    def __call__(self, **changes: Any) -> SftpMailbox:
        self._made.append(sftp_mailbox([account(self._root, **changes)]))
        return self._made[-1]

    def close(self) -> None:
        for mailbox in self._made:
            mailbox.close()


@pytest.fixture
def opened(root: Path) -> Iterator[Collectors]:
    made = Collectors(root)
    yield made
    made.close()


@pytest.fixture
def running() -> Iterator[None]:
    """A server that a test may kill: it runs again afterwards."""
    server = running_server()
    yield
    start_server(server)


def _names(mailbox: SftpMailbox) -> list[str]:
    return [deposit.name for deposit in mailbox.incoming()]


# ---- connecting ----


def test_a_server_that_is_down_is_tried_again_later(opened: Collectors, drop: Path, running: None) -> None:
    (drop / "flow").write_bytes(b"bytes")
    mailbox = opened()
    kill_server(running_server())
    with pytest.raises(PartnerUnavailable, match=r"does not answer.*AAA111, sftp://.*remedy: wait"):
        _names(mailbox)
    start_server(running_server())
    time.sleep(sftp_session._REMEMBERED_SECONDS)
    assert _names(mailbox) == ["flow"]


def test_a_server_with_another_host_key_is_refused(opened: Collectors, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    pinned = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    with pytest.raises(PartnerRefused, match="host key that is pinned"):
        _names(opened(host_keys=(pinned,)))
    assert _names(opened(host_keys=(pinned, running_server().host_key))) == []


def test_a_key_that_is_refused_is_not_tried_again(opened: Collectors, tmp_path: Path) -> None:
    make_key(tmp_path / "stranger")
    mailbox = opened(key_file=tmp_path / "stranger")
    log = running_server().component.log_file
    before = log.read_text().count("Connection from")
    for _ in range(3):
        with pytest.raises(PartnerRefused, match="refuses our key"):
            _names(mailbox)
        with pytest.raises(PartnerRefused, match="refuses our key"):
            mailbox.stage("AAA111", NAME, PART, io.BytesIO(b"answer"))
    assert log.read_text().count("Connection from") - before == 1


def test_a_key_that_cannot_be_read_is_a_matter_of_settings(root: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        sftp_mailbox([account(root, key_file=tmp_path / "key")])


def test_keys_with_passphrases_of_certificates_and_of_other_tools(opened: Collectors, tmp_path: Path) -> None:
    server = running_server()
    pem = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    (tmp_path / "x509.pem").write_bytes(
        pem.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"word"),
        )
    )
    (tmp_path / "word").write_text("word\n")
    public = pem.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    make_key(tmp_path / "authority")
    make_key(tmp_path / "certified")
    sign = ["ssh-keygen", "-q", "-s", "authority", "-I", "relais", "-n", server.user, "-V", "+1h", "certified.pub"]
    subprocess.run(sign, cwd=tmp_path, check=True, capture_output=True)
    let_in = (server.place / "authorized_keys").read_bytes()
    try:
        (server.place / "authorized_keys").write_bytes(let_in + public + b"\n")
        (server.place / "authorities").write_bytes((tmp_path / "authority.pub").read_bytes())
        assert _names(opened(key_file=tmp_path / "x509.pem", passphrase_file=tmp_path / "word")) == []
        certificate = {"certificate_file": tmp_path / "certified-cert.pub"}
        assert _names(opened(key_file=tmp_path / "certified", **certificate)) == []
        with pytest.raises(PartnerRefused, match="refuses our key"):
            _names(opened(key_file=tmp_path / "certified"))
    finally:
        (server.place / "authorized_keys").write_bytes(let_in)
        (server.place / "authorities").write_bytes(b"")


# ---- reading ----


@pytest.mark.parametrize("pickup", [Pickup.CLAIM, Pickup.LEAVE])
def test_a_download_goes_on_after_the_connection_broke(opened: Collectors, drop: Path, pickup: Pickup) -> None:
    (drop / "flow").write_bytes(LARGE)
    mailbox = opened(pickup=pickup)
    (deposit,) = mailbox.incoming()
    with mailbox.open(deposit) as stream:
        data = stream.read(5 << 20)
        assert cut_connections(running_server()) > 0
        while chunk := stream.read(1 << 20):
            data += chunk
    assert data == LARGE


def test_a_download_goes_on_when_the_server_falls_silent(opened: Collectors, drop: Path) -> None:
    (drop / "flow").write_bytes(LARGE)
    mailbox = opened(timeout_seconds=1)
    (deposit,) = mailbox.incoming()
    with mailbox.open(deposit) as stream:
        data = stream.read(1 << 20)
        frozen = connections(running_server())
        for process in frozen:
            process.suspend()
        while chunk := stream.read(1 << 20):
            data += chunk
    for process in frozen:
        if process.is_running():
            process.resume()
    assert data == LARGE


def test_a_server_killed_while_we_read_is_named_and_the_file_comes_again(
    opened: Collectors, drop: Path, running: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_session, "RESUME_PAUSES_SECONDS", (0.1,))
    (drop / "flow").write_bytes(LARGE)
    mailbox = opened()
    (deposit,) = mailbox.incoming()
    with pytest.raises(PartnerUnavailable, match="does not answer"), mailbox.open(deposit) as stream:
        stream.read(1 << 20)
        kill_server(running_server())
        stream.read()
    start_server(running_server())
    time.sleep(sftp_session._REMEMBERED_SECONDS)
    (again,) = mailbox.incoming()
    assert again == deposit
    with mailbox.open(again) as stream:
        assert stream.read() == LARGE
    mailbox.remove(again)
    assert not list(drop.rglob("flow"))


@pytest.mark.parametrize("pickup", [Pickup.CLAIM, Pickup.LEAVE])
def test_a_file_cut_short_while_read_is_said_so(opened: Collectors, drop: Path, pickup: Pickup) -> None:
    (drop / "flow").write_bytes(LARGE)
    mailbox = opened(pickup=pickup)
    (deposit,) = mailbox.incoming()
    (path,) = drop.rglob("flow")
    with (
        pytest.raises(PartnerUnavailable, match=r"changed since it was listed.*shorter"),
        mailbox.open(deposit) as stream,
    ):
        stream.read(1 << 20)
        os.truncate(path, 2 << 20)
        stream.read()


def test_a_file_written_anew_while_read_is_said_so(opened: Collectors, drop: Path) -> None:
    path = drop / "flow"
    path.write_bytes(LARGE)
    os.utime(path, (1_000, 1_000))
    mailbox = opened(pickup=Pickup.LEAVE)
    (deposit,) = mailbox.incoming()
    with pytest.raises(PartnerUnavailable, match="changed since it was listed"), mailbox.open(deposit) as stream:
        stream.read(1 << 20)
        path.write_bytes(LARGE[::-1])
        stream.read()


def test_small_files_changed_after_they_were_listed_are_said_so_one_by_one(opened: Collectors, drop: Path) -> None:
    for name in ("a", "b", "c"):
        (drop / name).write_bytes(b"bytes")
    mailbox = opened(pickup=Pickup.LEAVE)
    read = []
    for deposit in mailbox.incoming():
        if deposit.name == "a":
            (drop / "b").write_bytes(b"more bytes")
        try:
            with mailbox.open(deposit) as stream:
                read.append((deposit.name, stream.read()))
        except PartnerUnavailable as error:
            read.append((deposit.name, error.what))
    assert read == [("a", b"bytes"), ("b", "the file changed since it was listed"), ("c", b"bytes")]


@as_root
def test_a_file_we_may_not_read_stops_no_other(opened: Collectors, drop: Path) -> None:
    for name in ("a", "b", "c"):
        (drop / name).write_bytes(b"bytes")
    (drop / "b").chmod(0)
    mailbox = opened(pickup=Pickup.LEAVE)
    read = []
    for deposit in mailbox.incoming():
        try:
            with mailbox.open(deposit) as stream:
                stream.read()
            read.append(deposit.name)
        except PartnerUnavailable as error:
            assert "denies permission" in str(error)
            assert f"{drop.name}/b" in error.where
    assert read == ["a", "c"]


@as_root
@pytest.mark.parametrize("pickup", [Pickup.CLAIM, Pickup.REMOVE])
def test_a_drop_we_may_not_change_is_said_so(opened: Collectors, drop: Path, pickup: Pickup) -> None:
    (drop / "flow").write_bytes(b"bytes")
    os.chown(drop, 0, 0)
    mailbox = opened(pickup=pickup)
    with pytest.raises(PartnerUnavailable, match=r"denies permission.*choose another pickup"):
        for deposit in mailbox.incoming():
            mailbox.remove(deposit)
    assert (drop / "flow").exists()
    assert _names(opened(pickup=Pickup.LEAVE)) == ["flow"]


# ---- delivering ----


@as_root
def test_an_out_folder_we_may_not_write_to_is_said_so(opened: Collectors, out: Path) -> None:
    os.chown(out, 0, 0)
    with pytest.raises(PartnerUnavailable, match="denies permission"):
        opened().stage("AAA111", NAME, PART, io.BytesIO(b"answer"))


@as_root
def test_a_full_disk_is_said_so_and_the_answer_goes_out_when_there_is_room(opened: Collectors, out: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "none", str(out)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        mailbox = opened()
        with pytest.raises(PartnerUnavailable, match=r"disk of a partner's server is full.*remedy: ask the partner"):
            mailbox.stage("AAA111", NAME, PART, io.BytesIO(LARGE))
        assert [path.name for path in out.iterdir()] == [f"{NAME}.{PART}.part"]
        subprocess.run(["mount", "-o", "remount,size=64m", str(out)], check=True)
        mailbox.stage("AAA111", NAME, PART, io.BytesIO(LARGE))
        mailbox.publish("AAA111", NAME, PART)
        assert (out / NAME).read_bytes() == LARGE
    finally:
        subprocess.run(["umount", "--lazy", str(out)], check=True)


class _Cutting(io.BytesIO):
    """Data in the middle of whose reading the server dies."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() == 8 << 20:
            kill_server(running_server())
        return super().read(size)


def test_a_server_killed_while_we_write_leaves_no_final_name(opened: Collectors, out: Path, running: None) -> None:
    mailbox = opened()
    with pytest.raises(PartnerUnavailable, match="does not answer"):
        mailbox.stage("AAA111", NAME, PART, _Cutting(LARGE))
    assert [path.name for path in out.iterdir()] == [f"{NAME}.{PART}.part"]
    assert (out / f"{NAME}.{PART}.part").stat().st_size < len(LARGE)
    start_server(running_server())
    time.sleep(sftp_session._REMEMBERED_SECONDS)
    mailbox.stage("AAA111", NAME, "1-2", io.BytesIO(LARGE))
    mailbox.publish("AAA111", NAME, "1-2")
    mailbox.discard("AAA111", NAME, PART)
    assert [path.name for path in out.iterdir()] == [NAME]
    assert (out / NAME).read_bytes() == LARGE


@pytest.mark.parametrize(("verify", "bytes_there"), [(Verify.CONTENT, b"answes"), (Verify.SIZE, b"ans")])
def test_what_the_server_holds_is_checked(root: Path, out: Path, verify: Verify, bytes_there: bytes) -> None:
    mailbox = sftp_mailbox([replace(account(root), verify=verify)])
    loop, folder = mailbox._loop, mailbox._accounts["AAA111"].out
    upload = loop.run(folder.begin(NAME, PART))
    loop.run(upload.write(b"answer"))
    (out / f"{NAME}.{PART}.part").write_bytes(bytes_there)
    with pytest.raises(PartnerUnavailable, match="does not hold what we wrote"):
        loop.run(upload.finish())
    mailbox.close()
