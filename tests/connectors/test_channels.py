"""channels.toml: how partners are reached, and what is said when a line of it is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.as2.algorithms import LEGACY
from connectors.as2.key_making import certificate_pem, self_signed, write_key
from connectors.as2.message import Compress, Transfer
from connectors.as2.partner import As2Partner
from connectors.channels import Channels, read_channels
from connectors.settings import _KEYS
from connectors.sftp_account import Complete, Pickup, SftpAccount, Verify
from data_contracts.errors import ConfigurationError

LEAST = {
    "host": '"sftp.example.org"',
    "user": '"relais"',
    "key_file": '"key"',
    "host_keys": '["ssh-ed25519 AAAA"]',
    "pickup_folder": '"/to_relais"',
    "delivery_folder": '"/from_relais"',
}


def _written(home: Path, **keys: str) -> Path:
    key = home / "key"
    key.touch(0o600)
    lines = [f"{name} = {value}" for name, value in {**LEAST, **keys}.items() if value]
    (home / "channels.toml").write_text("[partners.AAA111.sftp]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return home


def test_a_home_without_the_file_has_no_channels(tmp_path: Path) -> None:
    assert read_channels(tmp_path) == Channels()


def test_the_least_account_has_the_safe_defaults(tmp_path: Path) -> None:
    account = read_channels(_written(tmp_path)).sftp["AAA111"]
    assert account == SftpAccount(
        "AAA111", "sftp.example.org", "relais", tmp_path / "key", ("ssh-ed25519 AAAA",), "/to_relais", "/from_relais"
    )
    assert (account.pickup, account.complete, account.verify) == (Pickup.CLAIM, Complete.RENAMED, Verify.CONTENT)


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "key-cert.pub").touch()
    (tmp_path / "word").touch(0o600)
    home = _written(
        tmp_path, port="2222", certificate_file='"key-cert.pub"', passphrase_file='"word"', complete='"size_file"',
        pickup='"leave"', verify='"size"', quiet_seconds="60", lease_seconds="300", timeout_seconds="20", in_flight="8",
    )  # fmt: skip
    account = read_channels(home).sftp["AAA111"]
    assert (account.port, account.certificate_file, account.passphrase_file) == (
        2222, tmp_path / "key-cert.pub", tmp_path / "word",
    )  # fmt: skip
    assert (account.complete, account.pickup, account.verify) == (Complete.SIZE_FILE, Pickup.LEAVE, Verify.SIZE)
    seconds = (account.quiet_seconds, account.lease_seconds, account.timeout_seconds)
    assert (*seconds, account.in_flight) == (60, 300, 20, 8)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"host": ""}, r"a text is missing.*partners.AAA111.sftp, host"),
        ({"host": '" "'}, r"not a text.*sftp, host"),
        ({"port": "70000"}, r"whole number from 1 to 65535.*sftp, port.*70000"),
        ({"port": "true"}, r"whole number"),
        ({"host_keys": "[]"}, r"list of texts.*host_keys"),
        ({"key_file": '"nowhere"'}, r"path of a file.*key_file.*nowhere"),
        ({"pickup": '"take"'}, r"one of claim, remove, leave.*sftp, pickup.*take"),
        ({"complete": "3"}, r"one of renamed, done_file, stable, size_file"),
        ({"password": '"secret"'}, r"a key is unknown.*sftp, password.*use "),
        ({"in_flight": "0"}, r"from 1 to 64"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(tmp_path: Path, keys: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_channels(_written(tmp_path, **keys))
    assert "channels.toml" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    home = _written(tmp_path)
    (home / "key").chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"its owner alone.*chmod 600"):
        read_channels(home)


@pytest.mark.parametrize(
    "text", ["[partners.aaa.sftp]", "[partners.AAA111.ftp]", "[sftp]", "partners = 1", "[partners]\nAAA111 = 1", "x ="]
)
def test_what_is_no_channel_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "channels.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"channels\.toml"):
        read_channels(tmp_path)


def test_the_page_on_channels_shows_what_is_read(tmp_path: Path) -> None:
    """Every example of docs/channels.md is read, and shows each key at its default or as another choice."""
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "channels.toml").write_text("\n".join(examples), encoding="utf-8")
    (tmp_path / "elc001.key").touch(0o600)
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    made = self_signed("RELAIS", start, end)
    for name in ("relais-2026.pem", "relais-2027.pem"):
        write_key(made, tmp_path / name)
    (tmp_path / "bat001-2026.pem").write_bytes(certificate_pem(made))
    channels = read_channels(tmp_path)
    shown = channels.sftp["ELC001"]
    assert shown == SftpAccount(
        "ELC001", "sftp.example.org", "relais", tmp_path / "elc001.key", shown.host_keys, "/to_relais", "/from_relais"
    ), "the example shows the defaults"
    record = channels.as2["BAT001"]
    assert len(record.own) == 2
    least = As2Partner(record.partner_code, record.as2_id, record.our_id, record.own, record.certificates)
    shown_defaults = replace(record, url="", partner_receipt_url="")
    assert shown_defaults == least, "the example shows the defaults"
    for word in [*Complete, *Pickup, *Verify, *Compress, *Transfer, *LEGACY]:
        assert re.search(rf"\b{word.value}\b", page), word
    for key in _KEYS:
        assert key in page or key.startswith("store_"), f"relais.toml: {key}"
