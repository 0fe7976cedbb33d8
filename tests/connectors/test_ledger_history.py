"""The history: events once whoever tells them, links that one invoice alone may have, diffusions and their receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.ledger import SqlLedger
from data_contracts.envelope import RELAY_SERIES, SERIES_SPAN
from data_contracts.errors import IntegrityBroken, LedgerConflict
from data_contracts.history import Actor, Datum, Event, Note, Payment, Reason
from data_contracts.history_ledger import FlowReceipt, Link, LinkKind, Receipt
from data_contracts.ledger import FlowStatus, InvoiceKey, Named, Owner, StatusEvent
from data_contracts.ports import Deposit
from data_contracts.statuses import StatusFormat
from tests.connectors.scenes import NOON, PARTNER, Machine, admitted, answer, checked, settle, stored

SELLER, RECIPIENT = "123456782", "REC001"
KEY = InvoiceKey(2026, SELLER, "F-1")


def settled_with(ledger: SqlLedger, sequence: int, *, links: list[Link] | None = None, key: InvoiceKey = KEY) -> str:
    """A settled flow of two invoices; the first claims a key."""
    flow_key = checked(ledger, sequence)
    ledger.claim_invoices(flow_key, [(key, 0)], NOON + timedelta(minutes=sequence))
    if links:
        ledger.link(flow_key, [replace(link, later=Owner(flow_key, 0)) for link in links])
    ledger.settle(
        flow_key,
        accepted_count=1,
        rejected_count=1,
        quarantined_count=0,
        acknowledgment_code="96",
        events=[
            StatusEvent(flow_key, 0, "FEN1200A", "01", NOON),
            StatusEvent(flow_key, 1, "FEN1200A", "05", NOON, "X"),
        ],
        answers=[answer(flow_key, sequence, interface_code="FEN0036A", partner_code=RECIPIENT)],
        unkeyed=[Named(1, SELLER, f"R-{sequence}", 2026, replaceable=True)],
    )
    return flow_key


def status_flow(ledger: SqlLedger, sequence: int = 1, partner_code: str = RECIPIENT, members: int = 1) -> str:
    name = f"FSO1301A_{partner_code}_{partner_code}1301{sequence:015d}"
    deposit = Deposit(partner_code, name, 3, name)
    _, flow_key = ledger.land(deposit, stored(name.encode()), NOON)
    ledger.admit(flow_key, members)
    return flow_key


def event(flow_key: str, source: str, code: str = "07", minutes: int = 1, **changes: object) -> Event:
    made = Event(
        event_key=f"{code}{minutes}".ljust(32, "k"),
        flow_key=flow_key,
        position=0,
        format=StatusFormat.CPP_INVOICE,
        code=code,
        at=NOON + timedelta(minutes=minutes),
        recorded_at=NOON,
        actor=Actor.RECIPIENT,
        actor_code="99999",
        source_flow_key=source,
        source_name="FSO1301A",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def finish(ledger: SqlLedger, flow_key: str, receipts: list[FlowReceipt] | None = None) -> None:
    ledger.settle_statuses(
        flow_key, integrated_count=1, refused_count=0, acknowledgment_code="90", receipts=receipts or [], answers=[]
    )


def test_status_flows_are_nobody_elses_work(database: SqlLedger) -> None:
    status, invoices = status_flow(database), admitted(database, 1, partner_code=RECIPIENT)
    assert [flow.flow_key for flow in database.unplanned()] == [invoices]
    assert [flow.flow_key for flow in database.trackable()] == [status]
    assert database.settleable() == []
    assert database.reconciliation().invoices_received == 2, "members of a status flow are no invoices"
    later = status_flow(database, 2)
    with pytest.raises(LedgerConflict, match="earlier flow"):
        database.bind_statuses(later, [], NOON)
    assert database.bind_statuses(status, [], NOON).at == NOON, "no earlier flow of invoices holds it back"
    finish(database, status)
    assert [flow.flow_key for flow in database.trackable()] == [later]
    finish(database, status)
    with pytest.raises(IntegrityBroken):
        database.settle_statuses(
            status, integrated_count=0, refused_count=1, acknowledgment_code="93", receipts=[], answers=[]
        )


def test_an_event_belongs_to_the_flow_that_tells_it_first(database: SqlLedger) -> None:
    invoice = settled_with(database, 1)
    first, second = status_flow(database, 1), status_flow(database, 2, partner_code="REC002")
    told = event(invoice, first)
    at = NOON + timedelta(hours=1)
    assert database.bind_statuses(first, [told, event(invoice, first, "08", 1)], at).new == {
        told.event_key,
        event(invoice, first, "08", 1).event_key,
    }
    again = database.bind_statuses(first, [told], at + timedelta(hours=1))
    assert (again.at, again.new) == (at, {told.event_key}), "until it is settled, the last call counts"
    other = event(invoice, second, "11", 2)
    bound = database.bind_statuses(second, [replace(told, source_flow_key=second), other], at)
    assert bound.new == {other.event_key}
    assert [one.code for one in database.events([Owner(invoice, 0)])[Owner(invoice, 0)]] == ["01"]
    finish(database, second)
    finish(database, first)
    events = database.events([Owner(invoice, 0), Owner(invoice, 1)])
    assert [(one.code, one.actor, one.source_flow_key) for one in events[Owner(invoice, 0)]] == [
        ("01", Actor.PLATFORM, ""),
        ("07", Actor.RECIPIENT, first),
        ("11", Actor.RECIPIENT, second),
    ]
    assert events[Owner(invoice, 1)][0].reasons == (Reason("X"),)
    assert database.bind_statuses(first, [], at).new == {told.event_key}, "settled: nothing changes any more"


def test_nothing_of_an_event_is_lost(database: SqlLedger) -> None:
    invoice, source = settled_with(database, 1), status_flow(database)
    whole = event(
        invoice,
        source,
        reasons=(Reason("AUTRE", "é", "NIN", "do", (Note("n", "BR-1", "s"),), (Datum("DIV", "BT-1", value="x"),)),),
        comment="c" * 3_000,
        mandate_number="M-1",
        payments=(Payment("MEN", Decimal("-1.20"), "EUR", Decimal("5.5"), datetime(2026, 9, 1, tzinfo=UTC).date()),),
    )
    database.bind_statuses(source, [whole], NOON)
    finish(database, source)
    assert database.events([Owner(invoice, 0)])[Owner(invoice, 0)][1] == whole


def test_invoices_are_found_by_number_also_rejected_ones(database: SqlLedger) -> None:
    first = settled_with(database, 1)
    assert database.owners_of([KEY, InvoiceKey(2025, SELLER, "F-1")]) == {KEY: Owner(first, 0)}
    assert database.named([SELLER, "x"], "F-1") == [Owner(first, 0)]
    assert database.named([SELLER], "F-1", 2025) == []
    assert database.named([SELLER], "R-1") == database.named([SELLER], "R-1", 2026) == [Owner(first, 1)]
    second = checked(database, 2)
    assert database.rejected_before([(SELLER, "R-1"), (SELLER, "F-1")], second) == {(SELLER, "R-1"): Owner(first, 1)}
    assert database.rejected_before([(SELLER, "R-1")], first) == {}, "only what came before"


def test_one_invoice_alone_recycles_another(database: SqlLedger) -> None:
    first = settled_with(database, 1)
    nowhere = Owner("", 0)
    recycled = settled_with(database, 2, links=[Link(nowhere, Owner(first, 0), LinkKind.RECYCLES)])
    link = Link(Owner(recycled, 0), Owner(first, 0), LinkKind.RECYCLES)
    late = checked(database, 3)
    assert database.link(late, [Link(Owner(late, 0), Owner(first, 0), LinkKind.COMPLETES)]) == []
    replaces = Link(Owner(late, 0), Owner(first, 1), LinkKind.REPLACES)
    assert database.link(late, [replaces]) == [replaces]
    completes = Link(Owner(late, 0), Owner(recycled, 0), LinkKind.COMPLETES)
    assert database.link(late, [completes]) == [completes], "until it is settled, the last call counts"
    standing = database.standings([Owner(first, 0)])[Owner(first, 0)]
    assert (standing.line, standing.owner) == ((Owner(first, 0), Owner(recycled, 0)), Owner(recycled, 0))
    settle(database, late, answers=())
    assert database.standings([Owner(first, 0)])[Owner(first, 0)].owner == Owner(late, 0)
    assert database.standings([Owner(first, 0)], besides=late)[Owner(first, 0)].owner == Owner(recycled, 0)
    assert set(database.links([Owner(recycled, 0)])) == {link, completes}


def test_relays_have_series_of_their_own(database: SqlLedger) -> None:
    settled_with(database, 1)
    source = status_flow(database)
    slots = [("CSO1301A", RECIPIENT, 0), ("FEN1200A", PARTNER, 0), ("FEN1200A", RECIPIENT, 0)]
    relay = (RELAY_SERIES + 1) * SERIES_SPAN + 1
    assert list(database.number(source, slots).values()) == [1, relay, relay]


def test_what_no_recipient_acknowledged_is_listed(database: SqlLedger, machine: Machine) -> None:
    invoices = [settled_with(database, sequence, key=replace(KEY, number=f"F-{sequence}")) for sequence in (1, 2, 3)]
    for sequence, flow_key in enumerate(invoices, start=1):
        machine.seconds = NOON.timestamp() + sequence
        database.delivered(answer(flow_key, sequence, interface_code="FEN0036A", partner_code=RECIPIENT).delivery_id)
    sent = [
        answer(flow_key, n, interface_code="FEN0036A", partner_code=RECIPIENT) for n, flow_key in enumerate(invoices, 1)
    ]
    ids = [one.name[-25:] for one in sent]
    assert database.sent(RECIPIENT, [*ids, "X" * 25, ""]) == dict(zip(ids, sent, strict=True))
    assert database.sent("REC002", ids) == {}
    assert [one.answer for one in database.unacknowledged(NOON + timedelta(seconds=3))] == sent[:2]
    source = status_flow(database)

    def receipt(number: int, code: str, minutes: int) -> FlowReceipt:
        at = NOON + timedelta(minutes=minutes)
        return FlowReceipt(f"{number}{code}", RECIPIENT, sent[number].name, code, at, NOON, (), "", source, "FSO1300A")

    database.bind_statuses(source, [], NOON)
    of_first, of_second = [receipt(0, "90", 2), receipt(0, "91", 1)], [receipt(1, "91", 1), receipt(1, "93", 5)]
    finish(database, source, [*of_first, *of_second, receipt(2, "90", 2), receipt(2, "91", 3)])
    later = NOON + timedelta(days=1)
    assert [one.answer for one in database.unacknowledged(later)] == sent[2:]
    assert [one.answer for one in database.receipts(Receipt.REFUSED)] == [sent[1]]
    assert [one.receipt for one in database.receipts()] == [Receipt.ACKNOWLEDGED, Receipt.REFUSED, Receipt.IN_TRANSIT]
    assert database.unacknowledged(later) == database.receipts(Receipt.NONE, Receipt.IN_TRANSIT)
    assert database.flow(source).status is FlowStatus.SETTLED
