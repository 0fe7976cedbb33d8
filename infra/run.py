"""`make run`: carry a folder of flows through Relais in Airflow and show how each was answered.

Without --flows a sample is made. A run that was interrupted, by Ctrl-C or by a kill, goes on where it was when the same
command is given again. Profile `servers`: partners come by SFTP, AS2 and S3 to servers that are started and stopped
here, and the ledger is in PostgreSQL.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from connectors.assembly import House, house
from connectors.settings import Settings, default, load, write
from data_contracts.errors import ConfigurationError, RelaisError
from infra import sample
from infra.acts import Manner, Stage
from infra.airflow.client import AirflowUnreachable
from infra.airflow.service import ROOT, Service, local
from infra.comparing import Different, compared
from infra.ground import Doubled, Ground, LocalGround
from infra.run_record import Request, RunRecord
from infra.watch import Stuck, reconciled
from relais.dropping import flow_files
from relais.summary import summary
from relais.verdicts import write_verdicts

EXIT_USAGE, EXIT_FAILURE, EXIT_INTERRUPTED = 2, 3, 130
WIDTH_OF_FILES = 132
"""Columns of the summary where it does not go to a terminal."""

SERVERS = "servers"
"""The profile of real servers; the other one's name is empty in a run's record."""

REGISTERS = ("partners.csv", "structures.csv", "services.csv")


def main() -> int:
    """Exit code 0 when every flow is answered, 2 for usage, 3 when something is stuck, 130 after Ctrl-C."""
    request, manner = _asked()
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_OF_FILES)
    service = local()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(request, service, console, manner)
    except KeyboardInterrupt:
        console.print("\nInterrupted. The same command takes the run up again.")
        if service.running():
            service.down(console.print)
        return EXIT_INTERRUPTED
    except ConfigurationError as error:
        console.print(f"make run: {error}", style="red", markup=False)
        return EXIT_USAGE
    except (RelaisError, AirflowUnreachable, Stuck, Doubled, Different) as error:
        console.print(f"make run: {error}", style="red", markup=False)
        logs = f"Logs: {service.home / 'logs'}."
        if service.running():
            logs += f" For a look Airflow runs on: {service.url} (`make down` stops it)."
        console.print(logs)
        return EXIT_FAILURE


def _asked() -> tuple[Request, Manner]:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--flows", type=Path, help="folder of envelope files; may hold resent/ and registers/")
    parser.add_argument("--now", help="business time written on answers, ISO 8601; default: the machine's clock")
    parser.add_argument("--invoices", type=int, help=f"about how many invoices to sample (default {sample.INVOICES})")
    parser.add_argument("--keep", action="store_true", help="leave Airflow, and servers, running at the end")
    parser.add_argument("--profile", choices=["local", SERVERS], help="local folders and SQLite, or real servers")
    parser.add_argument("--compare", action="store_true", help="carry the same by local folders too, and compare bytes")
    parser.add_argument("--chaos", type=float, default=0.0, metavar="SECONDS", help="kill -9 something so often")
    parser.add_argument("--seed", type=int, default=1, help="of what is killed")
    given = parser.parse_args()
    profile = SERVERS if given.profile == SERVERS else ""
    if given.chaos and not profile:
        parser.error("--chaos kills servers: it needs --profile servers")
    flows = str(given.flows.resolve()) if given.flows else ""
    request = Request(flows, given.now or "", given.invoices or 0, profile)
    return request, Manner(given.keep, given.compare or bool(given.chaos), given.chaos, given.seed)


def _run(request: Request, service: Service, console: Console, manner: Manner) -> int:
    record = RunRecord(service.relais_home)
    taken_up = record.unfinished(request)
    if taken_up:
        console.print(f"Taking up the unfinished run in {_shown(record.home)}")
        request = record.request
    else:
        _check(request)
        if service.running():
            service.down(console.print)
        # The files of partners' servers may lie outside of the home, and outlive one that was removed by hand.
        if request.profile or (record.home / SERVERS).exists():
            _servers(record.home).clear()
        record.begin(request)
    if not request.profile:
        return _stood(request, record, LocalGround(), service, console, manner, taken_up=taken_up)
    ground, finished = _servers(record.home), False
    try:
        code = _stood(request, record, ground, service, console, manner, taken_up=taken_up)
        finished = True
        return code
    finally:
        if not (finished and manner.keep):
            if service.running():
                service.down(console.print)
            ground.down()
            console.print("All servers are stopped")


def _servers(home: Path) -> Any:
    """The ground of real servers; imported only here, since it stands on libraries that a local run does not need."""
    from infra.servers.ground import ServersGround

    return ServersGround(home)


def _stood(
    request: Request, record: RunRecord, ground: Ground, service: Service, console: Console, manner: Manner,
    *, taken_up: bool,
) -> int:  # fmt: skip
    begun = time.monotonic()
    flows = Path(request.flows) if request.flows else sample.written(request.invoices or sample.INVOICES, console)
    with contextlib.ExitStack() as closed:
        settings, ports = built = _prepared(record.home, flows, request, ground, console)
        closed.callback(ports.close)
        closed.enter_context(ground.kept_up(console.print))
        dropped = ground.drop(flows / "flows" if not request.flows else flows)
        console.print(f"Dropped {dropped} flows" + ("" if request.profile else f" into {_shown(settings.mailbox_dir)}"))
        service.up(console.print)
        stage = Stage(settings, ports, ground, service, console, manner)
        stage.carry(flows)
        ends = [time.monotonic() - begun]
        if not request.flows:
            stage.answer()
            ends.append(time.monotonic() - begun)
        days = sorted({report.flow.received_at.date() for report in ports.ledger.reports()})
        reconciled(days, service, console)
        ground.taken_home(ports)
        record.finish()
        _report(built, console, [] if taken_up else ends)
        landed = [report.flow.partner_code for report in ports.ledger.reports()]
    if manner.compare:
        compared(flows, settings, console, landed)
    if manner.keep:
        console.print(f"Airflow stays up: {service.url} (`make down` stops it)")
    else:
        service.down(console.print)
        if not request.profile:
            console.print("`make up` starts Airflow again on this run.")
    return 0


def _prepared(home: Path, flows: Path, request: Request, ground: Ground, console: Console) -> tuple[Settings, House]:
    """The settings of the run's home, written once, and its ports on a ground that is ready."""
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
    settings = ground.up(load(home), console.print)
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


def _report(built: tuple[Settings, House], console: Console, ends: Sequence[float]) -> None:
    """Prints how the run went. `ends` are the seconds after which each act was over; none of a run taken up."""
    settings, ports = built
    total = ports.ledger.reconciliation()
    for part in summary(ports.ledger.reports(), total):
        console.print(part)
    if settings.open_partners:
        console.print("No registers given: every partner and every well-formed recipient SIRET was accepted.")
    if ends:
        rate = f"{total.invoices_received / ends[0]:,.0f} a second"
        line = f"{total.invoices_received:,} invoices in {ends[0]:.0f} s, start of Airflow included ({rate})"
        console.print(line + "".join(f"; statuses in {end - ends[0]:.0f} s more" for end in ends[1:]))
    console.print(f"Answers    {_shown(settings.mailbox_dir)}/PARTNER/out", soft_wrap=True)
    verdicts = settings.home / "verdicts.jsonl"
    write_verdicts(verdicts, ledger=ports.ledger, store=ports.store)
    console.print(f"Verdicts   {_shown(verdicts)} (one line an invoice, with every finding)", soft_wrap=True)
    console.print(f"Data Docs  {_shown(settings.home / 'data_docs')}/DAY/index.html", soft_wrap=True)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main())
