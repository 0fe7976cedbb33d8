"""Admit landed flows, check their invoices in batches, settle the flows whose batches are all checked.

Runs    when `collect_flows` rings FLOWS_LANDED, and every minute.
Reads   the flows that the ledger holds as landed or admitted. The ledger is the queue and the asset event only a bell:
        a lost or doubled ring does no harm, and batches that a killed run left open are taken up by the next one.
Writes  `admitted/`, `checked/`, `settled/` and `answers/`, each stage its ledger entry last.
Rerun   safe at any task: a batch is claimed by id, and results replace themselves byte for byte.
Alert   owner invoicing-oncall, runbook docs/runbooks/process_flows.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, AssetAlias, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

FLOWS_LANDED = Asset(name="flows_landed", uri="relais://ledger/flows/landed")
ANSWERS_OWED = Asset(name="answers_owed", uri="relais://ledger/answers/owed")
ANSWERS_OWED_BELL = AssetAlias(name="answers_owed_bell")


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("* * * * *", timezone="Europe/Paris"), assets=[FLOWS_LANDED]
    ),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    # A batch that a failed run left leased is free after 60 s: ten tries, 10 s apart, outlast that.
    default_args={
        "owner": "invoicing-oncall",
        "retries": 10,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=30),
    },
    tags=["flow:invoice", "stage:process", "impact:tier-1"],
    doc_md=__doc__,
)
def process_flows():
    @task(outlets=[ANSWERS_OWED_BELL])
    def admit(*, outlet_events=None) -> int:
        from connectors.orchestrator import in_house, raised_as_airflow
        from pipelines.admission import stage

        with raised_as_airflow():
            house = in_house()
            count = stage.admit_flows(
                ledger=house.ledger, store=house.store, partners=house.partners, clock=house.clock
            )
            if house.ledger.owed():  # A refused flow is answered now, not after the batches of the others.
                outlet_events[ANSWERS_OWED_BELL].add(ANSWERS_OWED)
        return count

    @task
    def plan() -> list[str]:
        from connectors.orchestrator import in_house, raised_as_airflow
        from pipelines.planning import stage

        with raised_as_airflow():
            house = in_house()
            return stage.plan_batches(ledger=house.ledger, store=house.store)

    @task
    def check(batch_id: str, *, ti=None) -> int:
        from connectors.orchestrator import in_house, raised_as_airflow
        from pipelines.validation import stage

        with raised_as_airflow():
            house = in_house()
            worker = f"{ti.run_id}/{ti.map_index}"  # Of every try: the next one need not wait for a killed one's lease.
            return stage.check_batch(batch_id, ledger=house.ledger, store=house.store, worker=worker)

    # No batch to check means a skipped map, and flows that an earlier run left checked must still be settled.
    @task(trigger_rule="none_failed", outlets=[ANSWERS_OWED_BELL])
    def settle(*, outlet_events=None) -> int:
        from connectors.orchestrator import in_house, raised_as_airflow
        from pipelines.settlement import stage

        with raised_as_airflow():
            house = in_house()
            count = stage.settle_flows(
                ledger=house.ledger, store=house.store, directory=house.directory, clock=house.clock
            )
            if house.ledger.owed():
                outlet_events[ANSWERS_OWED_BELL].add(ANSWERS_OWED)
        return count

    batch_ids = plan()
    admit() >> batch_ids
    check.expand(batch_id=batch_ids) >> settle()


process_flows()
