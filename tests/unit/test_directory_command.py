"""`relais directory`, as a person uses it, and what routing sees of it in the home."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.assembly import directory_of
from connectors.registers import write_directory
from connectors.settings import default, load, write
from data_contracts.directory import Structure
from data_contracts.errors import ConfigurationError, RelaisError
from relais.__main__ import app
from tests.asked_directory import structure
from tests.connectors.f14_files import (
    CITY,
    CITY_SIREN,
    FULL_AT,
    SECOND_AT,
    SHOP_SIREN,
    establishment,
    full,
    line,
    service,
    written,
)

EAU = f"{CITY_SIREN}_{CITY}_EAU"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with registers of its own, that knows one town."""
    place = tmp_path / "home"
    write_directory(tmp_path / "registers", [Structure(CITY, "Ville des registres")])
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    write(replace(default(place), directory_dir=tmp_path / "registers", open_partners=True, fixed_now=noon))
    return place


def told(home: Path, *arguments: str | Path, code: int = 0) -> str:
    command = ["directory", *map(str, arguments), "--home", str(home)]
    result = CliRunner().invoke(app, command)
    if isinstance(result.exception, RelaisError):
        raise result.exception
    assert result.exit_code == code, (result.output, result.exception)
    return result.stdout


def _lines(text: str) -> list[Any]:
    return [json.loads(row) for row in text.splitlines()]


def test_what_is_loaded_comes_before_registers(home: Path, tmp_path: Path) -> None:
    before = structure(directory_of(load(home)), CITY, date(2026, 11, 22))
    assert before is not None
    assert before.name == "Ville des registres"
    assert "Ville des registres" in told(home, "show", CITY)
    first = told(home, "load", full(tmp_path / "full.xml"))
    assert "000001-20261115030000 is in force from 2026-11-15: full.xml (full file)" in first
    assert "before the registers" in first
    assert "already" not in first
    assert "loaded before" in told(home, "load", tmp_path / "full.xml")
    after = structure(directory_of(load(home)), CITY, date(2026, 11, 22))
    assert after is not None
    assert after.name == "Ville"


def test_a_structure_is_shown_as_of_a_day_in_both_languages(home: Path, tmp_path: Path) -> None:
    told(home, "load", full(tmp_path / "full.xml"))
    later = [establishment(instance=2, motive="P", name="Ville nouvelle")]
    masking = [line(instance=9, code="EAU", motive="N", nature="M")]
    second = written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, establishments=later, lines=masking)
    told(home, "load", second)
    english, french = told(home, "show", CITY), told(home, "show", CITY, "--language", "fr", "--on", "2026-11-15")
    assert "Ville nouvelle: public body; active; a service code is demanded" in english
    assert "masked" in english
    assert "Ville: entité publique; active; exige un code service; lit ses factures sur le portail" in french
    assert "masquée" not in french
    document = json.loads(told(home, "show", EAU, "--json", code=0))
    assert [one["in_force"] for one in document["lines"]] == [False, False]
    assert json.loads(told(home, "show", EAU, "--json", "--on", "2026-11-15"))["in_force"] == 1
    assert "Boutique" in told(home, "show", f"{SHOP_SIREN}00011")
    assert "public body" in told(home, "show", CITY_SIREN)
    assert "not in the directory" in told(home, "show", EAU[:-1], code=1)


def test_who_refuses_prospecting_is_shown_to_refuse_it(home: Path, tmp_path: Path) -> None:
    shop = establishment(f"{SHOP_SIREN}00011", name="Boutique", demands=None).replace("<Diffusible>O", "<Diffusible>M")
    told(home, "load", full(tmp_path / "full.xml", establishments=[establishment(), shop]))
    assert "Refuses prospecting" in told(home, "show", f"{SHOP_SIREN}00011")
    assert "Refuses prospecting" not in told(home, "show", CITY)


def test_what_differs_is_told_in_tables_and_lines(home: Path, tmp_path: Path) -> None:
    told(home, "load", full(tmp_path / "full.xml"))
    more = [service(f"S{number}", motive="P") for number in range(5)]
    told(home, "load", written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, services=more))
    table = told(home, "diff", "previous", "current", "--limit", "2", "--language", "fr")
    assert "services : ajouts 5, retraits 0, changements 0." in table
    assert "Non montrés : 3" in table
    rows = _lines(told(home, "diff", "2", "1", "--json"))
    assert {(row["table"], row["kind"]) for row in rows} == {("services", "removed")}
    assert rows[0]["key"] == [CITY, "S0", "0224"]
    assert rows[0]["before"]["active"] is True
    assert "Nothing differs" in told(home, "diff", "current", "current")
    kept = _lines(told(home, "versions", "--json"))
    assert [(row["number"], row["kind"]) for row in kept] == [(1, "full"), (2, "differential")]
    assert "differential" in told(home, "versions")
    with pytest.raises(ConfigurationError, match="no such version"):
        told(home, "diff", "1", "7")


def test_what_was_left_out_is_told(home: Path, tmp_path: Path) -> None:
    newer = line(instance=2).replace("<Nature>", "<Nouveau>1</Nouveau><Nature>")
    text = told(home, "load", full(tmp_path / "full.xml", lines=[newer, line(instance=3, first="2026")]))
    assert "One entry was left out" in text
    assert "Nouveau (1)" in text
    assert json.loads(told(home, "load", tmp_path / "full.xml", "--json"))["new"] is False


def test_registers_hold_from_the_day_that_is_said(home: Path, tmp_path: Path) -> None:
    told(home, "load", full(tmp_path / "full.xml"))
    told(home, "load", tmp_path / "registers", "--since", "2026-11-20")
    source = directory_of(load(home))
    names = {day: one.name for day in (19, 20) if (one := structure(source, CITY, date(2026, 11, day)))}
    assert names == {19: "Ville", 20: "Ville des registres"}
