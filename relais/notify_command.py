"""`relais notify`: mails that tell people what became of their invoices."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from relais.at_home import Home, Json, house_and_settings


def notify(
    home: Home = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the mails as a person would read them.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Owe the mails that are due, and send what is owed.")] = False,
    as_json: Json = False,
) -> None:
    """Tell people by mail what became of their invoices, each once, in their language.

    Who is told stands in `notifications.csv` of the home: structure or partner_code, service, email, language (fr, en),
    role (principal_manager, manager, user), frequency (daily, at_once, never), events (all, or phases). A principal
    manager cannot opt out. The mail server stands in `mail.toml` (docs/notifications.md).

    Example: `relais notify --dry-run`
    """
    from connectors.notification_register import read_subscriptions

    if dry_run == send:
        raise ConfigurationError("say what to do", where="relais notify", remedy="give --dry-run, or --send")
    built, settings = house_and_settings(home)
    subscriptions = read_subscriptions(settings.home)
    if dry_run:
        _shown(built, subscriptions, as_json)
        return
    sent = send_now(built, settings.home, subscriptions)
    if as_json:
        typer.echo(json.dumps(asdict(sent)))
    else:
        typer.echo(f"{sent.sent} sent, {sent.refused} refused, {sent.deferred} put off, {sent.uncertain} uncertain")


def send_now(built: Any, home: Any, subscriptions: Any) -> Any:
    """What became of the mails. ConfigurationError when the home names no mail server."""
    from connectors.mail_settings import FILE_NAME, read_mail_settings
    from connectors.smtp import SmtpSender
    from pipelines.notifications.rounds import notify as run

    mail = read_mail_settings(home)
    if mail is None:
        raise ConfigurationError(
            "no mail server is named", where=str(home / FILE_NAME), remedy="write [mail] with server and sender"
        )
    with SmtpSender(mail) as sender:
        return run(
            subscriptions,
            sender=sender,
            sender_address=mail.sender,
            now=built.clock.now(),
            ledger=built.ledger,
            store=built.store,
        )


def _shown(built: Any, subscriptions: Any, as_json: bool) -> None:
    from pipelines.notifications.page_text import page_text
    from pipelines.notifications.rounds import preview

    told = preview(subscriptions, now=built.clock.now(), ledger=built.ledger, store=built.store)
    mails = [(one.gathered.address, one.page.subject, page_text(one.page)) for one in told]
    if as_json:
        rows = [{"to": to, "subject": subject, "text": text} for to, subject, text in mails]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for to, subject, text in mails:
        typer.echo(f"To: {to}\nSubject: {subject}\n\n{text}\n{'=' * 72}\n")
    typer.echo(f"{len(mails)} mails would be owed; {len(subscriptions)} subscriptions.", err=True)
