"""Take commitments: from admitted flows of commitments to the ledger, and to the suppliers they were given to.

Order    read and check, record what is taken, bind answer numbers, write the answers, and last of all one transaction
         that settles the flow. Each step gives the same result when it is done again; a commitment counts from the
         moment its flow is settled.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from data_contracts.answers import ErrorLine, Header
from data_contracts.commitments import Commitment, CommitmentLedger
from data_contracts.directory import DirectorySource
from data_contracts.interfaces import CATALOGUE, COMMITMENTS_OUT, Content
from data_contracts.ledger import Flow, Ledger
from data_contracts.messages import Sentences, both
from data_contracts.partners import PORTAL_CODE
from data_contracts.ports import Clock, ObjectStore
from data_contracts.refusals import DocumentUnreadable
from pipelines.acknowledgment.cpp_flow_status import cpp_flow_status
from pipelines.acknowledgment.flow_answer import flow_answer
from pipelines.acknowledgment.flow_code import flow_code
from pipelines.commitments.checks import Checked, checked
from pipelines.commitments.reading import COMMITMENTS_BYTES_MAX, RawCommitment, read_commitments
from pipelines.commitments.writing import written
from pipelines.evidence.facts import facts_root
from pipelines.owed import name_of, owed
from pipelines.settlement.outcome_tables import settled_folder, write_outcomes
from pipelines.stuck import Stuck
from pipelines.validation.control_date import control_date

OUT_MAX = 5_000
"""Commitments of one flow to a supplier."""

NOTHING_TAKEN = "93"
NATURE = "ENGAGEMENT"
FILE_NATURE = "FICHIER"

log = logging.getLogger("relais.commitments")


class TakingLedger(Ledger, CommitmentLedger, Protocol):
    """What this stage asks of the ledger."""


def take_commitments(
    *,
    ledger: TakingLedger,
    store: ObjectStore,
    directory: DirectorySource,
    suppliers: Mapping[str, str],
    clock: Clock,
) -> int:
    """How many flows of commitments were settled, each partner's in its order of landing.

    `suppliers` are connections by SIRET; commitments of others go to the portal. A flow that fails holds back its
    partner's later flows and nobody else's.
    Errors   TerminalError for flows that a person must look at, after all others were settled; LedgerConflict and
             StoreUnavailable at once, after which a rerun goes on.
    """
    count = 0
    stuck = Stuck(log, "flow")
    while ready := [flow for flow in ledger.settleable() if _of_commitments(flow) and flow.flow_key not in stuck]:
        for flow in ready:
            with stuck.apart(flow.flow_key):
                _take(flow, ledger, store, directory, suppliers, clock)
                count += 1
    stuck.tell("flows of commitments cannot be taken", f"{count} others were")
    return count


def _of_commitments(flow: Flow) -> bool:
    interface = CATALOGUE.get(flow.interface_code)
    return interface is not None and interface.content is Content.COMMITMENTS


def _take(
    flow: Flow,
    ledger: TakingLedger,
    store: ObjectStore,
    directory: DirectorySource,
    suppliers: Mapping[str, str],
    clock: Clock,
) -> None:
    interface = CATALOGUE[flow.interface_code]
    raws, unreadable = _read(flow, store)
    on = control_date(flow.received_at)
    sirets = sorted({raw.fields["structure"] for raw in raws})
    rows = checked(raws, flow.partner_code, directory.known(on, sirets=sirets))
    taken = [row.commitment for row in rows if row.commitment is not None]
    at = ledger.claim_invoices(flow.flow_key, [], clock.now()).settled_at
    ledger.commit(flow.flow_key, taken)
    # A flow of commitments holds no invoices: its tables are empty, and every reader of settled flows finds them.
    write_outcomes(settled_folder(flow.flow_key), [], store)
    outgoing = _outgoing(taken, suppliers)
    slots = [(interface.acknowledgment, flow.partner_code, 0), *outgoing]
    numbers = ledger.number(flow.flow_key, slots)
    names = {slot: name_of(slot, numbers[slot]) for slot in slots}
    code = flow_code(interface, len(rows), len(taken)) if rows else NOTHING_TAKEN
    told = _acknowledgment(flow, Header(names[slots[0]], at), code, rows, unreadable)
    contents = {slots[0]: told} | {slot: written(group) for slot, group in outgoing.items()}
    ledger.settle(
        flow.flow_key,
        accepted_count=0,
        rejected_count=0,
        quarantined_count=0,
        acknowledgment_code=code,
        events=[],
        answers=[owed(flow.flow_key, slot, names[slot], contents[slot], store) for slot in slots],
        outcomes_root=facts_root([]),
    )
    log.info(
        "commitments.taken flow=%s received=%d taken=%d answers=%d", flow.flow_key, len(rows), len(taken), len(slots)
    )


def _read(flow: Flow, store: ObjectStore) -> tuple[list[RawCommitment], Sentences | None]:
    """The commitments as written, or why there are none."""
    try:
        raws = read_commitments(
            store.read(f"landing/{flow.sha256}", 0, min(flow.size_bytes, COMMITMENTS_BYTES_MAX + 1))
        )
    except DocumentUnreadable as refusal:
        return [], both("commitment-unreadable", what=refusal.said, remedy=refusal.to_do)
    return raws, None if raws else both("commitment-empty")


def _outgoing(
    taken: Sequence[Commitment], suppliers: Mapping[str, str]
) -> dict[tuple[str, str, int], Sequence[Commitment]]:
    """What each supplier's connection gets, by slot, in parts of at most OUT_MAX."""
    by_partner: dict[str, list[Commitment]] = {}
    for one in taken:
        by_partner.setdefault(suppliers.get(one.supplier, PORTAL_CODE), []).append(one)
    return {
        (COMMITMENTS_OUT, partner_code, at // OUT_MAX): by_partner[partner_code][at : at + OUT_MAX]
        for partner_code in sorted(by_partner)
        for at in range(0, len(by_partner[partner_code]), OUT_MAX)
    }


def _acknowledgment(
    flow: Flow, header: Header, code: str, rows: Sequence[Checked], unreadable: Sentences | None
) -> bytes:
    refused = [row for row in rows if row.flaws]
    comment = unreadable or both(
        "commitment-received", count=len(rows), taken=len(rows) - len(refused), refused=len(refused)
    )
    lines = [
        ErrorLine(
            NATURE,
            flaw.rule,
            row.subject,
            f"{row.subject} : {flaw.sentences.fr}",
            f"{row.subject}: {flaw.sentences.en}",
        )
        for row in refused
        for flaw in row.flaws
    ]
    if unreadable is not None:
        lines.append(ErrorLine(FILE_NATURE, "IRR_SYNTAX", flow.name, unreadable.fr, unreadable.en))
    return cpp_flow_status(flow_answer(flow, header, code, comment, tuple(lines)))
