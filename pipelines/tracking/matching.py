"""Which invoice each status received speaks of, and as which event it enters that invoice's history."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from data_contracts.evidence import canonical
from data_contracts.history import Actor, Event, ReceivedStatus
from data_contracts.history_ledger import HistoryLedger
from data_contracts.ledger import Flow, InvoiceKey, Owner
from data_contracts.tables import Outcome
from pipelines.tracking.deposited import Deposited, Deposits

YEARS_BACK = 5
"""Years before the status in which the invoice is looked for when the status gives no date: what is paid later than
that is said with one."""

TRANSMISSION_PHASE = "305"
EVENT_KEY_CHARACTERS = 32


@dataclass(frozen=True)
class Told:
    """One status of one document of a status flow."""

    position: int
    document: str
    status: ReceivedStatus


@dataclass(frozen=True)
class Match:
    """What a status may speak of: every line of invoices that bear its number, seller and year. One is the case."""

    told: Told
    lines: tuple[tuple[Deposited, ...], ...]


def matches(told: Sequence[Told], *, ledger: HistoryLedger, deposits: Deposits) -> list[Match]:
    """Each status with the invoices that it may speak of, in the order given.

    Cost     one look-up of all keys, one of all lines, and one of all invoices.
    """
    keys = {key for one in told for key in _keys(one.status)}
    owners = ledger.owners_of(sorted(keys, key=lambda key: (key.year, key.seller, key.number)))
    lines = ledger.lines(sorted(set(owners.values()), key=_place))
    exempt = ledger.exempt_of([key for key in keys if key not in owners])
    every = {one for line in lines.values() for one in line}
    every |= {one for ours in exempt.values() for one in ours}
    invoices = deposits.invoices(every)
    return [Match(one, (*_lines(one, owners, lines, invoices), *_alone(one, exempt, invoices))) for one in told]


def concerned(match: Match, sender: str) -> tuple[tuple[Deposited, ...], ...]:
    """The lines that a sender has to do with: nobody learns of invoices that are not theirs."""
    return tuple(
        line for line in match.lines if any(sender in (one.partner_code, one.flow.partner_code) for one in line)
    )


def spoken_of(line: Sequence[Deposited], sender: str, at: datetime) -> Deposited:
    """The invoice of a line that a sender means at a moment: the last of its own that had come by then."""
    own = [one for one in line if sender in (one.partner_code, one.flow.partner_code)] or list(line)
    by_then = [one for one in own if one.came_at <= at]
    return by_then[-1] if by_then else own[0]


def event_of(status: ReceivedStatus, line: Sequence[Deposited], invoice: Deposited, actor: Actor, flow: Flow) -> Event:
    """The event that a status is in the history of an invoice of a line.

    Shape    the key holds the first invoice of the line and all that is said, so that the same status is one event
             whenever and however often it is told.
    """
    first = line[0].owner
    assert status.at is not None, "a status without a time is refused before"
    said = [
        [asdict(one) for one in status.reasons],
        status.comment,
        status.mandate_number,
        [{name: str(value) for name, value in asdict(one).items()} for one in status.payments],
    ]
    whole = [first.flow_key, first.position, status.format.value, status.code, status.at.isoformat(), *said]
    return Event(
        event_key=hashlib.sha256(canonical(whole)).hexdigest()[:EVENT_KEY_CHARACTERS],
        flow_key=invoice.owner.flow_key,
        position=invoice.owner.position,
        format=status.format,
        code=status.code,
        at=status.at,
        recorded_at=flow.received_at,
        actor=Actor.PLATFORM if status.phase_code == TRANSMISSION_PHASE else actor,
        actor_code=status.actor_code,
        reasons=status.reasons,
        comment=status.comment,
        mandate_number=status.mandate_number,
        payments=status.payments,
        source_flow_key=flow.flow_key,
        source_name=flow.name,
    )


def _keys(status: ReceivedStatus) -> list[InvoiceKey]:
    sellers = sorted({one for one in (status.seller_siren, status.seller_id) if one})
    if status.issued_on is not None:
        years = [status.issued_on.year]
    else:
        assert status.at is not None, "a status without a time is refused before"
        years = list(range(status.at.year - YEARS_BACK, status.at.year + 1))
    return [InvoiceKey(year, seller, status.number) for year in years for seller in sellers]


def _lines(
    told: Told,
    owners: Mapping[InvoiceKey, Owner],
    lines: Mapping[Owner, Sequence[Owner]],
    invoices: Mapping[Owner, Deposited],
) -> tuple[tuple[Deposited, ...], ...]:
    found = sorted({owners[key] for key in _keys(told.status) if key in owners}, key=_place)
    return tuple(tuple(invoices[one] for one in lines[owner]) for owner in found)


def _alone(
    told: Told, exempt: Mapping[InvoiceKey, Sequence[Owner]], invoices: Mapping[Owner, Deposited]
) -> tuple[tuple[Deposited, ...], ...]:
    """Accepted invoices whose number need not be unique (frame S3): each stands alone."""
    found = [invoices[one] for key in _keys(told.status) for one in exempt.get(key, ())]
    return tuple((one,) for one in found if one.outcome == Outcome.ACCEPTED)


def _place(owner: Owner) -> tuple[str, int]:
    return owner.flow_key, owner.position
