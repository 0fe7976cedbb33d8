"""Carry out orders on quarantined invoices that a command was stopped in: release or reject, each with its answers.

Runs    every ten minutes.
Reads   orders that the ledger holds as given and not carried out, the documents, the rule files in force.
Writes  `rechecked/`, `late/` and `answers/`, then one transaction an invoice; each check in a process of its own.
Rerun   safe at any point: an order is carried out once, also when a command carries it out at the same time.
Alert   owner invoicing-oncall, runbook infra/runbooks/quarantine.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, CronTriggerTimetable, dag, task

ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")


@dag(
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(hours=1),
    },
    tags=["flow:invoice", "stage:quarantine", "impact:tier-2"],
    doc_md=__doc__,
)
def quarantine_orders():
    @task(outlets=[ANSWERS_OWED])
    def carry_out(*, ti=None) -> int:
        from functools import partial

        from connectors.assembly import house_at
        from connectors.orchestrator import in_house, ring
        from connectors.settings import from_environment
        from pipelines.quarantine.apart import recheck_apart
        from pipelines.quarantine.stage import settle_quarantined

        with in_house() as house:
            recheck = recheck_apart(partial(house_at, from_environment().home))
            ports = {name: getattr(house, name) for name in ("ledger", "store", "directory", "partners")}
            carried = settle_quarantined(**ports, recheck=recheck)
            ring(ti, {ANSWERS_OWED: house.ledger.owed()})
        return len(carried)

    carry_out()


quarantine_orders()
