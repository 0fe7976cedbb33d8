"""Deadlines: judged at an instant, attained over a period, told before they are missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.deadlines import Duty, Owed
from data_contracts.errors import TerminalError
from data_contracts.history_ledger import Diffused, Receipt
from data_contracts.ledger import Answer
from data_contracts.partners import PORTAL_CODE
from pipelines.deadlines.histogram import bars, sparkline, svg
from pipelines.deadlines.terms import TERMS, Attained, Stand, alarming, attained, judged, minutes_taken
from pipelines.deadlines.watch import NAMED_MAX, overdue_receipts, standings, watch
from tests.unit.rows import NOON

MINUTE = timedelta(minutes=1)


def owed(
    duty: Duty = Duty.ACKNOWLEDGMENT, took: timedelta | None = None, name: str = "F1", ago: timedelta = timedelta(0)
) -> Owed:
    since = NOON - ago
    return Owed(duty, "AAA111", name, since, None if took is None else since + took)


@pytest.mark.parametrize(
    ("took", "waited", "expected"),
    [
        (20 * MINUTE, 99 * MINUTE, Stand.MET),
        (20 * MINUTE + timedelta(seconds=1), 99 * MINUTE, Stand.LATE),
        (None, 10 * MINUTE - timedelta(seconds=1), Stand.DUE),
        (None, 10 * MINUTE, Stand.AT_RISK),
        (None, 20 * MINUTE, Stand.AT_RISK),
        (None, 20 * MINUTE + timedelta(seconds=1), Stand.MISSED),
    ],
)
def test_an_acknowledgment_has_twenty_minutes(took: timedelta | None, waited: timedelta, expected: Stand) -> None:
    assert judged(owed(took=took), NOON + waited).stand is expected


def test_statuses_have_a_day_and_warn_six_hours_before() -> None:
    hours = [judged(owed(Duty.STATUS), NOON + timedelta(hours=hour)).stand for hour in (17, 18, 24, 25)]
    assert hours == [Stand.DUE, Stand.AT_RISK, Stand.AT_RISK, Stand.MISSED]


def test_everything_is_at_risk_before_it_is_missed() -> None:
    for duty, term in TERMS.items():
        assert term.warned_after < term.within or duty is Duty.RECEIPT


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(0, 50))
def test_the_promise_is_kept_from_exactly_its_percentage_on(met: int, late: int, waiting: int) -> None:
    rows = [owed(took=MINUTE)] * met + [owed(took=30 * MINUTE)] * late + [owed(ago=MINUTE)] * waiting
    (one, *others) = attained(judged(row, NOON) for row in rows)
    assert one.kept == (1_000 * met >= 995 * (met + late))
    assert one.counts[Stand.DUE] == waiting
    assert (one.percent is None) == (met + late == 0)
    assert [other.percent for other in others] == [None, None]


def test_a_percentage_is_never_rounded_up_to_the_promise() -> None:
    rows = [owed(took=MINUTE)] * 994_999 + [owed(took=30 * MINUTE)] * 5_001
    (one, *_) = attained([judged(row, NOON) for row in rows[:1] + rows[-1:]])
    assert one.percent == Decimal("50.00")
    assert Attained(Duty.ACKNOWLEDGMENT, {}, Decimal("99.49"), Decimal("99.5")).kept is False


def test_alarms_are_ours_and_the_most_urgent_first() -> None:
    rows = [
        owed(name="risk", ago=11 * MINUTE),
        owed(Duty.STATUS, name="status", ago=timedelta(hours=23, minutes=55)),
        owed(name="missed", ago=timedelta(hours=2)),
        owed(Duty.RECEIPT, name="theirs", ago=timedelta(days=9)),
        owed(name="well", ago=MINUTE),
        owed(name="done late", took=30 * MINUTE, ago=timedelta(hours=5)),
    ]
    assert [one.owed.name for one in alarming(judged(row, NOON) for row in rows)] == ["missed", "status", "risk"]


class Ledger:
    def __init__(self, rows: Sequence[Owed], diffused: Sequence[Diffused] = ()) -> None:
        self.rows, self.diffused = rows, diffused

    def owed_since(self, since: datetime) -> Sequence[Owed]:
        return [row for row in self.rows if row.done_at is None or row.done_at >= since]

    def unacknowledged(self, before: datetime) -> Sequence[Diffused]:
        return [one for one in self.diffused if one.delivered_at < before]


def diffused(name: str, hours_ago: int, partner_code: str = "CCC333") -> Diffused:
    answer = Answer(f"id {name}", "f" * 24, partner_code, "FEN0036A", name, "key", "0" * 64, 1)
    return Diffused(answer, NOON - timedelta(hours=hours_ago), Receipt.NONE)


def test_the_watch_names_what_is_at_risk_and_is_silent_else() -> None:
    calm = [owed(ago=MINUTE), owed(took=MINUTE, ago=timedelta(hours=1)), owed(Duty.STATUS, ago=MINUTE)]
    assert watch(ledger=Ledger(calm), now=NOON) == 2
    late = [owed(name=f"flow {place:02}", ago=(11 + place) * MINUTE) for place in range(NAMED_MAX + 5)]
    with pytest.raises(TerminalError) as told:
        watch(ledger=Ledger([*calm, *late]), now=NOON)
    assert told.value.what == "10 deadlines are at risk, 15 are missed"
    assert told.value.where.startswith("flow 24 (acknowledgment, missed), flow 23")
    assert told.value.where.endswith("and 5 more")


def test_receipts_are_chased_after_a_day_and_never_on_the_portal() -> None:
    ledger = Ledger([], [diffused("old", 25), diffused("new", 23), diffused("portal", 99, PORTAL_CODE)])
    assert [one.answer.name for one in overdue_receipts(ledger=ledger, now=NOON)] == ["old"]
    held = standings(ledger=ledger, since=NOON, now=NOON)
    assert [(one.owed.name, one.stand) for one in held] == [("old", Stand.MISSED), ("new", Stand.DUE)]


@given(st.lists(st.floats(0, 10_000)))
def test_every_time_is_in_one_bar_and_shows(minutes: list[float]) -> None:
    drawn = bars(minutes)
    assert sum(bar.count for bar in drawn) == len(minutes)
    assert sum(bar.count for bar in drawn if bar.late) == sum(value > 20 for value in minutes)
    line = sparkline(drawn)
    assert len(line) == len(drawn)
    assert [character != " " for character in line] == [bar.count > 0 for bar in drawn]
    assert ElementTree.fromstring(svg(drawn, "Minutes")).attrib["role"] == "img"


def test_times_taken_are_of_what_was_done() -> None:
    rows = [owed(took=3 * MINUTE), owed(took=MINUTE), owed(), owed(Duty.STATUS, took=MINUTE)]
    assert minutes_taken([judged(row, NOON) for row in rows], Duty.ACKNOWLEDGMENT) == [1.0, 3.0]
