"""Which earlier invoices the accepted ones of a flow follow: by their own number, or in the place of a rejected one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.history import Actor
from data_contracts.history_ledger import Link, LinkKind, LinkLedger, Standing
from data_contracts.interfaces import Circuit, Interface
from data_contracts.ledger import Flow, InvoiceKey, Named, Owner, StatusEvent
from data_contracts.messages import Sentences, both
from data_contracts.ports import ObjectStore
from data_contracts.statuses import RECYCLED, SUCCEEDED, StatusFormat
from data_contracts.tables import Outcome
from pipelines.quarantine.invoice import judged_by
from pipelines.settlement.acceptance import DUPLICATE, Decision, invoice_key
from pipelines.settlement.binding import Binding
from pipelines.settlement.resubmission import REJECTED_PHASES, RESENDS, First, Resubmitted, resubmitted, waits
from pipelines.tracking.fold import happened, situation

YEARS_BACK = 2
"""Years before its own in which an invoice's rejected predecessor is looked for."""

CREDIT_NOTES = frozenset({"261", "381", "396", "502", "503"})
"""Types whose preceding number is what they correct, not what they replace."""

_CLOCK_STEP = timedelta(seconds=1)

COMPLETED = {
    Circuit.CHORUS_PRO: (StatusFormat.CPP_INVOICE, "12"),
    Circuit.AFNOR: (StatusFormat.CDAR_INVOICE, "209"),
}


@dataclass(frozen=True)
class Predecessors:
    """What repeated numbers are, by position; the links that the flow is bound to; the numbers of the invoices that
    others replace, by position; and when those that recycle or complete were asked for, by position."""

    repeated: Mapping[int, Resubmitted]
    links: Mapping[int, Link]
    replaced: Mapping[int, str]
    asked: Mapping[int, datetime]

    def followers(self) -> dict[int, FindingRow | None]:
        """Repeated numbers by position: None where the invoice follows the first by right, else what it is."""
        keeping = (LinkKind.RECYCLES, LinkKind.COMPLETES)
        kept = {position for position, link in self.links.items() if link.kind in keeping}
        return {
            **{position: one.finding for position, one in self.repeated.items()},
            **dict.fromkeys(sorted(kept)),
        }


def predecessors(
    flow: Flow,
    proposals: Sequence[Decision],
    owners: Mapping[InvoiceKey, Owner],
    described: Callable[[Owner], Sentences],
    binding: Binding,
    *,
    ledger: LinkLedger,
    store: ObjectStore,
) -> Predecessors:
    """What the accepted invoices of a flow follow.

    Cost     for a flow of new numbers one look-up of rejected ones and one transaction; repeated ones are looked at one
             by one where the first waits to be recycled or completed.
    """
    accepted = [one for one in proposals if one.outcome is Outcome.ACCEPTED]
    firsts: dict[int, Owner] = {}
    new: list[Decision] = []
    for one in accepted:
        key, own = invoice_key(one.judged.invoice), _own(one)
        owner = own if key is None else owners[key]
        if owner == own:
            new.append(one)
        else:
            firsts[own.position] = owner
    standings = ledger.standings(sorted(set(firsts.values()), key=_place), besides=binding.besides) if firsts else {}
    repeated, links, asked = {}, [], {}
    for one in accepted:
        position = one.judged.invoice["position"]
        if position in firsts:
            standing = standings[firsts[position]]
            repeated[position] = resubmitted(one.judged, _first(standing, described, ledger, store))
            kind = repeated[position].kind
            if kind is not None:
                links.append(Link(_own(one), standing.owner, kind))
                asked[position] = happened(situation(standing.events).current)
    replaced = _replaced(flow, new, binding.besides, ledger)
    links += replaced
    # Without any too: an attempt that was cut short may have bound what this one rejects.
    bound = binding.follow(links)
    numbers = {link.later.position: number for link, number in replaced.items()}
    return Predecessors(repeated, {link.later.position: link for link in bound}, numbers, asked)


def followed(
    decisions: Sequence[Decision], found: Predecessors, described: Callable[[Owner], Sentences]
) -> list[Decision]:
    """The decisions with what they follow: recycled and completed ones are accepted, and told so; so are those that
    take the place of a rejected invoice."""
    told = []
    for one in decisions:
        position = one.judged.invoice["position"]
        link = found.links.get(position)
        told.append(one if link is None else _followed(one, link, found.replaced.get(position, ""), described))
    return told


