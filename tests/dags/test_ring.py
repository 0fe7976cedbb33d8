"""A task rings of its outlets those that are due: what Airflow is left to tell of when the task ends well."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.orchestrator import ring
from data_contracts.errors import ConfigurationError


@dataclass(frozen=True)
class Named:
    name: str


LANDED, OWED = Named("flows_landed"), Named("answers_owed")


def instance(*outlets: Named) -> Any:
    return SimpleNamespace(dag_id="process_flows", task_id="settle", task=SimpleNamespace(outlets=list(outlets)))


@pytest.mark.parametrize(
    ("due", "rung"),
    [((0, []), []), ((3, []), [LANDED]), ((False, ["an answer"]), [OWED]), ((1, True), [LANDED, OWED])],
)
def test_what_is_due_is_left_to_airflow(due: tuple[object, object], rung: list[Named]) -> None:
    ti = instance(LANDED, OWED)
    ring(ti, dict(zip((LANDED, OWED), due, strict=True)))  # type: ignore[arg-type]
    assert ti.task.outlets == rung


@pytest.mark.parametrize("due", [{LANDED: True}, {LANDED: True, OWED: True, Named("flows_settled"): True}])
def test_each_outlet_is_decided_on_and_nothing_else(due: Any) -> None:
    ti = instance(LANDED, OWED)
    with pytest.raises(ConfigurationError, match=r"rings other assets than its outlets.*process_flows\.settle"):
        ring(ti, due)
    assert ti.task.outlets == [LANDED, OWED]
