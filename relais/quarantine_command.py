"""`relais quarantine`: what could not be judged waits here for a person; this is the way out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from data_contracts.motives import MOTIVES, Scope
from relais.at_home import As, Home, Json, Reason, action, house_and_settings, opened, said
from relais.quarantine_rows import lines, meant, row, shown

FILE_WIDTH = 200
_COLUMNS = ("flow", "position", "name", "cause", "since", "attempts", "state", "id")

quarantine = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Invoices that could not be judged wait here, with their bytes, the cause, and what looked at them.\n\n"
    "**The way out**: `relais quarantine list`, `show ID`, then `release ID --reason …` (check again: accepted or "
    "rejected by the result, or waiting on) or `reject ID --reason …` (the supplier gets the reason). Either way the "
    "supplier gets a status, an accepted invoice goes to its recipient, and the flow's counts follow. An ID is "
    "FLOW/POSITION, or FLOW for all that waits of a flow; FLOW is its key, six first characters of it, or its name.",
)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="FLOW/POSITION, or FLOW for all that waits of it.")]
Deliver = Annotated[bool, typer.Option("--deliver", help="Deliver what is owed now, not with the next delivery run.")]


@quarantine.command("list")
def list_entries(
    home: Home = None,
    all: Annotated[bool, typer.Option("--all", help="Also what has left quarantine.")] = False,
    as_json: Json = False,
) -> None:
    """List what waits: flow, position, name, cause, since when, how often it was tried again.

    Example: `relais quarantine list --all`
    """
    from data_contracts.quarantine import QuarantineState

    built = opened(home)
    waiting = (QuarantineState.WAITING, QuarantineState.ORDERED)
    entries = built.ledger.quarantine(*(() if all else waiting))
    rows = [row(entry) for entry in entries]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_table(rows)
    missing = built.ledger.reconciliation().invoices_quarantined - sum(entry.state in waiting for entry in entries)
    if missing:
        typer.echo(f"{missing} more were set aside before quarantine was kept here; see their flows.", err=True)


@quarantine.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="FLOW/POSITION.")],
    home: Home = None,
    out: Annotated[Path | None, typer.Option(help="Also write the document's bytes to this new file.")] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Show everything known of one invoice, its findings so far, and where its bytes lie.

    Bytes come from outside: look at them with care. Writing them to a file is an action, kept in the ledger.

    Example: `relais quarantine show FSO1100A_ELC001_ELC0011100000000000000001/17`
    """
    from pipelines.quarantine.invoice import document_of

    built = opened(home)
    (entry, *others) = meant([id], built.ledger.quarantine())
    if others:
        raise ConfigurationError("more than one invoice is named so", where="ID", value=id, remedy="add /POSITION")
    told = shown(entry, built)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str) if as_json else "\n".join(lines(told)))
    if out is not None:
        with action(built, who, "quarantine extract", {"id": entry.id, "out": out}, ""):
            try:
                with out.open("xb") as file:
                    file.write(document_of(entry, built.store).data)
            except OSError as error:
                raise ConfigurationError(
                    "the file cannot be written", where=str(out), value=error.strerror or "", remedy="name a new file"
                ) from error


@quarantine.command()
def release(
    ids: Ids,
    reason: Reason,
    home: Home = None,
    as_received: Annotated[
        bool, typer.Option("--as-received", help="By the rule files of the flow's own control date, not of today.")
    ] = False,
    who: As = None,
    deliver: Deliver = False,
    as_json: Json = False,
) -> None:
    """Check invoices again, each in a process of its own, and settle them by the result.

    Accepted: made available to the supplier, diffused to the recipient. Rejected: told to the supplier with every
    finding. Still undetermined, or the check stops its process: it waits on, with the new cause. Uniqueness counts from
    now: if the same number was accepted from another file meanwhile, this one is the duplicate, unless it recycles or
    completes that one, which waits for it. A commitment that it quotes is drawn on now.

    Example: `relais quarantine release FSO1100A_ELC001_ELC0011100000000000000001/17 --reason "the rule file was
    mended"`
    """
    from data_contracts.quarantine import Verb

    _ordered(Verb.RELEASE, ids, said(reason), "", home, as_received, who, deliver, as_json)


@quarantine.command()
def reject(
    ids: Ids,
    reason: Reason,
    home: Home = None,
    motive: Annotated[str, typer.Option(help="Motive code that the supplier gets.")] = "REJ_SEMAN",
    who: As = None,
    deliver: Deliver = False,
    as_json: Json = False,
) -> None:
    """Reject invoices: the supplier gets a rejection with the motive and the reason, so write it for them.

    Example: `relais quarantine reject FSO1100A_ELC001_ELC0011100000000000000001/17 --reason "Le fichier est tronqué
    : le renvoyer."`
    """
    from data_contracts.quarantine import Verb

    codes = sorted(row.code for row in MOTIVES.values() if row.scope in (Scope.DOCUMENT, Scope.INVOICE))
    if motive not in codes:
        raise ConfigurationError(
            "no motive of invoices has this code", where="--motive", value=motive, remedy="use " + ", ".join(codes)
        )
    _ordered(Verb.REJECT, ids, said(reason), motive, home, False, who, deliver, as_json)


def _ordered(
    verb: Any, ids: Sequence[str], reason: str, motive: str, home: Path | None, as_received: bool, who: str | None,
    deliver: bool, as_json: bool,
) -> None:  # fmt: skip
    """Gives the orders, then carries out whatever is ordered, what an interrupted command left included."""
    from pipelines.delivery.stage import deliver_answers
    from relais.ordering import carried_out

    built, settings = house_and_settings(home)
    chosen = meant(ids, built.ledger.quarantine())
    arguments = {"ids": [entry.id for entry in chosen], "motive": motive, "as_received": as_received}
    with action(built, who, f"quarantine {verb.value}", arguments, reason) as told:
        carried = carried_out(built, settings, verb, chosen, reason, motive, as_received, who)
        told.outcome = "; ".join(f"{one.entry.id} {one.outcome.value} {one.told}".rstrip() for one in carried)
        if deliver:
            deliver_answers(ledger=built.ledger, store=built.store, mailbox=built.mailbox)
    rows = [
        {"id": one.entry.id, "outcome": one.outcome.value, "told": one.told, "answers": [a.name for a in one.answers]}
        for one in carried
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for one in rows:
        typer.echo(f"{one['id']}: {one['outcome']} {one['told']}".rstrip())
        for name in one["answers"]:
            typer.echo(f"  owes {name}")


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from relais.wide_console import wide_console

    console = wide_console(width=FILE_WIDTH)
    table = Table(box=SIMPLE_HEAD, padding=0, collapse_padding=True)
    for name in _COLUMNS:
        table.add_column(name.capitalize(), overflow="fold", justify="right" if name == "attempts" else "left")
    for one in rows:
        table.add_row(*(Text(str(one[name])) for name in _COLUMNS))
    console.print(table if rows else "Nothing waits in quarantine.")
