"""What Airflow is told: one `airflow.cfg` in its home, written anew at every start, and secrets that stay.

Only what differs from Airflow's defaults stands here, each with its reason.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

PARALLELISM_MAX = 8
"""Tasks of one DAG at a time. Far beyond it SQLite answers "database is locked" and the scheduler dies (measured with
32)."""

ROOM_FOR_OTHERS = 3
"""Tasks more than one DAG may run: the many that check large flows never keep collecting, small flows and deliveries
waiting."""

HEARTBEAT_TIMEOUT_SECONDS = 30
"""After this silence a task counts as lost: six missed heartbeats of 5 s."""

HEALTH_THRESHOLD_SECONDS = 30
"""After this silence a scheduler counts as dead, to itself too, hence well above its heartbeat of 5 s."""

ORPHANS_CHECK_SECONDS = 10
"""How often tasks of dead schedulers are looked for and queued again."""

REPARSE_SECONDS = 60
"""How often an unchanged DAG file is parsed again. A changed one is seen at the next refresh."""

REFRESH_SECONDS = 10
"""How often the DAG folder is listed. The default of 300 s would hide a new file for five minutes."""


def parallelism() -> int:
    """Tasks of one DAG that run at a time: two a core, since they wait for the database too, and at most
    PARALLELISM_MAX."""
    return min(PARALLELISM_MAX, max(4, 2 * len(os.sched_getaffinity(0))))


def configuration(home: Path, dags: Path, port: int, keys: dict[str, str]) -> str:
    """The text of `airflow.cfg`."""
    sections: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": dags,
            "plugins_folder": home / "plugins",
            "executor": "LocalExecutor",
            "parallelism": parallelism() + ROOM_FOR_OTHERS,
            "max_active_tasks_per_dag": parallelism(),
            "load_examples": False,
            # A machine of one's own: whoever reaches 127.0.0.1 is its operator.
            "auth_manager": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            "simple_auth_manager_all_admins": True,
            "dags_are_paused_at_creation": False,
            "fernet_key": keys["fernet_key"],
            "execution_api_server_url": f"http://127.0.0.1:{port}/execution/",
            "killed_task_cleanup_time": 10,
        },
        "database": {
            "sql_alchemy_conn": f"sqlite:///{home / 'airflow.db'}",
            "sql_alchemy_connect_args": "airflow_local_settings.CONNECT_ARGS",
            # `up` migrates before it starts anything.
            "check_migrations": False,
        },
        "api": {
            "host": "127.0.0.1",
            "port": port,
            "base_url": f"http://127.0.0.1:{port}",
            "workers": 1,
            "secret_key": keys["secret_key"],
        },
        "api_auth": {"jwt_secret": keys["jwt_secret"]},
        "scheduler": {
            # A task's end is noticed when the scheduler looks again; idle rounds are cheap.
            "scheduler_idle_sleep_time": 0.5,
            "scheduler_health_check_threshold": HEALTH_THRESHOLD_SECONDS,
            "orphaned_tasks_check_interval": ORPHANS_CHECK_SECONDS,
            "task_instance_heartbeat_timeout": HEARTBEAT_TIMEOUT_SECONDS,
            "task_instance_heartbeat_timeout_detection_interval": 10,
            # A task that was queued and never started, for instance because its worker was killed.
            "task_queued_timeout": 60,
            "task_queued_timeout_check_interval": 15,
        },
        "dag_processor": {
            "refresh_interval": REFRESH_SECONDS,
            "min_file_process_interval": REPARSE_SECONDS,
            "dag_version_inflation_check_level": "error",
        },
        # A call of a task to the API may wait its turn on a busy machine; the default of 5 s then fails the task.
        "workers": {"execution_api_timeout": 30},
        "logging": {"base_log_folder": home / "logs", "colored_console_log": False},
        "usage_data_collection": {"enabled": False},
    }
    lines = ["# Written by infra/airflow/service.py at every start; change infra/airflow/settings.py instead."]
    for section, options in sections.items():
        lines += ["", f"[{section}]", *(f"{key} = {_escaped(value)}" for key, value in options.items())]
    return "\n".join(lines) + "\n"


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


def secret_keys(home: Path) -> dict[str, str]:
    """The secrets of this Airflow home, made at the first call and kept in a file that only its owner reads."""
    path = home / "secrets.json"
    if not path.exists():
        keys = {
            "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "jwt_secret": secrets.token_hex(32),
            "secret_key": secrets.token_hex(32),
        }
        write_private(path, json.dumps(keys))
    return dict(json.loads(path.read_text()))


def write_private(path: Path, text: str) -> None:
    """Replace a file, atomically, readable by its owner only."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)
