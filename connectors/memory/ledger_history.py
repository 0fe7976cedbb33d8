"""What settlement asks of the history, in the ledger in memory: how invoices stand, and which follow which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace

from connectors.ledger_history_rows import EVENT_COLUMNS, event_of
from connectors.ledger_invoices import fitted
from connectors.memory.ledger_work import MemoryWork
from data_contracts.history import Event
from data_contracts.history_ledger import Link, LinkKind, Standing
from data_contracts.ledger import FlowStatus, InvoiceKey, Owner, StatusEvent

_UNTOLD: dict[str, object] = dict.fromkeys(EVENT_COLUMNS)


class MemoryHistory(MemoryWork):
    """`data_contracts.history_ledger.LinkLedger` as far as our own statuses go: no partner's status comes in here."""

    def owners_of(self, keys: Collection[InvoiceKey]) -> Mapping[InvoiceKey, Owner]:
        held = {key: self._rows.keys.get(fitted(key)) for key in keys}
        return {key: owner for key, owner in held.items() if owner is not None and self._settled(owner.flow_key)}

    def standings(self, owners: Collection[Owner], besides: str = "") -> Mapping[Owner, Standing]:
        following = {
            link.earlier: link.later
            for flow_key, links in self._rows.links.items()
            for link in links
            if link.kind is not LinkKind.REPLACES and flow_key != besides and self._settled(flow_key)
        }
        found = {}
        for first in owners:
            line = [first]
            while line[-1] in following:
                line.append(following[line[-1]])
            told = (self._event(row) for row in self._rows.events if Owner(row.flow_key, row.position) in line)
            heard = [event for event in told if (event.source_flow_key or event.flow_key) != besides]
            heard.sort(key=lambda event: (event.at, event.recorded_at, event.event_key))
            found[first] = Standing(tuple(line), tuple(heard))
        return found

    def rejected_before(self, names: Collection[tuple[str, str]], besides: str) -> Mapping[tuple[str, str], Owner]:
        landed = self._rows.held(besides).flow.ordinal
        earlier = [row.flow for row in self._rows.of_status(FlowStatus.SETTLED) if row.flow.ordinal < landed]
        found: dict[tuple[str, str], Owner] = {}
        for flow in earlier:
            for named in self._rows.unkeyed.get(flow.flow_key, ()):
                kept = fitted(InvoiceKey(0, named.seller, named.number))
                if named.replaceable and (kept.seller, kept.number) in names:
                    found[kept.seller, kept.number] = Owner(flow.flow_key, named.position)
        return found

    def link(self, flow_key: str, links: Sequence[Link]) -> Sequence[Link]:
        if not self._settled(flow_key):
            others = [one for key, bound in self._rows.links.items() if key != flow_key for one in bound]
            followed = {one.earlier for one in others if one.kind is not LinkKind.REPLACES}
            bound: list[Link] = []
            for one in sorted(links, key=lambda link: link.later.position):
                if one.kind is LinkKind.REPLACES or one.earlier not in followed:
                    bound.append(one)
                    followed |= {one.earlier} if one.kind is not LinkKind.REPLACES else set()
            self._rows.links[flow_key] = bound
        return list(self._rows.links.get(flow_key, ()))

    def _settled(self, flow_key: str) -> bool:
        return self._rows.held(flow_key).flow.status is FlowStatus.SETTLED

    def _event(self, row: StatusEvent) -> Event:
        told = SimpleNamespace(**{**_UNTOLD, **vars(row)})
        return event_of(told, self._rows.held(row.flow_key).settled_at)
