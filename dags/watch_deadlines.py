"""Watch deadlines: acknowledgments within 20 minutes, statuses within 24 hours; fail while there is time to act.

Runs    every five minutes.
Reads   what the ledger owes.
Writes  nothing; the task's error and log name each flow that is at risk or missed.
Rerun   safe at any point: it reads.
Alert   owner invoicing-oncall, runbook infra/runbooks/watch_deadlines.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 2,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=5),
        "priority_weight": 200,  # It must see that others are stuck.
    },
    tags=["flow:invoice", "stage:watch", "impact:tier-1"],
    doc_md=__doc__,
)
def watch_deadlines():
    @task
    def watch() -> int:
        from connectors.orchestrator import in_house
        from pipelines.deadlines.watch import watch as look

        with in_house() as house:
            return look(ledger=house.ledger, now=house.ledger.present())

    watch()


watch_deadlines()
