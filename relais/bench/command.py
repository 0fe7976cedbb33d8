"""`relais bench`: its commands, in the order of the help."""

from __future__ import annotations

import typer

from relais.bench.channel_commands import as2, sftp, store
from relais.bench.judging_commands import check, parity
from relais.bench.keeping_commands import answers, directory, ledger
from relais.bench.statuses_command import statuses

bench = typer.Typer(no_args_is_help=True, help="Compare and measure engines and channels.")


@bench.callback()
def _root() -> None:
    """Compare and measure engines and channels."""


for _command in (parity, check, as2, answers, statuses, ledger, directory, sftp, store):
    bench.command()(_command)
