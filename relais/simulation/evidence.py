"""Evidence: what was seen from outside while a schedule ran. The invariants judge it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.memory.mailbox import Folders
from data_contracts.ledger import Claim, Flow, FlowStatus, Landing, Ledger
from data_contracts.limits import BATCH_ATTEMPTS_MAX
from data_contracts.ports import ObjectStore
from relais.simulation.scene import Drop, Scene


@dataclass
class Evidence:
    """`appearances` counts how often each answer appeared to its partner, `contents` holds every version of its bytes.

    `owed_by` is the flow of each answer, from the moment that the ledger owed it. `again` counts the acknowledgments
    that resends are due. `broken` is what was seen to go wrong while it happened.
    """

    scene: Scene
    ledger: Ledger
    store: ObjectStore
    folders: Folders
    drops: list[Drop] = field(default_factory=list)
    appearances: Counter[tuple[str, str]] = field(default_factory=Counter)
    contents: dict[tuple[str, str], set[bytes]] = field(default_factory=lambda: defaultdict(set))
    owed_by: dict[tuple[str, str], str] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    settled_at: dict[str, datetime] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    lost: set[tuple[str, int]] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    def saw(self, port: str, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any], result: Any) -> None:
        """Nothing; the effect of an operation, also of one whose caller never hears of it, is in the evidence."""
        seen = getattr(self, f"_{port}_{name}", None)
        if seen is not None:
            seen(result, *arguments, **keywords)

    def _ledger_land(self, result: tuple[Landing, str], *_: Any) -> None:
        landing, flow_key = result
        if landing is Landing.RESENT:
            ended = self.ledger.flow(flow_key).status in (FlowStatus.REFUSED, FlowStatus.SETTLED)
            self.again[flow_key] += ended

    def _ledger_claim_invoices(self, result: Any, flow_key: str, *_: Any) -> None:
        # A dictionary keeps the order of the first claims: who came first among flows that share an invoice.
        if self.settled_at.setdefault(flow_key, result.settled_at) != result.settled_at:
            self.broken.append(f"I6: flow {flow_key} is settled at two times")

    def _ledger_claim(self, result: Claim | None, *_: Any) -> None:
        if result is not None and result.attempt > BATCH_ATTEMPTS_MAX:
            pieces = result.batch.slices
            if sum(piece.count for piece in pieces) == 1:
                self.lost.add((pieces[0].flow_key, pieces[0].first))

    def _ledger_checked(self, _result: None, claim: Any, _count: int) -> None:
        self.checked.add(claim.batch.batch_id)

    def _ledger_settle(self, _result: None, flow_key: str, **arguments: Any) -> None:
        self._owed(flow_key, arguments["answers"])

    def _ledger_refuse(self, _result: None, flow_key: str, *arguments: Any) -> None:
        self._owed(flow_key, arguments[-1])

    def _owed(self, flow_key: str, answers: Any) -> None:
        for answer in answers:
            self.owed_by.setdefault((answer.partner_code, answer.name), flow_key)

    def _mailbox_remove(self, _result: None, deposit: Any) -> None:
        """I1 at the moment it matters: once the partner's file is gone, ours must be there."""
        if deposit.name in self.folders.drops.get(deposit.partner_code, {}):
            return
        held = [drop for drop in self.drops if (drop.partner_code, drop.name) == (deposit.partner_code, deposit.name)]
        if not self.ledger.seen(deposit):
            self.broken.append(f"I1: {deposit.name} was taken out of the drop before the ledger knew it")
        if not any(self.lies(f"landing/{sha256_of(drop.content)}", drop.content) for drop in held):
            self.broken.append(f"I1: {deposit.name} was taken out of the drop and its bytes are not in the store")

    def published(self, partner_code: str, name: str, content: bytes) -> None:
        """Nothing; an answer appeared to its partner. I1 and I5 are judged at this very moment."""
        place = (partner_code, name)
        self.appearances[place] += 1
        self.contents[place].add(content)
        flow_key = self.owed_by.get(place)
        if flow_key is None:
            self.broken.append(f"I5: {name} was delivered to {partner_code} and nobody decided it")
            return
        flow = self.ledger.flow(flow_key)
        if not self._judged(flow):
            self.broken.append(f"I5: {name} was delivered to {partner_code} before the verdicts on its flow")
        if self.lies(f"landing/{flow.sha256}", None) is False:
            self.broken.append(f"I1: {name} answers a flow whose bytes are not in the store")

    def _judged(self, flow: Flow) -> bool:
        if flow.status is FlowStatus.REFUSED:
            return True
        batches = self.ledger.batches_of(flow.flow_key)
        return flow.status is FlowStatus.SETTLED and all(batch.batch_id in self.checked for batch in batches)

    def lies(self, key: str, content: bytes | None) -> bool:
        """Whether these bytes lie under a key; without bytes, whether what lies there bears the hash that it is named
        by."""
        if key not in self.store.keys(key):
            return False
        found = self.store.read(key)
        return found == content if content is not None else sha256_of(found) == key.rpartition("/")[2]


def sha256_of(content: bytes) -> str:
    """The hash of some bytes, lower-case hex."""
    return hashlib.sha256(content).hexdigest()
