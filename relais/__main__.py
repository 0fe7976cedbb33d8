"""The `relais` command. Results go to standard output, progress and errors to standard error.

Exit codes: 0 nothing rejected, 1 something rejected, 2 usage or configuration, 3 operating failure.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_contracts.errors import ConfigurationError, RelaisError
from relais.actions_command import actions
from relais.as2_command import as2
from relais.bench.command import bench
from relais.checking import check
from relais.commitments_command import commitments
from relais.deadlines_command import deadlines
from relais.directory_command import directory
from relais.evidence_command import evidence
from relais.lean_start import start_lean
from relais.notify_command import notify
from relais.progress import progress_bar
from relais.quarantine_command import quarantine
from relais.replay_command import replay
from relais.rules_command import rules
from relais.sample_statuses_command import sample_statuses
from relais.simulation.command import simulate
from relais.trace_command import trace
from relais.wide_console import wide_console

if TYPE_CHECKING:
    from connectors.settings import Settings

PARTNERS_FILE = "partners.csv"

NOTHING_REJECTED, SOMETHING_REJECTED, USAGE, FAILURE = 0, 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help=(
        "Relais checks electronic invoice flows against the official rules, routes each invoice to its public body and "
        "writes the acknowledgments and lifecycle flows that answer them.\n\n"
        "**Try it**: `relais sample --out /tmp/sample`, then `relais run --flows /tmp/sample/flows --registers "
        "/tmp/sample/registers --out /tmp/out`. To check invoices before they are sent: `relais check FILE`.\n\n"
        "**Exit codes**: 0 nothing rejected, 1 something rejected, 2 usage or configuration, 3 operating failure."
    ),
)


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


@app.callback()
def _root() -> None:
    """Keeps every command named, even while there are few."""


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="Directory to write to; created, and must not hold an earlier sample.")],
    invoices: Annotated[int, typer.Option(min=100, help="About how many invoices to write.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed always writes the same bytes.")] = 1,
) -> None:
    """Write realistic flows, about 5 % of them faulty in known ways, and what must come out.

    Writes `flows/` (envelope files), `resent/` (a flow to drop a second time), `registers/` (partners, structures,
    services) and `expected.json` (the answer each flow and invoice must get).

    Example: `relais sample --out /tmp/sample --invoices 200`
    """
    from relais.samples.generator import write_samples

    if out.exists() and any(out.iterdir()):
        raise ConfigurationError("the directory is not empty", where=str(out), remedy="choose a new directory")
    with progress_bar() as bar:
        task = bar.add_task("invoices written", total=invoices)
        written = write_samples(out, invoices=invoices, seed=seed, progress=lambda n: bar.advance(task, n))
    typer.echo(f"{written.invoices} invoices in {written.flows} flows under {out}")


@app.command()
def run(
    flows: Annotated[Path, typer.Option(help="Directory of envelope files, named by the 41-character rule.")],
    out: Annotated[Path, typer.Option(help="Directory of the results; the same again takes up an interrupted run.")],
    resent: Annotated[
        Path | None, typer.Option(help="Directory of files to drop a second time, once the flows were picked up.")
    ] = None,
    registers: Annotated[
        Path | None,
        typer.Option(
            help="Directory with partners.csv, structures.csv, services.csv. Without it every partner and every "
            "well-formed SIRET is accepted, and the summary says so."
        ),
    ] = None,
    now: Annotated[
        datetime | None, typer.Option(help="Business time written on answers, UTC; the machine's clock if left out.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that check invoices.")] = os.cpu_count() or 1,
    format: Annotated[Format, typer.Option(help="How the summary is printed.")] = Format.TABLE,
) -> None:  # fmt: skip
    """Check, route and answer the flows of a directory in one process, without Airflow.

    Writes the answers under `out/drops/PARTNER/out/` and `out/verdicts.jsonl`, one line an invoice with its verdict and
    every finding: rule, business terms, place, value, sentence in French and English. Rule files added by `relais rules
    add` judge from their day on.

    Example: `relais run --flows /tmp/sample/flows --registers /tmp/sample/registers --out /tmp/out`
    """
    from connectors.settings import write
    from relais.running import run as run_stages
    from relais.verdicts import write_verdicts

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = ConfigurationError("the directory cannot be created", where=str(out), remedy="choose another")
        raise told from error
    settings = _settings(out.absolute(), registers, now)
    write(settings)
    with progress_bar() as bar:
        task = bar.add_task("collect and admit", total=None)

        def moved(stage: str, done: int, total: int) -> None:
            bar.update(task, description=f"{stage} batches", completed=done, total=total)

        built = run_stages(flows, resent, settings, jobs=jobs, progress=moved)
    reports, reconciliation = built.ledger.reports(), built.ledger.reconciliation()
    write_verdicts(out / "verdicts.jsonl", ledger=built.ledger, store=built.store)
    if format is Format.JSON:
        document = {"flows": [asdict(row) for row in reports], "reconciliation": asdict(reconciliation)}
        typer.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        from relais.summary import summary

        console = wide_console()
        for part in summary(reports, reconciliation):
            console.print(part)
        if registers is None:
            console.print("No registers given: every partner and every well-formed recipient SIRET was accepted.")
        console.print(f"Answers: {settings.mailbox_dir}/PARTNER/out    Verdicts: {out / 'verdicts.jsonl'}")
    nothing = (
        reconciliation.invoices_rejected == reconciliation.invoices_quarantined == reconciliation.flows_refused == 0
    )
    raise typer.Exit(NOTHING_REJECTED if nothing else SOMETHING_REJECTED)


def _settings(home: Path, registers: Path | None, now: datetime | None) -> Settings:
    """Of a run that has all in one directory; open to everybody where no registers are given."""
    from connectors.rule_register import rules_dir
    from connectors.settings import default

    return replace(
        default(home),
        partners_file=registers.absolute() / PARTNERS_FILE if registers else None,
        directory_dir=registers.absolute() if registers else None,
        open_partners=registers is None,
        open_directory=registers is None,
        fixed_now=now.replace(tzinfo=UTC) if now is not None else None,
        rules_dir=rules_dir(None),
    )


app.command(name="sample-statuses")(sample_statuses)
app.command()(check)
app.command()(simulate)
app.command()(trace)
app.command()(actions)
app.command()(replay)
app.command()(notify)
app.command()(deadlines)
app.add_typer(rules, name="rules")
app.add_typer(quarantine, name="quarantine")
app.add_typer(commitments, name="commitments")
app.add_typer(evidence, name="evidence")
app.add_typer(directory, name="directory")
app.add_typer(bench, name="bench")
app.add_typer(as2, name="as2")


def console() -> None:
    """The command as a process of its own."""
    start_lean(sys.argv[1:])
    main()


def main() -> None:
    """Runs the command and turns errors into exit codes."""
    try:
        app()
    except ConfigurationError as error:
        print(f"relais: {error}", file=sys.stderr)
        sys.exit(USAGE)
    except RelaisError as error:
        print(f"relais: {error}", file=sys.stderr)
        sys.exit(FAILURE)
    except Exception:
        # A bug of ours: its trace is what a person needs, and 1 would read as "something rejected".
        traceback.print_exc()
        sys.exit(FAILURE)


if __name__ == "__main__":
    console()
