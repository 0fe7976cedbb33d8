"""`relais as2`: the AS2 gateway, its certificates, its messages."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from data_contracts.errors import ConfigurationError

if TYPE_CHECKING:
    from connectors.as2.partner import As2Partner
    from connectors.settings import Settings

WARNED_DAYS = 60
"""Days before its end that a certificate in use is told in red: partners need weeks to change theirs."""
FINE, EXPIRING = 0, 1

as2 = typer.Typer(no_args_is_help=True, help="Exchange with partners over AS2.")

Home = Annotated[Path, typer.Option(envvar="RELAIS_HOME", help="Home with relais.toml and channels.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


@as2.callback()
def _root() -> None:
    """Exchange with partners over AS2."""


@as2.command()
def serve(
    home: Home,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 for any free one.")] = 4080,
    tls_certificate: Annotated[Path | None, typer.Option(help="PEM certificate chain; with it, HTTPS.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM key of that certificate.")] = None,
) -> None:
    """Receive messages at `/as2`, send what is owed, until stopped.

    It may be killed at any time: a message is answered only once it and its receipt are durable.
    Exit codes: 0 stopped, 2 usage or configuration, 3 operating failure.

    Example: `relais as2 serve --home /srv/relais --host 0.0.0.0 --port 443 --tls-certificate chain.pem --tls-key
    tls.key`
    """
    from connectors.as2.assembly import as2_parts
    from connectors.as2.serving import Listening
    from connectors.as2.serving import serve as serving

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("relais").setLevel(logging.INFO)
    settings, partners = _settings(home)
    store, clock = _store_and_clock(settings)
    parts = as2_parts(partners, _ledger_url(settings), store, clock)
    listening = Listening(host, port, tls_certificate, tls_key)
    serving(parts, listening, ready=lambda taken: typer.echo(f"AS2 gateway listens on {host}:{taken}", err=True))


@as2.command()
def certificates(home: Home, as_json: AsJson = False) -> None:
    """List every certificate of partners and ours, soonest end first.

    Exit codes: 0 all in use last 60 days or more, 1 some do not, or a partner has none that is valid.

    Example: `relais as2 certificates --home /srv/relais`
    """
    from connectors.as2.partner import expiries

    settings, partners = _settings(home)
    rows = expiries(partners.values(), _store_and_clock(settings)[1].now())
    pairs = {(code, owner) for code in partners for owner in ("ours", "theirs")}
    without = pairs - {(row.partner_code, row.owner) for row in rows if row.used}
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], default=_plain, indent=1))
    else:
        table = Table("partner", "whose", "certificate", "from", "until", "days left", "used")
        for row in rows:
            days = f"[red]{row.days_left}" if row.used and row.days_left < WARNED_DAYS else str(row.days_left)
            span = f"{row.not_before:%Y-%m-%d}", f"{row.not_after:%Y-%m-%d}"
            table.add_row(row.partner_code, row.owner, row.label, *span, days, "yes" if row.used else "")
        Console().print(table)
        for code, owner in sorted(without):
            typer.echo(f"{code}: no certificate of {owner} is valid today", err=True)
    late = any(row.used and row.days_left < WARNED_DAYS for row in rows)
    raise typer.Exit(EXPIRING if late or without else FINE)


@as2.command()
def key(
    name: Annotated[str, typer.Argument(help="Name in the certificate, such as RELAIS 2027.")],
    out: Annotated[Path, typer.Option(help="File for key and certificate; the certificate alone goes beside it.")],
    days: Annotated[int, typer.Option(min=1, help="Days that the certificate is valid.")] = 730,
) -> None:
    """Make a key and its certificate, to be sent to partners before the one in use ends.

    Put the new file at the end of `keys` of each partner's record: what comes for either is then opened. Once a partner
    has the new certificate, put it first: we sign with the first valid one.

    Example: `relais as2 key "RELAIS 2027" --out relais-2027.pem --days 730`
    """
    from connectors.as2.key_making import self_signed, write_key
    from connectors.clock import SystemClock

    today = SystemClock().now().replace(microsecond=0)
    shown = write_key(self_signed(name, today, today + timedelta(days=days)), out)
    typer.echo(f"{out} stays here; {shown} goes to partners")


@as2.command()
def messages(home: Home, as_json: AsJson = False) -> None:
    """Count messages sent by partner and state, and show those that failed or had to be tried again.

    Example: `relais as2 messages --home /srv/relais`
    """
    from connectors.as2.sent import SentRecords

    settings, _ = _settings(home)
    records = SentRecords(_ledger_url(settings))
    counts, troubled = records.counts(), records.unsettled()
    if as_json:
        shown = [{key: value for key, value in asdict(row).items() if key != "receipt"} for row in troubled]
        tally = [{"partner_code": code, "state": state, "count": count} for (code, state), count in counts.items()]
        typer.echo(json.dumps({"counts": tally, "unsettled": shown}, default=_plain, indent=1))
        return
    tallies = Table("partner", "state", "messages")
    for (code, state), count in counts.items():
        tallies.add_row(code, state, str(count))
    table = Table("partner", "name", "Message-ID", "state", "attempts", "outcome")
    for row in troubled:
        table.add_row(row.partner_code, row.name, row.message_id, row.state, str(row.attempts), row.outcome)
    for shown_table in (tallies, table):
        Console().print(shown_table)


@as2.command()
def resend(
    home: Home,
    partner: Annotated[str, typer.Argument(help="Application code.")],
    name: Annotated[str, typer.Argument(help="Name of the answer.")],
) -> None:
    """Send a failed message again: the same bytes under the same Message-ID.

    Example: `relais as2 resend BAT001 CSO1110A_BAT001_RLS0011110000000000000001 --home /srv/relais`
    """
    from connectors.as2.sent import SentRecords

    settings, _ = _settings(home)
    if not SentRecords(_ledger_url(settings)).resend(partner, name):
        raise ConfigurationError(
            "no failed message bears this name", where=partner, value=name, remedy="see relais as2 messages"
        )
    typer.echo("It is sent again within seconds, if the gateway runs.")


def _settings(home: Path) -> tuple[Settings, dict[str, As2Partner]]:
    from connectors.channels import read_channels
    from connectors.settings import load

    partners = dict(read_channels(home).as2)
    if not partners:
        raise ConfigurationError(
            "no partner has an AS2 channel",
            where=str(home / "channels.toml"),
            remedy="write a table [partners.CODE.as2]",
        )
    return load(home), partners


def _ledger_url(settings: Settings) -> str:
    from connectors.ledger import SqlLedger

    ledger = SqlLedger(settings.ledger_url)
    ledger.create_tables()
    ledger.close()
    return settings.ledger_url


def _store_and_clock(settings: Settings) -> tuple[Any, Any]:
    from connectors.assembly import clock_of, store_of

    return store_of(settings), clock_of(settings)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
