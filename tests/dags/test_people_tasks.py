"""The tasks about people do what their stages do, from nothing but the home that RELAIS_HOME names."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.notification_register import NOTIFICATIONS, NOTIFICATIONS_COLUMNS
from connectors.settings import HOME_VARIABLE, default, write
from data_contracts.ports import Deposit
from tests.connectors.mail_server import Inbox, mail_server
from tests.connectors.notified import SENDER, STRUCTURE, Place, place, settled
from tests.connectors.scenes import NOON, landed
from tests.dags.call_tasks import ROOT
from tests.unit.test_commitments import ORDER, written

QUARTER_HOUR = 15 * 60


def called(home: Path) -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RELAIS"))}
    kept |= {HOME_VARIABLE: str(home), "AIRFLOW_HOME": str(home / "airflow"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.dags.call_tasks"]
    done = subprocess.run(command, env=kept, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULTS "))
    results: dict[str, Any] = json.loads(line.removeprefix("RESULTS "))
    return results


def deposited(here: Place) -> None:
    """A flow of commitments, admitted."""
    data = written([ORDER])
    stored = here.store.put_by_hash("landing", io.BytesIO(data))
    deposit = Deposit("VIL001", "FSO9010A_VIL001_VIL0019010000000000000001", len(data), "one")
    _, flow_key = here.ledger.land(deposit, stored, NOON)
    here.ledger.admit(flow_key, 0)


def test_commitments_are_taken_people_told_and_a_flow_at_risk_named(tmp_path: Path) -> None:
    write(replace(default(tmp_path), open_partners=True, open_directory=True, fixed_now=NOON))
    lines = (",".join(NOTIFICATIONS_COLUMNS), f"{STRUCTURE},,,agent@ville.example,fr,user,at_once,all")
    (tmp_path / NOTIFICATIONS).write_text("\n".join(lines) + "\n")
    here = place(tmp_path, time=lambda: time.time() - QUARTER_HOUR)
    settled(here, 1, [("06", "JUSTIF_ABS")])
    deposited(here)
    landed(here.ledger, 2, partner_code="BBB222")
    inbox = Inbox()
    with mail_server(inbox) as port:
        mail = f'[mail]\nserver = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "{SENDER}"\n'
        (tmp_path / "mail.toml").write_text(mail)
        results = called(tmp_path)
    assert (results["take"], results["notify"]) == ([1, ["answers_owed"]], 1)
    assert [envelope.rcpt_tos for envelope in inbox.taken] == [["agent@ville.example"]]
    kind, words = results["watch"]
    assert kind == "AirflowFailException"
    assert "FSO1100A_BBB222_BBB2221100000000000000002 (acknowledgment, at risk)" in words
    assert [held.commitment.number for held in here.ledger.all_commitments()] == [ORDER.number]
