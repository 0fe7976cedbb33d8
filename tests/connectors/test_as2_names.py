"""Names in AS2 headers, records of partners, certificates: what is taken, and what is refused by name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.as2 import mime
from connectors.as2.dispositions import MessageRefused
from connectors.as2.names import identifier, quoted
from connectors.as2.partner import As2Partners, Security, expiries
from connectors.channels import read_channels
from data_contracts.errors import ConfigurationError
from relais.__main__ import app
from tests.connectors.as2_home import CODE, OUR_KEY, THEIR_KEY, THEM, US, partner
from tests.connectors.as2_scenes import NOON, YEAR, own, public
from tests.connectors.as2_servers import write_home


@pytest.mark.parametrize("name", ["Plain-1", "with space", 'a"quote', "back\\slash", "x" * 128])
def test_names_survive_their_quotes(name: str) -> None:
    assert identifier(f" {quoted(name)} ") == name
    assert identifier(quoted(name)) == name


def test_names_quoted_twice_are_understood() -> None:
    assert identifier(quoted(quoted("RELAIS PA"))) == "RELAIS PA"


@pytest.mark.parametrize("value", ["", '""', "two words", '"open', "é", "a\tb", "x" * 129, '"\\n"', '"a"b"'])
def test_what_is_no_name_is_refused(value: str) -> None:
    with pytest.raises(MessageRefused):
        identifier(value)


def test_headers_are_unfolded_and_the_first_of_each_counts() -> None:
    entity = mime.parsed(b'Content-Type: a/b;\r\n boundary="x y"\r\nX: 1\r\nX: 2\r\n\r\nbody')
    assert entity.parameter("content-type", "boundary") == "x y"
    assert entity.headers["x"] == "1"
    assert bytes(entity.body) == b"body"


def _table(folder: Path, **changes: str) -> Path:
    return write_home(folder, CODE, OUR_KEY, THEIR_KEY, **{"as2_id": THEM, "our_id": US, **changes})


def test_a_record_is_read_from_the_channels(tmp_path: Path) -> None:
    _table(tmp_path, url="https://partner.example/as2", security="signed", compress="after_signing")
    record = read_channels(tmp_path).as2[CODE]
    assert (record.as2_id, record.our_id, record.security) == (THEM, US, Security.SIGNED)
    assert record.own[0].thumbprint == OUR_KEY.thumbprint
    assert record.certificates[0].thumbprint == THEIR_KEY.thumbprint
    assert record.form(NOON).recipient is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"as2_id": "é"}, "not an AS2 name"),
        ({"url": "ftp://x"}, "not an address"),
        ({"digest": "sha1"}, "another age"),
        ({"cipher": "3des"}, "another age"),
        ({"digest": "md5"}, "not one of"),
        ({"receipt": "async"}, "asynchronous receipts"),
        ({"unknown": "x"}, "unknown"),
    ],
)
def test_a_wrong_record_is_refused(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        read_channels(_table(tmp_path, **changes))


def test_keys_must_be_secret_strong_and_belong_to_their_certificates(tmp_path: Path) -> None:
    home = _table(tmp_path)
    key = home / "keys" / OUR_KEY.label
    key.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_channels(home)
    key.chmod(0o600)
    whole = key.read_bytes()
    for data, said in (
        (whole.split(b"-----BEGIN CERT")[0], "certificate cannot be read"),
        (b"-----BEGIN CERT" + whole.split(b"-----BEGIN CERT")[1], "private key cannot be read"),
        (
            whole.split(b"-----BEGIN CERT")[0] + (home / "certificates" / f"{THEIR_KEY.label}.crt").read_bytes(),
            "together",
        ),
    ):
        key.write_bytes(data)
        with pytest.raises(ConfigurationError, match=said):
            read_channels(home)


def test_two_partners_cannot_bear_the_same_names() -> None:
    with pytest.raises(ConfigurationError, match="same AS2 names"):
        As2Partners([partner(), partner(partner_code="BBB222")])


def test_certificates_change_with_overlap() -> None:
    old = own("us", end=NOON + timedelta(days=10))
    new = own("us", NOON - timedelta(days=1), NOON + YEAR)
    record = partner(own=(old, new))
    assert record.signer(NOON) is old
    assert record.signer(NOON + timedelta(days=11)) is new
    with pytest.raises(ConfigurationError, match="no certificate is valid"):
        record.signer(NOON + 2 * YEAR)
    rows = expiries([record], NOON)
    assert {(row.owner, row.days_left, row.used) for row in rows[1:]} == {("theirs", 365, True), ("ours", 365, False)}
    assert (rows[0].owner, rows[0].days_left, rows[0].used) == ("ours", 10, True)
    assert public(old).thumbprint == old.thumbprint


def test_expiring_certificates_are_told(tmp_path: Path) -> None:
    _table(tmp_path)
    for at, code in ((NOON, 0), (NOON + YEAR - timedelta(days=30), 1), (NOON + 2 * YEAR, 1)):
        (tmp_path / "relais.toml").write_text(f"fixed_now = {at.isoformat()}\n")
        done = CliRunner().invoke(app, ["as2", "certificates", "--home", str(tmp_path)])
        assert done.exit_code == code and "them.pem" in done.output
    assert "no certificate of ours is valid today" in done.output
