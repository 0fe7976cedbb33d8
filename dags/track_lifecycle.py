"""Take in the statuses that recipients and platforms send, and tell the suppliers concerned.

Runs    when STATUSES_ADMITTED rings, every minute, and at once while a run, which is bounded, leaves work open.
Reads   status flows that the ledger holds as admitted: it is the queue, the asset event only a bell.
Writes  histories in the ledger, `settled/` and `answers/`, each flow's ledger entry last.
Rerun   safe at any point: an event belongs to the flow that brought it first, and answers keep their numbers.
Alert   owner invoicing-oncall, runbook infra/runbooks/track_lifecycle.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

STATUSES_ADMITTED = Asset(name="statuses_admitted", uri="relais://ledger/statuses/admitted")
ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")
EVERY_MINUTE = CronTriggerTimetable("* * * * *", timezone="Europe/Paris")


@dag(
    schedule=AssetOrTimeSchedule(timetable=EVERY_MINUTE, assets=[STATUSES_ADMITTED]),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 10,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["flow:invoice", "stage:track", "impact:tier-1"],
    doc_md=__doc__,
)
def track_lifecycle():
    @task(outlets=[ANSWERS_OWED, STATUSES_ADMITTED])
    def track(*, ti=None) -> int:
        from connectors.orchestrator import in_house, ring
        from pipelines.tracking.official import StatusRules
        from pipelines.tracking.stage import track_statuses
        from pipelines.validation.standing_engine import standing_engine

        with in_house() as house:
            ports = {"ledger": house.ledger, "store": house.store, "directory": house.directory}
            rules = StatusRules(house.register, lambda: standing_engine(house.cache_dir, house.store))
            count = track_statuses(partners=house.partners, clock=house.clock, rules=rules, **ports)
            ring(ti, {ANSWERS_OWED: house.ledger.owed(), STATUSES_ADMITTED: count and house.ledger.trackable()})
        return count

    track()


track_lifecycle()
