"""Call the bodies of the tasks about people, in a home, in a process of its own: run by test_people_tasks.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.dags.parse_dag import parsed

ROOT = Path(__file__).resolve().parents[2]


def called(name: str, task_id: str, *, rings: bool = False) -> Any:
    """What a task's own function returns, with the assets it rings if it may; or the kind and words of its error."""
    dag, _ = parsed(ROOT / "dags" / f"{name}.py", f"called_{name}")
    asked = dag.get_task(task_id)
    try:
        if not rings:
            return asked.python_callable()
        done = asked.python_callable(ti=SimpleNamespace(task=asked, dag_id=name, task_id=task_id))
        return [done, [asset.name for asset in asked.outlets]]
    except Exception as error:
        return [type(error).__name__, str(error)]


def main() -> None:
    results = {
        "take": called("take_commitments", "take", rings=True),
        "notify": called("notify", "tell_people"),
        "watch": called("watch_deadlines", "watch"),
    }
    print("RESULTS " + json.dumps(results))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
