"""Admit, check and settle small flows at once, whatever large ones are under way: a partner's few invoices never wait
for another's half a million.

Runs    when SMALL_FLOWS_LANDED rings, every minute, and at once while a run, which is bounded, leaves work open.
Reads   small flows that the ledger holds as landed or admitted, in turns between partners.
Writes  `admitted/`, `checked/`, `settled/` and `answers/`, each stage its ledger entry last.
Rerun   safe at any point: batches are claimed, results replace themselves; what a killed run left open is taken up.
Alert   owner invoicing-oncall, runbook infra/runbooks/process_flows.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

SMALL_FLOWS_LANDED = Asset(name="small_flows_landed", uri="relais://ledger/flows/landed/small")
STATUSES_ADMITTED = Asset(name="statuses_admitted", uri="relais://ledger/statuses/admitted")
ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("* * * * *", timezone="Europe/Paris"), assets=[SMALL_FLOWS_LANDED]
    ),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 10,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
        "priority_weight": 100,  # A short task goes before the many long ones that check batches.
    },
    tags=["flow:invoice", "stage:process", "impact:tier-1"],
    doc_md=__doc__,
)
def process_small_flows():
    # One task for all stages: to start four costs more than this work does.
    @task(outlets=[ANSWERS_OWED, SMALL_FLOWS_LANDED, STATUSES_ADMITTED])
    def carry(*, ti=None) -> int:
        from functools import partial

        from connectors.orchestrator import in_house, ring
        from pipelines import small_flows
        from pipelines.admission.stage import admit_flows
        from pipelines.settlement.stage import settle_flows
        from pipelines.validation.standing_engine import standing_engine

        with in_house("small") as house:
            ports = {"ledger": house.ledger, "store": house.store}
            engine = partial(standing_engine, house.cache_dir, house.store)
            settling = {"directory": house.directory, "clock": house.clock, "partners": house.partners}
            check = {"register": house.register, "engine": engine, "worker": ti.run_id}
            admit = partial(admit_flows, **ports, partners=house.partners)
            settle = partial(settle_flows, **ports, **settling)
            count = small_flows.carried([admit, partial(small_flows.check_planned, **ports, **check), settle])
            left = count and (house.ledger.open_batches() or house.ledger.settleable())
            due = {ANSWERS_OWED: house.ledger.owed(), SMALL_FLOWS_LANDED: left}
            ring(ti, due | {STATUSES_ADMITTED: house.ledger.trackable()})
        return count

    carry()


process_small_flows()
