"""Notifications from end to end: ledger, store and a real mail server; killed, refused, put off, cut."""

from __future__ import annotations

import email
import email.policy
import os
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from connectors.ledger import SqlLedger
from connectors.ledger_bulk import insert_rows
from connectors.ledger_digests import DIGEST_LEASE_SECONDS
from connectors.ledger_tables import status_event
from connectors.mail_settings import MailSettings, Security
from connectors.smtp import SmtpSender
from data_contracts.answers import FindingRow
from data_contracts.errors import IntegrityBroken, MailUnavailable
from data_contracts.history_ledger import Diffused, Receipt
from data_contracts.ledger import StatusEvent
from data_contracts.mail import Mail, MailOutcome, MailResult
from data_contracts.messages import Language, told
from data_contracts.notifications import DigestClaim, DigestState, Frequency, Role
from pipelines.notifications import stage
from pipelines.notifications.reminders import owe_reminders
from pipelines.notifications.stage import ATTEMPTS_MAX, Sent, owe_round, send_digests
from tests.connectors.mail_server import Inbox, mail_server
from tests.connectors.notified import SENDER, STRUCTURE, Place, place, settled, subscription
from tests.connectors.scenes import NOON, PARTNER, Machine, answer, in_child
from tests.unit.rows import finding

HERE = MailSettings("127.0.0.1", 25, Security.NONE, SENDER, timeout_seconds=10)


@pytest.fixture
def here(tmp_path: Path, machine: Machine) -> Place:
    return place(tmp_path, time=machine)


def sent(here: Place, inbox: Inbox) -> Sent:
    with mail_server(inbox) as port, SmtpSender(replace(HERE, port=port)) as sender:
        return send_digests(sender=sender, sender_address=SENDER, ledger=here.ledger, store=here.store)


def owe(here: Place, *subscriptions: Any, frequency: Frequency = Frequency.AT_ONCE, hours: int = 0) -> int:
    now = NOON + timedelta(hours=hours)
    return owe_round(frequency, subscriptions, sender=SENDER, now=now, ledger=here.ledger, store=here.store)


def read(content: bytes | None) -> tuple[EmailMessage, str]:
    assert content is not None
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    assert text is not None
    return message, text.get_content()


def test_supplier_and_recipient_are_told_each_in_their_language(here: Place) -> None:
    settled(here, 1, [("03", ""), ("05", "REJ_SEMAN"), ("06", "JUSTIF_ABS")])
    agent = subscription()
    supplier = subscription(
        "supplier@elc.example", structure="", partner_code=PARTNER, language=Language.EN, role=Role.PRINCIPAL_MANAGER
    )
    assert owe(here, agent, supplier) == 2
    inbox = Inbox()
    assert sent(here, inbox) == Sent(sent=2)
    (to_agent, agent_text), (to_supplier, supplier_text) = (read(one.original_content) for one in inbox.taken)
    assert (to_agent["To"], to_supplier["To"]) == ("agent@ville.example", "supplier@elc.example")
    assert "Facture F1-0 de Electricite du Centre – 120,00 EUR" in agent_text
    assert "Suspendue (06), le 01/09/2026 à 14:00" in agent_text
    assert "F1-1" not in agent_text, "an invoice that was rejected at its deposit never reached the recipient"
    assert "Factures en cours à présent : 2" in agent_text
    assert "1 en cours" not in agent_text
    assert "Invoice F1-1 of Electricite du Centre – 120.00 EUR" in supplier_text
    assert "Rejected for another motive (05), on 2026-09-01 at 14:00" in supplier_text
    assert "Motive REJ_SEMAN: The invoice breaks content rules." in supplier_text
    assert "A principal manager is always told" in supplier_text
    assert to_supplier["Subject"] == "Relais: news of 3 invoices, 2 to act on"
    assert to_agent["Auto-Submitted"] == "auto-generated"
    assert sent(here, inbox) == Sent()


def test_a_rejection_at_the_deposit_names_the_rules_that_reject(here: Place) -> None:
    def faults(flow_key: str) -> list[FindingRow]:
        told = [
            finding(
                "relais.chorus-pro:2",
                flow_key=flow_key,
                rule=f"R-{at}",
                flag="warning" if at == 3 else "fatal",
                message_en=f"Fault\n{at}.",
            )
            for at in range(8)
        ]
        # What the official rules find rejects no invoice under Chorus Pro.
        return [finding(flow_key=flow_key), *told]

    settled(here, 1, [("05", "REJ_SEMAN"), ("06", "JUSTIF_ABS")], faults)
    supplier = subscription("supplier@elc.example", structure="", partner_code=PARTNER, language=Language.EN)
    assert owe(here, supplier) == 1
    inbox = Inbox()
    sent(here, inbox)
    _, text = read(inbox.taken[0].original_content)
    lines = [line.strip() for line in text.splitlines()]
    assert [line for line in lines if line.startswith("Rule ")] == [
        f"Rule R-{at}: Fault {at}." for at in (0, 1, 2, 4, 5)
    ]
    assert "And 2 more findings: the acknowledgment of the flow has them all." in lines


