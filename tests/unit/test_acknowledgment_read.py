"""A flow of 500 invoices with every kind of error at once: one acknowledgment that its sender can act on alone.

`docs/acknowledgment.md` shows it; what it shows is held equal to what is written here.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from lxml import etree

from connectors.memory.ledger import MemoryLedger
from connectors.memory.store import MemoryStore
from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.partners import Partners
from data_contracts.ports import Deposit
from data_contracts.tables import Outcome
from pipelines.acknowledgment.cdar_frame import NAMESPACES
from pipelines.admission.stage import admit_flows
from pipelines.parsing.scanner import native
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.validation.stage import check_batch
from relais.bench.speed import Bench, Reader
from relais.samples import generator
from relais.samples.billers import UTILITY
from relais.samples.faults import FAULTS
from relais.samples.flows import Packing, Planned
from relais.samples.recipients import directory

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
INVOICES, WRONG = 500, 130
CHORUS_PRO, AFNOR = "FSO1100A", "FSO1150A"
READER = Reader.NATIVE if native.available() else Reader.PYTHON
DOC = Path(__file__).parents[2] / "docs" / "acknowledgment.md"


@dataclass(frozen=True)
class _Clock:
    def now(self) -> datetime:
        return AT


@dataclass(frozen=True)
class Line:
    """One LigneErreurDetail, or one note of a CDAR."""

    nature: str
    code: str
    fr: str
    en: str


@dataclass(frozen=True)
class Told:
    """An acknowledgment as its reader has it, and what the flow held."""

    code: str
    comment: str
    lines: tuple[Line, ...]
    wrong: dict[str, tuple[str, tuple[str, ...]]]
    """Of each rejected file, the invoice's number and the rules that its fault breaks."""


@cache
def told(interface_code: str) -> Told:
    """What became of the flow, by the real stages."""
    name = f"{interface_code}_ELC001_ELC001{interface_code[3:7]}000000000000001"
    plan = Planned(name, interface_code, UTILITY, 1, INVOICES, WRONG, Packing.TAR_GZ)
    expected, content = generator._flow(plan, 0, 3)
    ledger, store = MemoryLedger(time=lambda: 0.0), MemoryStore()
    sha256 = hashlib.sha256(content).hexdigest()
    stored = store.put(f"landing/{sha256}", content)
    ledger.land(Deposit("ELC001", name, len(content), "1"), stored, AT)
    admit_flows(ledger=ledger, store=store, partners=Partners({}, open_to_all=True))
    with TemporaryDirectory(prefix="relais-rules-") as rules:
        engine = Bench(Path(rules), READER).engine
        for batch_id in plan_batches(ledger=ledger, store=store):
            check_batch(batch_id, ledger=ledger, store=store, worker="w", engine=engine)
    settle_flows(ledger=ledger, store=store, directory=directory(), clock=_Clock())
    (answer,) = (one.answer for one in ledger.owed() if one.answer.interface_code == f"C{interface_code[1:]}")
    wrong = {
        one.member_name: (one.number or "", one.rules) for one in expected.invoices if one.outcome == Outcome.REJECTED
    }
    assert {one.fault for one in expected.invoices if one.fault} == {fault.name for fault in FAULTS[plan_circuit(plan)]}
    return Told(*(_cpp if interface_code == CHORUS_PRO else _cdar)(store.read(answer.object_key)), wrong)


def plan_circuit(plan: Planned) -> Circuit:
    return CATALOGUE[plan.interface_code].circuit


def _cpp(content: bytes) -> tuple[str, str, tuple[Line, ...]]:
    root = etree.fromstring(content)
    data = root.find("CPPFluxStatuts/CPPFluxStatutUnitaire/DonneesStatut")
    details = data.find("Details")
    assert int(details.get("NbLignesErreur")) == len(details)
    lines = tuple(Line(*(part.text or "" for part in line)) for line in details)
    return data.findtext("IdStatut"), data.findtext("Commentaire"), lines


