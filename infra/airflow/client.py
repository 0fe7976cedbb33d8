"""Airflow's REST interface, as far as starting and watching Relais needs it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.25


class AirflowUnreachable(Exception):
    """Airflow did not answer in time, or a component did not come up."""


@dataclass
class Client:
    """Calls to one Airflow. The token is fetched at the first call that needs one."""

    url: str
    _token: str = field(default="", repr=False)

    def health(self) -> dict[str, str]:
        """The state of each component ("healthy" or not), or {} while nothing answers."""
        try:
            answer = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError:
            return {}
        return {name: str(part.get("status")) for name, part in answer.json().items() if part}

    def dag_ids(self) -> set[str]:
        """Ids of the DAGs that Airflow has read."""
        return {row["dag_id"] for row in self._call("GET", "dags", params={"limit": 100})["dags"]}

    def trigger(self, dag_id: str, **params: str) -> str:
        """The id of a new run of a DAG with these parameters."""
        body = {"logical_date": None, "conf": params}
        return str(self._call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"])

    def failed_runs(self, since: datetime) -> list[str]:
        """`DAG/run` of the runs that failed and began after a moment, oldest first."""
        params = {"state": "failed", "start_date_gte": since.isoformat(), "limit": 20, "order_by": "start_date"}
        rows = self._call("GET", "dags/~/dagRuns", params=params)["dag_runs"]
        return [f"{row['dag_id']}/{row['dag_run_id']}" for row in rows]

    def await_answer(self, timeout_seconds: float) -> None:
        """Return once the API server answers, the part that tasks talk to included.

        Errors   AirflowUnreachable after the time.
        """
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/execution/health", timeout=TIMEOUT_SECONDS).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(POLL_SECONDS)
        raise AirflowUnreachable("the API server does not answer")

    def await_ready(self, dag_ids: set[str], timeout_seconds: float) -> None:
        """Return once scheduler and DAG processor are healthy and the DAGs are known.

        Errors   AirflowUnreachable after the time, naming what is missing.
        """
        deadline = time.monotonic() + timeout_seconds
        missing = "the API server"
        while time.monotonic() < deadline:
            health = self.health()
            sick = [name for name in ("metadatabase", "scheduler", "dag_processor") if health.get(name) != "healthy"]
            if health and not sick:
                unread = sorted(dag_ids - self.dag_ids())
                if not unread:
                    return
                sick = [f"DAG {dag_id}" for dag_id in unread]
            missing = ", ".join(sick) if health else "the API server"
            time.sleep(POLL_SECONDS)
        raise AirflowUnreachable(f"Airflow is not ready: still waiting for {missing}")

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            if not self._token:
                self._token = str(self._send("GET", "auth/token")["access_token"])
            headers = {"Authorization": f"Bearer {self._token}"}
            return self._send(method, f"api/v2/{path}", headers=headers, **options)
        except httpx.HTTPError as error:
            raise AirflowUnreachable(f"{method} {path}: {error}") from error

    def _send(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = httpx.request(method, f"{self.url}/{path}", timeout=TIMEOUT_SECONDS, **options)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content
