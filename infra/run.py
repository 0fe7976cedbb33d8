"""`make run`: carry a folder of flows through Relais in Airflow and show how each was answered.

Without --flows a sample is made. A run that was interrupted, by Ctrl-C or by a kill, goes on where it was when the same
command is given again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from connectors.assembly import House, house
from connectors.settings import Settings, default, load, write
from data_contracts.errors import ConfigurationError, RelaisError
from infra import sample
from infra.airflow.client import AirflowUnreachable
from infra.airflow.service import ROOT, Service, local
from infra.run_record import Request, RunRecord
from infra.watch import Stuck, reconciled, watched
from relais.dropping import drop, flow_files
from relais.summary import summary
from relais.verdicts import write_verdicts

EXIT_USAGE, EXIT_FAILURE, EXIT_INTERRUPTED = 2, 3, 130
WIDTH_OF_FILES = 132
"""Columns of the summary where it does not go to a terminal."""

LATER = "resent"
"""Sub-folder of files that are dropped once the others were picked up."""

REGISTERS = ("partners.csv", "structures.csv", "services.csv")


def main() -> int:
    """Exit code 0 when every flow is answered, 2 for usage, 3 when something is stuck, 130 after Ctrl-C."""
    request, keep = _asked()
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_OF_FILES)
    service = local()
    try:
        return _run(request, service, console, keep)
    except KeyboardInterrupt:
        console.print("\nInterrupted. The same command takes the run up again.")
        service.down(console.print)
        return EXIT_INTERRUPTED
    except ConfigurationError as error:
        console.print(f"make run: {error}", style="red", markup=False)
        return EXIT_USAGE
    except (RelaisError, AirflowUnreachable, Stuck) as error:
        console.print(f"make run: {error}", style="red", markup=False)
        console.print(
            f"Logs: {service.home / 'logs'}. For a look Airflow runs on: {service.url} (`make down` stops it)."
        )
        return EXIT_FAILURE


def _asked() -> tuple[Request, bool]:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--flows", type=Path, help="folder of envelope files; may hold resent/ and registers/")
    parser.add_argument("--now", help="business time written on answers, ISO 8601; default: the machine's clock")
    parser.add_argument("--invoices", type=int, help=f"about how many invoices to sample (default {sample.INVOICES})")
    parser.add_argument("--keep", action="store_true", help="leave Airflow running at the end")
    given = parser.parse_args()
    return Request(str(given.flows.resolve()) if given.flows else "", given.now or "", given.invoices or 0), given.keep


def _run(request: Request, service: Service, console: Console, keep: bool) -> int:
    begun = time.monotonic()
    record = RunRecord(service.relais_home)
    taken_up = record.unfinished(request)
    if taken_up:
        console.print(f"Taking up the unfinished run in {_shown(record.home)}")
        request = record.request
    else:
        _check(request)
        if service.running():
            service.down(console.print)
        record.begin(request)
    flows = Path(request.flows) if request.flows else sample.written(request.invoices or sample.INVOICES, console)
    built = _prepared(record.home, flows, request)

    dropped = drop(flows / "flows" if not request.flows else flows, built[0].mailbox_dir, record.home)
    console.print(f"Dropped {dropped} flows into {_shown(built[0].mailbox_dir)}")
    service.up(console.print)
    _carried(flows, built, service, console)
    days = sorted({report.flow.received_at.date() for report in built[1].ledger.reports()})
    reconciled(days, service, console)
    record.finish()
    _report(built, console, 0.0 if taken_up else time.monotonic() - begun)
    if keep:
        console.print(f"Airflow stays up: {service.url} (`make down` stops it)")
    else:
        service.down(console.print)
        console.print("`make up` starts Airflow again on this run.")
    return 0


def _prepared(home: Path, flows: Path, request: Request) -> tuple[Settings, House]:
    """The settings of the run's home, written once, and its ports."""
    settings = default(home)
    if not (home / "relais.toml").exists():
        registers = flows / "registers"
        given = all((registers / name).is_file() for name in REGISTERS)
        if given:
            shutil.copytree(registers, home / "registers", dirs_exist_ok=True)
        write(
            replace(
                settings,
                partners_file=home / "registers" / "partners.csv" if given else None,
                directory_dir=home / "registers" if given else None,
                open_partners=not given,
                open_directory=not given,
                fixed_now=_moment(request.now) if request.flows else sample.fixed_now(flows),
            )
        )
    settings = load(home)
    return settings, house(settings)


def _check(request: Request) -> None:
    """Nothing; what was asked for can be done, and the last run may be set aside for it.

    Errors   ConfigurationError when the flows or the time cannot be read.
    """
    _moment(request.now)
    if request.flows:
        next(flow_files(Path(request.flows)))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            "NOW is not a time", value=text, remedy="write it like 2026-09-01T08:00:00Z"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _carried(flows: Path, built: tuple[Settings, House], service: Service, console: Console) -> None:
    """Return once every flow is answered; files sent again are dropped when the first ones were picked up."""
    settings, ports = built
    later = flows / LATER
    service.client.trigger("collect_flows")
    with watched(ports, service, console) as watch:
        watch.until_picked_up()
        if later.is_dir() and drop(later, settings.mailbox_dir, settings.home):
            service.client.trigger("collect_flows")
            watch.until_picked_up()
        watch.until_answered()


def _report(built: tuple[Settings, House], console: Console, seconds: float) -> None:
    settings, ports = built
    total = ports.ledger.reconciliation()
    for part in summary(ports.ledger.reports(), total):
        console.print(part)
    if settings.open_partners:
        console.print("No registers given: every partner and every well-formed recipient SIRET was accepted.")
    if seconds:
        rate = f"{total.invoices_received / seconds:,.0f} a second"
        console.print(f"{total.invoices_received:,} invoices in {seconds:.0f} s, start of Airflow included ({rate})")
    console.print(f"Answers    {_shown(settings.mailbox_dir)}/PARTNER/out", soft_wrap=True)
    verdicts = settings.home / "verdicts.jsonl"
    write_verdicts(verdicts, ledger=ports.ledger, store=ports.store)
    console.print(f"Verdicts   {_shown(verdicts)} (one line an invoice, with every finding)", soft_wrap=True)
    console.print(f"Data Docs  {_shown(settings.home / 'data_docs')}/DAY/index.html", soft_wrap=True)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
