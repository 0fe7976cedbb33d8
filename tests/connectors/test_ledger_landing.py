"""Landing: what a deposit is, whatever came before it, and however often it is recorded."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ledger import SqlLedger
from connectors.ledger_flows import flow_key_of
from data_contracts.errors import IntegrityBroken
from data_contracts.ledger import DeliveryState, FlowStatus, Landing
from data_contracts.ports import Deposit
from tests.connectors.scenes import NOON, PARTNER, Machine, admitted, answer, envelope, landed, settle, stored


def test_a_first_deposit_is_a_new_flow_with_all_that_its_name_and_bytes_say(ledger: SqlLedger) -> None:
    landing, flow_key = landed(ledger, content=b"12345")
    flow = ledger.flow(flow_key)
    assert landing is Landing.NEW
    assert (flow.flow_key, flow.ordinal, flow.status) == (flow_key, 1, FlowStatus.LANDED)
    assert (flow.interface_code, flow.size_bytes, flow.sha256) == ("FSO1100A", 5, stored(b"12345").sha256)
    assert flow.received_at == NOON
    assert flow.received_at.utcoffset() == NOON.utcoffset()
    assert flow_key == flow_key_of(PARTNER, envelope(1), flow.sha256)


def test_flows_are_found_by_key_by_its_beginning_and_by_name(database: SqlLedger) -> None:
    keys = [landed(database, sequence)[1] for sequence in (1, 2)]

    def found(wanted: str, by_prefix: bool = True) -> list[str]:
        return [flow.flow_key for flow in database.flows_named(wanted, by_prefix=by_prefix)]

    assert found(keys[1]) == found(keys[1][:12]) == found(envelope(2)) == [keys[1]]
    assert found(keys[1][:12], by_prefix=False) == found("%") == found("______") == []
    assert found("") == keys


def test_the_same_file_is_recorded_once(ledger: SqlLedger) -> None:
    deposit = Deposit(PARTNER, envelope(1), 3, "inode 7")
    assert not ledger.seen(deposit)
    first = ledger.land(deposit, stored(b"one"), NOON)
    assert ledger.seen(deposit)
    assert ledger.land(deposit, stored(b"one"), NOON) == (Landing.SEEN, first[1])
    assert [report.resent_count for report in ledger.reports()] == [0]


def test_a_resend_before_the_answer_owes_nothing_more(ledger: SqlLedger) -> None:
    _, flow_key = landed(ledger, identity="a")
    assert landed(ledger, identity="b") == (Landing.RESENT, flow_key)
    assert ledger.owed() == []
    report = ledger.reports()[0]
    assert (report.resent_count, report.answers_repeated) == (1, 0)


def test_a_resend_after_the_answer_owes_the_stored_acknowledgment_again(ledger: SqlLedger) -> None:
    _, flow_key = landed(ledger, identity="a")
    acknowledgment = answer(flow_key, 1)
    lifecycle = answer(flow_key, 1, interface_code="FEN1200A")
    ledger.refuse(flow_key, "IRR_VIDE", "", "91", [lifecycle, acknowledgment])
    for owed in ledger.owed():
        ledger.delivered(owed.answer.delivery_id)
    for rank, identity in enumerate("bc", start=1):
        assert landed(ledger, identity=identity) == (Landing.RESENT, flow_key)
        again = ledger.owed()[rank - 1].answer
        assert again.delivery_id == f"{acknowledgment.delivery_id}:again:{rank}"
        assert (again.name, again.object_key, again.sha256) == (
            acknowledgment.name,
            acknowledgment.object_key,
            acknowledgment.sha256,
        )
    assert len(ledger.owed()) == 2


def test_a_resend_under_an_unknown_interface_owes_its_refusal_again(ledger: SqlLedger) -> None:
    _, flow_key = landed(ledger)
    ledger.refuse(flow_key, "IRR_CODE_INTER", "", "93", [answer(flow_key, interface_code="CSO9999A")])
    landed(ledger, identity="later")
    assert [delivery.answer.interface_code for delivery in ledger.owed()] == ["CSO9999A"] * 2


def test_other_bytes_under_a_known_name_conflict_and_their_resend_is_a_resend(ledger: SqlLedger) -> None:
    _, first = landed(ledger, content=b"one")
    landing, second = landed(ledger, content=b"two")
    assert landing is Landing.CONFLICTING
    assert ledger.flow(second).conflicts_with == first
    assert landed(ledger, content=b"two", identity="later") == (Landing.RESENT, second)
    assert landed(ledger, content=b"three")[0] is Landing.CONFLICTING
    assert [flow.ordinal for flow in ledger.flows(FlowStatus.LANDED)] == [1, 2, 3]


def test_the_same_name_from_two_partners_is_two_flows(ledger: SqlLedger) -> None:
    for partner_code in ("AAA111", "BBB222"):
        deposit = Deposit(partner_code, envelope(1), 3, "same inode")
        assert ledger.land(deposit, stored(b"one"), NOON)[0] is Landing.NEW


@pytest.mark.parametrize("name", ["facture.xml", "é\udcff\x7f", "x" * 255])
def test_any_file_name_lands(ledger: SqlLedger, name: str) -> None:
    deposit = Deposit(PARTNER, name, 3, "inode")
    landing, flow_key = ledger.land(deposit, stored(b"one"), NOON)
    assert landing is Landing.NEW
    assert ledger.seen(deposit)
    assert ledger.flow(flow_key).interface_code == ""
    assert ledger.flow(flow_key).name.encode().startswith(name[:1].encode())


def test_a_detail_may_quote_what_no_database_takes(database: SqlLedger) -> None:
    _, flow_key = landed(database)
    database.refuse(flow_key, "IRR_VIDE", "a NUL \0, half a character \udcff", "91", [])
    with database._read() as connection:
        assert connection.exec_driver_sql("SELECT detail FROM flow").scalar() == r"a NUL \x00, half a character \udcff"


def test_a_decision_may_be_repeated_but_not_changed(ledger: SqlLedger) -> None:
    flow_key = admitted(ledger, 1, members=3)
    ledger.admit(flow_key, 3)
    with pytest.raises(IntegrityBroken, match="already admitted"):
        ledger.admit(flow_key, 4)
    with pytest.raises(IntegrityBroken, match="already admitted"):
        ledger.refuse(flow_key, "IRR_VIDE", "", "91", [])
    _, refused = landed(ledger, 2)
    for _ in range(2):
        ledger.refuse(refused, "IRR_VIDE", "empty", "91", [answer(refused)])
    assert len(ledger.owed()) == 1
    with pytest.raises(IntegrityBroken, match="already refused"):
        ledger.refuse(refused, "IRR_TYPE", "", "91", [])
    with pytest.raises(IntegrityBroken, match="already refused"):
        ledger.admit(refused, 1)
    with pytest.raises(IntegrityBroken, match="no such flow"):
        ledger.admit("unknown", 1)


_PARTNERS = st.sampled_from(["AAA111", "BBB222"])
_CONTENTS = st.sampled_from([b"a", b"b", b"c"])
_DEPOSITS = st.lists(
    st.one_of(
        st.tuples(_PARTNERS, st.integers(1, 2), _CONTENTS, st.integers(0, 3)),
        st.just("settle all"),
    ),
    max_size=20,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(_DEPOSITS)
def test_every_sequence_of_deposits_is_told_apart(steps: list[tuple[str, int, bytes, int] | str]) -> None:
    """The model: a file seen before is SEEN; known bytes under a known name RESENT; other bytes CONFLICTING."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqlLedger(f"sqlite:///{Path(folder) / 'ledger.db'}", time=Machine())
        ledger.create_tables()
        deposits: dict[tuple[str, int, str], str] = {}
        flows: dict[tuple[str, int], list[str]] = {}
        answered: set[str] = set()
        owed = 0
        for step in steps:
            if isinstance(step, str):
                for flow in ledger.flows(FlowStatus.LANDED):
                    ledger.admit(flow.flow_key, 0)
                    settle(ledger, flow.flow_key, accepted=0, answers=(answer(flow.flow_key, flow.ordinal),))
                    answered.add(flow.flow_key)
                    owed += 1
                continue
            partner_code, sequence, content, inode = step
            key = flow_key_of(partner_code, envelope(sequence, partner_code), stored(content).sha256)
            known = flows.setdefault((partner_code, sequence), [])
            file = (partner_code, sequence, f"{inode} {content!r}")
            if file in deposits:
                expected = Landing.SEEN
            elif key in known:
                expected = Landing.RESENT
                owed += key in answered
            else:
                expected = Landing.CONFLICTING if known else Landing.NEW
                known.append(key)
            deposits[file] = key
            got = landed(ledger, sequence, partner_code=partner_code, content=content, identity=file[2])
            assert got == (expected, key)
            assert ledger.flow(key).conflicts_with == ("" if known[0] == key else known[0])
        assert [delivery.state for delivery in ledger.owed()] == [DeliveryState.OWED] * owed
        assert ledger.reconciliation().flows_received == sum(map(len, flows.values()))
        ledger.close()
