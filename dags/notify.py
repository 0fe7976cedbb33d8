"""Tell people by mail what became of their invoices, and remind recipients of flows they have not acknowledged.

Runs    every five minutes; daily mails go out with the first run from seven in the morning on.
Reads   the events that the ledger holds, checked tables, `notifications.csv` and `mail.toml` of the home.
Writes  `notifications/`, the ledger's digests, and mails to the mail server; nothing without `mail.toml`.
Rerun   safe at any point: a mail is claimed before it goes out; one whose fate nobody knows comes again as the same.
Alert   owner invoicing-oncall, runbook infra/runbooks/notify.md.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="Europe/Paris"),
    start_date=pendulum.datetime(2026, 9, 1, tz="Europe/Paris"),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "invoicing-oncall",
        "retries": 3,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=60),
    },
    tags=["flow:invoice", "stage:notify", "impact:tier-3"],
    doc_md=__doc__,
)
def notify():
    @task
    def tell_people() -> int:
        from connectors.mail_settings import read_mail_settings
        from connectors.notification_register import read_subscriptions
        from connectors.orchestrator import in_house
        from connectors.settings import from_environment
        from connectors.smtp import SmtpSender
        from pipelines.notifications.rounds import notify as run

        with in_house() as house:
            home = from_environment().home
            mail = read_mail_settings(home)
            if mail is None:
                return 0
            ports = {"ledger": house.ledger, "store": house.store, "now": house.clock.now()}
            with SmtpSender(mail) as sender:
                sent = run(read_subscriptions(home), sender=sender, sender_address=mail.sender, **ports)
            return sent.sent

    tell_people()


notify()
