"""`relais quarantine`, as a person uses it, on a home where an invoice waits; the check runs in its own process."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors.settings import write
from data_contracts.errors import ConfigurationError
from pipelines.delivery.stage import deliver_answers
from relais.__main__ import app
from tests.failure import quarantined, scenario

REASON = ("--reason", "seen by hand", "--as", "anna")


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = quarantined.home_with_poison(tmp_path_factory.mktemp("poisoned"))
    write(scenario.settings(home))
    return home


def told(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_listed_shown_extracted_released_and_recorded(poisoned: Path, tmp_path: Path) -> None:
    home = ("--home", poisoned)
    (row,) = json.loads(told("quarantine", "list", "--json", *home))
    assert (row["position"], row["state"], row["attempts"]) == (quarantined.POISON, "waiting", 0)
    assert row["cause"] == "batch stopped its worker 3 times"
    assert row["relais_version"]
    table = told("quarantine", "list", *home)
    assert row["id"] in table and row["cause"] in table

    out = tmp_path / "invoice.xml"
    shown = json.loads(told("quarantine", "show", row["id"], "--json", "--out", out, *home))
    assert hashlib.sha256(out.read_bytes()).hexdigest() == shown["bytes"]["sha256"] == row["sha256"]
    lies_in = (poisoned / "store" / shown["bytes"]["object"]).read_bytes()
    assert lies_in[shown["bytes"]["offset"] :][: shown["bytes"]["size_bytes"]] == out.read_bytes()
    assert shown["verdict"] == "undetermined"
    assert "cause: batch stopped" in told("quarantine", "show", row["id"][:8], *home)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        told("quarantine", "show", row["id"], "--out", out, *home)

    (carried,) = json.loads(told("quarantine", "release", row["id"], *REASON, "--deliver", "--json", *home))
    assert carried["outcome"] == "accepted"
    assert [name[:8] for name in carried["answers"]] == ["FEN1200A", "FEN0036A"]
    delivered = {path.name for path in (poisoned / "drops").rglob("out/*")}
    assert set(carried["answers"]) <= delivered
    assert "Nothing waits" in told("quarantine", "list", *home)
    (row,) = json.loads(told("quarantine", "list", "--all", "--json", *home))
    assert (row["state"], row["order"]["who"], row["order"]["reason"]) == ("accepted", "anna", "seen by hand")

    actions = [json.loads(line) for line in told("actions", "--json", *home).splitlines()]
    assert [one["what"] for one in actions] == ["quarantine release", "quarantine extract", "quarantine extract"]
    assert (actions[0]["who"], actions[0]["reason"]) == ("anna", "seen by hand")
    assert actions[0]["outcome"] == f"{row['id']} accepted"
    assert actions[1]["outcome"].startswith("failed")
    assert actions[0]["arguments"]["ids"] == [row["id"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("release", "abcdef/1", *REASON), "no such invoice"),
        (("reject", "abcdef/1", "--reason", " "), "reason is needed"),
        (("reject", "abcdef/1", *REASON, "--motive", "IRR_VIDE"), "no motive of invoices"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(
    poisoned: Path, arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        told("quarantine", *arguments, "--home", poisoned)


def test_no_home_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a home"):
        told("quarantine", "list", "--home", tmp_path)
    assert not any(tmp_path.iterdir())


def test_lost_answers_are_owed_again_with_the_same_bytes(poisoned: Path) -> None:
    home = ("--home", poisoned)
    out = poisoned / "drops" / "ELC001" / "out"
    lost = {path.name: path.read_bytes() for path in out.iterdir()}
    dry = told("replay", "--partner", "ELC001", "--dry-run", "--json", *home)
    rows = [json.loads(line) for line in dry.splitlines()]
    assert {row["name"] for row in rows} == set(lost)
    assert {row["what"] for row in rows} == {"would be sent again"}
    for path in out.iterdir():
        path.unlink()
    told("replay", "--partner", "ELC001", "--since", "2020-01-01", *REASON, *home)
    assert "is owed already" in told("replay", "--partner", "ELC001", *REASON, *home)
    parts = scenario.built(poisoned)
    deliver_answers(ledger=parts.ledger, store=parts.store, mailbox=parts.mailbox)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == lost
    newest = json.loads(told("actions", "--limit", "1", "--json", *home))
    assert (newest["what"], newest["outcome"]) == ("replay resend", "0 answers owed again")


def test_reprocessing_says_what_it_would_do(poisoned: Path) -> None:
    home = ("--home", poisoned)
    rows = [
        json.loads(line)
        for line in told("replay", "--reprocess", "--partner", "ELC001", "--dry-run", "--json", *home).splitlines()
    ]
    assert rows[-1]["what"] == "compared"
    assert rows[-1]["flows"] == 2
    with pytest.raises(ConfigurationError, match="nothing is selected"):
        told("replay", "--dry-run", *home)
    with pytest.raises(ConfigurationError, match="no flow is named so"):
        told("replay", "--flow", "absent", "--dry-run", *home)
    with pytest.raises(ConfigurationError, match="reason is needed"):
        told("replay", "--partner", "ELC001", *home)
