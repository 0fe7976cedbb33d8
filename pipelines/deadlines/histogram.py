"""A histogram of times to acknowledgment, as counts, as one line of text, as SVG. Pure, the same bytes each time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

EDGES_MINUTES = (0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30, 60)
"""Upper edges of the bars, in minutes; the last bar holds the rest. The promise, 20 minutes, is an edge."""

LIMIT_MINUTES = 20
_BLOCKS = " ▁▂▃▄▅▆▇█"
_BAR, _GAP, _HEIGHT, _FOOT = 44, 6, 140, 34


@dataclass(frozen=True)
class Bar:
    """`label` is the upper edge, in minutes; `late` is beyond the promise."""

    label: str
    count: int
    late: bool


def bars(minutes: Sequence[float]) -> list[Bar]:
    """Counts by edge. A value on an edge belongs to the bar that ends there."""
    counts = [0] * (len(EDGES_MINUTES) + 1)
    for value in minutes:
        counts[bisect_left(EDGES_MINUTES, value)] += 1
    labels = [f"{edge:g}" for edge in EDGES_MINUTES] + [f">{EDGES_MINUTES[-1]:g}"]
    late = [edge > LIMIT_MINUTES for edge in EDGES_MINUTES] + [True]
    return [Bar(*row) for row in zip(labels, counts, late, strict=True)]


def sparkline(drawn: Sequence[Bar]) -> str:
    """One character a bar; a bar that holds anything shows."""
    most = max((bar.count for bar in drawn), default=0)
    return "".join(_BLOCKS[-(-bar.count * (len(_BLOCKS) - 1) // most)] if most else _BLOCKS[0] for bar in drawn)


def svg(drawn: Sequence[Bar], title: str) -> str:
    """The histogram as an SVG element. `title` is plain text that the caller escaped."""
    most = max((bar.count for bar in drawn), default=0) or 1
    width = len(drawn) * (_BAR + _GAP) + _GAP
    parts = [
        f'<svg role="img" viewBox="0 0 {width} {_HEIGHT + _FOOT + 14}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{title}</title>"
    ]
    for place, bar in enumerate(drawn):
        height = round(_HEIGHT * bar.count / most)
        left, top = _GAP + place * (_BAR + _GAP), 14 + _HEIGHT - height
        centre = left + _BAR // 2
        kind = "late" if bar.late else "met"
        parts.append(f'<rect class="{kind}" x="{left}" y="{top}" width="{_BAR}" height="{height}"/>')
        if bar.count:
            parts.append(f'<text x="{centre}" y="{top - 3}">{bar.count}</text>')
        parts.append(f'<text x="{centre}" y="{14 + _HEIGHT + 16}">{_escaped(bar.label)}</text>')
    return "".join(parts) + "</svg>"


def _escaped(label: str) -> str:
    return label.replace(">", "&gt;")
