"""Statuses written to do harm, or by a program that slipped: times at the ends of the calendar, markup, terminals."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from data_contracts.history import MESSAGE, Phase
from data_contracts.limits import CDAR_BYTES_MAX
from data_contracts.messages import Language
from data_contracts.refusals import DocumentUnreadable
from data_contracts.statuses import StatusFormat
from pipelines.notifications.plain import moment
from pipelines.tracking.findings import TOO_MANY
from pipelines.tracking.fold import situation
from pipelines.tracking.instants import YEARS, day_of_stamp, instant_of, instant_of_stamp
from pipelines.tracking.reading import read_cdar
from relais.trace_table import parts
from tests.unit.status_documents import cdar, cdar_reference, event

CPP = StatusFormat.CPP_INVOICE


@pytest.mark.parametrize("text", ["9999-12-31T23:30:00Z", "0001-01-01T02:00:00Z", "2200-01-01T00:00:00Z"])
def test_the_ends_of_the_calendar_are_no_instants(text: str) -> None:
    assert instant_of(text) is None


def test_each_instant_that_is_taken_can_be_told_by_the_clocks_of_paris() -> None:
    assert instant_of_stamp("99991231235959", "204") is None
    assert day_of_stamp("99991231", "102") is None
    for text in (f"{YEARS[0]}-01-01T00:00:00Z", f"{YEARS[-1]}-12-31T23:59:59Z"):
        at = instant_of(text)
        assert at is not None
        assert moment(at, Language.FR)


@pytest.mark.parametrize("order", [1, -1])
def test_a_status_dated_years_ahead_hides_nothing_that_is_told_after_it(order: int) -> None:
    slipped = event("07", 10, format=CPP, told=-5)
    later = event("08", 6, format=CPP)
    assert situation([slipped, later][::order]).phase is Phase.IN_PROGRESS
    assert situation([slipped, later][::order]).current == later
    rejected = event("05", 7, format=CPP)
    assert situation([slipped, rejected, later][::order]).phase is Phase.REJECTED
    # What Relais itself says is dated by Relais, also where an earlier flow is recorded before it.
    ours = event("03", 60 * 24, format=CPP, told=-60 * 24, source="")
    assert situation([later, ours][::order]).current == ours


def traced(comment: str) -> dict[str, Any]:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC).isoformat()
    said = {
        "at": at, "actor": "recipient", "actor_code": "[red]A", "code": "07", "label": None, "meaning": None,
        "next": None, "motives": [], "comment": comment, "mandate_number": "", "payments": [], "flow_in": "F",
        "flows_out": [],
    }  # fmt: skip
    return {
        "number": "F1\x9b31m", "supplier": "1", "flow_in": "F", "file": "[/x].xml", "received_at": at, "sha256": "0",
        "outcome": "accepted", "motive": None, "recipient": None, "rule_sets": [], "situation": None,
        "predecessor": None, "successors": [], "events": [said], "position": 0, "findings": [],
    }  # fmt: skip


@pytest.mark.parametrize("comment", ["[/b] closes nothing", "[link=http://x]y[/link]", "\x9b31m red", "\u202eback"])
def test_a_comment_is_text_to_the_terminal_and_nothing_else(comment: str) -> None:
    sink = io.StringIO()
    console = Console(file=sink, width=200)
    for part in parts(traced(comment), 1, 1, "fr"):
        console.print(part)
    shown = sink.getvalue()
    assert comment.encode("unicode_escape").decode() in shown
    assert not {"\x9b", "\u202e", "\x1b"} & set(shown)
    assert "[red]A" in shown


def test_a_comment_of_several_lines_keeps_them() -> None:
    sink = io.StringIO()
    for part in parts(traced("one\ntwo"), 1, 1, "en"):
        Console(file=sink, width=200).print(part)
    assert "\\n" not in sink.getvalue()


def test_a_cdar_of_very_many_faults_is_told_as_one_and_a_huge_one_is_not_looked_at() -> None:
    notes = "<ram:SpecifiedDocumentStatus>" + "<ram:IncludedNote x=''/>" * 20_000 + "</ram:SpecifiedDocumentStatus>"
    findings = read_cdar(cdar([cdar_reference(reasons=notes)])).findings
    assert [(ordinal, one["rule"]) for ordinal, one in findings if one["rule"] in (TOO_MANY, "XSD")] == [
        (MESSAGE, TOO_MANY)
    ]
    # Well-formed or not: nothing opens it.
    with pytest.raises(DocumentUnreadable, match=str(CDAR_BYTES_MAX)) as refused:
        read_cdar(b"<" * (CDAR_BYTES_MAX + 1))
    assert refused.value.motive == "IRR_TAILLE_F"
