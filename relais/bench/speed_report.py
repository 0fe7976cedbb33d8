"""What checking costs, shown: rates, where time goes, single invoices by their lines; or one JSON document."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from data_contracts.limits import BATCH_DOCUMENTS_MAX
from pipelines.validation.check import EXPLAINING, JUDGING, OPENING, READING, SCHEMA, TERMS
from pipelines.validation.compiled.engine import SAMPLE_EVERY
from relais.bench.speed import WARM_UP, LineFigures, SetFigures

METHOD = (
    f"CPU time of one process (process_time), all layers of an AFNOR flow (schema, profile rules, French rules), bytes "
    f"in memory to verdicts; with findings and terms: also explained, and business terms read. Batches of "
    f"{BATCH_DOCUMENTS_MAX:,}, after a warm-up of {WARM_UP} documents spread over the set. SaxonC: libxml2 and SaxonC "
    f"to verdicts on documents spread over the same set, judged once before, in the same run, after all other figures. "
    f"Peak: ru_maxrss of the process when the set was done, with the documents of a batch that the bench holds. By "
    f"SaxonC: judgments that compiled rules left to it, in the rate. The sample of one in {SAMPLE_EVERY:,} is off: it "
    f"adds a thousandth of SaxonC's time."
)
ORDER = [OPENING, READING, SCHEMA, JUDGING, EXPLAINING, TERMS]
WHOLE = "whole"


def speed_tables(
    sets: Sequence[SetFigures], lines: Sequence[LineFigures], load: tuple[float, ...]
) -> list[RenderableType]:
    """The tables of what was measured, and how."""
    parts: list[RenderableType] = []
    if sets:
        parts += [_rates(sets), _split(sets)]
    if lines:
        parts.append(_lines(lines))
    parts.append(Text(METHOD))
    parts.append(Text(f"{_machine()}, load {', '.join(f'{one:.2f}' for one in load)} at the end."))
    return parts


def speed_json(sets: Sequence[SetFigures], lines: Sequence[LineFigures], load: tuple[float, ...]) -> dict[str, Any]:
    """The same as data, in seconds and bytes."""
    return {
        "method": METHOD,
        "machine": _machine(),
        "load": load,
        "sets": [
            {
                **asdict(row),
                "rate": row.rate,
                "whole_rate": row.whole_rate,
                "official_rate": row.official_rate,
                "ratio": _ratio(row),
            }
            for row in sets
        ],
        "lines": [{**asdict(row), "seconds": row.seconds, "seconds_a_line": row.seconds / row.lines} for row in lines],
    }


def _ratio(row: SetFigures) -> float | None:
    return row.rate / row.official_rate if row.official_rate else None


def _rates(sets: Sequence[SetFigures]) -> Table:
    table = Table(title="Invoices a second and core", title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("Set")
    table.add_column("Documents", overflow="fold")
    for heading in (
        "count",
        "kB each",
        "verdicts",
        "verdicts /s",
        "with findings and terms /s",
        "by SaxonC",
        "SaxonC /s",
        "on",
        "ratio",
        "peak MB",
    ):
        table.add_column(heading, justify="right")
    for row in sets:
        ratio = _ratio(row)
        table.add_row(
            row.name,
            row.what,
            f"{row.documents:,}",
            f"{row.size / row.documents / 1_000:.1f}",
            ", ".join(f"{count:,} {name}" for name, count in row.verdicts.items()),
            f"{row.rate:,.0f}",
            f"{row.whole_rate:,.0f}",
            f"{row.by_official:,}",
            f"{row.official_rate:,.1f}" if row.official_documents else "-",
            f"{row.official_documents:,}" if row.official_documents else "-",
            f"{ratio:.1f}" if ratio else "-",
            f"{row.peak / 1_000_000:.0f}",
        )
    return table


def _split(sets: Sequence[SetFigures]) -> Table:
    """Microseconds a document by step."""
    table = Table(title="Microseconds a document", title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("Step", overflow="fold")
    for row in sets:
        table.add_column(row.name, justify="right")
    for name in _steps(sets):
        table.add_row(name, *(_micro(row.steps.get(name), row.documents) for row in sets))
    table.add_row(WHOLE, *(_micro(sum(row.steps.values()), row.documents) for row in sets), style="bold")
    return table


def _lines(lines: Sequence[LineFigures]) -> Table:
    table = Table(title="One invoice, by its lines: milliseconds", title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("Step", overflow="fold")
    for row in lines:
        table.add_column(f"{row.lines:,} line{'s' if row.lines > 1 else ''}", justify="right")
    table.add_row("kB", *(f"{row.size / 1_000:,.0f}" for row in lines))
    for name in _steps(lines):
        table.add_row(name, *(_milli(row.steps.get(name, 0.0)) for row in lines))
    table.add_row(WHOLE, *(_milli(row.seconds) for row in lines), style="bold")
    table.add_row("  µs a line", *(f"{row.seconds / row.lines * 1_000_000:,.0f}" for row in lines))
    table.add_row("  judged by", *("SaxonC" if row.official else "compiled" for row in lines))
    return table


def _steps(figures: Sequence[SetFigures] | Sequence[LineFigures]) -> list[str]:
    """The names of the steps in the order of the work, each once."""
    found = dict.fromkeys(name for row in figures for name in row.steps)
    return sorted(found, key=lambda name: ORDER.index(name.split(" ")[0]))


def _milli(seconds: float) -> str:
    return f"{seconds * 1_000:,.1f}"


def _micro(seconds: float | None, documents: int) -> str:
    return "-" if seconds is None else f"{seconds / documents * 1_000_000:,.0f}"


def _machine() -> str:
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
