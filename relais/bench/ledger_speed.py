"""What a ledger costs: invoice keys claimed and flows settled a second, in a ledger that already holds many."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from connectors.ledger import SqlLedger
from data_contracts.errors import ConfigurationError
from data_contracts.ledger import Batch, InvoiceKey, Slice, StatusEvent
from data_contracts.limits import MEMBERS_MAX
from data_contracts.ports import Deposit, Stored

PARTNER = "BENCH0"
"""The partner of every flow that the measurement makes. A ledger that knows another one is refused."""

YEAR = 2026
SELLERS = 20_000
"""Sellers that the invoices are drawn from: each flow touches the whole index, its worst case."""

REPEATED_SHARE = 100
"""In the mixed kind, one invoice in so many repeats one that the ledger holds."""

METHOD = (
    f"Wall time of one process that claims flow by flow, each in one transaction made durable; sellers drawn from "
    f"{SELLERS:,}, so that every flow touches the whole index. CPU s: of this process and of PostgreSQL's for it, if "
    f"on this machine. Settled: counts and one status an invoice, besides."
)
AT = datetime(2026, 9, 1, tzinfo=UTC)
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Measured:
    """Flows of one kind. `claim_seconds` and `settle_seconds` are wall time, one a flow; `owned` are keys won;
    `claim_cpu_seconds` is what claims cost our process and the database's."""

    kind: str
    invoices: int
    owned: int
    claim_seconds: tuple[float, ...]
    settle_seconds: tuple[float, ...]
    claim_cpu_seconds: float

    @property
    def claimed_per_second(self) -> float:
        return self.invoices / sum(self.claim_seconds)

    @property
    def claimed_per_cpu_second(self) -> float:
        return self.invoices / self.claim_cpu_seconds

    @property
    def settled_per_second(self) -> float:
        """Claimed and settled, each invoice with one status."""
        return self.invoices / (sum(self.claim_seconds) + sum(self.settle_seconds))


class LedgerBench:
    """Measures on one ledger. `flow_size` invoices a flow, at most what an archive may hold."""

    def __init__(self, ledger: SqlLedger, flow_size: int = MEMBERS_MAX) -> None:
        self._ledger = ledger
        self._flow_size = flow_size
        ledger.create_tables()
        known = ledger.reports()
        if any(report.flow.partner_code != PARTNER for report in known):
            raise ConfigurationError(
                "this ledger holds flows that are not of a measurement",
                where=repr(ledger),
                remedy="measure on a database of its own",
            )
        self.held = sum(report.flow.accepted_count or 0 for report in known)
        """Invoices that the ledger holds."""
        self._sequence = len(known)
        self._session = ledger.session_process()

    def filled(self, held: int, progress: Progress) -> Measured | None:
        """The figures of filling the ledger up to `held` invoices; None if it holds them already."""
        missing = held - self.held
        return self._carried("filling", missing, self._new, progress) if missing > 0 else None

    def new(self, invoices: int, progress: Progress) -> Measured:
        """Invoices that the ledger never saw."""
        return self._carried("new", invoices, self._new, progress)

    def mixed(self, invoices: int, progress: Progress) -> Measured:
        """New invoices, of which one in `REPEATED_SHARE` is a duplicate."""
        return self._carried("one in a hundred repeated", invoices, self._mixed, progress)

    def _carried(
        self, kind: str, invoices: int, keys_of: Callable[[int, int], Iterator[InvoiceKey]], progress: Progress
    ) -> Measured:
        claims, settlements, owned, cpu = [], [], 0, 0.0
        for start in range(0, invoices, self._flow_size):
            count = min(self._flow_size, invoices - start)
            flow_key = self._checked_flow(count)
            keys = [(key, position) for position, key in enumerate(keys_of(self._sequence, count))]
            cpu_before, began = self._cpu_seconds(), time.perf_counter()
            owners = self._ledger.claim_invoices(flow_key, keys, AT).owners
            claimed = time.perf_counter()
            cpu += self._cpu_seconds() - cpu_before
            won = sum(owners[key].flow_key == flow_key for key, _ in keys)
            resumed = time.perf_counter()
            self._ledger.settle(
                flow_key, accepted_count=won, rejected_count=count - won, quarantined_count=0, acknowledgment_code="",
                events=(StatusEvent(flow_key, position, "FEN1200A", "200", AT) for position in range(count)),
                answers=[],
            )  # fmt: skip
            claims.append(claimed - began)
            settlements.append(time.perf_counter() - resumed)
            owned += won
            self.held += won
            progress(count)
        return Measured(kind, invoices, owned, tuple(claims), tuple(settlements), cpu)

    def _cpu_seconds(self) -> float:
        """Of this process, and of the one that PostgreSQL keeps for our connection, while it works on this machine."""
        return time.process_time() + (_cpu_seconds_of(self._session) if self._session else 0.0)

    def _checked_flow(self, members: int) -> str:
        self._sequence += 1
        name = f"FSO1100A_{PARTNER}_{PARTNER}1100{self._sequence:015d}"
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        _, flow_key = self._ledger.land(Deposit(PARTNER, name, 1, name), Stored(f"landing/{sha256}", sha256, 1), AT)
        self._ledger.admit(flow_key, members)
        self._ledger.plan([Batch(f"bench {flow_key}", (Slice(flow_key, 0, members),))])
        claim = self._ledger.claim(f"bench {flow_key}", "bench")
        assert claim is not None
        self._ledger.checked(claim, members)
        return flow_key

    def _new(self, sequence: int, count: int) -> Iterator[InvoiceKey]:
        drawn = random.Random(sequence)
        for number in range(count):
            yield InvoiceKey(YEAR, f"{100_000_000 + drawn.randrange(SELLERS)}", f"F{YEAR}-{sequence:06d}-{number:06d}")

    def _mixed(self, sequence: int, count: int) -> Iterator[InvoiceKey]:
        """The first flow of a measurement always is there, and was as long as a flow may be."""
        first = list(self._new(1, count))
        for number, key in enumerate(self._new(sequence, count)):
            yield first[number] if number % REPEATED_SHARE == 0 else key


def _cpu_seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ledger_table(rows: Sequence[Measured], held_before: int) -> Table:
    """The figures, shown."""
    table = Table(title=f"A ledger that held {held_before:,} invoices", box=SIMPLE_HEAD, title_justify="left")
    for heading in (
        "invoices",
        "flows",
        "number",
        "claimed/s",
        "slowest flow/s",
        "claimed/CPU s",
        "claimed and settled/s",
    ):
        table.add_column(heading, justify="left" if heading == "invoices" else "right")
    for row in rows:
        slowest = row.invoices / len(row.claim_seconds) / max(row.claim_seconds)
        claimed = (row.claimed_per_second, slowest, row.claimed_per_cpu_second)
        figures = (len(row.claim_seconds), row.invoices, *claimed, row.settled_per_second)
        table.add_row(row.kind, *(f"{figure:,.0f}" for figure in figures))
    return table


def ledger_json(rows: Sequence[Measured], held_before: int) -> dict[str, Any]:
    """The same as data, in seconds."""
    rates = ("claimed_per_second", "claimed_per_cpu_second", "settled_per_second")
    figures = [asdict(row) | {name: getattr(row, name) for name in rates} for row in rows]
    return {"method": METHOD, "held_before": held_before, "kinds": figures}
