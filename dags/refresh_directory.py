"""Refresh the directory: what was dropped into its inbox comes into force, or is refused while the old one stays.

Runs    every quarter of an hour; a weekly full file of ten gigabytes takes about ten minutes.
Reads   F14 files and folders of registers in the home's `directory_inbox` (relais.toml: directory_inbox_dir).
Writes  versions of the directory in the home's `directory_versions` (relais.toml: directory_versions_dir).
Rerun   safe at any point: a file that is in force is passed, a load that died leaves the version before.
Alert   owner invoicing-oncall, runbook infra/runbooks/refresh_directory.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("*/15 * * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=60),
    },
    tags=["flow:invoice", "stage:route", "impact:tier-2"],
    doc_md=__doc__,
)
def refresh_directory():
    @task
    def take_inbox() -> int:
        from connectors.assembly import clock_of
        from connectors.directory.inbox import refresh
        from connectors.orchestrator import raised_as_airflow
        from connectors.settings import from_environment

        with raised_as_airflow():
            settings = from_environment()
            return refresh(settings.directory_inbox, settings.directory_versions, clock_of(settings).now)

    take_inbox()


refresh_directory()
