"""Days told to partners are those of the legal time, as the rules count them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from lxml import etree

from data_contracts.answers import Header
from data_contracts.directory import Directory
from data_contracts.envelope import EnvelopeName
from data_contracts.interfaces import Circuit
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Judged, VerdictRow, proposed
from tests.unit.rows import FLOW_KEY, flow, invoice


def test_an_invoice_of_the_day_dropped_after_midnight_in_paris_is_not_received_before_it_is_issued() -> None:
    received_at = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
    row = invoice(issue_date=date(2026, 9, 2))
    verdict = VerdictRow(flow_key=FLOW_KEY, position=0, verdict="valid", xsd_valid=True, rule_sets=[], cause=None)
    decision = proposed(
        Judged(row, verdict, (), (), ()), Circuit.CHORUS_PRO, Directory({}, open_to_all=True), date(2026, 9, 2)
    )
    (draft,) = drafts.diffusions(flow(received_at=received_at), [decision], [4], lambda position: b"<a/>")
    written = b"".join(draft.written(Header(EnvelopeName("FEN0036A", "PORTAL", "RLS001", 1), received_at)))
    pivot = etree.fromstring(written)
    assert (pivot.findtext(".//DateEmissionFacture"), pivot.findtext(".//DateReception")) == (
        "2026-09-02",
        "2026-09-02",
    )
