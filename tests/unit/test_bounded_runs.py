"""A run takes its share and no more: who drops a flow meanwhile has his turn in the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from data_contracts.ledger import Flow, FlowStatus, Ledger
from data_contracts.ports import ObjectStore
from pipelines.planning.stage import plan_batches
from pipelines.settlement import stage
from pipelines.settlement.stage import settle_flows


class Pending:
    """A ledger of flows that wait to be settled: of each partner the first is ready."""

    def __init__(self, *flows: Flow) -> None:
        self.flows = list(flows)

    def settleable(self) -> Sequence[Flow]:
        firsts: dict[str, Flow] = {}
        for flow in self.flows:
            firsts.setdefault(flow.partner_code, flow)
        return list(firsts.values())


def _flow(ordinal: int, partner_code: str, members: int) -> Flow:
    return Flow(
        flow_key=f"{partner_code}{ordinal}",
        ordinal=ordinal,
        partner_code=partner_code,
        name="",
        interface_code="FSO1100A",
        sha256="",
        size_bytes=1,
        received_at=datetime(2026, 11, 20, tzinfo=UTC),
        status=FlowStatus.ADMITTED,
        member_count=members,
    )


def test_a_big_partner_never_keeps_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Pending(*(_flow(n, "BIG", 10_000) for n in range(6)), *(_flow(n, f"P{n:02}", 10) for n in range(6, 9)))
    order: list[str] = []

    def settled(flow: Flow, *_ports: Any) -> None:
        order.append(flow.partner_code)
        ledger.flows.remove(flow)

    monkeypatch.setattr(stage, "_settle", settled)
    ports: dict[str, Any] = {"store": cast(ObjectStore, None), "directory": None, "clock": None}
    assert settle_flows(ledger=cast(Ledger, ledger), invoices_max=20_000, **ports) == 5
    assert order == ["BIG", "P06", "P07", "P08", "BIG"], "everyone's first before anyone's second"
    ledger.flows.append(_flow(9, "P99", 10))
    order.clear()
    assert settle_flows(ledger=cast(Ledger, ledger), invoices_max=10_000, **ports) == 1
    assert order == ["BIG"], "the flow that passes the bound is finished, and no other begun"
    assert settle_flows(ledger=cast(Ledger, ledger), invoices_max=100_000, **ports) == 4
    assert settle_flows(ledger=cast(Ledger, ledger), **ports) == 0


def test_a_run_checks_so_many_batches_and_the_command_all_of_them() -> None:
    class Open:
        def unplanned(self) -> Sequence[Flow]:
            return []

        def open_batches(self) -> Sequence[str]:
            return [f"b{n}" for n in range(20)]

    ports: dict[str, Any] = {"ledger": cast(Ledger, Open()), "store": cast(ObjectStore, None)}
    assert plan_batches(**ports) == [f"b{n}" for n in range(8)]
    assert len(plan_batches(**ports, batches_max=None)) == 20
