"""A flow of an approved platform with an invoice on which the official rules crash: set aside, decided, compared."""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from data_contracts.partners import Partners
from data_contracts.quarantine import QuarantineState, Verb
from data_contracts.rule_sets import INSTALLED_RULES
from data_contracts.tables import Outcome
from pipelines.admission.stage import admit_flows
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.reconciliation.day import day_table
from pipelines.replay.compare import Comparison
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.judge import Hit, Judgment
from pipelines.validation.stage import check_batch
from relais.samples.generator import write_samples
from relais.verdicts import write_verdicts
from tests.failure import quarantined, scenario

FLOW = "FSO1150A_AAA111_AAA1111150000000000000001"


class Odd(scenario.NoRules):
    """A judge that says something else of one document."""

    def __init__(self, document: bytes, judgment: Judgment) -> None:
        self._document, self._judgment = document, judgment

    def judge_batch(self, subjects: Any, rule_set: Any) -> list[Judgment]:
        return [self._judgment if one == self._document else Judgment(()) for one in subjects.contents]


CRASH = Judgment((), "XPTY0004: a sequence of more than one item")


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, bytes]:
    """A home with one settled flow of three invoices, one of which waits, and that one's bytes."""
    write_samples(tmp_path / "sample", invoices=100, seed=3)
    source = next(path for path in sorted((tmp_path / "sample" / "flows").iterdir()) if path.name[:8] == "FSO1150A")
    with tarfile.open(source, "r:gz") as archive:
        members = [archive.extractfile(member).read() for member in archive.getmembers()[:3]]  # type: ignore[union-attr]
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        for number, data in enumerate(members):
            info = tarfile.TarInfo(f"{number}.xml")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / FLOW).write_bytes(sink.getvalue())
    home = tmp_path / "home"
    home.mkdir()
    scenario.dropped(tmp_path / "flows", home)
    parts = scenario.built(home)
    collect_flows(mailbox=parts.mailbox, store=parts.store, ledger=parts.ledger, clock=parts.clock)
    admit_flows(ledger=parts.ledger, store=parts.store, partners=Partners({}, open_to_all=True))
    engine = Engine(None, Odd(members[1], CRASH))
    for batch_id in plan_batches(ledger=parts.ledger, store=parts.store):
        check_batch(batch_id, ledger=parts.ledger, store=parts.store, worker="w", engine=engine)
    settle_flows(ledger=parts.ledger, store=parts.store, directory=parts.directory, clock=parts.clock)
    parts.ledger.close()  # type: ignore[attr-defined]
    return home, members[1]


def _commanded(home: Path, verb: Verb, judge: Any = None) -> tuple[dict[str, bytes], Any]:
    """What partners got by the command alone, and the entry."""
    quarantined.commanded(home, verb, scenario.Life(), Counter(), judge)
    parts = scenario.built(home)
    (entry,) = parts.ledger.quarantine()  # type: ignore[attr-defined]
    taken = home / "taken"
    late = {
        path.name[:8]: path.read_bytes()
        for path in taken.rglob("*")
        if path.is_file() and int(path.name[-15:]) >= 50_000 * 10**10
    }
    return late, entry


def test_released_it_is_made_available_and_diffused(home: tuple[Path, bytes]) -> None:
    late, entry = _commanded(home[0], Verb.RELEASE)
    assert entry.state is QuarantineState.ACCEPTED
    assert set(late) == {"FEN1204A", "FEN0036A"}
    assert b"203" in late["FEN1204A"]
    parts = scenario.built(home[0])
    flows = [report.flow for report in parts.ledger.reports()]
    table = day_table(flows, ledger=parts.ledger, store=parts.store)  # type: ignore[arg-type]
    assert table["outcome"].to_list() == ["accepted"] * 3
    assert table["verdict"].to_list() == ["valid"] * 3
    lines = home[0] / "verdicts.jsonl"
    assert write_verdicts(lines, ledger=parts.ledger, store=parts.store) == 3  # type: ignore[arg-type]
    assert "quarantined" not in lines.read_text()


def test_rejected_the_supplier_gets_the_reason(home: tuple[Path, bytes]) -> None:
    late, entry = _commanded(home[0], Verb.REJECT)
    assert entry.state is QuarantineState.REJECTED
    assert set(late) == {"FEN1214A"}
    told = late["FEN1214A"].decode()
    assert "seen by hand" in told
    assert "213" in told


def test_what_still_crashes_waits_on_under_the_new_cause(home: tuple[Path, bytes]) -> None:
    worse = Judgment((), "another crash")
    late, entry = _commanded(home[0], Verb.RELEASE, Odd(home[1], worse))
    assert (entry.state, entry.attempts, late) == (QuarantineState.WAITING, 1, {})
    assert entry.cause.endswith("another crash")
    assert scenario.built(home[0]).ledger.reconciliation().invoices_quarantined == 1
    late, entry = _commanded(home[0], Verb.RELEASE)
    assert (entry.state, entry.attempts) == (QuarantineState.ACCEPTED, 2)


def test_released_it_may_be_rejected_by_the_rules(home: tuple[Path, bytes]) -> None:
    broken = Judgment((Hit("BR-99", "fatal", "/*", "A sentence."),))
    late, entry = _commanded(home[0], Verb.RELEASE, Odd(home[1], broken))
    assert entry.state is QuarantineState.REJECTED
    assert "BR-99" in late["FEN1214A"].decode()


def test_comparison_shows_what_new_rules_would_change_and_writes_nothing(home: tuple[Path, bytes]) -> None:
    parts = scenario.built(home[0])
    (flow,) = [report.flow for report in parts.ledger.reports()]
    before = parts.ledger.reconciliation()
    keys = list(parts.store.keys(""))
    day = scenario.MORNING.date()

    class Strict(scenario.NoRules):
        def judge_batch(self, subjects: Any, rule_set: Any) -> list[Judgment]:
            broken = Judgment((Hit("BR-99", "fatal", "/*", "A sentence."),))
            return [broken, *[Judgment(())] * (len(subjects.contents) - 1)]

    def compared(judge: Any) -> list[Any]:
        engine = Engine(None, judge)
        ledger: Any = parts.ledger
        comparison = Comparison(ledger, parts.store, parts.directory, engine, INSTALLED_RULES, day)
        return list(comparison.differences(flow, lambda step: None))

    assert compared(scenario.NoRules()) == []
    (one,) = compared(Strict())
    assert (one.position, one.before, one.after, one.lost) == (0, Outcome.ACCEPTED, Outcome.REJECTED, ())
    assert all(rule.endswith(" BR-99") for rule in one.gained)
    assert list(parts.store.keys("")) == keys
    assert parts.ledger.reconciliation() == before
