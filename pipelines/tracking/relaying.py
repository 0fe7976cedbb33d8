"""Which suppliers hear of which new events, under which interface of theirs. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from data_contracts.answers import Header
from data_contracts.history import Actor
from data_contracts.interfaces import CATALOGUE, Syntax
from data_contracts.limits import RELAYED_PER_FLOW_MAX
from data_contracts.partners import Partners
from data_contracts.statuses import StatusFormat
from pipelines.lifecycle.cpp_invoice_status import expressible
from pipelines.lifecycle.subscribed import lifecycle_of
from pipelines.owed import Draft
from pipelines.tracking.relay import Relay
from pipelines.tracking.relayed_cdar import relayed_cdar
from pipelines.tracking.relayed_cpp import relayed_cpp
from pipelines.tracking.taking import TakenEvent
from pipelines.tracking.translation import relayed

Writer = Callable[[Header, Sequence[Relay]], Iterable[bytes]]
log = logging.getLogger("relais.tracking")

FORMATS = {Syntax.CPP_STATUS: StatusFormat.CPP_INVOICE, Syntax.CDAR: StatusFormat.CDAR_INVOICE}
_WRITERS: dict[Syntax, Writer] = {Syntax.CPP_STATUS: relayed_cpp, Syntax.CDAR: relayed_cdar}


def relays(fresh: Sequence[TakenEvent], partners: Partners) -> list[Draft]:
    """Drafts of what suppliers are told of new events, one for each supplier and interface, cut at a bound.

    Shape    in the supplier's circuit and version; events that the supplier set itself, and those that its circuit has
             no word for, are told to nobody and stay in the history.
    """
    grouped: dict[tuple[str, str], list[Relay]] = {}
    for one in fresh:
        partner_code = one.invoice.flow.partner_code
        interface_code = lifecycle_of(partner_code, one.invoice.flow.interface_code, partners)
        for relay in _relays(one, CATALOGUE[interface_code].syntax):
            grouped.setdefault((interface_code, partner_code), []).append(relay)
    drafts = []
    for (interface_code, partner_code), group in sorted(grouped.items(), key=lambda item: item[0]):
        writer = _WRITERS[CATALOGUE[interface_code].syntax]
        for part, start in enumerate(range(0, len(group), RELAYED_PER_FLOW_MAX)):
            few = group[start : start + RELAYED_PER_FLOW_MAX]
            drafts.append(Draft((interface_code, partner_code, part), _bound(writer, few)))
    return drafts


def _relays(one: TakenEvent, syntax: Syntax) -> list[Relay]:
    if one.event.actor is Actor.SUPPLIER:
        return []
    made = relayed(one.event, FORMATS[syntax])
    invoice = one.invoice.invoice
    if made.withheld is not None or (syntax is Syntax.CPP_STATUS and not expressible(invoice)):
        log.info("status.withheld event=%s why=%s", one.event.event_key, made.withheld or "not expressible")
        return []
    return [Relay(invoice, one.invoice.flow.received_at, one.event, status) for status in made.statuses]


def _bound(writer: Writer, few: Sequence[Relay]) -> Callable[[Header], Iterable[bytes]]:
    return lambda header: writer(header, few)