def link_events(found: Predecessors, interface: Interface, flow: Flow, at: datetime) -> list[StatusEvent]:
    """What the history of each earlier invoice says of the one that follows it.

    Shape    at the instant `at`, or right after the status that asked for it: that may have come once `at` was fixed,
             between an order and its end say, and the invoice must not seem to wait still.
    """
    events = []
    for position, link in sorted(found.links.items()):
        asked = found.asked.get(position)
        moment = at if asked is None or asked < at else asked + _CLOCK_STEP
        format, code, actor = StatusFormat.RELAIS, RECYCLED, Actor.PLATFORM
        if link.kind is LinkKind.REPLACES:
            code = SUCCEEDED
        elif link.kind is LinkKind.COMPLETES:
            (format, code), actor = COMPLETED[interface.circuit], Actor.SUPPLIER
        earlier = link.earlier
        event = StatusEvent(
            earlier.flow_key, earlier.position, "", code, moment, "", format.value, actor.value, flow.flow_key
        )
        events.append(event)
    return events


def unkeyed(decisions: Sequence[Decision], owners: Mapping[InvoiceKey, Owner]) -> list[Named]:
    """The invoices that hold no key, by their names, as far as they have a number and a seller."""
    named = []
    for one in decisions:
        invoice = one.judged.invoice
        key = invoice_key(invoice) if one.outcome is Outcome.ACCEPTED else None
        seller = invoice["seller_siren"] or invoice["seller_id"]
        if (key is not None and owners[key] == _own(one)) or not seller or not invoice["number"]:
            continue
        year = invoice["issue_date"].year if invoice["issue_date"] else None
        replaceable = one.outcome is Outcome.REJECTED and one.motive != DUPLICATE
        named.append(Named(invoice["position"], seller, invoice["number"], year, replaceable))
    return named


def _first(
    standing: Standing, described: Callable[[Owner], Sentences], ledger: LinkLedger, store: ObjectStore
) -> First:
    owner = standing.owner
    expected = waits(standing.events) is not None
    judged = judged_by(owner, ledger, store) if expected else None
    return First(owner, judged, standing.events, described(owner))


def _replaced(flow: Flow, new: Sequence[Decision], besides: str, ledger: LinkLedger) -> dict[Link, str]:
    """Links to invoices that were rejected at their deposit, or refused later by their recipient; their numbers."""
    names: dict[tuple[str, str], None] = {}
    wanted: dict[int, list[tuple[str, str]]] = {}
    for one in new:
        invoice = one.judged.invoice
        seller = invoice["seller_siren"] or invoice["seller_id"] or ""
        numbers = [invoice["number"] or ""]
        if invoice["preceding_number"] and invoice["type_code"] not in CREDIT_NOTES:
            numbers.insert(0, invoice["preceding_number"])
        wanted[invoice["position"]] = [(seller, number) for number in numbers]
        names |= dict.fromkeys(wanted[invoice["position"]])
    rejected = ledger.rejected_before(list(names), flow.flow_key) if names else {}
    refused = _refused(new, besides, ledger)
    links = {}
    for one in new:
        invoice = one.judged.invoice
        position = invoice["position"]
        found = [(rejected[name], name[1]) for name in wanted[position] if name in rejected]
        if position in refused:
            found.insert(0, (refused[position], invoice["preceding_number"] or ""))
        if found:
            earlier, number = found[0]
            links[Link(_own(one), earlier, LinkKind.REPLACES)] = number
    return links


def _refused(new: Sequence[Decision], besides: str, ledger: LinkLedger) -> dict[int, Owner]:
    """By position, the accepted invoice that the preceding number names, where it was refused or rejected since."""
    wanted = {one.judged.invoice["position"]: _preceding(one.judged.invoice) for one in new}
    keys = {key for few in wanted.values() for key in few}
    if not keys:
        return {}
    found = ledger.owners_of(sorted(keys, key=lambda key: (key.year, key.seller, key.number)))
    standings = ledger.standings(sorted(set(found.values()), key=_place), besides=besides)
    refused = {
        key: standings[owner].owner
        for key, owner in found.items()
        if standings[owner].events and situation(standings[owner].events).phase in REJECTED_PHASES
    }
    # The keys of an invoice are its own year's first: of one number refused in two years, the nearer is meant.
    nearest = {position: [refused[key] for key in few if key in refused] for position, few in wanted.items()}
    return {position: owners[0] for position, owners in nearest.items() if owners}


def _preceding(invoice: InvoiceRow) -> list[InvoiceKey]:
    number, issued = invoice["preceding_number"], invoice["issue_date"]
    seller = invoice["seller_siren"] or invoice["seller_id"]
    if not number or not issued or not seller or invoice["type_code"] in CREDIT_NOTES:
        return []
    return [InvoiceKey(issued.year - back, seller, number) for back in range(YEARS_BACK + 1)]


def _followed(one: Decision, link: Link, number: str, described: Callable[[Owner], Sentences]) -> Decision:
    said = both("history-follows", kind=link.kind.value, number=number, first=described(link.earlier))
    return replace(one, detail_fr=said.fr, detail_en=said.en, resend=RESENDS.get(link.kind))


def _own(one: Decision) -> Owner:
    return Owner(one.judged.invoice["flow_key"], one.judged.invoice["position"])


def _place(owner: Owner) -> tuple[str, int]:
    return owner.flow_key, owner.position
