"""How long others wait for their acknowledgments while one partner sends a flood, beside an idle system.

Twice the same: the others drop their few invoices each, half a minute after a full one, and the real pipeline
carries them through Airflow on local folders; the second time the flood was dropped a minute before. Times are the
ledger's own.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import OperationalError

from connectors.assembly import house
from connectors.ledger_tables import flow, outbox
from connectors.settings import default, write
from data_contracts.envelope import EnvelopeName
from data_contracts.interfaces import Circuit
from infra.airflow.service import ROOT, Service
from relais.dropping import drop
from relais.samples.billers import UTILITY
from relais.samples.flows import Packing, packed
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes

FLOOD_CODE, OTHER_CODE = "AAA001", "OTH{:03d}"
"""The flood's partner comes first wherever partners are gone through by name."""

HEAD_START_SECONDS = 60.0
SECOND_OF_MINUTE = 30
"""When the others drop: between two runs of the collector, which begin with the minute. A file dropped just after it
is caught by a run that is slow to begin and missed by one that is not, and the minute in between says nothing."""
WAIT_SECONDS_MAX = 3_600.0
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Load:
    """How much is sent. `flow_invoices` is the size of a flow of the flood."""

    flood: int
    others: int
    each: int
    flow_invoices: int


@dataclass(frozen=True)
class Waits:
    """Seconds of each of the others, sorted: from the drop, and from the pickup, to the acknowledgment delivered."""

    from_drop: tuple[float, ...]
    from_pickup: tuple[float, ...]


def main() -> int:
    """Exit code 0 when the others' 99th percentile under load is at most twice the idle one, else 1."""
    parser = argparse.ArgumentParser(prog="python -m infra.fairness", description=__doc__)
    parser.add_argument("--flood", type=int, default=500_000, help="invoices of the one partner")
    parser.add_argument("--flow", type=int, default=500, help="invoices in each of its flows")
    parser.add_argument("--others", type=int, default=200, help="how many other partners")
    parser.add_argument("--each", type=int, default=10, help="invoices of each")
    given = parser.parse_args()
    load = Load(given.flood, given.others, given.each, given.flow)
    console = Console()
    folder = ROOT / "var" / "fairness"
    flood, others = written(load, folder / "flows", console)
    idle = carried(folder, None, others, load, console)
    loaded = carried(folder, flood, others, load, console)
    console.print(_table(idle, loaded))
    fair = percentile(loaded.from_pickup, 99) <= 2 * percentile(idle.from_pickup, 99)
    return 0 if fair else 1


def written(load: Load, folder: Path, console: Console) -> tuple[Path, Path]:
    """The folders of the flood's flows and of the others'; made once for each size."""
    flood = folder / f"flood-{load.flood}-{load.flow_invoices}"
    others = folder / f"others-{load.others}-{load.each}"
    if not flood.exists():
        console.print(f"Writing {load.flood:,} invoices of one partner")
        starts = range(0, load.flood, load.flow_invoices)
        _write(flood, ((FLOOD_CODE, place, start, load.flow_invoices) for place, start in enumerate(starts, 1)))
    if not others.exists():
        first = 10_000_000  # beyond every serial of the flood: no invoice is anyone else's
        rows = ((OTHER_CODE.format(n), 1, first + n * load.each, load.each) for n in range(1, load.others + 1))
        _write(others, rows)
    return flood, others


def _write(folder: Path, rows: Sequence[tuple[str, int, int, int]] | object) -> None:
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for code, sequence, start, count in rows:  # type: ignore[attr-defined]
        biller = replace(UTILITY, partner_code=code)
        documents = (ubl_bytes(composed(biller, start + n, Circuit.CHORUS_PRO, 1)) for n in range(1, count + 1))
        members = [(f"{n}.xml", data) for n, data in enumerate(documents)]
        (part / str(EnvelopeName("FSO1100A", code, code, sequence))).write_bytes(packed(members, Packing.TAR_GZ))
    part.rename(folder)


def carried(folder: Path, flood: Path | None, others: Path, load: Load, console: Console) -> Waits:
    """How long the others waited, in a fresh home."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    settings = replace(default(home), open_partners=True, open_directory=True)
    write(settings)
    house(settings).close()
    service = Service(home=folder / "airflow", dags=ROOT / "dags", relais_home=home)
    service.up(console.print)
    try:
        if flood is not None:
            drop(flood, settings.mailbox_dir, home)
            console.print(f"Dropped {load.flood:,} invoices of one partner")
            time.sleep(HEAD_START_SECONDS)
        time.sleep(-(time.time() - SECOND_OF_MINUTE) % 60)
        dropped_seconds = time.time()
        drop(others, settings.mailbox_dir, home)
        console.print(f"Dropped {load.each} invoices of each of {load.others} others")
        return _waited(settings.ledger_url, load.others, dropped_seconds, console.print)
    finally:
        service.down(console.print)


def _waited(ledger_url: str, others: int, dropped_seconds: float, say: Callable[[str], None]) -> Waits:
    engine = create_engine(ledger_url)
    statement = (
        select(flow.c.picked_up_seconds, func.min(outbox.c.delivered_seconds))
        .join(outbox, outbox.c.flow_key == flow.c.flow_key)
        .where(outbox.c.acknowledges, outbox.c.delivered_seconds.is_not(None), flow.c.partner_code != FLOOD_CODE)
        .group_by(flow.c.flow_key, flow.c.picked_up_seconds)
    )
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    rows: Sequence[tuple[float, float]] = []
    while len(rows) < others and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        try:
            with engine.connect() as connection:
                rows = [(row[0], row[1]) for row in connection.execute(statement)]
        except OperationalError:
            continue  # busy for once
    engine.dispose()
    say(f"{len(rows)} of {others} others acknowledged after {time.time() - dropped_seconds:.0f} s")
    missing = [float("inf")] * (others - len(rows))
    from_drop = sorted([delivered - dropped_seconds for _, delivered in rows] + missing)
    from_pickup = sorted([delivered - picked_up for picked_up, delivered in rows] + missing)
    return Waits(tuple(from_drop), tuple(from_pickup))


def percentile(values: Sequence[float], share: int) -> float:
    """The least of sorted values that so many percent do not exceed."""
    return values[max(0, -(-len(values) * share // 100) - 1)]


def _table(idle: Waits, loaded: Waits) -> Table:
    table = Table("seconds to acknowledgment", "p50", "p99", title="The others' waits")
    for name, waits in (("idle", idle), ("under load", loaded)):
        for start, values in (("drop", waits.from_drop), ("pickup", waits.from_pickup)):
            table.add_row(f"{name}, from {start}", *(f"{percentile(values, share):.1f}" for share in (50, 99)))
    for start in ("from_drop", "from_pickup"):
        ratios = (
            percentile(getattr(loaded, start), share) / percentile(getattr(idle, start), share) for share in (50, 99)
        )
        table.add_row(f"ratio, {start.replace('_', ' ')}", *(f"{ratio:.2f}" for ratio in ratios))
    return table


if __name__ == "__main__":
    sys.exit(main())
