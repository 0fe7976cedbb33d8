"""Call the bodies of the tasks about people, in a home, in a process of its own: run by test_people_tasks.py."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from tests.dags.parse_dag import parsed

ROOT = Path(__file__).resolve().parents[2]


def called(name: str, task_id: str, **arguments: Any) -> Any:
    """What a task's own function returns, or the kind and words of its error."""
    dag, _ = parsed(ROOT / "dags" / f"{name}.py", f"called_{name}")
    try:
        return dag.get_task(task_id).python_callable(**arguments)
    except Exception as error:
        return [type(error).__name__, str(error)]


def main() -> None:
    bells: defaultdict[Any, MagicMock] = defaultdict(MagicMock)
    results = {
        "take": called("take_commitments", "take", outlet_events=bells),
        "rung": sum(bell.add.call_count for bell in bells.values()),
        "notify": called("notify", "tell_people"),
        "watch": called("watch_deadlines", "watch"),
    }
    print("RESULTS " + json.dumps(results))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
