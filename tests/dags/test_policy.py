"""What every DAG file keeps to. Each file is parsed in a process of its own, without connections or network."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for path in (ROOT / "dags").glob("*.py") if path.name != "__init__.py")
NAMES = [path.stem for path in FILES]

PARSE_SECONDS_MAX = 1.0
LINES_MAX = 80
RETRIES_MIN = 2
HEADS = ("Runs", "Reads", "Writes", "Rerun", "Alert")
TOP_LEVEL = {"airflow", "pendulum", "datetime", "__future__"}
HEAVY = {"polars", "lxml", "saxonche", "great_expectations", "pyarrow", "pandas"}
OURS = {"connectors", "pipelines", "data_contracts", "relais"}
RETURNS = {"int", "str", "list[str]"}
TAG = re.compile(r"(flow:invoice|stage:[a-z]+|impact:tier-[1-3])")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each file's own process said of it."""
    home = tmp_path_factory.mktemp("airflow")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(NAMES, pool.map(lambda path: _facts(path, home / path.stem), FILES), strict=True))


def _facts(path: Path, home: Path) -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RELAIS"))}
    kept |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "HOME": str(home)}
    command = [sys.executable, str(Path(__file__).with_name("parse_dag.py")), str(path)]
    done = subprocess.run(command, env=kept, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("FACTS "))
    content: dict[str, Any] = json.loads(line.removeprefix("FACTS "))
    return content


