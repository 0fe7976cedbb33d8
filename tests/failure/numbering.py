"""What a partner can check of our numbering: in each series, flow ids run from 1, without gap or repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from data_contracts.envelope import SERIES_SPAN, parsed

Series = tuple[str, str, int]
"""(interface code, partner code, series)."""


def series_of(names: Iterable[str]) -> dict[Series, list[int]]:
    """The places of answers in their series, in order. `names` are envelope names."""
    found: dict[Series, list[int]] = defaultdict(list)
    for name in names:
        told = parsed(name)
        series, place = divmod(told.sequence, SERIES_SPAN)
        found[told.interface_code, told.partner_code, series].append(place)
    return {series: sorted(places) for series, places in found.items()}


def numbered_from_one(names: Iterable[str]) -> None:
    """Nothing, when every series runs from 1 without gap or repeat. Errors: AssertionError naming the series."""
    for series, places in series_of(names).items():
        assert places == list(range(1, len(places) + 1)), f"{series}: {places}"