def _cdar(content: bytes) -> tuple[str, str, tuple[Line, ...]]:
    root = etree.fromstring(content)
    notes = []
    for note in root.iterfind(".//ram:IncludedNote", NAMESPACES):
        fr, en = (part.text or "" for part in note.iterfind("ram:Content", NAMESPACES))
        notes.append(Line("", note.findtext("ram:ContentCode", "", NAMESPACES), fr, en))
    first, *lines = notes
    return root.findtext(".//ram:ProcessConditionCode", "", NAMESPACES), f"{first.fr} / {first.en}", tuple(lines)


@pytest.mark.parametrize(("interface_code", "code"), [(CHORUS_PRO, "96"), (AFNOR, "500")])
def test_the_first_words_say_what_became_of_the_flow_and_what_to_do(interface_code: str, code: str) -> None:
    one = told(interface_code)
    assert one.code == code
    assert one.comment.startswith(f"{INVOICES} factures reçues : {INVOICES - WRONG} acceptées, {WRONG} rejetées.")
    assert f"{INVOICES} invoices received: {INVOICES - WRONG} accepted, {WRONG} rejected." in one.comment
    assert "ne déposer que les factures corrigées" in one.comment and "deposit the corrected ones alone" in one.comment
    assert len(one.comment) <= COMMENT_CHARACTERS_MAX


@pytest.mark.parametrize("interface_code", [CHORUS_PRO, AFNOR])
def test_rules_come_first_with_their_counts_and_account_for_every_finding(interface_code: str) -> None:
    one = told(interface_code)
    rules = [line for line in one.lines if re.match(re.escape(line.code) + " : ", line.fr)]
    assert tuple(rules) == one.lines[: len(rules)], "they lead"
    findings = Counter(line.code for line in one.lines[len(rules) :])
    assert {line.code for line in rules} == set(findings)
    for line in rules:
        count = re.search(r"\((\d+) anomalies?\)", line.fr)
        assert count is not None and int(count[1]) == findings[line.code], line.fr
        assert re.search(r"(\d+) finding", line.en)
    rejected = [int(re.search(r"(\d+) factures? rejetée", line.fr)[1]) for line in rules]  # type: ignore[index]
    assert rejected == sorted(rejected, reverse=True), "what rejects most comes first"


@pytest.mark.parametrize("interface_code", [CHORUS_PRO, AFNOR])
def test_every_rejected_invoice_has_its_lines_together_each_readable_alone(interface_code: str) -> None:
    one = told(interface_code)
    lines = [line for line in one.lines if not line.fr.startswith(f"{line.code} : ")]
    members = [re.search(r"ELC001_\d{7}\.xml", line.fr) for line in lines]
    assert all(members), "each line names its file"
    order = [match[0] for match in members if match]
    assert list(dict.fromkeys(order)) == list(one.wrong), "in the order of the flow, each invoice once"
    runs = [member for member, _ in groupby(order)]
    assert len(runs) == len(set(runs)), "the lines of one invoice stand together"
    found: dict[str, set[str]] = {}
    for member, line in zip(order, lines, strict=True):
        found.setdefault(member, set()).add(line.code)
        number, _ = one.wrong[member]
        assert line.fr.startswith(number or member)
        assert f"[{line.code}]" in line.fr and f"[{line.code}]" in line.en
        assert len(line.fr) <= COMMENT_CHARACTERS_MAX and len(line.en) <= COMMENT_CHARACTERS_MAX
        assert line.fr != line.en
    for member, (_, rules) in one.wrong.items():
        assert rules == ("XSD",) or set(rules) <= found[member], f"{member}: {rules}, {found[member]}"


def test_the_documentation_shows_what_is_written() -> None:
    one = told(CHORUS_PRO)
    shown = DOC.read_text(encoding="utf-8")
    comment = one.comment.split(" / ")
    quoted = [text.removeprefix("> ") for text in shown.splitlines() if text.startswith("> ")]
    written = {text for line in one.lines for text in (line.fr, line.en)} | set(comment)
    assert len(quoted) >= 10 and set(comment) <= set(quoted)
    assert [text for text in quoted if text not in written] == [], "each is a text of the answer, whole"