def _functions(path: Path) -> list[ast.FunctionDef]:
    """The task functions of a file: those that carry the `task` decorator."""
    tree = ast.parse(path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [node for node in found if any(re.match(r"task\b", ast.unparse(mark)) for mark in node.decorator_list)]


def test_the_dags_are_the_known_ones() -> None:
    assert NAMES == [
        "collect_flows", "deliver_flows", "notify", "process_flows", "process_small_flows", "quarantine_orders",
        "reconcile", "refresh_directory", "seal_evidence", "take_commitments", "track_lifecycle", "watch_deadlines",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_parses_fast_and_imports_nothing_heavy(name: str, facts: dict[str, dict[str, Any]]) -> None:
    assert facts[name]["dag_id"] == name
    assert facts[name]["seconds"] < PARSE_SECONDS_MAX
    assert not (HEAVY | OURS) & set(facts[name]["modules"])


@pytest.mark.parametrize("name", NAMES)
def test_parsing_twice_gives_the_same_dag(name: str, facts: dict[str, dict[str, Any]]) -> None:
    assert facts[name]["same_twice"]


@pytest.mark.parametrize("name", NAMES)
def test_says_who_answers_for_it_and_how_it_behaves(name: str, facts: dict[str, dict[str, Any]]) -> None:
    dag = facts[name]
    assert {TAG.fullmatch(tag) is not None for tag in dag["tags"]} == {True}
    assert {tag.split(":")[0] for tag in dag["tags"]} == {"flow", "stage", "impact"}
    assert [head for head in HEADS if re.search(rf"^{head}\s+\S", dag["doc"], re.MULTILINE)] == list(HEADS)
    # Two runs of deliveries share the work: a partner that hangs keeps one of them.
    assert dag["max_active_runs"] == (2 if name == "deliver_flows" else 1)
    assert dag["catchup"] is False


@pytest.mark.parametrize("name", NAMES)
def test_every_task_is_retried_bounded_and_owned(name: str, facts: dict[str, dict[str, Any]]) -> None:
    for task in facts[name]["tasks"]:
        assert task["owner"] == "invoicing-oncall", task
        assert task["retries"] >= RETRIES_MIN, task
        assert 0 < task["timeout_seconds"] <= 3600, task


@pytest.mark.parametrize("name", NAMES)
def test_no_last_task_turns_a_failure_green(name: str, facts: dict[str, dict[str, Any]]) -> None:
    rules = {task["trigger_rule"] for task in facts[name]["tasks"] if task["is_leaf"]}
    assert rules <= {"all_success", "none_failed"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_names_a_runbook_that_exists(path: Path) -> None:
    named = re.search(r"^Alert .*runbook (\S+\.md)\.$", path.read_text(), re.MULTILINE)
    assert named is not None
    assert (ROOT / named.group(1)).is_file()


def test_one_name_of_a_bell_is_one_address_everywhere() -> None:
    found = {
        match.groups()
        for path in FILES
        for match in re.finditer(r'Asset\(name="(\w+)", uri="([^"]+)"', path.read_text())
    }
    assert len({name for name, _ in found}) == len(found) == len({uri for _, uri in found})


def test_what_rings_is_heard(facts: dict[str, dict[str, Any]]) -> None:
    assert facts["process_flows"]["bells"] == [["flows_landed", "relais://ledger/flows/landed"]]
    small = [["small_flows_landed", "relais://ledger/flows/landed/small"]]
    assert facts["process_small_flows"]["bells"] == small
    assert facts["track_lifecycle"]["bells"] == [["statuses_admitted", "relais://ledger/statuses/admitted"]]
    assert facts["deliver_flows"]["bells"] == [["answers_owed", "relais://ledger/answers/owed"]]


def test_every_task_names_the_assets_it_may_ring(facts: dict[str, dict[str, Any]]) -> None:
    """Assets themselves: two tasks that use one alias for the first time at once cost the slower its run."""
    found = {
        f"{name}.{task['task_id']}": task["outlets"]
        for name in NAMES
        for task in facts[name]["tasks"]
        if task["outlets"]
    }
    assert {kind for outlets in found.values() for kind, _ in outlets} == {"Asset"}
    both = ["answers_owed", "flows_landed"]
    assert {task: sorted(asset for _, asset in outlets) for task, outlets in found.items()} == {
        "collect_flows.collect": ["flows_landed", "small_flows_landed"],
        "deliver_flows.deliver": ["answers_owed", "flows_settled"],
        "process_flows.admit": ["answers_owed", "statuses_admitted"],
        "process_flows.settle": both,
        "process_flows.settle_earlier": both,
        "process_small_flows.carry": ["answers_owed", "small_flows_landed", "statuses_admitted"],
        "quarantine_orders.carry_out": ["answers_owed"],
        "take_commitments.take": ["answers_owed"],
        "track_lifecycle.track": ["answers_owed", "statuses_admitted"],
    }


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_the_top_imports_only_what_parsing_may_cost(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).split(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= TOP_LEVEL
    assert all(node.level == 0 for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_tasks_hand_on_ids_and_counts_never_data(path: Path) -> None:
    functions = _functions(path)
    assert functions
    assert {ast.unparse(function.returns) if function.returns else "nothing" for function in functions} <= RETURNS


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_is_short_and_never_waits_in_a_slot(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LINES_MAX
    assert not re.search(r"Sensor|sleep\(|\.now\(|utcnow|today\(|uuid|random|Variable|Connection", _without_clock(text))


def _without_clock(text: str) -> str:
    """Inside a task, business time comes from the house's clock, the ledger's own from the machine's."""
    return text.replace("house.clock.now()", "").replace("        hour = SystemClock().now()", "")


@pytest.mark.parametrize("name", ["collect_flows", "deliver_flows"])
def test_a_collector_that_is_late_is_told(
    name: str, facts: dict[str, dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    ((reference, seconds, path, arguments),) = facts[name]["deadlines"]
    assert (reference, seconds) == ("DagRunQueuedAtDeadline", 300)
    assert (ROOT / arguments["runbook"]).is_file()
    module, _, function = path.rpartition(".")
    late = getattr(importlib.import_module(module), function)
    run = {"dag_id": name, "dag_run_id": "scheduled__1"}
    late(**arguments, context={"dag_run": run, "deadline": {"deadline_time": "2026-11-20T12:05:00Z"}})
    late(**arguments)
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
    assert f"dag={name} run=scheduled__1 due=2026-11-20T12:05:00Z" in caplog.records[0].getMessage()
