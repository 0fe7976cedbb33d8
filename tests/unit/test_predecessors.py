"""What a flow follows, when it is settled again after an attempt that was cut short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_contracts.history_ledger import Link, LinkKind
from data_contracts.ledger import Owner
from pipelines.settlement.predecessors import predecessors
from tests.unit.rows import flow


class Bound:
    """Keeps the links of the last word."""

    besides = ""

    def __init__(self, links: Sequence[Link]) -> None:
        self.links = list(links)

    def follow(self, links: Sequence[Link]) -> Sequence[Link]:
        self.links = list(links)
        return links


def test_an_attempt_that_rejects_what_an_earlier_one_bound_leaves_no_link() -> None:
    mine = flow()
    binding: Any = Bound([Link(Owner(mine.flow_key, 0), Owner("e" * 24, 3), LinkKind.RECYCLES)])
    unused: Any = None
    found = predecessors(mine, [], {}, unused, binding, ledger=unused, store=unused)
    assert (found.links, binding.links) == ({}, [])
