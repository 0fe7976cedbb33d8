"""What happens when a run of a DAG is not done by its deadline: a line in the log that names run and runbook.

It stands outside the DAG files, since an executor imports it by name; it imports nothing, since parsing a DAG does too.
"""


def deadline_missed(*, runbook: str, context: dict | None = None) -> None:
    """Nothing; the log has an error line that says which run is late, since when, and what to read."""
    import logging

    told = context or {}
    run, deadline = told.get("dag_run") or {}, told.get("deadline") or {}
    logging.getLogger("relais.deadlines").error(
        "run.late dag=%s run=%s due=%s runbook=%s",
        run.get("dag_id", "?"), run.get("dag_run_id", "?"), deadline.get("deadline_time", "?"), runbook,
    )  # fmt: skip
