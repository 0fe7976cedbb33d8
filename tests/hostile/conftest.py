"""Fixtures of the tests of hostile input."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

MEMORY_BYTES_MAX = 20_000_000


@pytest.fixture
def bounded() -> Iterator[None]:
    """Fails when a test takes more memory than an archive may."""
    tracemalloc.start()
    yield
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < MEMORY_BYTES_MAX
