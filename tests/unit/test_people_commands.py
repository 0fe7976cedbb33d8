"""`relais deadlines` and `relais notify`, as their users see them."""

from __future__ import annotations

import json
import time as machine_clock
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.notification_register import NOTIFICATIONS, NOTIFICATIONS_COLUMNS
from connectors.settings import default, write
from data_contracts.errors import ConfigurationError
from relais.__main__ import app
from tests.connectors.mail_server import Inbox, mail_server
from tests.connectors.notified import SENDER, STRUCTURE, Place, place, settled
from tests.connectors.scenes import NOON, landed

Run = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path) -> Place:
    settings = default(tmp_path)
    write(replace(settings, open_partners=True, open_directory=True, fixed_now=NOON))
    lines = (",".join(NOTIFICATIONS_COLUMNS), f"{STRUCTURE},,,agent@ville.example,fr,user,at_once,all")
    (tmp_path / NOTIFICATIONS).write_text("\n".join(lines) + "\n")
    return place(tmp_path, time=lambda: machine_clock.time() - 5 * 60)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def called(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--home", str(tmp_path)], catch_exceptions=True)

    return called


def test_a_dry_run_shows_the_mails_and_owes_none(here: Place, run: Run) -> None:
    settled(here, 1, [("06", "JUSTIF_ABS")])
    for _ in range(2):
        shown = run("notify", "--dry-run")
        assert shown.exit_code == 0, shown.output
        assert "To: agent@ville.example\nSubject: Relais : des nouvelles de 1 facture, dont 1 à traiter" in shown.stdout
        assert "Facture F1-0 de Electricite du Centre" in shown.stdout
    assert here.ledger.digests() == []
    (mail,) = json.loads(run("notify", "--dry-run", "--json").stdout)
    assert mail["to"] == "agent@ville.example"


def test_mails_are_sent_once_and_the_run_says_how_many(here: Place, run: Run, tmp_path: Path) -> None:
    settled(here, 1, [("06", "JUSTIF_ABS")])
    refused = run("notify", "--send")
    assert isinstance(refused.exception, ConfigurationError)
    assert "mail.toml" in str(refused.exception)
    inbox = Inbox()
    with mail_server(inbox) as port:
        mail = f'[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "{SENDER}"\n'
        (tmp_path / "mail.toml").write_text(mail)
        assert run("notify", "--send").stdout == "1 sent, 0 refused, 0 put off, 0 uncertain\n"
        assert json.loads(run("notify", "--send", "--json").stdout)["sent"] == 0
    assert [envelope.rcpt_tos for envelope in inbox.taken] == [["agent@ville.example"]]
    assert isinstance(run("notify").exception, ConfigurationError)
    assert isinstance(run("notify", "--send", "--dry-run").exception, ConfigurationError)


def test_deadlines_are_shown_as_table_json_and_page(here: Place, run: Run) -> None:
    settled(here, 1, [("03", "")])
    calm = run("deadlines")
    assert calm.exit_code == 0, calm.output
    landed(here.ledger, 2, partner_code="BBB222")
    table = run("deadlines")
    assert table.exit_code == 0
    assert "acknowledgment" in table.stdout
    assert "BBB222" in table.stdout
    document = json.loads(run("deadlines", "--json").stdout)
    assert [(row["duty"], row["stand"]) for row in document["open"]] == [("acknowledgment", "due"), ("status", "due")]
    page = run("deadlines", "--format", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_flow_at_risk_is_an_exit_code(here: Place, run: Run, tmp_path: Path) -> None:
    early = place(tmp_path, time=lambda: machine_clock.time() - 15 * 60)
    landed(early.ledger, 2)
    told = run("deadlines", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["open"][0]["stand"] == "at risk"
