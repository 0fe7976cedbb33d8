"""The page of deadlines: one file, no outside host, a histogram drawn in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from data_contracts.deadlines import Duty
from pipelines.deadlines.histogram import bars, svg
from pipelines.deadlines.terms import Attained, Stand, Standing
from relais.deadlines_words import open_ones, spelled
from relais.report_html import shown

_STYLE = (
    "body{font-family:sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.25rem .6rem;text-align:left}"
    "svg{max-width:100%;height:auto}svg text{font:11px sans-serif;text-anchor:middle}"
    ".met{fill:#2a7a4b}.late{fill:#b3261e}.missed,.risk{font-weight:bold;color:#b3261e}"
)
_KINDS = {Stand.MISSED: "missed", Stand.AT_RISK: "risk"}
_NAMES = {
    Duty.ACKNOWLEDGMENT: "Acknowledgments, within 20 minutes",
    Duty.STATUS: "Statuses, within 24 hours",
    Duty.RECEIPT: "Diffusion flows acknowledged by their recipients",
}


def page(
    held: Sequence[Standing], kept: Sequence[Attained], minutes: Sequence[float], begun: datetime, now: datetime
) -> str:
    """The whole page. Names come from outside and are escaped, hidden characters spelled out."""
    title = "Deadlines"
    chart = svg(bars(minutes), "Minutes to acknowledgment")
    head = f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
    return "\n".join(
        (
            f"{head}<style>{_STYLE}</style></head>\n<body>",
            f"<h1>{title}</h1>\n<p>From {begun:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} UTC</p>",
            _table(("duty", *(stand.value for stand in Stand), "attained", "target"), (_kept(one) for one in kept)),
            f"<h2>Minutes to acknowledgment</h2>\n{chart}",
            "<h2>Open</h2>",
            _table(("due", "stand", "duty", "partner", "name", "waits"), (_open(one) for one in open_ones(held))),
            "</body>\n</html>\n",
        )
    )


def _kept(one: Attained) -> str:
    percent = "–" if one.percent is None else f"{one.percent} %"
    target = f"{one.target} %" if one.target else "–"
    kind = "" if one.kept else ' class="missed"'
    counts = "".join(f"<td>{one.counts[stand]}</td>" for stand in Stand)
    return f"<td>{_NAMES[one.duty]}</td>{counts}<td{kind}>{percent}</td><td>{target}</td>"


def _open(one: Standing) -> str:
    kind = f' class="{_KINDS[one.stand]}"' if one.stand in _KINDS else ""
    owed = one.owed
    cells = (owed.duty.value, shown(owed.partner_code), shown(owed.name), spelled(one.took))
    written = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<td>{one.due_at:%Y-%m-%d %H:%M}</td><td{kind}>{one.stand.value}</td>{written}"


def _table(columns: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{body}\n</table>"