def test_in_progress_invoices_are_told_apart_as_they_go_on(here: Place) -> None:
    settled(here, 1, [("03", ""), ("06", "JUSTIF_ABS"), ("11", "")])
    owe(here, subscription())
    settled(here, 2, [("07", "")])
    assert told("notification-subject", Language.FR, count=1, urgent=0) == "Relais : des nouvelles de 1 facture"
    owe(here, subscription(), hours=1)
    inbox = Inbox()
    sent(here, inbox)
    _, text = read(inbox.taken[1].original_content)
    assert "Factures en cours à présent : 3" in text
    assert (
        f"Structure {STRUCTURE} : 3 en cours (Mise à disposition : 1, Suspendue : 1, En cours de traitement : 1)"
        in text
    )


def test_daily_mails_hold_what_at_once_mails_held_already_for_others(here: Place) -> None:
    settled(here, 1, [("03", "")])
    daily = subscription("daily@ville.example", frequency=Frequency.DAILY)
    never = subscription("never@ville.example", frequency=Frequency.NEVER)
    assert owe(here, daily, never) == 0
    settled(here, 2, [("03", "")])
    assert owe(here, daily, never, frequency=Frequency.DAILY) == 1
    inbox = Inbox()
    sent(here, inbox)
    _, text = read(inbox.taken[0].original_content)
    assert "F1-0" in text
    assert "F2-0" in text
    assert owe(here, daily, frequency=Frequency.DAILY, hours=24) == 0


