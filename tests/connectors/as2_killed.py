"""`relais as2 serve` that dies, as by kill -9, at the step of its reception that KILLED_AT names."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from connectors.as2.received import ReceivedRecords
from connectors.as2.reception import Reception
from connectors.object_storage import LocalStore
from relais.__main__ import app

PLACES: dict[str, tuple[type, str]] = {
    "payload": (LocalStore, "put_by_hash"),
    "record": (ReceivedRecords, "accept"),
    "answer": (Reception, "_answered"),
}


def main() -> None:
    when, place = os.environ["KILLED_AT"].split()
    owner, name = PLACES[place]
    # Before the answer is after all of the reception's work.
    setattr(owner, name, _dying(getattr(owner, name), before=when == "before" and place != "answer"))
    sys.argv[1:1] = ["as2", "serve"]
    app()


def _dying(real: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> None:
        if not before:
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return call
