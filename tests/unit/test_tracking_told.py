"""What is told of an event on either circuit is a status that our own reading finds nothing wrong with."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.history import Datum, Event, Note, Payment, Reason
from data_contracts.motives import MOTIVES, Scope
from data_contracts.statuses import CDAR_INVOICE, CPP_INVOICE, StatusFormat
from pipelines.tracking.reading import read_cdar, read_cpp_status
from pipelines.tracking.relay import Relay
from pipelines.tracking.relayed_cdar import one_cdar
from pipelines.tracking.relayed_cpp import relayed_cpp
from pipelines.tracking.translation import RelayedStatus, relayed
from tests.unit.answer_values import header
from tests.unit.rows import NOON, invoice
from tests.unit.status_documents import event

CPP, CDAR = StatusFormat.CPP_INVOICE, StatusFormat.CDAR_INVOICE
RECIPIENTS = sorted(motive.code for motive in MOTIVES.values() if motive.scope is Scope.PROCESSING)


def _statuses(one: Event, to: StatusFormat) -> list[RelayedStatus]:
    return list(relayed(one, to).statuses)


def _wrong_in_cdar(one: Event) -> list[str]:
    (told,) = _statuses(one, CDAR)
    message = read_cdar(one_cdar(header("FEN1204A"), Relay(invoice(), NOON, one, told)))
    assert [status.code for status in message.invoices] == [told.code]
    return [finding["rule"] for _, finding in message.findings if finding["flag"] == "fatal"]


def _wrong_in_cpp(one: Event) -> list[str]:
    (told,) = _statuses(one, CPP)
    message = read_cpp_status(b"".join(relayed_cpp(header("FEN1200A"), [Relay(invoice(), NOON, one, told)])))
    assert [status.code for status in message.invoices] == [told.code]
    return [finding["rule"] for _, finding in message.findings if finding["flag"] == "fatal"]


@pytest.mark.parametrize("code", sorted(CPP_INVOICE))
def test_every_status_of_chorus_pro_told_to_a_platform_keeps_the_rules(code: str) -> None:
    motives = RECIPIENTS if code in ("04", "05", "06") else [""]
    for motive in motives:
        reasons = (Reason(motive),) if motive else ()
        assert _wrong_in_cdar(event(code, format=CPP, reasons=reasons, comment=f"{motive} : voir", mandate="M1")) == []
    assert _wrong_in_cdar(event(code, format=CPP)) == []


@pytest.mark.parametrize("code", ["200", "201", "202", "203", "208", "209", "210", "211", "213"])
def test_statuses_of_platforms_told_to_suppliers_keep_the_structure(code: str) -> None:
    motive = {"208": "JUSTIF_ABS", "210": "TX_TVA_ERR", "213": "REJ_SEMAN"}.get(code, "")
    reason = Reason(motive, "Le motif", "NIN", "Refaire", (Note("voir"),), (Datum("DIV", "BT-152", value="10.00"),))
    payment = Payment("MPA", Decimal("12.50"), "EUR")
    assert _wrong_in_cpp(event(code, reasons=(reason,) if motive else (), payments=(payment,))) == []


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CPP_INVOICE)), st.text(max_size=60), st.sampled_from(["", *RECIPIENTS]))
def test_no_comment_breaks_what_is_told(code: str, comment: str, motive: str) -> None:
    one = event(code, format=CPP, comment=comment, reasons=(Reason(motive),) if motive else (), mandate=comment)
    assert _wrong_in_cdar(one) == []
    (told,) = _statuses(one, CPP)
    assert told.comment_fr == comment
    assert set(_wrong_in_cpp(one)) <= {"RLS-STATUS-09"}


@pytest.mark.parametrize("code", sorted(CDAR_INVOICE.keys() - {"206", "207", "208", "210", "213", "212", "221"}))
def test_statuses_of_the_reform_pass_as_they_came(code: str) -> None:
    assert _wrong_in_cdar(event(code, comment="vu")) == []
