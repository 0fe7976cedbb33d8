"""Orders on quarantine, given and carried out in one go: what the commands share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from connectors.assembly import house_at
from data_contracts.quarantine import Order, Quarantined, Verb
from pipelines.quarantine.apart import recheck_apart
from pipelines.quarantine.stage import Carried, settle_quarantined
from pipelines.validation.control_date import control_date
from relais.at_home import actor


def carried_out(
    built: Any, settings: Any, verb: Verb, chosen: Sequence[Quarantined], reason: str, motive: str, as_received: bool,
    who: str | None,
) -> list[Carried]:  # fmt: skip
    """How each order ended, those that an interrupted command left included.

    Errors   as `settle_quarantined`; ConfigurationError if an invoice cannot be ordered so any more.
    """
    now = built.clock.now()
    for entry in chosen:
        received = built.ledger.flow(entry.flow_key).received_at if as_received else now
        order = Order(verb, actor(who), reason, motive, now, control_date(received))
        built.ledger.order(entry.flow_key, entry.position, order)
    recheck = recheck_apart(partial(house_at, settings.home))
    return settle_quarantined(
        ledger=built.ledger, store=built.store, directory=built.directory, recheck=recheck, partners=built.partners
    )
