"""The inbox of directory files: loaded in order and put away, what waits and what is refused is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.directory.inbox import DONE, REFUSED, refresh, take_inbox
from connectors.directory.refused import DirectoryGap, DirectoryRefused
from connectors.directory.versions import read_versions
from connectors.registers import write_directory
from data_contracts.directory import Structure
from data_contracts.errors import ConfigurationError
from tests.connectors.f14_files import AT, CITY, FULL_AT, SECOND_AT, full, written


def test_the_inbox_loads_in_order_and_puts_away(tmp_path: Path) -> None:
    inbox, folder = tmp_path / "inbox", tmp_path / "versions"
    inbox.mkdir()
    full(inbox / "z.xml")
    written(inbox / "a.xml", at=SECOND_AT, after=FULL_AT)
    written(inbox / "early.xml", at="20261120030000", after="20261119030000")
    written(inbox / "old.xml", at="20261101030000", after="20261031030000")
    (inbox / "bad.xml").write_text("<AnnuaireConsultationF14>", encoding="utf-8")
    (inbox / "half.xml.part").write_text("<", encoding="utf-8")
    write_directory(inbox / "mine", [Structure(CITY, "Ville")])
    (inbox / "mine" / "structures.csv").write_text("wrong\n", encoding="utf-8")
    taken = {one.name: one for one in take_inbox(inbox, folder, lambda: AT)}
    assert [name for name, one in taken.items() if one.loaded] == ["z.xml", "a.xml"]
    assert isinstance(taken["early.xml"].error, DirectoryGap)
    assert taken["early.xml"].waits
    assert isinstance(taken["bad.xml"].error, DirectoryRefused)
    assert isinstance(taken["mine"].error, ConfigurationError)
    assert sorted(path.name for path in (inbox / DONE).iterdir()) == ["a.xml", "z.xml"]
    assert sorted(path.name for path in (inbox / REFUSED).iterdir()) == ["bad.xml", "mine"]
    assert {"early.xml", "half.xml.part"} <= {path.name for path in inbox.iterdir()}
    written(inbox / "a.xml", at=SECOND_AT, after=FULL_AT)
    again = [one for one in take_inbox(inbox, folder, lambda: AT) if one.name == "a.xml"]
    assert [one.loaded is not None and one.loaded.new for one in again] == [False]
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT, SECOND_AT]


def test_a_refresh_counts_what_is_new_and_names_what_is_not(tmp_path: Path) -> None:
    inbox, folder = tmp_path / "inbox", tmp_path / "versions"
    assert refresh(inbox, folder, lambda: AT) == 0
    full(inbox / "full.xml")
    assert refresh(inbox, folder, lambda: AT) == 1
    (inbox / "bad.xml").write_text("<Invoice/>", encoding="utf-8")
    written(inbox / "good.xml", at=SECOND_AT, after=FULL_AT)
    with pytest.raises(DirectoryRefused, match=r"1 directory files are not in force; 1 others are; at bad\.xml"):
        refresh(inbox, folder, lambda: AT)
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT, SECOND_AT]
    assert refresh(inbox, folder, lambda: AT) == 0
