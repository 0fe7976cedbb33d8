"""The invariants: what must hold after every schedule, whatever went wrong. Each says what it found broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data_contracts.envelope import parsed
from data_contracts.interfaces import CATALOGUE, Content
from data_contracts.ledger import FlowStatus
from relais.simulation.evidence import Evidence, sha256_of
from relais.simulation.reference import Expected, result


@dataclass(frozen=True)
class Snapshot:
    """All that lies anywhere, at one moment."""

    objects: dict[str, bytes]
    reports: tuple[object, ...]
    appearances: Counter[tuple[str, str]]
    outs: dict[str, dict[str, bytes]]


@dataclass(frozen=True)
class Rerun:
    """Before every stage ran once more, and after."""

    before: Snapshot
    after: Snapshot


Check = Callable[[Evidence, Rerun, Expected], Iterator[str]]


@dataclass(frozen=True)
class Invariant:
    name: str
    text: str
    check: Check


def snapshot(evidence: Evidence) -> Snapshot:
    """What lies in store, ledger and mailboxes now."""
    store = {key: evidence.store.read(key) for key in evidence.store.keys("")}
    outs = {code: dict(out) for code, out in evidence.folders.outs.items()}
    told = (*evidence.ledger.reports(), evidence.ledger.reconciliation())
    return Snapshot(store, told, Counter(evidence.appearances), outs)


INVARIANTS: list[Invariant] = []


def _invariant(name: str, text: str) -> Callable[[Check], Check]:
    def listed(check: Check) -> Check:
        INVARIANTS.append(Invariant(name, text, check))
        return check

    return listed


@_invariant("I1", "every byte stream acknowledged positively exists in storage with the acknowledged hash")
def stored(evidence: Evidence, rerun: Rerun, _expected: Expected) -> Iterator[str]:
    """Every file that was dropped and every answer that appeared lies in the store, to the byte."""
    for drop in evidence.drops:
        if rerun.before.objects.get(f"landing/{sha256_of(drop.content)}") != drop.content:
            yield f"the bytes of {drop.name} are not in the store"
    for (partner_code, name), contents in evidence.contents.items():
        flow_key = evidence.owed_by.get((partner_code, name))
        kept = {
            one for one in contents if rerun.before.objects.get(f"answers/{flow_key}/{name}/{sha256_of(one)}") == one
        }
        if len(contents) != 1 or kept != contents:
            yield f"{partner_code} got {name} with other bytes than the store holds"


@_invariant("I2", "every received flow has exactly one terminal outcome and at least one acknowledgment")
def ended(evidence: Evidence, _rerun: Rerun, _expected: Expected) -> Iterator[str]:
    """Flows are those that were dropped, each once, each settled or refused, each acknowledged to its sender."""
    reports = evidence.ledger.reports()
    received = Counter((row.flow.partner_code, row.flow.name, row.flow.sha256) for row in reports)
    dropped = Counter((drop.partner_code, drop.name, sha256_of(drop.content)) for drop in evidence.drops)
    if received != Counter(dropped.keys()):
        yield f"{len(dropped)} different files were dropped, {received.total()} flows received"
    acknowledged = Counter(
        flow_key
        for place, flow_key in evidence.owed_by.items()
        if _acknowledges(place[1]) and evidence.appearances[place]
    )
    for row in reports:
        if row.flow.status not in (FlowStatus.SETTLED, FlowStatus.REFUSED):
            yield f"{row.flow.name} is {row.flow.status}"
        if row.resent_count != dropped[row.flow.partner_code, row.flow.name, row.flow.sha256] - 1:
            yield f"{row.flow.name} counts {row.resent_count} resends"
        if acknowledged[row.flow.flow_key] != 1:
            yield f"{row.flow.name} has {acknowledged[row.flow.flow_key]} acknowledgments"


@_invariant("I3", "for each recipient and invoice there is exactly one delivery effect")
def once(evidence: Evidence, rerun: Rerun, _expected: Expected) -> Iterator[str]:
    """Every answer owed appeared once, an acknowledgment once more for each resend that was due it."""
    for place, flow_key in evidence.owed_by.items():
        due = 1 + (evidence.again[flow_key] if _acknowledges(place[1]) else 0)
        if evidence.appearances[place] != due:
            yield f"{place[1]} appeared {evidence.appearances[place]} times to {place[0]}, due {due}"
    for place in evidence.appearances.keys() - evidence.owed_by.keys():
        yield f"{place[1]} appeared to {place[0]} and nobody owed it"
    for partner_code, out in rerun.before.outs.items():
        for name in out:
            if name.endswith(".part"):
                yield f"{name} was left in the out folder of {partner_code}"


@_invariant("I4", "members accepted, rejected and quarantined add up to the members found")
def accounted(evidence: Evidence, _rerun: Rerun, _expected: Expected) -> Iterator[str]:
    """The sums hold for each flow, against what the scene knows of it, and in all."""
    documents = {(drop.partner_code, drop.name, sha256_of(drop.content)): drop for drop in evidence.scene.drops}
    for row in evidence.ledger.reports():
        flow = row.flow
        drop = documents[flow.partner_code, flow.name, flow.sha256]
        found = drop.documents if drop.admissible and not flow.conflicts_with else 0
        sums = (flow.accepted_count or 0) + (flow.rejected_count or 0) + (flow.quarantined_count or 0)
        if (flow.member_count or 0) != found or sums != found:
            yield f"{flow.name} holds {found} documents, {flow.member_count} were admitted, {sums} decided"
    sums = evidence.ledger.reconciliation()
    if sums.gap or sums.flows_pending or sums.invoices_pending or sums.answers_owed != sums.answers_delivered:
        yield f"the ledger does not balance: {sums}"


@_invariant("I5", "nothing is delivered without a verdict before")
def judged(evidence: Evidence, rerun: Rerun, expected: Expected) -> Iterator[str]:
    """Judged while it happens (see the evidence); here: only documents lost too often are set aside unjudged."""
    for flow_key, rows in result(evidence).outcomes.items():
        for row in rows:
            if row["outcome"] == "quarantined" and (flow_key, row["position"]) not in evidence.lost:
                yield f"document {row['position']} of flow {flow_key} was set aside without cause"


@_invariant("I6", "running any task again changes nothing")
def repeated(_evidence: Evidence, rerun: Rerun, _expected: Expected) -> Iterator[str]:
    """Every stage and every batch were run once more."""
    if rerun.before == rerun.after:
        return
    for key in sorted(rerun.before.objects.keys() | rerun.after.objects.keys()):
        if rerun.before.objects.get(key) != rerun.after.objects.get(key):
            yield f"object {key} changed"
    for name in ("reports", "appearances", "outs"):
        if getattr(rerun.before, name) != getattr(rerun.after, name):
            yield f"{name} changed"


@_invariant("same", "partners get what an undisturbed run gives, to the byte")
def same(evidence: Evidence, _rerun: Rerun, expected: Expected) -> Iterator[str]:
    """Files, counts, codes and settled tables are those of the undisturbed run."""
    found = result(evidence)
    for place in sorted(found.files.keys() | expected.files.keys()):
        if evidence.contents.get(place, set()) != {expected.files.get(place)}:
            yield f"{place[1]} to {place[0]} differs from an undisturbed run"
    for name in ("reports", "outcomes"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        for flow_key in sorted(ours.keys() | theirs.keys()):
            if ours.get(flow_key) != theirs.get(flow_key):
                yield f"{name} of flow {flow_key}: {ours.get(flow_key)} for {theirs.get(flow_key)}"


def _acknowledges(name: str) -> bool:
    interface = CATALOGUE.get(parsed(name).interface_code)
    return interface is None or interface.content is Content.FLOW_ACKNOWLEDGMENT
