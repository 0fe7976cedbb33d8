"""Pauses between attempts."""

from __future__ import annotations

from connectors.as2.limits import SEND_BACKOFF_SECONDS, SEND_BACKOFF_SECONDS_MAX

_DOUBLINGS_MAX = 16


def pause_seconds(attempts: int) -> float:
    """Seconds until the next attempt, after so many."""
    doubled = SEND_BACKOFF_SECONDS * 2 ** min(attempts - 1, _DOUBLINGS_MAX)
    return float(min(doubled, SEND_BACKOFF_SECONDS_MAX))
