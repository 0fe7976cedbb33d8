"""Admit: from landed bytes to admitted members, or to a refusal that says why.

Order    prove the landed bytes, read them to the end, write the pack and its index, and settle in the ledger last.
         Killed anywhere, the next run writes the same bytes under the same keys and settles the same way.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from typing import BinaryIO, cast

from data_contracts.errors import ContractBroken, IntegrityBroken, StoreUnavailable
from data_contracts.interfaces import Content
from data_contracts.ledger import Answer, Flow, FlowStatus, Ledger
from data_contracts.partners import Partners
from data_contracts.ports import ObjectStore
from data_contracts.refusals import FlowRefused
from pipelines.acknowledgment.refusal import acknowledgment_interface, refusal_code, refused_answer
from pipelines.admission.admissibility import Antivirus, admissible, infected
from pipelines.admission.member import CHUNK_BYTES
from pipelines.admission.pack import Packed, members_file, packed
from pipelines.evidence.facts import facts_root, member_fact
from pipelines.owed import owed
from pipelines.stuck import Stuck

SPOOL_BYTES_MAX = 16_000_000
"""Bytes of a flow's pack kept in memory before it goes to a temporary file."""

PUT_OFF_IN_A_ROW_MAX = 3
"""Flows in a row that the store failed, after which it is taken to be away: each may cost its whole patience."""

log = logging.getLogger("relais.admission")


def admit_flows(*, ledger: Ledger, store: ObjectStore, partners: Partners, antivirus: Antivirus | None = None) -> int:
    """How many landed flows were decided, admitted or refused, in order of landing.

    One flow's refusal or damage never stops the others, nor does one that the store or the disk has no room for.
    Without `antivirus` no scan is made and none is claimed.
    An answer bears the time of receipt, so that a rerun gives the same bytes.
    Errors   TerminalError for flows that a person must look at, else StoreUnavailable for those that a rerun takes up,
             after all others were decided; LedgerConflict at once, and StoreUnavailable after a few in a row.
    """
    decided, in_a_row = 0, 0
    stuck = Stuck(log, "flow")
    put_off: dict[str, StoreUnavailable] = {}
    for flow in ledger.flows(FlowStatus.LANDED):
        try:
            with stuck.apart(flow.flow_key):
                _decide(flow, ledger, store, partners, antivirus)
                decided, in_a_row = decided + 1, 0
        except StoreUnavailable as error:
            log.warning("flow.put_off flow=%s cause=%s", flow.flow_key, error)
            put_off[flow.flow_key] = error
            in_a_row += 1
            if in_a_row == PUT_OFF_IN_A_ROW_MAX:
                break
    stuck.tell("flows cannot be admitted or refused", f"{decided} others were decided")
    if put_off:
        raise StoreUnavailable(
            f"{len(put_off)} flows could not be admitted; {decided} others were decided",
            where=", ".join(sorted(put_off)),
            value=str(next(iter(put_off.values()))),
            remedy="they are tried again; see the cause of each in the log",
        )
    return decided


def _decide(flow: Flow, ledger: Ledger, store: ObjectStore, partners: Partners, antivirus: Antivirus | None) -> None:
    try:
        members = _admitted(flow, ledger, store, partners, antivirus)
    except FlowRefused as refusal:
        answer = _answer(flow, refusal, ledger, store)
        ledger.refuse(flow.flow_key, refusal.motive, str(refusal), refusal_code(flow), [answer])
        log.info("flow.refused flow=%s motive=%s", flow.flow_key, refusal.motive)
        return
    facts = (member_fact(at, one.name, one.size_bytes, one.sha256) for at, one in enumerate(members))
    ledger.admit(flow.flow_key, len(members), members_root=facts_root(facts))
    log.info("flow.admitted flow=%s members=%d", flow.flow_key, len(members))


def _admitted(
    flow: Flow, ledger: Ledger, store: ObjectStore, partners: Partners, antivirus: Antivirus | None
) -> list[Packed]:
    """The members, written to the store. Errors: FlowRefused; IntegrityBroken if landed bytes changed."""
    first = ledger.flow(flow.conflicts_with) if flow.conflicts_with else None
    interface = admissible(flow, partners, first)
    with (
        store.open(f"landing/{flow.sha256}") as stream,
        cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES_MAX)) as pack,
    ):
        _prove(flow, stream)
        _scan(stream, antivirus)
        try:
            # A flow of commitments holds no invoices, and is read where it landed.
            index = [] if interface.content is Content.COMMITMENTS else packed(flow, interface, stream, pack)
            pack.seek(0)
        except OSError as error:
            raise StoreUnavailable(
                "a flow cannot be unpacked",
                where=tempfile.gettempdir(),
                value=error.strerror or str(error),
                remedy="free some space there, or point TMPDIR to a larger disk",
            ) from error
        _write(flow, pack, index, store)
    return index


def _prove(flow: Flow, stream: BinaryIO) -> None:
    """Nothing, when the bytes are those that landed: damage of ours must never be answered as the partner's."""
    digest = hashlib.sha256()
    size_bytes = 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
    if digest.hexdigest() != flow.sha256 or size_bytes != flow.size_bytes:
        raise IntegrityBroken(
            "landed bytes are not those that were recorded",
            where=f"landing/{flow.sha256}",
            value=f"{size_bytes} bytes of hash {digest.hexdigest()}",
            remedy="restore the object from a copy, then run the stage again",
        )


def _scan(stream: BinaryIO, antivirus: Antivirus | None) -> None:
    if antivirus is None:
        return
    stream.seek(0)
    threat = antivirus.scan(stream)
    if threat is not None:
        raise infected(threat)


def _write(flow: Flow, pack: BinaryIO, index: list[Packed], store: ObjectStore) -> None:
    store.replace(f"admitted/{flow.flow_key}/documents", pack)
    store.replace(f"admitted/{flow.flow_key}/members.parquet", members_file(flow.flow_key, index))


def _answer(flow: Flow, refusal: FlowRefused, ledger: Ledger, store: ObjectStore) -> Answer:
    """The acknowledgment that is owed for a refused flow, durable in the store."""
    interface_code = acknowledgment_interface(flow)
    slot = (interface_code, flow.partner_code, 0)
    sequence = ledger.number(flow.flow_key, [slot])[slot]
    name, content = refused_answer(flow, refusal, sequence, flow.received_at)
    if name.interface_code != interface_code:
        raise ContractBroken("an answer is named for another interface", where=str(name), value=interface_code)
    return owed(flow.flow_key, slot, name, content, store)
