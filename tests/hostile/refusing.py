"""A hostile case on the road that it comes by, up to its refusal: a disk for flows, every layer of checking for
documents, with a judge that must never be asked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from connectors.memory.ledger import MemoryLedger
from connectors.object_storage import LocalStore
from data_contracts.interfaces import Syntax
from data_contracts.ledger import Answer, FlowStatus
from data_contracts.partners import Partners
from data_contracts.ports import Deposit
from data_contracts.rule_sets import RuleSet
from pipelines.admission.stage import admit_flows
from pipelines.parsing.documents import Document
from pipelines.parsing.opening import Kind
from pipelines.parsing.scanner.reading import Scanner
from pipelines.validation.check import Demand, Due, Engine, checked
from pipelines.validation.judge import Judgment, Subjects
from tests.hostile.case import Road

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAME = "FSO1100A_ABC123_ABC1231100000000000000001"
SYNTAXES = {Road.XML: Syntax.UBL, Road.PDF: Syntax.FACTURX}


class NeverAsked:
    """A judge behind which the official engine would stand."""

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        raise AssertionError("a hostile document came to the judge")


def _never_due(kind: Kind) -> Due:
    raise AssertionError(f"a hostile document was taken for a {kind.root}")


class _Book(MemoryLedger):
    """A ledger that keeps what it is told of a refusal."""

    told: tuple[str, str] = ("", "")

    def refuse(
        self, flow_key: str, motive: str, detail: str, acknowledgment_code: str, answers: Sequence[Answer]
    ) -> None:
        self.told = (motive, detail)
        super().refuse(flow_key, motive, detail, acknowledgment_code, answers)


def told_of_flow(dropped: BinaryIO, root: Path) -> tuple[str, str]:
    """Motive and English words of a flow's refusal. Shape   `root` becomes the store's folder, on disk."""
    store, ledger = LocalStore(root), _Book(time=time.monotonic)
    store.prepare()
    stored = store.put_by_hash("landing", dropped)
    _, flow_key = ledger.land(Deposit("ABC123", NAME, stored.size_bytes, "1"), stored, AT)
    assert admit_flows(ledger=ledger, store=store, partners=Partners({}, open_to_all=True)) == 1
    assert ledger.flow(flow_key).status is FlowStatus.REFUSED
    return ledger.told


def told_of_documents(cases: Sequence[tuple[Road, bytes]], scanner: Scanner | None) -> list[tuple[str, str, str]]:
    """Motive, and words in French and English, of each document's refusal; they are checked as one batch."""
    asked = [
        (
            Document("f" * 24, number, f"{number}", data, hashlib.sha256(data).hexdigest()),
            Demand(SYNTAXES[road], _never_due),
        )
        for number, (road, data) in enumerate(cases)
    ]
    found = checked(asked, Engine(scanner, NeverAsked()), lambda _: None)
    told = []
    for (finding,), verdict in zip(found.findings, found.verdicts, strict=True):
        assert verdict["verdict"] == "invalid"
        assert verdict["rule_sets"] == []
        told.append((finding["rule"], finding["message_fr"], finding["message_en"]))
    return told
