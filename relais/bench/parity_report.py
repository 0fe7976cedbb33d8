"""A parity shown: a table of the rule sets, a table of the disagreements, or one JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from relais.bench.parity import Disagreement, Parity, ReadingTally

ROWS_MAX = 100
"""Disagreements shown, those on most documents first; JSON holds all."""
NAMES_MAX = 5

_COLUMNS = {
    "documents": "Documents",
    "mutants": "mutants",
    "equal": "Equal",
    "different": "Different",
    "undecided": "Undecided",
    "crashes": "Official crashes",
    "crashes_flagged": "flagged",
}


def parity_tables(parity: Parity) -> list[RenderableType]:
    """One row a rule set; the disagreements; what was left out."""
    parts: list[RenderableType] = [_sets(parity)]
    if parity.reading is not None:
        parts.append(_reading(parity.reading))
    if parity.disagreements:
        parts.append(_disagreements(_ordered(parity)))
    undecided = [name for names in parity.undecided.values() for name in names]
    for names, said in (
        (undecided, "undecided by compiled rules, judged by the official engine"),
        (parity.unreadable, "not read: no invoice that the gate lets through"),
        (parity.unrecorded, "without recorded verdict"),
    ):
        if names:
            parts.append(Text(f"{len(names):,} {said}: {', '.join(names[:NAMES_MAX])}{_more(names)}"))
    parts.append(_verdict(parity))
    return parts


def parity_json(parity: Parity) -> dict[str, Any]:
    """The same as data; every name and every disagreement is there."""
    return {
        "agreed": parity.agreed,
        "rule_sets": {name: asdict(tally) for name, tally in sorted(parity.tallies.items())},
        "disagreements": [asdict(row) for row in _ordered(parity)],
        "reading": None if parity.reading is None else asdict(parity.reading),
        "undecided": dict(sorted(parity.undecided.items())),
        "unreadable": parity.unreadable,
        "unrecorded": parity.unrecorded,
    }


def _ordered(parity: Parity) -> list[Disagreement]:
    return sorted(parity.disagreements.values(), key=lambda row: (-row.documents, row.rule_set, row.rule, row.how))


def _sets(parity: Parity) -> Table:
    table = Table(title="Compiled rules beside the official engine", title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("Rule set", overflow="fold")
    for heading in _COLUMNS.values():
        table.add_column(heading, justify="right")
    for name, tally in sorted(parity.tallies.items()):
        table.add_row(name, *(f"{getattr(tally, key):,}" for key in _COLUMNS))
    return table


def _reading(tally: ReadingTally) -> Table:
    table = Table(title="The scanner beside libxml2", title_justify="left", box=SIMPLE_HEAD, padding=0)
    for heading in ("Documents", "Proved valid", "read", "left", "Valid by libxml2", "Different"):
        table.add_column(heading, justify="right")
    counts = (tally.documents, tally.proved, tally.read, tally.unread, tally.valid, tally.different)
    table.add_row(*(f"{count:,}" for count in counts))
    return table


def _disagreements(rows: list[Disagreement]) -> Table:
    table = Table(title="Disagreements", title_justify="left", box=SIMPLE_HEAD, padding=0)
    for heading in ("Rule", "Rule set", "How"):
        table.add_column(heading, overflow="fold")
    table.add_column("Documents", justify="right")
    table.add_column("Example", overflow="fold")
    for row in rows[:ROWS_MAX]:
        table.add_row(row.rule, row.rule_set, row.how, f"{row.documents:,}", row.example)
    if len(rows) > ROWS_MAX:
        table.caption = f"and {len(rows) - ROWS_MAX:,} more"
    return table


def _verdict(parity: Parity) -> Text:
    judged = sum(tally.documents for tally in parity.tallies.values())
    if parity.agreed:
        return Text(f"No disagreement in {judged:,} judgments.", style="bold green")
    different = sum(tally.different for tally in parity.tallies.values())
    misread = parity.reading.different if parity.reading is not None else 0
    return Text(f"{different:,} of {judged:,} judgments and {misread:,} readings differ.", style="bold red")


def _more(names: list[str]) -> str:
    return f" and {len(names) - NAMES_MAX:,} more" if len(names) > NAMES_MAX else ""
