"""Shares of the flows to settle, so that several processes settle at once and no two the same flow.

A partner's flows settle one after the other, so whole partners are shared out, by a hash of their code: no process asks
another, and one that is killed takes up its own share again. Were two ever given the same share, each step of settling
still gives one result: shares save work, they do not keep it right.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """The `number`th of `count` shares, counted from 0."""

    number: int
    count: int

    def __post_init__(self) -> None:
        assert 0 <= self.number < self.count, f"share {self.number} of {self.count}"

    def holds(self, partner_code: str) -> bool:
        """Whether a partner's flows are in this share. Each partner is in exactly one."""
        return zlib.crc32(partner_code.encode()) % self.count == self.number


WHOLE = Share(0, 1)
"""All partners: settling by one process alone."""
