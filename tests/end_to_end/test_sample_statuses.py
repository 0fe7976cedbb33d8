"""`relais sample-statuses`: public bodies answer what a run delivered to them; all of it is recorded, and suppliers are
told."""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from rich.console import Console
from typer.testing import CliRunner

from connectors.assembly import house_at
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import FlowReport, Reconciliation
from relais.__main__ import app
from relais.samples.delivered import delivered, diffusions
from relais.samples.generator import write_samples
from relais.samples.statuses import STORIES, write_statuses
from relais.summary import summary

INVOICES, FIRST = 100, len(STORIES)
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
BUSY = "ETA001"
"""The body that is delivered most, and so tells every story."""


@dataclass(frozen=True)
class Told:
    statuses: Path
    said: str
    drops: Path
    reports: list[FlowReport]
    total: Reconciliation
    before: frozenset[Path]


def command(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    return result.output


def documents(flow: Path) -> list[bytes]:
    """Those of a flow, which is an archive or a document."""
    if not tarfile.is_tarfile(flow):
        return [flow.read_bytes()]
    with tarfile.open(flow) as archive:
        return [file.read() for member in archive if (file := archive.extractfile(member))]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    root = tmp_path_factory.mktemp("statuses")
    write_samples(root / "sample", invoices=INVOICES, seed=2)
    out, at = root / "out", f"{NOW:%Y-%m-%dT%H:%M:%S}"
    carry = ("--registers", root / "sample" / "registers", "--out", out, "--now", at, "--jobs", "1")
    command("run", "--flows", root / "sample" / "flows", *carry)
    before = frozenset((out / "drops").glob("*/out/*"))
    statuses = root / "statuses"
    said = command("sample-statuses", "--from", out, "--out", statuses, "--first", str(FIRST), "--now", at)
    command("run", "--flows", statuses, *carry)
    with house_at(out) as ports:
        return Told(statuses, said, out / "drops", list(ports.ledger.reports()), ports.ledger.reconciliation(), before)


def codes(path: Path) -> Counter[str]:
    return Counter(one.text or "" for one in etree.parse(path).iter("IdStatut"))


def test_each_body_acknowledges_every_pivot_and_tells_the_stories_of_its_first_invoices(told: Told) -> None:
    wanted = Counter(code for story in STORIES for code in story)
    (busy,) = told.statuses.glob(f"FSO1301A_{BUSY}_*")
    assert codes(busy) == wanted
    pivots = diffusions(told.drops / BUSY / "out")
    (receipts,) = told.statuses.glob(f"FSO1300A_{BUSY}_*")
    assert [one.text for one in etree.parse(receipts).iter("IdFlux")] == [path.name[-25:] for path in pivots]
    first = [one.number for one in delivered(pivots)][:FIRST]
    assert list(dict.fromkeys(one.text for one in etree.parse(busy).iter("IdFacture"))) == first
    assert f"{len(list(told.statuses.iterdir()))} flows under" in told.said
    assert not list(told.statuses.glob("*_PORTAL_*"))


def test_every_status_is_recorded_and_every_flow_acknowledged(told: Told) -> None:
    ours = [one for one in told.reports if one.flow.interface_code in STATUS_CODES]
    assert len(ours) == len(list(told.statuses.iterdir())) > 4
    assert {one.flow.acknowledgment_code for one in ours} == {"90"}
    assert told.total.flows_pending == 0
    assert told.total.answers_delivered == told.total.answers_owed


def test_suppliers_are_told_each_status_once(told: Told) -> None:
    set_on = Counter[str]()
    for path in told.statuses.glob("FSO1301A_*"):
        set_on += codes(path)
    new = set(told.drops.glob("*/out/FEN12*")) - told.before
    heard = Counter[str]()
    for path in new:
        for document in documents(path):
            tree = etree.fromstring(document)
            heard += Counter(one.text for one in tree.iter("IdStatut", "{*}ProcessConditionCode"))
    # 07 and 08 are both 204 for a supplier of the reform's circuit, 04 and 06 both 208, 05 is 210 and 11 is 211.
    assert heard["07"] + heard["08"] + heard["204"] == set_on["07"] + set_on["08"]
    assert heard["04"] + heard["06"] + heard["208"] == set_on["04"] + set_on["06"]
    assert heard["05"] + heard["210"] == set_on["05"]
    assert heard["11"] + heard["211"] == set_on["11"]
    assert heard.total() == set_on.total()


def test_the_summary_has_a_line_of_statuses(told: Told) -> None:
    shown = io.StringIO()
    console = Console(width=160, file=shown)
    for part in summary(told.reports, told.total):
        console.print(part)
    count = len(list(told.statuses.iterdir()))
    new = len(set(told.drops.glob("*/out/FEN*")) - told.before)
    line = f"{count} flows received = {count} taken whole + 0 in part + 0 not; {new} flows tell others of them"
    assert line in shown.getvalue()


def test_the_summary_counts_only_the_acknowledgments_that_were_repeated(told: Told) -> None:
    own = next(one for one in told.reports if one.flow.interface_code == "FSO1300A")
    early = replace(own, resent_count=1, answers_owed=1)  # sent again before it was answered
    later = replace(own, resent_count=1, answers_owed=4, answers_repeated=1)
    shown = io.StringIO()
    console = Console(width=160, file=shown)
    for part in summary([early, later], told.total):
        console.print(part)
    assert "; 2 flows tell others of them" in shown.getvalue()


def test_the_same_deliveries_and_time_give_the_same_bytes(told: Told, tmp_path: Path) -> None:
    write_statuses(told.drops, tmp_path, now=NOW, first=FIRST)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in told.statuses.iterdir()}


def test_a_second_round_bears_other_names(told: Told, tmp_path: Path) -> None:
    write_statuses(told.drops, tmp_path, now=NOW, first=1, sequence=2)
    assert not {path.name for path in tmp_path.iterdir()} & {path.name for path in told.statuses.iterdir()}


def test_a_pivot_cut_short_and_a_folder_that_is_none_are_told(tmp_path: Path) -> None:
    name = f"FEN0036A_{BUSY}_RLS0010036000000000000001"
    out = tmp_path / "drops" / BUSY / "out"
    out.mkdir(parents=True)
    (out / f"{name}.0.part").write_bytes(b"<half")
    assert diffusions(out) == []
    (out / name).write_bytes(b"<CPPFacturePivot><CPPFactures>")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        write_statuses(tmp_path / "drops", tmp_path / "statuses", now=NOW)
    with pytest.raises(ConfigurationError, match="no such folder"):
        write_statuses(tmp_path / "none", tmp_path / "statuses", now=NOW)
