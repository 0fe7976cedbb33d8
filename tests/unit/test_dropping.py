"""Sample files reach partners' drops once, wherever the dropping was interrupted."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from data_contracts.errors import ConfigurationError
from data_contracts.partners import UNKNOWN_CODE
from relais.dropping import RECORD, drop, flow_files, partner_of

NAME = "FSO1100A_ELC001_ELC0011100000000000000001"


@pytest.mark.parametrize(
    ("name", "partner"),
    [
        (NAME, "ELC001"),
        ("FSO1100A_ELC001_wrong", "ELC001"),
        ("FSO1100A_elc001_wrong", UNKNOWN_CODE),
        ("invoice.xml", UNKNOWN_CODE),
    ],
)
def test_the_name_tells_whose_drop_it_is(name: str, partner: str) -> None:
    assert partner_of(name) == partner


def test_what_is_no_flow_is_left_out(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError, match="holds no flow"):
        list(flow_files(tmp_path))
    with pytest.raises(ConfigurationError, match="no such directory"):
        list(flow_files(tmp_path / "absent"))


def test_a_file_is_dropped_once_even_when_it_was_picked_up_meanwhile(tmp_path: Path) -> None:
    flows, drops, home = tmp_path / "flows", tmp_path / "drops", tmp_path
    flows.mkdir()
    (flows / NAME).write_bytes(b"bytes")
    assert drop(flows, drops, home) == 1
    dropped = drops / "ELC001" / "in" / NAME
    assert dropped.read_bytes() == b"bytes"
    dropped.unlink()
    assert drop(flows, drops, home) == 0
    assert not dropped.exists()


def test_an_interrupted_drop_is_finished(tmp_path: Path) -> None:
    flows, drops, home = tmp_path / "flows", tmp_path / "drops", tmp_path
    inbox = drops / "ELC001" / "in"
    flows.mkdir()
    inbox.mkdir(parents=True)
    (flows / NAME).write_bytes(b"bytes")
    hidden = inbox / f".{hashlib.sha256(NAME.encode()).hexdigest()}.part"
    hidden.write_bytes(b"byt")
    assert drop(flows, drops, home) == 1, "a torn copy that was not recorded is copied again"
    assert (inbox / NAME).read_bytes() == b"bytes"

    (inbox / NAME).rename(hidden)
    assert (home / RECORD).read_text().startswith(f"flows/{NAME} ")
    assert drop(flows, drops, home) == 0, "recorded but not renamed: only the rename is left"
    assert (inbox / NAME).read_bytes() == b"bytes"


@pytest.mark.parametrize("name", [b"not \xff utf-8", b"two\nlines", b"a" * 255, b"100%_sure"])
def test_a_file_of_any_name_is_dropped_once(tmp_path: Path, name: bytes) -> None:
    flows, drops, home = tmp_path / "flows", tmp_path / "drops", tmp_path
    flows.mkdir()
    (flows / os.fsdecode(name)).write_bytes(b"bytes")
    assert [drop(flows, drops, home), drop(flows, drops, home)] == [1, 0]
    assert (drops / UNKNOWN_CODE / "in" / os.fsdecode(name)).read_bytes() == b"bytes"


def test_a_file_that_no_mailbox_would_take_is_said_so(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"bytes")
    (tmp_path / f"{NAME}.TMP").write_bytes(b"byt")
    with pytest.raises(ConfigurationError, match="still being written"):
        list(flow_files(tmp_path))


def test_other_bytes_under_a_name_already_dropped_are_dropped_too(tmp_path: Path) -> None:
    flows, drops, home = tmp_path / "flows", tmp_path / "drops", tmp_path
    flows.mkdir()
    (flows / NAME).write_bytes(b"bytes")
    assert drop(flows, drops, home) == 1
    (flows / NAME).write_bytes(b"other")
    assert drop(flows, drops, home) == 1
    assert (drops / "ELC001" / "in" / NAME).read_bytes() == b"other"
