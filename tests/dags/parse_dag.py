"""Parse one DAG file twice, in a process of its own, and print what a policy may ask: run by test_policy.py.

Network and the metadata database are cut off: whoever reaches for them while a DAG is parsed gets an error.
"""

from __future__ import annotations

import importlib.util
import json
import socket
import sys
import time
from pathlib import Path
from typing import Any


def parsed(path: Path, name: str) -> tuple[Any, float]:
    """The one DAG of a file, and the seconds that reading the file took."""
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    DagContext.current_autoregister_module_name = name
    begun = time.perf_counter()
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    seconds = time.perf_counter() - begun
    dags = [dag for dag, owner in DagContext.autoregistered_dags if owner is module]
    assert len(dags) == 1, f"{path.name} defines {len(dags)} DAGs"
    return dags[0], seconds


def facts(path: Path) -> dict[str, Any]:
    """What the policy looks at, as plain values."""
    import airflow.sdk  # noqa: F401
    import pendulum  # noqa: F401
    from airflow.serialization.serialized_objects import DagSerialization

    _cut_off()
    first, seconds = parsed(path, "first_reading")
    heavy = sorted({name.split(".")[0] for name in sys.modules})
    second, _ = parsed(path, "second_reading")
    texts = [json.dumps(DagSerialization.to_dict(dag), sort_keys=True, default=str) for dag in (first, second)]
    return {
        "dag_id": first.dag_id,
        "seconds": seconds,
        "modules": heavy,
        "same_twice": texts[0].replace("first_reading", "") == texts[1].replace("second_reading", ""),
        "tags": sorted(first.tags),
        "doc": first.doc_md,
        "max_active_runs": first.max_active_runs,
        "catchup": first.catchup,
        "deadlines": [_deadline(alert) for alert in first.deadline or []],
        "tasks": [_task(task) for task in first.tasks],
        "bells": sorted({(asset.name, asset.uri) for asset in _assets(first)}),
    }


def _deadline(alert: Any) -> list[Any]:
    return [alert.reference.reference_name, alert.interval.total_seconds(), alert.callback.path, alert.callback.kwargs]


def _task(task: Any) -> dict[str, Any]:
    partial = getattr(task, "partial_kwargs", {})
    timeout = partial.get("execution_timeout") if partial else task.execution_timeout
    return {
        "task_id": task.task_id,
        "owner": partial.get("owner") if partial else task.owner,
        "retries": partial.get("retries") if partial else task.retries,
        "timeout_seconds": timeout.total_seconds() if timeout else None,
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "is_leaf": not task.downstream_task_ids,
        "outlets": [[type(outlet).__name__, outlet.name] for outlet in _outlets(task)],
    }


def _outlets(task: Any) -> list[Any]:
    return list(getattr(task, "partial_kwargs", {}).get("outlets") or getattr(task, "outlets", []))


def _assets(dag: Any) -> list[Any]:
    """The assets that start a DAG: `AssetAll` and `AssetAny` hold theirs in `objects`."""
    condition = getattr(dag.timetable, "asset_condition", None)
    return list(getattr(condition, "objects", []))


def _cut_off() -> None:
    import sqlite3

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a DAG file reaches outside while it is parsed")

    socket.socket.connect = refused  # type: ignore[method-assign]
    sqlite3.connect = refused  # type: ignore[assignment]


if __name__ == "__main__":
    print("FACTS " + json.dumps(facts(Path(sys.argv[1]))))
