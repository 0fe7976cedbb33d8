"""Invoices that their supplier completed: their recipients get them again, and are told why.

Source   CPPFacturePivot V2_02, Renvoi « Complétée »; DSE-CP 4.2.2.1 table 5: 209 and 227 are told to recipients so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from data_contracts.answers import InvoiceRow, Resend
from data_contracts.directory import DirectorySource
from data_contracts.history import Actor
from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Owner
from data_contracts.partners import NOBODY, Partners
from data_contracts.ports import ObjectStore
from data_contracts.statuses import StatusFormat
from data_contracts.tables import Outcome
from pipelines.delivery.pivot import lacking
from pipelines.owed import Draft
from pipelines.routing.lookup import known_of
from pipelines.routing.route import Route, as_routed, routed
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision
from pipelines.settlement.flow_members import originals
from pipelines.tracking.deposited import Deposited, Deposits
from pipelines.tracking.taking import TakenEvent
from pipelines.tracking.translation import relayed
from pipelines.validation.control_date import control_date

COMPLETED_CODE = "12"
log = logging.getLogger("relais.tracking")


def completions(
    fresh: Sequence[TakenEvent],
    *,
    deposits: Deposits,
    store: ObjectStore,
    directory: DirectorySource,
    partners: Partners = NOBODY,
) -> list[Draft]:
    """Drafts of diffusions: each invoice that a new status of its supplier completes, once, to its recipient, with the
    digest that it subscribes to.

    Cost     a few reads for each batch concerned, and one for each flow; of the invoices' bytes those alone. Memory of
             their rows, lines and VAT groups as columns.
    """
    completed: dict[Owner, Deposited] = {}
    for one in fresh:
        if one.event.actor is Actor.SUPPLIER and one.invoice.partner_code and _completes(one):
            completed.setdefault(one.invoice.owner, one.invoice)
    if not completed:
        return []
    diffused = _as_diffused(list(completed.values()), directory)
    judged = deposits.judged(completed[owner] for owner in diffused)
    by_flow: dict[str, list[Decision]] = {}
    for owner, (row, route) in diffused.items():
        again = Decision(
            replace(judged[owner], invoice=row), Outcome.ACCEPTED, "", "", "", route, (), resend=Resend.COMPLETED
        )
        by_flow.setdefault(owner.flow_key, []).append(again)
    flows = {owner.flow_key: completed[owner].flow for owner in diffused}
    made: list[Draft] = []
    parts: dict[tuple[str, str], int] = {}
    for flow_key, decisions in by_flow.items():
        sizes, original = originals(flows[flow_key], store, few=True)
        for draft in drafts.diffusions(flows[flow_key], decisions, sizes, original, partners):
            interface_code, partner_code, _ = draft.slot
            part = parts.get((interface_code, partner_code), 0)
            parts[interface_code, partner_code] = part + 1
            made.append(Draft((interface_code, partner_code, part), draft.written))
    return made


def _completes(one: TakenEvent) -> bool:
    told = relayed(one.event, StatusFormat.CPP_INVOICE, Actor.RECIPIENT)
    return any(status.code == COMPLETED_CODE for status in told.statuses)


def _as_diffused(invoices: Sequence[Deposited], directory: DirectorySource) -> dict[Owner, tuple[InvoiceRow, Route]]:
    """The rows of the invoices as their recipients got them, and their routes, by owner in the order given.

    A document may name its recipient by an electronic address alone, or another service than the one it came to: each
    is routed again by the directory of the day it came. Where that leads elsewhere by now, the document's own word
    stands; only if a diffusion cannot do with it is nobody told.
    """
    routes: dict[Owner, Route] = {}
    days: dict[date, list[Deposited]] = {}
    for one in invoices:
        days.setdefault(control_date(one.flow.received_at), []).append(one)
    for on, few in sorted(days.items()):
        known = known_of((one.invoice for one in few), directory, on)
        for one in few:
            routes[one.owner] = routed(one.invoice, known, on, CATALOGUE[one.flow.interface_code].circuit)
    found = {}
    for one in invoices:
        route = routes[one.owner]
        if route.findings or route.partner_code != one.partner_code:
            route = Route(one.partner_code, "", "", ())
        row = as_routed(one.invoice, route)
        if missing := lacking(row):
            log.warning("completion.untold invoice=%s/%d lacks=%s", one.flow.flow_key, one.owner.position, missing)
        else:
            found[one.owner] = (row, route)
    return found
