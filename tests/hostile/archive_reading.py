"""Archives read to their end, or refused with all that a refusal must say."""

from __future__ import annotations

import io

import pytest

from data_contracts.motives import MOTIVES
from data_contracts.refusals import FlowRefused
from pipelines.admission.archive import members
from tests.unit.refusals import explained


def read(data: bytes) -> list[tuple[str, bytes]]:
    return [(member.name, b"".join(member.chunks)) for member in members(io.BytesIO(data), len(data))]


def drained(data: bytes) -> int:
    """Bytes of all members, none of them kept."""
    return sum(len(chunk) for member in members(io.BytesIO(data), len(data)) for chunk in member.chunks)


def refused(data: bytes, motive: str, *words: str) -> FlowRefused:
    with pytest.raises(FlowRefused) as caught:
        drained(data)
    refusal = caught.value
    assert refusal.motive == motive, str(refusal)
    assert motive in MOTIVES
    assert refusal.where
    explained(refusal)
    for word in words:
        assert word in str(refusal), str(refusal)
    return refusal
