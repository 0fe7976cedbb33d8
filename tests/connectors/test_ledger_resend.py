"""Answers owed again at a person's word, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.ledger import SqlLedger
from data_contracts.operations import Selection
from tests.connectors.scenes import Machine, answer, checked, settle


def _delivered(database: SqlLedger, machine: Machine, sequence: int, partner_code: str, seconds: float) -> str:
    flow_key = checked(database, sequence, partner_code=partner_code)
    owed = answer(flow_key, sequence, partner_code=partner_code)
    settle(database, flow_key, answers=(owed,))
    machine.seconds = seconds
    database.staged(owed.delivery_id, database.attempt(owed.delivery_id).part)
    database.delivered(owed.delivery_id)
    return flow_key


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_what_was_delivered_is_owed_again_once(database: SqlLedger, machine: Machine) -> None:
    flow_key = _delivered(database, machine, 1, "AAA111", 2_000)
    assert database.owed() == []
    selection = Selection(flow_key=flow_key)
    for owed_already in (False, True, True):
        assert [one.owed_already for one in database.owe_delivered(selection)] == [owed_already]
    (again,) = database.owed()
    first = answer(flow_key, 1)
    assert (again.answer.name, again.answer.sha256, again.answer.object_key) == (
        first.name, first.sha256, first.object_key,
    )  # fmt: skip
    assert again.answer.delivery_id != first.delivery_id
    seconds = database.reports()[0].seconds
    machine.seconds += 100
    database.delivered(again.answer.delivery_id)
    report = database.reports()[0]
    assert (report.answers_owed, report.answers_delivered, report.seconds) == (2, 2, seconds)
    assert [one.owed_already for one in database.owe_delivered(selection)] == [False]
    assert len({delivery.answer.delivery_id for delivery in database.owed()} | {again.answer.delivery_id}) == 2


def test_flow_partner_and_time_select_together(database: SqlLedger, machine: Machine) -> None:
    first = _delivered(database, machine, 1, "AAA111", 2_000)
    second = _delivered(database, machine, 2, "BBB222", 3_000)
    undelivered = checked(database, 3, partner_code="CCC333")
    settle(database, undelivered, answers=(answer(undelivered, 3, partner_code="CCC333"),))

    def meant(**chosen: object) -> list[str]:
        found = database.delivered_answers(Selection(**chosen))  # type: ignore[arg-type]
        return [one.answer.flow_key for one in found]

    assert meant() == [first, second]
    assert meant(partner_code="BBB222") == [second]
    assert meant(since=_at(2_500)) == [second]
    assert meant(since=_at(2_000), until=_at(3_000)) == [first]
    assert meant(partner_code="AAA111", since=_at(2_500)) == []
    assert meant(flow_key=undelivered) == []
    assert len(database.owed()) == 1