class KilledAfter:
    """A ledger that dies right before it records how an attempt ended."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def claim_digest(self) -> DigestClaim | None:
        return self._ledger.claim_digest()

    def digest_done(self, claim: DigestClaim, state: DigestState, detail: str, *, made: bool = True) -> None:
        os._exit(9)


def test_killed_between_send_and_record_the_same_message_comes_again_after_the_lease(
    here: Place, machine: Machine
) -> None:
    settled(here, 1, [("03", "")])
    owe(here, subscription())
    inbox = Inbox()
    with mail_server(inbox) as port:
        settings = replace(HERE, port=port)

        def work() -> None:
            ledger: Any = KilledAfter(here.ledger)
            send_digests(sender=SmtpSender(settings), sender_address=SENDER, ledger=ledger, store=here.store)

        assert in_child(work) == 9
        assert len(inbox.taken) == 1
        with SmtpSender(settings) as sender:
            ports: dict[str, Any] = {"sender_address": SENDER, "ledger": here.ledger, "store": here.store}
            assert send_digests(sender=sender, **ports) == Sent(), "it may be on its way: nobody sends it now"
            machine.seconds += DIGEST_LEASE_SECONDS
            assert send_digests(sender=sender, **ports) == Sent(sent=1)
            assert send_digests(sender=sender, **ports) == Sent()
    first, second = (read(one.original_content)[0]["Message-ID"] for one in inbox.taken)
    assert first == second
    assert inbox.taken[0].original_content == inbox.taken[1].original_content


def test_killed_between_composing_and_owing_the_same_mails_are_owed(here: Place) -> None:
    settled(here, 1, [("03", "")])

    def work() -> None:
        ledger: Any = here.ledger
        ledger.owe_digests = lambda *_: os._exit(9)
        owe(here, subscription())

    assert in_child(work) == 9
    settled(here, 2, [("03", "")])
    assert here.ledger.digests() == []
    owe(here, subscription(), hours=1)
    owe(here, subscription(), hours=2)
    mails = [read(here.store.read(row.digest.object_key))[1] for row in here.ledger.digests()]
    assert [("F1-0" in mail, "F2-0" in mail) for mail in mails] == [(True, False), (False, True)]
    assert list(here.store.keys("notifications/")) == sorted(row.digest.object_key for row in here.ledger.digests())


def test_refused_put_off_and_uncertain_mails_stop_no_other(here: Place, machine: Machine) -> None:
    settled(here, 1, [("03", "")])
    names = ["a-cut", "b-gone", "c-full", "d-well"]
    owe(here, *(subscription(f"{name}@ville.example") for name in names))
    inbox = Inbox(
        recipients={"b-gone@ville.example": "550 no such user", "c-full@ville.example": "452 full"},
        cut_before_answer={1},
    )
    assert sent(here, inbox) == Sent(sent=1, refused=1, deferred=1, uncertain=1)
    states = {row.digest.address.partition("@")[0]: row.state for row in here.ledger.digests()}
    assert states == dict(
        zip(names, (DigestState.CLAIMED, DigestState.REFUSED, DigestState.OWED, DigestState.SENT), strict=True)
    )
    machine.seconds += DIGEST_LEASE_SECONDS
    assert sent(here, Inbox()) == Sent(sent=2)


def test_a_mail_put_off_too_often_is_given_up(here: Place, machine: Machine) -> None:
    settled(here, 1, [("03", "")])
    owe(here, subscription())
    inbox = Inbox(recipients={"agent@ville.example": "452 full"})
    for _ in range(ATTEMPTS_MAX - 1):
        assert sent(here, inbox) == Sent(deferred=1)
        machine.seconds += 100_000
    assert sent(here, inbox) == Sent(deferred=1)
    machine.seconds += 100_000
    assert sent(here, inbox) == Sent()
    assert [(row.state, row.attempts, row.detail) for row in here.ledger.digests()] == [
        (DigestState.REFUSED, ATTEMPTS_MAX, "452 full")
    ]


def test_a_server_that_is_away_delays_everything_and_loses_nothing(here: Place, machine: Machine) -> None:
    settled(here, 1, [("03", "")])
    owe(here, subscription("a@ville.example"), subscription("b@ville.example"))
    with SmtpSender(replace(HERE, port=1)) as sender, pytest.raises(MailUnavailable):
        send_digests(sender=sender, sender_address=SENDER, ledger=here.ledger, store=here.store)
    assert [row.attempts for row in here.ledger.digests()] == [0, 0]
    machine.seconds += 1_000
    assert sent(here, Inbox()) == Sent(sent=2)


def test_a_stored_mail_that_was_changed_is_not_sent(here: Place) -> None:
    settled(here, 1, [("03", "")])
    owe(here, subscription())
    (row,) = here.ledger.digests()
    here.store.replace(row.digest.object_key, b"To: everyone\r\n\r\n")

    class Never:
        def send(self, mail: Mail) -> MailResult:
            return MailResult(MailOutcome.SENT)

        def close(self) -> None: ...

    with pytest.raises(IntegrityBroken):
        send_digests(sender=Never(), sender_address=SENDER, ledger=here.ledger, store=here.store)


def test_an_invoice_is_told_once_with_what_came_before(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "EVENTS_A_PAGE", 2)
    flow_key = settled(here, 1, [("01", ""), ("01", ""), ("01", "")])
    events = [StatusEvent(flow_key, at, "FEN1200A", "03", NOON) for at in range(3)]
    with here.ledger._write() as connection:
        insert_rows(connection, status_event, tuple(vars(events[0])), (tuple(vars(one).values()) for one in events))
    owe(here, subscription())
    inbox = Inbox()
    sent(here, inbox)
    _, text = read(inbox.taken[0].original_content)
    assert text.count("* Facture") == 3
    assert text.count("Mise à disposition du destinataire (03), le 01/09/2026 à 14:00") == 3
    assert text.count("Auparavant : Déposée (01), le 01/09/2026 à 14:00") == 3
    assert "3 factures ont un nouveau statut" in text


def delivered_pivot(here: Place, sequence: int, name_rank: int) -> Diffused:
    flow_key = settled(here, sequence, [("03", "")])
    pivot = answer(flow_key, name_rank, interface_code="FEN0036A", partner_code="CCC333")
    return Diffused(pivot, NOON, Receipt.NONE)


def test_a_recipient_is_reminded_of_each_flow_once_an_interval(here: Place) -> None:
    waiting = [delivered_pivot(here, sequence, sequence) for sequence in (1, 2)]
    readers = [
        subscription("chief@ville.example", structure="", partner_code="CCC333", role=Role.PRINCIPAL_MANAGER),
        subscription("off@ville.example", structure="", partner_code="CCC333", frequency=Frequency.NEVER),
        subscription("other@ville.example", structure="", partner_code="DDD444"),
    ]

    def reminded(overdue: list[Diffused], hours: int) -> int:
        ports: dict[str, Any] = {"ledger": here.ledger, "store": here.store}
        return owe_reminders(overdue, readers, sender=SENDER, now=NOON + timedelta(hours=hours), **ports)

    assert [reminded(waiting[:1], 25), reminded(waiting, 26), reminded(waiting, 48), reminded(waiting, 50)] == [
        1,
        1,
        0,
        2,
    ]
    inbox = Inbox()
    assert sent(here, inbox) == Sent(sent=3)
    assert {envelope.rcpt_tos[0] for envelope in inbox.taken} == {"chief@ville.example"}
    texts = [read(envelope.original_content)[1] for envelope in inbox.taken]
    assert [text.count("rappel") for text in texts] == [1, 1, 2]
    assert f"{waiting[0].answer.name}, remis le 01/09/2026 à 14:00, rappel 2" in texts[2]
    assert reminded([replace(waiting[0], answer=replace(waiting[0].answer, partner_code="EEE555"))], 99) == 0
