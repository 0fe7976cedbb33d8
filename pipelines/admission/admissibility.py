"""Whether a flow is admissible: name, sender, interface, subscription, uniqueness, size, type, in this order.

Pure. The first check that fails is the one answered; later ones may depend on what earlier ones proved.
Source: DSE-CP 5.4.1; G7.18.
"""

from __future__ import annotations

from typing import BinaryIO, Protocol

from data_contracts.envelope import EnvelopeName, parsed
from data_contracts.interfaces import Interface, inbound
from data_contracts.ledger import Flow
from data_contracts.limits import FLOW_BYTES_MAX, MEMBER_BYTES_MAX
from data_contracts.partners import Partners
from data_contracts.refusals import FlowRefused
from pipelines.admission.content import ARCHIVES, Content
from pipelines.admission.refusals import empty_flow, mistyped, oversized, oversized_file

ACCEPTED = ARCHIVES | {Content.XML, Content.PDF}


class Antivirus(Protocol):
    """A scanner of one flow. Errors: StoreUnavailable or another TransientError when it cannot tell."""

    def scan(self, stream: BinaryIO) -> str | None:
        """The name of what was found in the bytes from here to the end; None when nothing was."""
        ...


def admissible(flow: Flow, partners: Partners, first: Flow | None) -> Interface:
    """The interface of a flow whose envelope is admissible; its content has not been looked at.

    `first` is the flow that `flow.conflicts_with` names, None without conflict.
    Errors   FlowRefused with IRR_FORM, IRR_CODE_APP, IRR_CODE_INTER, IRR_UNICITE, IRR_VIDE or IRR_TAILLE.
    """
    envelope = parsed(flow.name)
    _sent_by_its_owner(flow, envelope)
    interface = inbound(envelope.interface_code)
    partners.subscribed(flow.partner_code, interface)
    if first is not None:
        raise _taken(flow, first)
    if flow.size_bytes == 0:
        raise empty_flow("admission-empty")
    if flow.size_bytes > FLOW_BYTES_MAX:
        raise oversized("admission-flow-size", value=str(flow.size_bytes), most=str(FLOW_BYTES_MAX))
    return interface


def accepted_content(content: Content, flow: Flow, head: bytes) -> None:
    """Nothing, when a flow of this content can be taken apart or is one document of bearable size.

    Errors   FlowRefused with IRR_TYPE or IRR_TAILLE_F.
    """
    if content not in ACCEPTED:
        raise mistyped("admission-type", head[:8].hex(" "))
    if content not in ARCHIVES and flow.size_bytes > MEMBER_BYTES_MAX:
        raise oversized_file(flow.name, flow.size_bytes, MEMBER_BYTES_MAX)


def within_interface(member_count: int, interface: Interface) -> None:
    """Nothing, when the interface allows so many files. Errors: FlowRefused with IRR_TAILLE, saying both numbers."""
    if member_count > interface.invoices_max:
        raise oversized(
            "admission-files",
            value=str(member_count),
            count=str(member_count),
            interface=interface.code,
            most=str(interface.invoices_max),
        )


def infected(threat: str) -> FlowRefused:
    """IRR_ANTIVIRUS, naming what the scanner found."""
    return FlowRefused.saying("IRR_ANTIVIRUS", "admission-infected", where="flow", value=threat)


def _sent_by_its_owner(flow: Flow, envelope: EnvelopeName) -> None:
    for code in (envelope.partner_code, envelope.emitter_code):
        if code != flow.partner_code:
            raise FlowRefused.saying(
                "IRR_CODE_APP",
                "admission-connection",
                where="envelope name",
                value=code,
                code=code,
                own=flow.partner_code,
            )


def _taken(flow: Flow, first: Flow) -> FlowRefused:
    at = f"{first.received_at:%Y-%m-%d %H:%M:%S} UTC"
    return FlowRefused.saying(
        "IRR_UNICITE", "admission-taken", where="envelope name", value=flow.name, at=at, flow=first.flow_key
    )
