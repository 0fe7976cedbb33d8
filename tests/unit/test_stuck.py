"""What is stuck stops nothing else, whether a person must look at it or our own code fails on it."""

from __future__ import annotations

import logging

import pytest

from data_contracts.errors import IntegrityBroken, LedgerConflict, StoreUnavailable, TerminalError
from pipelines.stuck import Stuck

LOG = logging.getLogger("relais.test")


@pytest.mark.parametrize(
    "error",
    [IntegrityBroken("damaged", where="here"), OverflowError("date"), KeyError("row"), AssertionError(), ValueError()],
)
def test_what_fails_alone_is_put_down_and_told_at_the_end(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    stuck, done = Stuck(LOG, "flow"), []
    for key in ("a", "b"):
        with stuck.apart(key):
            if key == "a":
                raise error
            done.append(key)
    assert done == ["b"]
    assert "a" in stuck and "b" not in stuck
    with pytest.raises(TerminalError, match="1 flows failed; 1 done"):
        stuck.tell("flows failed", "1 done")
    assert ("Traceback" in caplog.text) is not isinstance(error, TerminalError)


@pytest.mark.parametrize(
    "error", [StoreUnavailable("full", where="store"), LedgerConflict("locked", where="ledger"), OSError()]
)
def test_what_concerns_everybody_goes_through(error: Exception) -> None:
    stuck = Stuck(LOG, "flow")
    with pytest.raises(type(error)), stuck.apart("a"):
        raise error
    stuck.tell("nothing", "everything")
