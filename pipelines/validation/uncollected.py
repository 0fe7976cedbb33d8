"""Work that makes millions of objects and no garbage but by the end, done while Python does not look for any."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing; cycles of garbage are not searched for meanwhile.

    Each search walks over all that is alive, tables and plans too: a third of the time of a batch. What is made is
    bounded by the batch, and all but cycles is freed at once as always.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
