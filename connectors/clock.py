"""Business time: the machine's, or one that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from data_contracts.errors import ConfigurationError


class SystemClock:
    """`data_contracts.ports.Clock` that follows the machine."""

    def now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class FixedClock:
    """`data_contracts.ports.Clock` that always says the same, so that a run can be repeated byte for byte."""

    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ConfigurationError(
                "a fixed time needs its zone",
                where="fixed_now",
                value=self.at.isoformat(),
                remedy="write it like 2026-09-01T08:00:00Z",
            )

    def now(self) -> datetime:
        """The fixed time, UTC."""
        return self.at.astimezone(UTC)
