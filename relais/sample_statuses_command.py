"""`relais sample-statuses`: play the public bodies that answer the invoices delivered to them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from data_contracts.envelope import SEQUENCE_MAX
from data_contracts.errors import ConfigurationError


def sample_statuses(
    home: Annotated[
        Path, typer.Option("--from", help="Home of a run, as `--out` of `relais run`: its `drops/BODY/out` are read.")
    ],
    out: Annotated[Path, typer.Option(help="Directory to write to; created, and must be empty.")],
    first: Annotated[int, typer.Option(min=1, help="How many of its invoices each body answers.")] = 100,
    sequence: Annotated[
        int, typer.Option(min=1, max=SEQUENCE_MAX, help="Of the flows' names. A second round needs another.")
    ] = 1,
    now: Annotated[
        datetime | None, typer.Option(help="Time of the statuses, UTC; the machine's clock if left out.")
    ] = None,
) -> None:
    """Write the status flows with which connected public bodies answer the invoices delivered to them.

    Of each body one FSO1300A, which acknowledges every pivot (FEN0036A), and one FSO1301A: half of its first invoices
    are paid, the others on their way, suspended, or rejected with a motive. Carried by `relais run --flows OUT --out
    HOME`, they reach the suppliers.

    Example: `relais sample-statuses --from /tmp/out --out /tmp/statuses`
    """
    from relais.samples.statuses import write_statuses

    if out.exists() and any(out.iterdir()):
        raise ConfigurationError("the directory is not empty", where=str(out), remedy="choose a new directory")
    at = datetime.now(UTC).replace(microsecond=0) if now is None else now.replace(tzinfo=UTC)
    written = write_statuses(home / "drops", out, now=at, first=first, sequence=sequence)
    typer.echo(
        f"{written.bodies} public bodies: {written.statuses} statuses of {written.invoices} invoices and receipts of "
        f"{written.receipts} flows, in {written.flows} flows under {out}"
    )
