"""Deadlines as people read them: what is open, in order, and durations in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command starts before the pipeline is imported
    from pipelines.deadlines.terms import Standing


def open_ones(held: Sequence[Standing]) -> list[Standing]:
    """What is not done yet, what is due first coming first."""
    rows = (one for one in held if one.owed.done_at is None)
    return sorted(rows, key=lambda one: (one.due_at, one.owed.partner_code, one.owed.name, one.owed.duty.value))


def spelled(took: timedelta) -> str:
    """A duration as people read it: 3 h 05 min, 12 min 30 s."""
    seconds = int(took.total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds % 60:02} s"
