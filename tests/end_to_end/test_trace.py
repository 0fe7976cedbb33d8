"""`relais trace`: the whole history of one invoice, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from connectors.settings import write
from data_contracts.errors import ConfigurationError
from relais.__main__ import app
from tests.end_to_end.test_year import Lived
from tests.end_to_end.year import STORIES, SUPPLIER, Life
from tests.end_to_end.year_run import settings_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Life]]:
    where = tmp_path_factory.mktemp("trace")
    lived = Lived(where, len(STORIES), 1)
    lived.house.close()
    write(settings_of(where))
    return where, {life.story: life for life in lived.year.lives}


def command(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["trace", *arguments, "--home", str(home)])


def traced(home: Path, number: str, *arguments: str) -> list[dict[str, Any]]:
    result = command(home, number, "--supplier", SUPPLIER.siret, "--json", *arguments)
    assert result.exit_code == 0, result.exception
    invoices: list[dict[str, Any]] = json.loads(result.stdout)["invoices"]
    return invoices


def test_each_event_has_date_actor_meaning_mandate_and_flows(home: tuple[Path, dict[str, Life]]) -> None:
    where, lives = home
    life = lives["paid"]
    (invoice,) = traced(where, life.numbers[0])
    events = {event["code"]: event for event in invoice["events"]}
    mandate = events["08"]
    assert mandate["mandate_number"] == f"M{life.serial:06d}"
    assert (mandate["actor"], mandate["label"]) == ("recipient", {"fr": "Mandatée", "en": "Payment ordered"})
    assert "ordonné le paiement" in mandate["meaning"]["fr"]
    assert mandate["meaning"]["en"] != mandate["meaning"]["fr"]
    assert mandate["flow_in"].startswith("FSO1301A_")
    assert [name[:8] for name in mandate["flows_out"]] == ["FEN1204A" if life.circuit.value == "afnor" else "FEN1200A"]
    assert len(invoice["sha256"]) == 64
    assert all("@" in rule_set for rule_set in invoice["rule_sets"])
    assert invoice["diffused_by"][0].startswith("FEN0036A_")
    assert (invoice["outcome"], invoice["situation"]["phase"]) == ("accepted", "payment sent")
    suspended = traced(where, lives["suspended"].numbers[0])
    motives = [motive for event in suspended[0]["events"] for motive in event["motives"]]
    assert motives[0]["code"] == "JUSTIF_ABS"
    assert motives[0]["meaning"]["fr"]
    assert next(event["comment"] for event in suspended[0]["events"] if event["code"] in ("06", "208"))


def test_predecessor_and_successor_are_named_both_ways(home: tuple[Path, dict[str, Life]]) -> None:
    where, lives = home
    life = lives["rejected"]
    first, second = life.numbers
    (rejected,) = traced(where, first)
    (anew,) = traced(where, second, "--year", "2026")
    assert [link["number"] for link in rejected["successors"]] == [second]
    assert (anew["predecessor"]["number"], anew["predecessor"]["kind"]) == (first, "replaces")
    (recycled_from, recycled) = traced(where, lives["misrouted"].numbers[0])
    assert recycled_from["successors"][0]["id"] == recycled["id"]
    assert recycled["predecessor"]["kind"] == "recycles"
    (turned_down, corrected) = traced(where, lives["corrected"].numbers[0])
    assert (turned_down["outcome"], turned_down["motive"]["code"]) == ("rejected", "DEST_INC")
    assert corrected["predecessor"]["id"] == turned_down["id"]


def test_what_a_rejection_rests_on_is_told(home: tuple[Path, dict[str, Life]]) -> None:
    where, lives = home
    turned_down = traced(where, lives["corrected"].numbers[0])[0]
    fatal = [one for one in turned_down["findings"] if one["flag"] == "fatal"]
    assert [one["rule"] for one in fatal] == ["RLS-ROUTE-02"], "a rule of settlement"
    assert fatal[0]["message"]["fr"] != fatal[0]["message"]["en"]
    table = command(where, lives["corrected"].numbers[0], "--supplier", SUPPLIER.siren, "--language", "en").stdout
    assert f"Finding: RLS-ROUTE-02 {fatal[0]['message']['en']}"[:100] in " ".join(table.split())
    duplicate = traced(where, lives["repeated"].numbers[0])[1]
    assert [one["rule"] for one in duplicate["findings"] if one["flag"] == "fatal"] == ["G1.45"]


def test_all_invoices_of_a_number_are_shown(home: tuple[Path, dict[str, Life]]) -> None:
    where, lives = home
    invoices = traced(where, lives["repeated"].numbers[0])
    assert [one["outcome"] for one in invoices] == ["accepted", "rejected"]
    assert invoices[1]["motive"]["code"] == "DOUBLON"


@pytest.mark.parametrize(("language", "said"), [("fr", "Le destinataire a ordonné"), ("en", "Set by")])
def test_people_read_a_table_in_their_language(
    language: str, said: str, home: tuple[Path, dict[str, Life]]
) -> None:  # fmt: skip
    where, lives = home
    result = command(where, lives["paid"].numbers[0], "--supplier", SUPPLIER.siren, "--language", language)
    assert result.exit_code == 0, result.exception
    assert said in " ".join(result.stdout.split())


def test_an_unknown_number_is_said_so(home: tuple[Path, dict[str, Life]]) -> None:
    result = command(home[0], "NOWHERE", "--supplier", SUPPLIER.siren)
    assert isinstance(result.exception, ConfigurationError)
    assert "no settled flow holds" in str(result.exception)
