"""Which release of Relais is running: kept with whatever it could not process."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

DISTRIBUTION = "relais"


@cache
def running_version() -> str:
    """The version of the installed distribution."""
    return version(DISTRIBUTION)
