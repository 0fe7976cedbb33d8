"""Times of status messages as instants: what is no time of the calendar is None, never a guess.

Sources  XML Schema Part 2 paragraph 3.2.7 (CPPStatut's Horodatage); UN/CEFACT code list 2379 (CDAR's formats).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
"""The zone of times written without one: both circuits are French. CDAR's formats never have one."""

MINUTES_OF_A_DAY_MAX = 14 * 60
"""The largest offset of a zone in XML Schema."""

YEARS = range(1900, 2200)
"""Years in which an invoice can have a status. The ends of the calendar are slips of a program, and an instant of 9999
has no time of the day in Paris: whoever writes it out would fail."""

_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?"
)
_STAMPS = {"102": 8, "203": 12, "204": 14}
"""Digits of the formats that a CDAR may write: a day, to the minute, to the second."""


def instant_of(text: str) -> datetime | None:
    """The UTC instant of an xs:dateTime; None when it is none. Digits below a microsecond are left out."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, utc, sign, zone_hours, zone_minutes = match.groups()
    zone = UTC if utc else ZONE
    try:
        if sign:
            minutes = int(zone_hours) * 60 + int(zone_minutes)
            if minutes > MINUTES_OF_A_DAY_MAX or int(zone_minutes) > 59:
                return None
            zone = timezone(timedelta(minutes=minutes if sign == "+" else -minutes))
        micro = int((fraction or "0").ljust(6, "0")[:6])
        # XML Schema writes the end of a day as 24:00:00 too.
        ended = hour == "24" and (minute, second, micro) == ("00", "00", 0)
        hours = 0 if ended else int(hour)
        local = datetime(int(year), int(month), int(day), hours, int(minute), int(second), micro, zone)
        return _plausible((local + timedelta(days=ended)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def instant_of_stamp(text: str, code: str) -> datetime | None:
    """The UTC instant of a UN/CEFACT date string; None for another format or no time. A day begins at midnight.

    Shape    `code` is the attribute `format`; empty takes the format by the number of digits.
    """
    digits = _STAMPS.get(code) if code else len(text) if len(text) in _STAMPS.values() else None
    if digits is None or len(text) != digits or not (text.isascii() and text.isdigit()):
        return None
    filled = text.ljust(14, "0")
    try:
        local = datetime(
            int(filled[:4]), int(filled[4:6]), int(filled[6:8]), int(filled[8:10]), int(filled[10:12]),
            int(filled[12:]), tzinfo=ZONE,
        )  # fmt: skip
        return _plausible(local.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def day_of_stamp(text: str, code: str) -> date | None:
    """The day that a UN/CEFACT date string names, in any of its formats (official samples use 102 and 204)."""
    at = instant_of_stamp(text, code)
    return None if at is None else at.astimezone(ZONE).date()


def _plausible(at: datetime) -> datetime | None:
    return at if at.year in YEARS else None
