"""Collect what partners dropped, and ring the bell for `process_flows`.

Runs    every minute.
Reads   the drops of all partners.
Writes  `landing/{sha256}` and a ledger entry for each flow; only then is the file taken out of the drop.
Rerun   safe at any point: a file already recorded is only taken out, and a flow sent again keeps its first answer.
Alert   owner invoicing-oncall, runbook infra/runbooks/collect_flows.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import (
    Asset,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    SyncCallback,
    dag,
    task,
)

FLOWS_LANDED = Asset(name="flows_landed", uri="relais://ledger/flows/landed")
SMALL_FLOWS_LANDED = Asset(name="small_flows_landed", uri="relais://ledger/flows/landed/small")
LATE = SyncCallback("dags.alerts.deadline_missed", {"runbook": "infra/runbooks/watch_deadlines.md"})


@dag(
    schedule=CronTriggerTimetable("* * * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    deadline=DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, timedelta(minutes=5), LATE),
    default_args={
        "owner": "invoicing-oncall",
        "retries": 5,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
        "priority_weight": 100,  # A short task goes before the many long ones that check batches.
    },
    tags=["flow:invoice", "stage:collect", "impact:tier-1"],
    doc_md=__doc__,
)
def collect_flows():
    # What decides on ringing is the ledger, not this try's count: a try that was killed after it landed a flow is
    # followed by one that lands nothing, and must ring all the same.
    @task(outlets=[FLOWS_LANDED, SMALL_FLOWS_LANDED])
    def collect(*, ti=None) -> int:
        from connectors.lanes import Lane
        from connectors.orchestrator import in_house, ring
        from data_contracts.ledger import FlowStatus
        from pipelines.intake import stage

        with in_house() as house:
            count = stage.collect_flows(
                mailbox=house.mailbox, store=house.store, ledger=house.ledger, clock=house.clock
            )
            lanes = {Lane.SMALL.holds(flow.size_bytes) for flow in house.ledger.flows(FlowStatus.LANDED)}
            ring(ti, {FLOWS_LANDED: False in lanes, SMALL_FLOWS_LANDED: True in lanes})
        return count

    collect()


collect_flows()
