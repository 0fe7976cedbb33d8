"""Samples: writes flows that look like a day of real ones, and what must come out of them.

Folders  flows/ the first drop; resent/ an exact copy of one flow, to be dropped later; registers/ who is connected and
         who receives; expected.json every flow's and every invoice's fate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import CATALOGUE, Interface, Syntax
from data_contracts.partners import PORTAL_CODE
from data_contracts.tables import Outcome
from relais.samples.cii_writer import cii_bytes
from relais.samples.draws import Draws
from relais.samples.expected import ExpectedFlow, ExpectedInvoice, write_expected
from relais.samples.facturx_writer import facturx_bytes
from relais.samples.faults import DUPLICATE, FAULTS, MIXED_FAULTS, Fault, repeated
from relais.samples.flows import Packing, Planned, packed, planned
from relais.samples.invoices import Invoice, composed
from relais.samples.mixed_writer import mixed_bytes
from relais.samples.recipients import directory
from relais.samples.registers import write_registers
from relais.samples.ubl_writer import ubl_bytes

INVOICES_MIN = 100
"""Fewer do not fill one flow of each kind."""

RESENT_INTERFACE = "FSO1106A"
FRAME_BY_FAMILY = {"E3": "A3", "E4": "A4", "E5": "A4"}
"""The frame of court-cost memoranda, and that of works: a monthly draft statement."""

_STRUCTURES = directory().structures


@dataclass(frozen=True)
class SampleSummary:
    """What was written. `invoices` are those of the flows that go through; refused flows count in `flows` only."""

    invoices: int
    flows: int
    rejected: int
    flows_refused: int
    size_bytes: int


@dataclass(frozen=True)
class _Document:
    name: str
    content: bytes
    expected: ExpectedInvoice


def write_samples(
    out: Path, *, invoices: int = 5000, seed: int = 1, progress: Callable[[int], None] | None = None
) -> SampleSummary:
    """What was written into `out`. The same arguments write the same bytes.

    Shape    `progress` is told how many more invoices were written, after each flow.
    Errors   ConfigurationError below `INVOICES_MIN` invoices.
    Cost     about 0.4 ms an invoice and 1 s for the PDFs; memory of one flow.
    """
    if invoices < INVOICES_MIN:
        raise ConfigurationError(
            "a sample needs more invoices to show every kind of flow",
            where="invoices", value=str(invoices), remedy=f"ask for {INVOICES_MIN} or more",
        )  # fmt: skip
    for folder in ("flows", "resent", "registers"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    write_registers(out / "registers")
    expected, resent, size_bytes = [], "", 0
    for index, plan in enumerate(planned(invoices)):
        flow, content = _flow(plan, index, seed)
        (out / "flows" / plan.name).write_bytes(content)
        if plan.interface_code == RESENT_INTERFACE and not resent:
            resent = plan.name
            (out / "resent" / plan.name).write_bytes(content)
        expected.append(flow)
        size_bytes += len(content)
        if progress is not None:
            progress(flow.received)
    write_expected(out / "expected.json", expected, [resent])
    received = sum(flow.received for flow in expected)
    return SampleSummary(
        invoices=received,
        flows=len(expected),
        rejected=received - sum(flow.accepted for flow in expected),
        flows_refused=sum(flow.refused is not None for flow in expected),
        size_bytes=size_bytes,
    )


def _flow(plan: Planned, index: int, seed: int) -> tuple[ExpectedFlow, bytes]:
    interface = _interface(plan)
    documents = [
        _document(plan, interface, position, fault, earlier, seed)
        for position, (fault, earlier) in enumerate(_assigned(plan, interface, index, seed))
    ]
    content = packed([(document.name, document.content) for document in documents], plan.packing)
    if plan.cut_short:
        content = content[: len(content) * 2 // 3]
    invoices = () if plan.refused else tuple(document.expected for document in documents)
    partner = plan.biller.partner_code
    return ExpectedFlow(plan.name, partner, plan.interface_code, plan.refused or None, invoices), content


def _interface(plan: Planned) -> Interface:
    """The catalogue row whose documents the flow holds; a flow under an unknown code holds those of FSO1106A."""
    row = CATALOGUE.get(plan.interface_code)
    return row if row is not None else CATALOGUE[RESENT_INTERFACE]


def _assigned(plan: Planned, interface: Interface, index: int, seed: int) -> list[tuple[Fault | None, int]]:
    """The fault of each position with the serial of the invoice it repeats (0: none). Faults are spread evenly."""
    draws = Draws(seed, plan.biller.stamp, index, 2_000_003)
    kinds = MIXED_FAULTS if interface.mixed else FAULTS[interface.circuit]
    assigned: list[tuple[Fault | None, int]] = [(None, 0)] * plan.count
    for rank in range(plan.bad):
        start, end = rank * plan.count // plan.bad, (rank + 1) * plan.count // plan.bad
        position = draws.between(start + (1 if end - start > 1 else 0), end - 1)
        fault = kinds[(plan.first_fault + rank) % len(kinds)]
        # What is repeated is the first of a share, never faulty itself: of this share, or of the biller's first flow.
        if rank == 0 and plan.repeats_first:
            assigned[position] = (DUPLICATE, 1)
        elif not fault.repeats:
            assigned[position] = (fault, 0)
        else:
            assert position > start, f"{plan.name} is too small to repeat one of its invoices"
            assigned[position] = (fault, plan.first_serial + start)
    return assigned


def _document(
    plan: Planned, interface: Interface, position: int, fault: Fault | None, earlier: int, seed: int
) -> _Document:
    serial = plan.first_serial + position
    invoice = composed(plan.biller, serial, interface.circuit, seed)
    invoice = replace(invoice, frame=FRAME_BY_FAMILY.get(interface.family, invoice.frame))
    if fault is not None:
        invoice = fault.values(invoice)
        if earlier:
            invoice = repeated(invoice, earlier)
    content = _written(invoice, interface, fault)
    suffix = "pdf" if interface.syntax is Syntax.FACTURX else "xml"
    name = plan.name if plan.packing is Packing.SINGLE else f"{plan.biller.partner_code}_{serial:07d}.{suffix}"
    return _Document(name, content, _expected(position, name, invoice, interface.syntax, fault))


def _written(invoice: Invoice, interface: Interface, fault: Fault | None) -> bytes:
    syntax = interface.syntax
    if interface.mixed:
        xml = mixed_bytes(invoice, syntax)
    else:
        xml = ubl_bytes(invoice) if syntax is Syntax.UBL else cii_bytes(invoice)
    if fault is not None:
        xml = fault.damage(xml)
    return facturx_bytes(invoice, xml) if syntax is Syntax.FACTURX else xml


def _expected(position: int, name: str, invoice: Invoice, syntax: Syntax, fault: Fault | None) -> ExpectedInvoice:
    if fault is None:
        partner = _STRUCTURES[invoice.buyer.siret].partner_code or PORTAL_CODE
        return ExpectedInvoice(
            position, name, invoice.number, invoice.seller.siren, Outcome.ACCEPTED.value, None, (), partner, None
        )
    return ExpectedInvoice(
        position,
        name,
        invoice.number if fault.readable else None,
        invoice.seller.siren if fault.readable else None,
        Outcome.REJECTED.value,
        fault.motive,
        fault.rules[syntax],
        None,
        fault.name,
    )
