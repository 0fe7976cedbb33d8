"""Admit landed large flows, check their invoices in batches, settle the flows whose batches are all checked.

Runs    when FLOWS_LANDED rings, every minute, and at once while a run, which is bounded, leaves work open.
Reads   flows that the ledger holds as landed or admitted: it is the queue, the asset event only a bell.
Writes  `admitted/`, `checked/`, `settled/`, `answers/`, ledger entries last; two tasks settle, each its own partners.
Rerun   safe at any task: batches are claimed, results replace themselves; what a killed run left open is taken up.
Alert   owner invoicing-oncall, runbook infra/runbooks/process_flows.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

FLOWS_LANDED = Asset(name="flows_landed", uri="relais://ledger/flows/landed")
STATUSES_ADMITTED = Asset(name="statuses_admitted", uri="relais://ledger/statuses/admitted")
ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")
EVERY_MINUTE = CronTriggerTimetable("* * * * *", timezone="Europe/Paris")
DELAY, TIMEOUT = timedelta(seconds=10), timedelta(minutes=30)  # Ten tries outlast a batch's lease of 60 s.


@dag(
    schedule=AssetOrTimeSchedule(timetable=EVERY_MINUTE, assets=[FLOWS_LANDED]),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "invoicing-oncall", "retries": 10, "retry_delay": DELAY, "execution_timeout": TIMEOUT},
    tags=["flow:invoice", "stage:process", "impact:tier-1"],
    doc_md=__doc__,
)
def process_flows():
    @task(outlets=[ANSWERS_OWED, STATUSES_ADMITTED])
    def admit(*, ti=None) -> int:
        from connectors.orchestrator import in_house, ring
        from pipelines.admission.stage import admit_flows

        with in_house("large") as house:
            count = admit_flows(ledger=house.ledger, store=house.store, partners=house.partners)
            # A refused flow is answered now, not after the batches of the others.
            ring(ti, {ANSWERS_OWED: house.ledger.owed(), STATUSES_ADMITTED: house.ledger.trackable()})
        return count

    @task
    def plan() -> list[str]:
        from connectors.orchestrator import in_house
        from pipelines.planning.stage import plan_batches

        with in_house("large") as house:
            return plan_batches(ledger=house.ledger, store=house.store)

    @task
    def check(batch_id: str, *, ti=None) -> int:
        from connectors.orchestrator import in_house
        from pipelines.validation.stage import check_batch
        from pipelines.validation.standing_engine import standing_engine

        with in_house("large") as house:
            worker = f"{ti.run_id}/{ti.map_index}"  # One for all tries: no waiting for the lease of a killed one.
            ports = {"ledger": house.ledger, "store": house.store, "register": house.register}
            return check_batch(batch_id, worker=worker, engine=standing_engine(house.cache_dir, house.store), **ports)

    # No batch to check means a skipped map, and flows that an earlier run left checked must still be settled.
    @task(trigger_rule="none_failed", outlets=[ANSWERS_OWED, FLOWS_LANDED])
    def settle(number: int, *, ti=None) -> int:
        from connectors.orchestrator import in_house, ring
        from pipelines.settlement.stage import Share, settle_flows

        with in_house("large") as house:
            ports = {name: getattr(house, name) for name in ("ledger", "store", "directory", "clock", "partners")}
            count = settle_flows(**ports, share=Share(number, 2))
            left = count and (house.ledger.open_batches() or house.ledger.settleable())
            ring(ti, {ANSWERS_OWED: count or house.ledger.owed(), FLOWS_LANDED: left})
        return count

    settle.override(task_id="settle_earlier").expand(number=[0, 1])  # What fails for good holds back nothing else.
    check.expand(batch_id=admit() >> plan()) >> settle.expand(number=[0, 1])


process_flows()
