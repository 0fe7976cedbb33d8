"""Take in the commitments that public bodies deposit, and send them to the suppliers they were given to.

Runs    every minute.
Reads   flows of commitments that the ledger holds as admitted: it is the queue.
Writes  commitments in the ledger, `settled/` and `answers/`, each flow's ledger entry last.
Rerun   safe at any point: a commitment counts from the moment its flow is settled, and answers keep their numbers.
Alert   owner invoicing-oncall, runbook infra/runbooks/take_commitments.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, CronTriggerTimetable, dag, task

ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")
EVERY_MINUTE = CronTriggerTimetable("* * * * *", timezone="Europe/Paris")


@dag(
    schedule=EVERY_MINUTE,
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 10,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["flow:invoice", "stage:take", "impact:tier-2"],
    doc_md=__doc__,
)
def take_commitments():
    @task(outlets=[ANSWERS_OWED])
    def take(*, ti=None) -> int:
        from connectors.notification_register import read_suppliers
        from connectors.orchestrator import in_house, ring
        from connectors.settings import from_environment
        from pipelines.commitments.stage import take_commitments as run

        with in_house() as house:
            suppliers = read_suppliers(from_environment().home)
            ports = {"ledger": house.ledger, "store": house.store, "clock": house.clock}
            count = run(directory=house.directory, suppliers=suppliers, **ports)
            ring(ti, {ANSWERS_OWED: house.ledger.owed()})
        return count

    take()


take_commitments()
