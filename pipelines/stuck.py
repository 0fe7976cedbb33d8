"""What a person must look at stops nothing else: it is put down, the work goes on, and all of it is told at the end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from data_contracts.errors import TerminalError

OUR_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What our own code raises when it meets what nobody thought of: it says something of the one thing under work, and
nothing of the store or the ledger, whose errors concern everybody."""


class Stuck:
    """The flows, or whatever `kind` names, that could not be worked on; `key in stuck` says whether one is."""

    def __init__(self, log: logging.Logger, kind: str) -> None:
        self._log = log
        self._kind = kind
        self._errors: dict[str, TerminalError] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._errors

    @contextmanager
    def apart(self, key: str) -> Iterator[None]:
        """A block whose TerminalError is put down under this key, and so is a fault of our own code, with where it
        happened; every other error goes through."""
        try:
            yield
        except TerminalError as error:
            self._put_down(key, error)
        except OUR_FAULTS as error:
            self._log.exception("%s.fault %s=%s", self._kind, self._kind, key)
            fault = TerminalError(
                "a fault of Relais stopped the work on it",
                where=f"{self._kind} {key}",
                value=f"{type(error).__name__}: {error}",
                remedy="report the traceback in the log; the work goes on by itself with a version that knows better",
            )
            self._put_down(key, fault)

    def _put_down(self, key: str, error: TerminalError) -> None:
        self._log.error("%s.stuck %s=%s cause=%s", self._kind, self._kind, key, error)
        self._errors[key] = error

    def tell(self, failed: str, done: str) -> None:
        """Nothing when none is stuck. `failed` and `done` say what could not be done, and what was.

        Errors   TerminalError naming all that are stuck, with the cause of the first.
        """
        if self._errors:
            raise TerminalError(
                f"{len(self._errors)} {failed}; {done}",
                where=", ".join(sorted(self._errors)),
                value=str(next(iter(self._errors.values()))),
                remedy="see the cause of each in the log",
            )
