"""Reconcile the day: received = accepted + rejected + quarantined, tables as promised, nothing owed.

Runs    every morning at six, for the day before (UTC); by hand with the parameter `day`, for that day.
Reads   the ledger and the tables under `checked/` and `settled/`.
Writes  the data documentation of the day, under `data_docs/{day}` in the home.
Rerun   safe at any point: it reads, and its pages replace themselves.
Alert   owner invoicing-oncall, runbook infra/runbooks/reconcile.md.
"""

from datetime import date, timedelta

from airflow.sdk import Asset, CronTriggerTimetable, Param, dag, task

FLOWS_SETTLED = Asset(name="flows_settled", uri="relais://ledger/flows/settled")


@dag(
    schedule=CronTriggerTimetable("0 6 * * *", timezone="Europe/Paris"),
    # No start_date: the first run is that of the next morning, not one for a day before this house was set up.
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 3,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=60),
    },
    params={"day": Param(None, type=["null", "string"], format="date", title="Day to reconcile")},
    tags=["flow:invoice", "stage:reconcile", "impact:tier-1"],
    doc_md=__doc__,
)
def reconcile():
    @task(inlets=[FLOWS_SETTLED])
    def reconcile_day(*, params=None) -> int:
        from connectors.orchestrator import in_house
        from connectors.settings import from_environment
        from pipelines.reconciliation import stage

        with in_house() as house:
            day = params["day"]
            return stage.reconcile_day(
                date.fromisoformat(day) if day else house.clock.now().date() - timedelta(days=1),
                ledger=house.ledger,
                store=house.store,
                docs_dir=from_environment().home / "data_docs",
            )

    reconcile_day()


reconcile()
