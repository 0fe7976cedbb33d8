"""Delivery goes on past what a person must look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from connectors.ledger import SqlLedger
from connectors.local_drop import LocalMailbox
from connectors.object_storage import LocalStore
from data_contracts.errors import TerminalError
from data_contracts.ledger import Answer
from data_contracts.ports import Deposit
from pipelines.delivery.stage import deliver_answers
from tests.connectors.scenes import NOON, envelope, stored

PARTNERS = ("AAA111", "BBB222")


Owed = list[tuple[str, str, str]]
"""Partner code, name and object key of each answer that is owed."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[SqlLedger, LocalStore, LocalMailbox, Owed]]:
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db")
    ledger.create_tables()
    store, mailbox = LocalStore(tmp_path / "store"), LocalMailbox(tmp_path / "drops")
    store.prepare()
    names: Owed = []
    for partner_code in PARTNERS:
        (tmp_path / "drops" / partner_code / "out").mkdir(parents=True)
        for sequence in (1, 2):
            name = envelope(sequence, partner_code)
            _, flow_key = ledger.land(Deposit(partner_code, name, 3, name), stored(b"one"), NOON)
            answer = f"CSO1100A_{partner_code}_RLS0011100{sequence:015d}"
            kept = store.put(f"answers/{flow_key}/{answer}", answer.encode())
            owed = Answer(answer, flow_key, partner_code, "CSO1100A", answer, kept.key, kept.sha256, kept.size_bytes)
            ledger.refuse(flow_key, "IRR_VIDE", "", "93", [owed])
            names.append((partner_code, answer, kept.key))
    yield ledger, store, mailbox, names
    ledger.close()


def test_one_damaged_answer_keeps_no_other_waiting(
    house: tuple[SqlLedger, LocalStore, LocalMailbox, Owed], tmp_path: Path
) -> None:
    ledger, store, mailbox, names = house
    store.replace(names[0][2], b"damaged")

    with pytest.raises(TerminalError, match="1 answers cannot be delivered; 3 others were") as error:
        deliver_answers(ledger=ledger, store=store, mailbox=mailbox)
    assert names[0][1] in error.value.where
    present = [(tmp_path / "drops" / code / "out" / name).exists() for code, name, _ in names]
    assert present == [False, True, True, True]
    assert [delivery.answer.name for delivery in ledger.owed()] == [names[0][1]]


def test_a_fault_of_ours_at_one_answer_keeps_no_other_waiting(
    house: tuple[SqlLedger, LocalStore, LocalMailbox, Owed], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, store, mailbox, names = house
    opened = store.open

    def broken(key: str) -> BinaryIO:
        if key == names[0][2]:
            raise LookupError("a bug of ours")
        return opened(key)

    monkeypatch.setattr(store, "open", broken)
    with pytest.raises(TerminalError, match="1 answers cannot be delivered; 3 others were"):
        deliver_answers(ledger=ledger, store=store, mailbox=mailbox)
    assert [delivery.answer.name for delivery in ledger.owed()] == [names[0][1]]


def test_an_answer_that_another_worker_delivered_meanwhile_is_not_sent_again(
    house: tuple[SqlLedger, LocalStore, LocalMailbox, Owed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, store, mailbox, _ = house
    listed_before = ledger.owed()
    assert deliver_answers(ledger=ledger, store=store, mailbox=mailbox) == 4
    for taken in (tmp_path / "drops").glob("*/out/*"):
        taken.unlink()
    monkeypatch.setattr(ledger, "owed", lambda: listed_before)
    assert deliver_answers(ledger=ledger, store=store, mailbox=mailbox) == 0
    assert not list((tmp_path / "drops").glob("*/out/*"))


def test_a_run_is_bounded_and_the_next_goes_on(house: tuple[SqlLedger, LocalStore, LocalMailbox, Owed]) -> None:
    ledger, store, mailbox, _ = house
    ports = {"ledger": ledger, "store": store, "mailbox": mailbox}
    assert [deliver_answers(**ports, answers_max=3) for _ in range(3)] == [3, 1, 0]


def test_what_another_worker_began_since_the_list_was_read_is_left_to_it(
    house: tuple[SqlLedger, LocalStore, LocalMailbox, Owed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, store, mailbox, names = house
    listed_before = ledger.owed()
    begun = listed_before[0].answer
    attempt = ledger.attempt(begun.delivery_id)
    with monkeypatch.context() as late:
        late.setattr(ledger, "owed", lambda: listed_before)
        assert deliver_answers(ledger=ledger, store=store, mailbox=mailbox) == 3
    assert not (tmp_path / "drops" / begun.partner_code / "out" / begun.name).exists()
    # That worker died: the next run delivers, and takes away what it may have left.
    with store.open(begun.object_key) as data:
        mailbox.stage(begun.partner_code, begun.name, attempt.part, data)
    assert deliver_answers(ledger=ledger, store=store, mailbox=mailbox) == 1
    assert sorted(path.name for path in (tmp_path / "drops").glob("*/out/*")) == sorted(name for _, name, _ in names)
