"""`relais trace`: the history of one invoice, by its number."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from relais.at_home import Home, Json, opened

FILE_WIDTH = 200
"""Characters of a line when the history goes to a file or a pipe."""


class Shown(StrEnum):
    """The language of the table; JSON holds both."""

    FR = "fr"
    EN = "en"


def trace(
    number: Annotated[str, typer.Argument(help="The invoice's number (BT-1), as the supplier wrote it.")],
    supplier: Annotated[str, typer.Option(help="The supplier's SIRET or SIREN, or the identifier that stands for it.")],
    year: Annotated[int | None, typer.Option(help="Year of issue, where a number came more than once.")] = None,
    home: Home = None,
    language: Annotated[Shown, typer.Option(help="Language of the table.")] = Shown.FR,
    as_json: Json = False,
) -> None:
    """Tell the history of an invoice: every deposit under its number, and all that was said of it since.

    Each event with its date, who set it, what it means and what follows, motive, comment, mandate number and amounts,
    the flow that brought it and those that told the supplier; of each deposit its hash, the rules that judged it and
    what they found, its recipient, and the invoices before and after it.

    Example: `relais trace ELC-2026-0000003 --supplier 81345127500024 --language en`
    """
    from pipelines.tracking.trace import sellers_of, traced
    from relais.trace_facts import facts

    built = opened(home)
    found = traced(sellers_of(supplier.strip()), number, year, ledger=built.ledger, store=built.store)
    if not found:
        raise ConfigurationError(
            "no settled flow holds an invoice of this number",
            where="NUMBER",
            value=f"{number} of {supplier}" + (f", issued in {year}" if year else ""),
            remedy="check number, supplier and --year; an invoice that just came is found once its flow is settled",
        )
    told: list[dict[str, Any]] = [facts(one) for one in found]
    if as_json:
        typer.echo(json.dumps({"number": number, "supplier": supplier, "invoices": told}, ensure_ascii=False, indent=1))
        return
    from relais.trace_table import parts
    from relais.wide_console import wide_console

    console = wide_console(width=FILE_WIDTH)
    for place, one in enumerate(told, start=1):
        for part in parts(one, place, len(told), language.value):
            console.print(part)
