"""Invoices that their supplier completed: their recipients get them again, and are told why.

Source   CPPFacturePivot V2_02, Renvoi « Complétée »; DSE-CP 4.2.2.1 table 5: 209 and 227 are told to recipients so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from data_contracts.answers import Resend
from data_contracts.history import Actor
from data_contracts.history_ledger import HistoryLedger
from data_contracts.partners import NOBODY, Partners
from data_contracts.ports import ObjectStore, Owner
from data_contracts.statuses import StatusFormat
from data_contracts.tables import Outcome
from pipelines.delivery.pivot import lacking
from pipelines.owed import Draft
from pipelines.quarantine.invoice import judged_by
from pipelines.routing.route import Route
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision
from pipelines.settlement.flow_members import originals
from pipelines.tracking.deposited import Deposited
from pipelines.tracking.taking import TakenEvent
from pipelines.tracking.translation import relayed

COMPLETED_CODE = "12"
log = logging.getLogger("relais.tracking")


def completions(
    fresh: Sequence[TakenEvent], *, ledger: HistoryLedger, store: ObjectStore, partners: Partners = NOBODY
) -> list[Draft]:
    """Drafts of diffusions: each invoice that a new status of its supplier completes, once, to its recipient, with the
    digest that it subscribes to.

    Cost     the tables of each such invoice's flow are read, and of its bytes those of the invoice alone.
    """
    completed: dict[str, dict[Owner, Deposited]] = {}
    for one in fresh:
        if one.event.actor is Actor.SUPPLIER and one.invoice.partner_code and _completes(one):
            flow_key = one.invoice.flow.flow_key
            completed.setdefault(flow_key, {})[one.invoice.owner] = one.invoice
    made: list[Draft] = []
    parts: dict[tuple[str, str], int] = {}
    for invoices in completed.values():
        flow = next(iter(invoices.values())).flow
        decisions = [_again(invoice, ledger, store) for invoice in invoices.values() if _diffusable(invoice)]
        sizes, original = originals(flow, store, few=True)
        for draft in drafts.diffusions(flow, decisions, sizes, original, partners):
            interface_code, partner_code, _ = draft.slot
            part = parts.get((interface_code, partner_code), 0)
            parts[interface_code, partner_code] = part + 1
            made.append(Draft((interface_code, partner_code, part), draft.written))
    return made


def _completes(one: TakenEvent) -> bool:
    told = relayed(one.event, StatusFormat.CPP_INVOICE, Actor.RECIPIENT)
    return any(status.code == COMPLETED_CODE for status in told.statuses)


def _diffusable(invoice: Deposited) -> bool:
    """Whether the document itself holds what a diffusion needs: one that was routed by its address alone may not."""
    missing = lacking(invoice.invoice)
    if missing:
        log.warning("completion.untold invoice=%s/%d lacks=%s", invoice.flow.flow_key, invoice.owner.position, missing)
    return not missing


def _again(invoice: Deposited, ledger: HistoryLedger, store: ObjectStore) -> Decision:
    judged = judged_by(invoice.owner, ledger, store)
    route = Route(invoice.partner_code, "", "", ())
    return Decision(judged, Outcome.ACCEPTED, "", "", "", route, (), resend=Resend.COMPLETED)
