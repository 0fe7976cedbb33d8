"""The day by which something received at an instant is judged."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

CONTROL_ZONE = ZoneInfo("Europe/Paris")
"""The control date of a flow (G1.07) is that of the platform's legal time, not of UTC: an invoice dated of the day and
dropped at half past midnight is not from the future."""


def control_date(received_at: datetime) -> date:
    """The day by which a flow received at this instant is judged: rule files in force, dates in the future."""
    return received_at.astimezone(CONTROL_ZONE).date()
