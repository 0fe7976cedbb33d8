"""`relais actions`: what operators did."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from relais.at_home import Home, Json, opened

INTERRUPTED = "(no end: interrupted, or still running)"


def actions(
    home: Home = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List what operators did: when, who, what, with which arguments, why, and how it ended.

    The list only grows: the database refuses to change or remove an entry.

    Example: `relais actions --limit 20`
    """
    kept = opened(home).ledger.actions(limit)
    if not kept and not as_json:
        typer.echo("No action of an operator is recorded.")
    for one in kept:
        if as_json:
            typer.echo(
                json.dumps(asdict(one) | {"arguments": json.loads(one.arguments)}, ensure_ascii=False, default=str)
            )
            continue
        typer.echo(f"{one.number}  {one.at.isoformat()}  {one.who}  {one.what} {one.arguments}")
        if one.reason:
            typer.echo(f"    why: {one.reason}")
        typer.echo(f"    end: {one.outcome or INTERRUPTED}")
