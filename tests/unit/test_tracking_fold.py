"""How an invoice stands: the fold of its events, whatever their order."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.errors import ContractBroken
from data_contracts.history import Event, Payment, Phase, Reason
from data_contracts.statuses import RECYCLED, SUCCEEDED, TABLES, StatusFormat
from pipelines.tracking.fold import ORDER, PHASES, phase_of, situation
from tests.unit.status_documents import event

CPP, RELAIS = StatusFormat.CPP_INVOICE, StatusFormat.RELAIS
DUPLICATE = (Reason("DOUBLON"),)


def paid(amount: str, currency: str = "EUR") -> tuple[Payment, ...]:
    return (Payment("MEN", Decimal(amount), currency, Decimal("20.00")),)


FORMATS = (CPP, StatusFormat.CDAR_INVOICE, RELAIS)
CODES = [(format, code) for format in FORMATS for code in (*TABLES[format], "17", "999")]
EVENTS = st.builds(
    lambda kind, minutes, told, amount, duplicate, key, ours: event(
        kind[1],
        minutes,
        format=kind[0],
        told=told,
        key=key,
        payments=paid(amount) if amount else (),
        reasons=DUPLICATE if duplicate else (),
        source="" if ours else "FSO1304A_ABC123_ABC1231304000000000000001",
    ),
    st.sampled_from(CODES),
    st.integers(0, 4),
    st.integers(0, 3),
    st.sampled_from(["", "1.10", "-1.10", "7"]),
    st.booleans(),
    st.sampled_from(["", "", "same"]),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=9), st.integers(0, 2**32), st.integers(0, 9))
def test_no_order_and_no_repetition_changes_a_situation(events: list[Event], seed: int, repeated: int) -> None:
    shuffled = [*events, *events[:repeated]]
    Random(seed).shuffle(shuffled)
    assert situation(shuffled) == situation(events)


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=9))
def test_codes_without_a_phase_change_nothing_else(events: list[Event]) -> None:
    known = [one for one in events if phase_of(one) is not None and one.event_key != "same"]
    if known and situation(known).phase is not Phase.UNKNOWN:
        odd = [event("17", 9, format=CPP), event("221", 9), event("225", 9), event(SUCCEEDED, 9, format=RELAIS)]
        assert situation([*known, *odd]) == situation(known)


def test_an_invoice_without_events_has_no_situation() -> None:
    with pytest.raises(ContractBroken):
        situation([])


def test_every_phase_has_its_place_among_ties_and_every_code_is_known() -> None:
    assert set(ORDER) == set(Phase)
    for format, phases in PHASES.items():
        assert phases.keys() <= TABLES[format].keys()


def story(*codes: str, format: StatusFormat = CPP) -> Phase:
    return situation([event(code, n, format=format) for n, code in enumerate(codes)]).phase


@pytest.mark.parametrize(
    ("codes", "phase"),
    [
        (("01",), Phase.DEPOSITED),
        (("01", "03"), Phase.MADE_AVAILABLE),
        (("01", "03", "06"), Phase.SUSPENDED),
        (("01", "03", "06", "12"), Phase.COMPLETED),
        (("01", "03", "06", "12", "07", "08"), Phase.IN_PROGRESS),
        (("01", "03", "11", "10"), Phase.IN_PROGRESS),
        (("01", "03", "05"), Phase.REJECTED),
        (("01", "03", "05", "03"), Phase.MADE_AVAILABLE),
        (("01", "03", "04"), Phase.TO_RECYCLE),
        (("17",), Phase.UNKNOWN),
        (("01", "17", "41"), Phase.DEPOSITED),
    ],
)
def test_recipients_set_statuses_in_any_order(codes: tuple[str, ...], phase: Phase) -> None:
    assert story(*codes) == phase


def test_completed_comes_after_suspended_also_within_the_same_second() -> None:
    assert situation([event("12", format=CPP), event("06", format=CPP)]).phase is Phase.COMPLETED
    assert situation([event("03", format=CPP), event("01", format=CPP)]).phase is Phase.MADE_AVAILABLE


def test_a_recycled_invoice_is_made_available_again() -> None:
    events = [event("01", format=CPP), event("03", 1, format=CPP), event("04", 2, format=CPP)]
    events.append(event(RECYCLED, 3, format=RELAIS))
    assert situation(events).phase is Phase.RECYCLED
    assert situation([*events, event("03", 3, format=CPP, key="again")]).phase is Phase.MADE_AVAILABLE


@pytest.mark.parametrize("code", ["210", "213"])
def test_refused_and_rejected_end_an_invoice_of_the_reform(code: str) -> None:
    ended = situation([event("202"), event("203", 1), event(code, 2), event("205", 3), event("211", 4)])
    assert ended.current.code == code and ended.terminal


def test_a_duplicates_rejection_refuses_the_delivery_and_not_the_invoice_held() -> None:
    events = [event("202"), event("203", 1), event("205", 2), event("213", 3, reasons=DUPLICATE)]
    held = situation(events)
    assert (held.phase, held.terminal) == (Phase.IN_PROGRESS, False)
    # Our own refusal of a second deposit is the whole story of that deposit.
    own = situation([event("202", source=""), event("213", 1, reasons=DUPLICATE, source="")])
    assert (own.phase, own.terminal) == (Phase.REJECTED, True)
    # Where nothing else is known, the rejection is all there is; another motive beside it is a rejection too.
    assert situation([event("213", reasons=DUPLICATE)]).phase is Phase.REJECTED
    both = situation([*events[:3], event("213", 3, reasons=(*DUPLICATE, Reason("CALCUL_ERR")))])
    assert both.phase is Phase.REJECTED


def test_a_routing_error_is_no_rejection() -> None:
    assert situation([event("202"), event("221", 1)]).phase is Phase.DEPOSITED
    alone = situation([event("221")])
    assert (alone.phase, alone.terminal) == (Phase.UNKNOWN, False)


def test_cashing_is_summed_and_may_be_taken_back() -> None:
    first, second = event("212", 1, payments=paid("500.00")), event("212", 2, payments=paid("250.50"))
    one = situation([event("211"), second, first, second])
    assert (one.phase, one.cashed) == (Phase.CASHED, (("EUR", Decimal("750.50")),))
    back = event("212", 3, payments=paid("-750.50"))
    taken = situation([event("211"), first, second, back])
    assert (taken.phase, taken.cashed) == (Phase.PAYMENT_SENT, (("EUR", Decimal("0.00")),))
    assert situation([event("212")]).phase is Phase.CASHED


def test_of_two_tellings_of_one_event_the_first_told_counts() -> None:
    early, late = event("07", 1, format=CPP, key="k"), event("07", 1, format=CPP, key="k", told=5, comment="later")
    assert situation([late, early]).current == early == situation([early, late]).current
