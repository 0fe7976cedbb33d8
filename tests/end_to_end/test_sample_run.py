"""The sample, run by the command as a newcomer would: everything that must come out comes out, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

INVOICES = 1600
"""Enough for a flow of 500 with 25 bad ones (from 1,400 on)."""


@dataclass(frozen=True)
class Ran:
    sample: Path
    out: Path
    exit_code: int
    expected: dict[str, Any]
    lines: list[dict[str, Any]]
    summary: dict[str, Any]


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relais", *map(str, arguments)], capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    root = tmp_path_factory.mktemp("sample-run")
    sample, out = root / "sample", root / "out"
    written = command("sample", "--out", sample, "--invoices", str(INVOICES), "--seed", "7")
    assert written.returncode == 0, written.stderr
    expected = json.loads((sample / "expected.json").read_text())
    result = command(
        "run", "--flows", sample / "flows", "--resent", sample / "resent", "--registers", sample / "registers",
        "--out", out, "--now", expected["fixed_now"][:19], "--jobs", str(os.cpu_count() or 1), "--format", "json",
    )  # fmt: skip
    assert result.returncode in (0, 1), result.stderr
    lines = [json.loads(line) for line in (out / "verdicts.jsonl").read_text().splitlines()]
    return Ran(sample, out, result.returncode, expected, lines, json.loads(result.stdout))


def test_the_exit_code_says_that_something_was_rejected(ran: Ran) -> None:
    assert ran.exit_code == 1


def test_every_invoice_has_the_outcome_that_was_planted(ran: Ran) -> None:
    got = {(line["flow"], line["document"]): line for line in ran.lines}
    seen = 0
    for flow in ran.expected["flows"]:
        for invoice in flow["invoices"]:
            line = got[flow["name"], invoice["member_name"]]
            told = (line["outcome"], line["motive"], line["recipient"])
            planted = (invoice["outcome"], invoice["motive"], invoice["recipient_partner"])
            assert told == planted, (flow["name"], invoice, line["findings"])
            rules = {finding["rule"] for finding in line["findings"] if finding["flag"] == "fatal"}
            assert set(invoice["rules"]) <= rules, (flow["name"], invoice)
            seen += 1
    assert seen == ran.expected["totals"]["received"] == sum(line["document"] is not None for line in ran.lines)


def test_every_refused_flow_has_its_motive(ran: Ran) -> None:
    planted = {flow["name"]: flow["refused"] for flow in ran.expected["flows"] if flow["refused"]}
    told = {line["flow"]: line["motive"] for line in ran.lines if line["outcome"] == "refused"}
    assert told == planted
    assert set(planted.values()) == {"IRR_EXTRAC", "IRR_CODE_INTER", "IRR_FORM"}


def test_all_is_accounted_for(ran: Ran) -> None:
    sums, totals = ran.summary["reconciliation"], ran.expected["totals"]
    assert sums["invoices_received"] == totals["received"]
    assert sums["invoices_accepted"] == totals["accepted"]
    assert sums["invoices_rejected"] == totals["rejected"]
    assert sums["invoices_quarantined"] == sums["invoices_pending"] == sums["flows_pending"] == 0
    assert sums["flows_received"] == totals["flows"]
    assert sums["flows_refused"] == totals["flows_refused"]
    assert sums["answers_owed"] == sums["answers_delivered"]


def test_the_resent_flow_is_no_second_flow(ran: Ran) -> None:
    resent = {path.name for path in (ran.sample / "resent").iterdir()}
    told = {row["flow"]["name"] for row in ran.summary["flows"] if row["resent_count"]}
    assert told == resent
    assert len(resent) == 1


def test_the_acknowledgment_of_500_with_25_bad_ones_names_exactly_these(ran: Ran) -> None:
    wanted = ("FSO1100A", 500, 25)
    flow = next(
        flow
        for flow in ran.expected["flows"]
        if (flow["interface"], flow["received"], flow["rejected"]) == wanted
    )  # fmt: skip
    assert flow["acknowledgment_code"] == "96"
    answers = [etree.parse(path) for path in sorted((ran.out / "drops" / flow["partner"] / "out").glob("CSO1100A_*"))]
    flow_id = flow["name"].rsplit("_", 1)[1]
    answer = next(tree for tree in answers if tree.findtext(".//IdFlux") == flow_id)
    assert answer.findtext(".//IdStatut") == "96"
    labels = [label.text or "" for label in answer.iterfind(".//LibelleErreur")]
    members = {invoice["member_name"] for invoice in flow["invoices"]}
    named = {
        member
        for member in members
        if any(f"(fichier {member})" in label or label.startswith(f"{member} ") for label in labels)
    }
    bad = {invoice["member_name"] for invoice in flow["invoices"] if invoice["outcome"] == "rejected"}
    assert named == bad
    assert len(bad) == 25


def test_recipients_get_every_accepted_invoice_once(ran: Ran) -> None:
    told: Counter[tuple[str, str]] = Counter()
    for path in (ran.out / "drops").glob("*/out/FEN0036A_*"):
        partner = path.parts[-3]
        for data in etree.parse(path).iterfind(".//DonneesFacture"):
            told[partner, data.findtext("Id") or ""] += 1
    planted = Counter(
        (invoice["recipient_partner"], invoice["number"])
        for flow in ran.expected["flows"]
        for invoice in flow["invoices"]
        if invoice["outcome"] == "accepted"
    )
    assert told == planted


def test_every_rejection_explains_itself_in_both_languages(ran: Ran) -> None:
    rejected = [line for line in ran.lines if line["outcome"] == "rejected"]
    assert rejected
    for line in rejected:
        fatal = [finding for finding in line["findings"] if finding["flag"] == "fatal"]
        assert fatal, line
        for finding in fatal:
            assert finding["rule"]
            assert finding["message_fr"]
            assert finding["message_en"]
            assert finding["message_fr"] != finding["message_en"]


def test_running_again_over_the_same_results_changes_nothing(ran: Ran) -> None:
    before = {path: path.read_bytes() for path in (ran.out / "drops").rglob("*") if path.is_file()}
    again = command(
        "run", "--flows", ran.sample / "flows", "--resent", ran.sample / "resent", "--registers",
        ran.sample / "registers", "--out", ran.out, "--now", ran.expected["fixed_now"][:19], "--format", "json",
    )  # fmt: skip
    assert again.returncode == 1, again.stderr
    assert json.loads(again.stdout)["reconciliation"] == ran.summary["reconciliation"]
    assert {path: path.read_bytes() for path in (ran.out / "drops").rglob("*") if path.is_file()} == before
