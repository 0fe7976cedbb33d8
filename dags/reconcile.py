"""Reconcile the day: received = accepted + rejected + quarantined, tables as promised, nothing owed.

Runs    every morning at six, for the day before.
Reads   the ledger and the tables under `checked/` and `settled/`.
Writes  the data documentation pages, one site a home.
Rerun   safe at any point: it reads, and its pages replace themselves.
Alert   owner invoicing-oncall, runbook docs/runbooks/reconcile.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, CronTriggerTimetable, dag, task

FLOWS_SETTLED = Asset(name="flows_settled", uri="relais://ledger/flows/settled")


@dag(
    schedule=CronTriggerTimetable("0 6 * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 3,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=60),
    },
    tags=["flow:invoice", "stage:reconcile", "impact:tier-1"],
    doc_md=__doc__,
)
def reconcile():
    @task(inlets=[FLOWS_SETTLED])
    def reconcile_day() -> int:
        from connectors.orchestrator import in_house, raised_as_airflow
        from pipelines.reconciliation import stage

        with raised_as_airflow():
            house = in_house()
            return stage.reconcile_day(
                house.clock.now().date(), ledger=house.ledger, store=house.store, docs_dir=house.docs_dir
            )

    reconcile_day()


reconcile()
