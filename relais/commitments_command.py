"""`relais commitments`: what public bodies committed themselves to, and what invoices took of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from relais.at_home import Home, Json, opened

commitments = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Commitments (engagements juridiques) that public bodies deposited as flows FSO9010A, which suppliers get as "
    "FEN9010A; both codes are ours (docs/commitments.md).",
)


@commitments.command("list")
def list_commitments(
    home: Home = None,
    structure: Annotated[str, typer.Option(help="SIRET of the public body.")] = "",
    supplier: Annotated[str, typer.Option(help="SIRET of the supplier.")] = "",
    as_json: Json = False,
) -> None:
    """List commitments as they stand: number, supplier, amount, drawn, left, state.

    Example: `relais commitments list --structure 21750001600019`
    """
    held = opened(home).ledger.all_commitments(structure, supplier)
    rows = [_row(one) for one in held]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not rows:
        typer.echo("No such commitment was deposited.")
        return
    _print(rows)


@commitments.command()
def show(
    number: Annotated[str, typer.Argument(help="Number of the commitment.")],
    structure: Annotated[str, typer.Option(help="SIRET of the public body; needed where several use the number.")] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show everything known of one commitment, its lines, and the flow that said it last.

    Example: `relais commitments show 1501966748 --structure 21750001600019`
    """
    ledger = opened(home).ledger
    found = [one for one in ledger.all_commitments(structure) if one.commitment.number == number]
    if len(found) != 1:
        raise ConfigurationError(
            "several public bodies use this number" if found else "no commitment has this number",
            where="NUMBER",
            value=number,
            remedy="add --structure SIRET" if found else "see relais commitments list",
        )
    (held,) = found
    flow = ledger.flow(held.flow_key)
    row = _row(held) | {
        "lines": [
            {"number": line.number, "label": line.label, "amount": str(line.amount)} for line in held.commitment.lines
        ],
        "flow": flow.name,
        "received": flow.received_at.isoformat(),
    }
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False, indent=1))
        return
    lines: list[dict[str, Any]] = row.pop("lines")
    for name, value in row.items():
        typer.echo(f"{name:<12}{value if value is not None else '–'}")
    for line in lines:
        typer.echo(f"line {line['number']:<7}{line['amount']:>16}  {line['label']}")


def _row(held: Any) -> dict[str, Any]:
    one = held.commitment
    return {
        "number": one.number,
        "structure": one.structure,
        "service": one.service or None,
        "supplier": one.supplier,
        "amount": str(one.amount),
        "drawn": _in_cents(held.drawn),
        "left": _in_cents(max(one.amount - held.drawn, Decimal(0))),
        "currency": one.currency,
        "issued_on": one.issued_on.isoformat(),
        "valid_from": one.valid_from.isoformat() if one.valid_from else None,
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "state": one.state.value,
    }


def _in_cents(amount: Decimal) -> str:
    """The amount with its cents; with more digits only where it has them."""
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount.normalize():f}"


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from relais.wide_console import wide_console

    console = wide_console(highlight=False)
    shown = Table("number", "structure", "supplier", "amount", "drawn", "left", "currency", "valid to", "state")
    for row in rows:
        # A number comes from outside: it is text, never markup.
        cells = (row[name] for name in ("structure", "supplier", "amount", "drawn", "left", "currency"))
        shown.add_row(Text(row["number"]), *cells, row["valid_to"] or "–", row["state"])
    console.print(shown)
