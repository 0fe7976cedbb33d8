"""`relais deadlines`: what is owed by when, what is at risk, and how promises were kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from relais.at_home import Home, opened
from relais.deadlines_words import open_ones, spelled

OPEN_SHOWN = 30
"""Open things listed in the table; JSON and HTML list all."""
_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    HTML = "html"


def deadlines(
    home: Home = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=_TIMES, help="Count what was done since then, UTC. [default: a day ago]"),
    ] = None,
    format: Annotated[Form, typer.Option(help="How it is shown.")] = Form.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show how deadlines are kept: acknowledgments within 20 minutes (99.5 %), statuses within 24 hours, and diffusion
    flows that recipients have not acknowledged.

    Exit code 1 when something of ours is at risk or missed.

    Example: `relais deadlines --since 2026-11-20T06:00 --format html > deadlines.html`
    """
    from pipelines.deadlines.terms import alarming, attained, minutes_taken
    from pipelines.deadlines.watch import PERIOD, standings

    built = opened(home)
    now = built.ledger.present()
    begun = since.replace(tzinfo=UTC) if since is not None else now - PERIOD
    held = standings(ledger=built.ledger, since=begun, now=now)
    kept = attained(held)
    minutes = minutes_taken(held, _acknowledgment())
    if as_json or format is Form.JSON:
        typer.echo(json.dumps(_document(held, kept, minutes, begun, now), ensure_ascii=False, indent=1))
    elif format is Form.HTML:
        from relais.deadlines_html import page

        typer.echo(page(held, kept, minutes, begun, now), nl=False)
    else:
        _print(held, kept, minutes, begun)
    raise typer.Exit(1 if alarming(held) else 0)


def _acknowledgment() -> Any:
    from data_contracts.deadlines import Duty

    return Duty.ACKNOWLEDGMENT


def _document(held: Any, kept: Any, minutes: Any, begun: datetime, now: datetime) -> dict[str, Any]:
    from pipelines.deadlines.histogram import bars

    return {
        "since": begun.isoformat(),
        "now": now.isoformat(),
        "attained": [
            {
                "duty": one.duty, "percent": None if one.percent is None else str(one.percent),
                "target": str(one.target), "kept": one.kept,
                "counts": {stand.value: count for stand, count in one.counts.items()},
            }
            for one in kept
        ],
        "open": [
            {
                "duty": one.owed.duty, "stand": one.stand, "partner": one.owed.partner_code, "name": one.owed.name,
                "since": one.owed.since.isoformat(), "due": one.due_at.isoformat(),
            }
            for one in open_ones(held)
        ],
        "minutes_to_acknowledgment": [
            {"up_to": bar.label, "count": bar.count, "late": bar.late} for bar in bars(minutes)
        ],
    }  # fmt: skip


def _print(held: Any, kept: Any, minutes: Any, begun: datetime) -> None:
    from rich.table import Table
    from rich.text import Text

    from pipelines.deadlines.histogram import bars, sparkline
    from pipelines.deadlines.terms import Stand
    from relais.wide_console import wide_console

    console = wide_console(highlight=False)
    summary = Table(
        "duty", *(stand.value for stand in Stand), "attained", "target", title=f"Since {begun:%F %H:%M} UTC"
    )
    for one in kept:
        percent = "–" if one.percent is None else f"{one.percent} %"
        target = f"{one.target} %" if one.target else "–"
        summary.add_row(one.duty.value, *(str(one.counts[stand]) for stand in Stand), percent, target)
    console.print(summary)
    drawn = bars(minutes)
    console.print(f"Minutes to acknowledgment |{sparkline(drawn)}| " + " ".join(bar.label for bar in drawn))
    waiting = open_ones(held)
    if waiting:
        listed = Table("due", "stand", "duty", "partner", "name", "waits", title="Open")
        for one in waiting[:OPEN_SHOWN]:
            # A name comes from outside: it is text, never markup.
            row = (f"{one.due_at:%F %H:%M}", one.stand.value, one.owed.duty.value, one.owed.partner_code)
            listed.add_row(*row, Text(one.owed.name), spelled(one.took))
        console.print(listed)
        if len(waiting) > OPEN_SHOWN:
            console.print(f"and {len(waiting) - OPEN_SHOWN} more: relais deadlines --json")
