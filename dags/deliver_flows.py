"""Deliver the answers that are owed: acknowledgments, lifecycle flows, flows to recipients.

Runs    when ANSWERS_OWED rings, every minute, and at once while a run, which is bounded, leaves answers.
Reads   the deliveries that the ledger holds as owed or staged, and `answers/`.
Writes  each partner's out folder: a part of the attempt's own first, then the final name, then the ledger entry.
Rerun   safe at any point: the same name and bytes are delivered once, whatever was interrupted.
Alert   owner invoicing-oncall, runbook infra/runbooks/deliver_flows.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    SyncCallback,
    dag,
    task,
)

ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")
FLOWS_SETTLED = Asset(name="flows_settled", uri="relais://ledger/flows/settled")
LATE = SyncCallback("dags.alerts.deadline_missed", {"runbook": "infra/runbooks/watch_deadlines.md"})


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("* * * * *", timezone="Europe/Paris"), assets=[ANSWERS_OWED]
    ),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=2,  # A partner that hangs keeps one run; answers to others go out by the next.
    deadline=DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, timedelta(minutes=5), LATE),
    default_args={
        "owner": "invoicing-oncall",
        "retries": 5,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
        "priority_weight": 100,  # A short task goes before the many long ones that check batches.
    },
    tags=["flow:invoice", "stage:deliver", "impact:tier-1"],
    doc_md=__doc__,
)
def deliver_flows():
    @task(outlets=[FLOWS_SETTLED, ANSWERS_OWED])
    def deliver(*, ti=None) -> int:
        from connectors.orchestrator import in_house, ring
        from data_contracts.limits import DELIVERED_PER_RUN_MAX
        from pipelines.delivery import stage

        with in_house() as house:
            ports = {"ledger": house.ledger, "store": house.store, "mailbox": house.mailbox}
            count = stage.deliver_answers(**ports, answers_max=DELIVERED_PER_RUN_MAX)
            ring(ti, {FLOWS_SETTLED: count, ANSWERS_OWED: count == DELIVERED_PER_RUN_MAX})
        return count

    deliver()


deliver_flows()
