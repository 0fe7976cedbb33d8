"""Releases that recycle and draw, on PostgreSQL: one after the other, each killed after another write."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from data_contracts.envelope import SERIES_SPAN, parsed
from data_contracts.history_ledger import LinkKind
from data_contracts.ledger import Owner
from data_contracts.quarantine import QuarantineState
from pipelines.quarantine.stage import settle_quarantined
from tests.connectors import servers
from tests.end_to_end.released import INTERFACE, Waiting, checked_again, demanding, first_life
from tests.end_to_end.test_status_flows import DEP, LATER, cpp, deposit, said
from tests.failure import scenario
from tests.failure.test_released_killed import Mortal

KILLS = range(1, 15, 2)
"""Writes after which a release is killed: the last one is after all is done."""


def carry_out(world: Waiting, life: scenario.Life) -> None:
    house: Any = world.house
    ledger, store = Mortal(house.ledger, life), Mortal(house.store, life)
    mortal: Any = type("House", (), {"ledger": house.ledger, "store": store})
    ports: dict[str, Any] = {"ledger": ledger, "store": store}
    settle_quarantined(directory=demanding(), recheck=checked_again(mortal), **ports)


def test_each_is_linked_drawn_and_answered_once(tmp_path: Path) -> None:
    world, life = Waiting(tmp_path, servers.new_database()), first_life()
    firsts = [replace(life.invoice, number=f"K-{at}") for at in KILLS]
    total = life.invoice.totals.gross * len(firsts)
    world.commit(str(total))
    deposit(world, *firsts, interface=INTERFACE)
    statuses = [said(replace(life, invoice=one), "04", DEP) for one in firsts]
    world.send(("FSO1301A", DEP, cpp(statuses, LATER)))
    flows = [world.set_aside(replace(one, service_code="COLLEGES")) for one in firsts]
    ledger: Any = world.house.ledger
    for step, flow_key in zip(KILLS, flows, strict=True):
        world.order(flow_key, LATER + timedelta(days=1))
        with suppress(scenario.Killed):
            carry_out(world, scenario.Life(step))
        carry_out(world, scenario.Life())
        (entry,) = ledger.quarantine(flow_key=flow_key)
        assert entry.state is QuarantineState.ACCEPTED, f"killed at write {step}"
        assert world.held().drawn == total, f"killed at write {step}"
    later = [Owner(flow_key, 0) for flow_key in flows]
    links = ledger.links(later)
    assert sorted(link.later.flow_key for link in links) == sorted(flows)
    assert {link.kind for link in links} == {LinkKind.RECYCLES}
    told = ledger.events([*later, *(link.earlier for link in links)])
    assert [[event.code for event in told[owner]] for owner in later] == [["202", "203"]] * len(later)
    assert [sum(event.code == "RECYCLEE" for event in told[link.earlier]) for link in links] == [1] * len(links)
    names = [parsed(one.answer.name) for one in ledger.owed() if one.answer.flow_key in flows]
    for code in ("FEN1204A", "FEN0036A"):
        numbers = sorted(name.sequence % SERIES_SPAN for name in names if name.interface_code == code)
        assert numbers == list(range(1, len(flows) + 1)), code
    assert ledger.reconciliation().gap == 0
    ledger.close()
