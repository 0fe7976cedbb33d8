"""Watch: what the ledger owes at an instant, and an alarm before it is too late."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from data_contracts.deadlines import DeadlineLedger, Duty, Owed
from data_contracts.errors import TerminalError
from data_contracts.history_ledger import Diffused
from data_contracts.partners import PORTAL_CODE
from pipelines.deadlines.terms import TERMS, Stand, Standing, alarming, judged

PERIOD = timedelta(hours=24)
"""How far back what was done is looked at, unless asked otherwise."""

NAMED_MAX = 20
"""Flows that an alarm names; the command names all."""

log = logging.getLogger("relais.deadlines")


class WatchedLedger(DeadlineLedger, Protocol):
    """What this stage asks of the ledger."""

    def unacknowledged(self, before: datetime) -> Sequence[Diffused]:
        """As `data_contracts.history_ledger.HistoryLedger`."""
        ...


def standings(*, ledger: WatchedLedger, since: datetime, now: datetime) -> list[Standing]:
    """Everything that is owed or was done since an instant, oldest first; receipts that recipients owe us at the end.

    What recipients without a connection read on the portal is acknowledged by nobody, and not listed.
    """
    owed = [*ledger.owed_since(since), *(_receipt(one) for one in ledger.unacknowledged(now) if _answers(one))]
    return [judged(one, now) for one in owed]


def watch(*, ledger: DeadlineLedger, now: datetime) -> int:
    """How many things are owed and in time.

    Errors   TerminalError naming the flows at risk and those missed.
    """
    held = [judged(one, now) for one in ledger.owed_since(now)]
    alarms = alarming(held)
    for one in alarms:
        log.error(
            "deadline.%s duty=%s partner=%s name=%s due=%s",
            one.stand.name.lower(), one.owed.duty, one.owed.partner_code, one.owed.name, one.due_at.isoformat(),
        )  # fmt: skip
    if alarms:
        missed = sum(one.stand is Stand.MISSED for one in alarms)
        named = [f"{one.owed.name} ({one.owed.duty}, {one.stand})" for one in alarms[:NAMED_MAX]]
        more = f" and {len(alarms) - NAMED_MAX} more" if len(alarms) > NAMED_MAX else ""
        raise TerminalError(
            f"{len(alarms) - missed} deadlines are at risk, {missed} are missed",
            where=", ".join(named) + more,
            remedy="see infra/runbooks/watch_deadlines.md",
        )
    return sum(one.stand is Stand.DUE for one in held)


def overdue_receipts(*, ledger: WatchedLedger, now: datetime) -> list[Diffused]:
    """Diffusion flows whose recipient let its time pass without an acknowledgment, in order of delivery."""
    return [one for one in ledger.unacknowledged(now - TERMS[Duty.RECEIPT].within) if _answers(one)]


def _answers(one: Diffused) -> bool:
    return one.answer.partner_code != PORTAL_CODE


def _receipt(one: Diffused) -> Owed:
    answer = one.answer
    return Owed(Duty.RECEIPT, answer.partner_code, answer.name, one.delivered_at, None, answer.delivery_id)
