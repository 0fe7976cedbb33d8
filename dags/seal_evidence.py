"""Seal the hours that are over: one root over every event of every flow, so that what was answered can be proved.

Runs    five minutes past every hour, for all hours that are over and not sealed.
Reads   the events that the ledger holds.
Writes  a root an hour, create-only, in the store.
Rerun   safe at any point: an hour that is sealed keeps its root, one that is not is written anew with the same bytes.
Alert   owner invoicing-oncall, runbook infra/runbooks/evidence.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("5 * * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 5,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["flow:invoice", "stage:seal", "impact:tier-2"],
    doc_md=__doc__,
)
def seal_evidence():
    @task
    def seal() -> int:
        from connectors.clock import SystemClock
        from connectors.orchestrator import in_house
        from pipelines.evidence.seal import seal_hours

        # The ledger's chain bears the machine's time, also where the day of business is set.
        hour = SystemClock().now().replace(minute=0, second=0, microsecond=0)
        with in_house() as house:
            return seal_hours(hour, ledger=house.ledger, store=house.store)

    seal()


seal_evidence()
