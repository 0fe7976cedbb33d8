"""The check stage over a store and a ledger in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts import tables
from data_contracts.errors import IntegrityBroken, LedgerConflict, StoreUnavailable
from data_contracts.ledger import Batch, Claim, Flow, Ledger, Slice
from data_contracts.limits import BATCH_ATTEMPTS_MAX
from data_contracts.ports import ObjectStore, Stored
from data_contracts.rule_sets import BR_FR_UBL, EN16931_UBL, RuleSet
from pipelines.planning.batches import apart
from pipelines.validation import management_rules, stage
from pipelines.validation.check import Engine
from pipelines.validation.judge import Hit, Judgment, Subjects
from pipelines.validation.rule_files import label
from pipelines.validation.stage import check_batch
from pipelines.validation.standing_engine import SLOW_ROAD
from tests.unit.rows import flow

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
INVOICE = f'<Invoice xmlns="{UBL}" xmlns:b="{CBC}"><b:ID>F1</b:ID></Invoice>'.encode()
LATIN = (
    f'<?xml version="1.0" encoding="ISO-8859-1"?><Invoice xmlns="{UBL}" xmlns:b="{CBC}"><b:Note>é</b:Note></Invoice>'
).encode("latin-1")


class MemoryStore:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.full = False

    def replace(self, key: str, data: bytes | BinaryIO) -> Stored:
        if self.full:
            raise StoreUnavailable("the store is full", where=key)
        self.objects[key] = data if isinstance(data, bytes) else data.read()
        return Stored(key, hashlib.sha256(self.objects[key]).hexdigest(), len(self.objects[key]))

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        return io.BytesIO(self.objects[key])

    def read(self, key: str, offset: int = 0, size_bytes: int | None = None) -> bytes:
        return self.objects[key][offset:][:size_bytes]

    def table_keys(self) -> list[str]:
        return [key for key in self.objects if key.startswith("checked/")]

    def table(self, name: str) -> list[dict[str, Any]]:
        table = pq.read_table(io.BytesIO(self.objects[f"checked/b1/{name}.parquet"]))
        return cast(list[dict[str, Any]], tables.conforming(table, tables.CHECKED[name], name).to_pylist())


class MemoryLedger:
    def __init__(self, *flows: Flow, slices: tuple[Slice, ...] = (), attempt: int = 1) -> None:
        self.flows = {row.flow_key: row for row in flows}
        self.batch = Batch("b1", slices)
        self.attempt = attempt
        self.log: list[Any] = []
        self.lost = False

    def claim(self, batch_id: str, worker: str) -> Claim | None:
        return None if ("checked", 1) in [entry[:2] for entry in self.log] else Claim(self.batch, 1, self.attempt)

    def flow(self, flow_key: str) -> Flow:
        return self.flows[flow_key]

    def renew(self, claim: Claim) -> None:
        if self.lost:
            raise LedgerConflict("the claim was lost")
        self.log.append(("renewed", claim.token))

    def checked(self, claim: Claim, document_count: int) -> None:
        self.log.append(("checked", claim.token, document_count))

    def halve(self, claim: Claim, halves: Sequence[Batch]) -> None:
        self.log.append(("halved", claim.token, [piece for half in halves for piece in half.slices]))

    def release(self, claim: Claim) -> None:
        self.log.append(("released", claim.token))


class Answers:
    """A judge that answers the same to every document, and remembers what it was shown."""

    def __init__(self, judgment: Judgment) -> None:
        self.judgment = judgment
        self.seen: list[tuple[bytes, str]] = []

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        self.seen += [(subjects.gated_xml(at), rule_set.coordinate) for at in range(len(subjects))]
        return [self.judgment] * len(subjects)


def admitted(store: MemoryStore, flow_key: str, *documents: bytes) -> None:
    rows, offset = [], 0
    for position, data in enumerate(documents):
        rows.append(
            {
                "flow_key": flow_key,
                "position": position,
                "name": f"{position}.xml",
                "offset": offset,
                "size_bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
        offset += len(data)
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=tables.MEMBERS), file)
    store.objects[f"admitted/{flow_key}/members.parquet"] = file.getvalue()
    store.objects[f"admitted/{flow_key}/documents"] = b"".join(documents)


def check(ledger: MemoryLedger, store: MemoryStore, judge: Answers) -> int:
    return check_batch(
        "b1", ledger=cast(Ledger, ledger), store=cast(ObjectStore, store), worker="w", engine=Engine(None, judge)
    )


def test_a_batch_becomes_five_tables_and_is_settled_last() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE, b"<not xml", INVOICE, LATIN)
    admitted(store, "b", INVOICE)
    ledger = MemoryLedger(
        flow(flow_key="a"),
        flow(flow_key="b", interface_code="FSO1150A"),
        slices=(Slice("a", 1, 3), Slice("b", 0, 1)),
    )
    judge = Answers(Judgment((Hit("BR-1", "warning", f"/*:Invoice[namespace-uri()='{UBL}'][1]", "said"),)))
    assert check(ledger, store, judge) == 4
    assert ledger.log == [("checked", 1, 4)]
    keys = [(row["flow_key"], row["position"]) for row in store.table("invoices")]
    assert keys == [("a", 1), ("a", 2), ("a", 3), ("b", 0)]
    verdicts = store.table("verdicts")
    assert [(row["flow_key"], row["position"]) for row in verdicts] == keys
    assert [row["verdict"] for row in verdicts] == ["invalid"] * 4
    assert [len(row["rule_sets"]) for row in verdicts] == [0, 2, 2, 3]
    assert verdicts[1]["rule_sets"][-1] == management_rules.label(), "our own rules judged whatever can be read"
    assert [coordinate.split(":")[0] for _, coordinate in judge.seen] == [
        "eu.cen.en16931.ubl",
        "eu.cen.en16931.ubl",
        "eu.cen.en16931.ubl",
        "fr.fnfe.br-fr-flux2.ubl",
    ]
    assert "é".encode() in judge.seen[1][0]
    findings = store.table("findings")
    order = [keys.index((row["flow_key"], row["position"])) for row in findings]
    assert order == sorted(order)
    of_unreadable = [row["rule"] for row in findings if (row["flow_key"], row["position"]) == ("a", 1)]
    assert of_unreadable == ["IRR_SYNTAX"]
    last = [row["rule_set"] for row in findings if row["flow_key"] == "b"]
    assert last[0] == "xsd:UBL 2.1 Invoice"
    assert last[-1] == "relais.chorus-pro:2"


def test_the_same_batch_gives_the_same_bytes() -> None:
    outputs = []
    for _ in range(2):
        store = MemoryStore()
        admitted(store, "a", INVOICE, LATIN)
        check(MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 2),)), store, Answers(Judgment(())))
        outputs.append(store.objects)
    assert outputs[0] == outputs[1]
    assert {key for key in outputs[0] if key.startswith("checked/")} == {
        f"checked/b1/{name}.parquet" for name in tables.CHECKED
    }


def test_a_batch_already_checked_is_left_alone() -> None:
    store = MemoryStore()
    ledger = MemoryLedger(flow(flow_key="a"), slices=())
    ledger.log.append(("checked", 1, 0))
    assert check(ledger, store, Answers(Judgment(()))) == 0
    assert store.objects == {}


def test_a_crash_of_the_rules_is_never_valid() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE)
    check(MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 1),)), store, Answers(Judgment((), "thrown")))
    row = store.table("verdicts")[0]
    assert row["verdict"] == "undetermined"
    assert row["rule_sets"] == [management_rules.label()], "the official file that threw is not named"


def test_a_batch_that_takes_its_worker_down_is_halved_unopened() -> None:
    store = MemoryStore()
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 4, 3),), attempt=BATCH_ATTEMPTS_MAX + 1)
    judge = Answers(Judgment(()))
    assert check(ledger, store, judge) == 0
    assert ledger.log == [("halved", 1, [Slice("a", 4, 1), Slice("a", 5, 2)])]
    assert store.objects == {}
    assert judge.seen == []


def test_a_document_that_takes_its_worker_down_alone_is_set_aside_unopened() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE, b"poison")
    del store.objects["admitted/a/documents"]
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 1, 1),), attempt=BATCH_ATTEMPTS_MAX + 1)
    judge = Answers(Judgment(()))
    assert check(ledger, store, judge) == 0
    assert ledger.log == [("halved", 1, [Slice("a", 1, 1)])], "a batch of its own, whose tables no late worker writes"
    assert store.table_keys() == []
    ledger.batch, ledger.attempt = apart(ledger.batch), 1
    assert check(ledger, store, judge) == 1
    assert judge.seen == []
    assert {row["verdict"] for row in store.table("verdicts")} == {"undetermined"}
    assert {row["cause"] for row in store.table("verdicts")} == {f"batch stopped its worker {BATCH_ATTEMPTS_MAX} times"}
    assert [row["member_name"] for row in store.table("invoices")] == ["1.xml"]
    assert store.table("findings") == []


def test_changed_bytes_stop_the_batch_and_give_it_back() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE)
    store.objects["admitted/a/documents"] = INVOICE.replace(b"F1", b"F2")
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 1),))
    with pytest.raises(IntegrityBroken, match="not the one that was admitted"):
        check(ledger, store, Answers(Judgment(())))
    assert ledger.log == [("released", 1)]


def test_a_missing_member_stops_the_batch() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE)
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 2),))
    with pytest.raises(IntegrityBroken, match="1 of 2"):
        check(ledger, store, Answers(Judgment(())))
    assert ledger.log == [("released", 1)]


def test_a_full_store_settles_nothing_and_gives_back() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE)
    store.full = True
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 1),))
    with pytest.raises(StoreUnavailable):
        check(ledger, store, Answers(Judgment(())))
    assert ledger.log == [("released", 1)]


def test_a_bug_is_not_swallowed() -> None:
    class Broken(Answers):
        def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
            raise AssertionError("a bug of ours")

    store = MemoryStore()
    admitted(store, "a", INVOICE)
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 1),))
    with pytest.raises(AssertionError, match="a bug of ours"):
        check(ledger, store, Broken(Judgment(())))
    assert ledger.log == [("released", 1)]


def test_the_lease_is_kept_while_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "BATCH_RENEWAL_SECONDS", 0)
    store = MemoryStore()
    admitted(store, "a", INVOICE, INVOICE)
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 2),))
    check(ledger, store, Answers(Judgment(())))
    assert ledger.log.count(("renewed", 1)) >= 2
    ledger = MemoryLedger(flow(flow_key="a"), slices=(Slice("a", 0, 2),))
    ledger.lost = True
    with pytest.raises(LedgerConflict):
        check(ledger, store, Answers(Judgment(())))
    assert ledger.log == []


def test_the_control_date_is_that_of_paris() -> None:
    store = MemoryStore()
    dated = INVOICE.replace(b"</b:ID>", b"</b:ID><b:IssueDate>2026-11-21</b:IssueDate>")
    admitted(store, "a", dated)
    admitted(store, "b", dated)
    ledger = MemoryLedger(
        flow(flow_key="a", received_at=datetime(2026, 11, 20, 22, 30, tzinfo=UTC)),
        flow(flow_key="b", received_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC)),
        slices=(Slice("a", 0, 1), Slice("b", 0, 1)),
    )
    check(ledger, store, Answers(Judgment(())))
    future = [row["flow_key"] for row in store.table("findings") if row["rule"] == "G1.07"]
    assert future == ["a"]


def test_the_official_files_judge() -> None:
    store = MemoryStore()
    admitted(store, "a", INVOICE)
    ledger = MemoryLedger(flow(flow_key="a", interface_code="FSO1150A"), slices=(Slice("a", 0, 1),))
    ports = {"ledger": cast(Ledger, ledger), "store": cast(ObjectStore, store)}
    assert check_batch("b1", **ports, worker="w", engine=SLOW_ROAD) == 1  # type: ignore[arg-type]
    row = store.table("verdicts")[0]
    assert row["verdict"] == "invalid"
    assert row["rule_sets"] == [label(EN16931_UBL), label(BR_FR_UBL), management_rules.label()]
    rules = {finding["rule"] for finding in store.table("findings")}
    assert {"BR-03", "BR-FR-05_BT-22-1", "BR-FR-08_BT-23", "XSD"} <= rules
    # What the official files say already, our own rules do not say again.
    assert not {"G1.02", "RLS-CPRO-03"} & rules
