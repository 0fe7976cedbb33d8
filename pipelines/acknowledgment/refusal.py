"""The acknowledgment of a flow that is not admissible: it goes out even when the deposit's own name is unusable."""

from __future__ import annotations

import re
from datetime import datetime

from data_contracts.answers import ErrorLine, FlowAnswer, Header
from data_contracts.envelope import EnvelopeName, parsed
from data_contracts.interfaces import CATALOGUE, Circuit, Direction, Interface
from data_contracts.ledger import Flow
from data_contracts.messages import Sentences, both
from data_contracts.motives import MOTIVES
from data_contracts.partners import RELAIS_CODE
from data_contracts.refusals import FlowRefused
from pipelines.acknowledgment.cdar_flow_status import cdar_flow_status
from pipelines.acknowledgment.cpp_flow_status import cpp_flow_status
from pipelines.acknowledgment.elements import quoted

NAMELESS_ACKNOWLEDGMENT = "CSO0000A"
"""Interface code of the answer to a deposit whose name gives none: an answer needs a whole 41-character name, and
digits 0000 belong to no interface of the catalogue."""

FLOW_ID_CHARACTERS_MAX = 100
"""Characters of the deposit's name that stand for a flow id when it has none. MDT-87 holds as many."""

CPP_RECEPTION_ERROR = "93"
CDAR_NOT_ADMISSIBLE = "501"
FLOW_NATURE = "FLUX"

_DEPOSIT_CODE = re.compile(r"FSO[0-9]{4}[A-Z]")
_PLACES = {"envelope name": "envelope"}


def acknowledgment_interface(flow: Flow) -> str:
    """The interface code of the answer to a refused flow.

    Shape    the catalogue's; for a deposit code unknown to it, the same code with C (EDI-2017: FSO1300A, CSO1300A);
             `NAMELESS_ACKNOWLEDGMENT` when the name does not begin with a deposit code.
    """
    known = _deposited(flow)
    if known is not None:
        return known.acknowledgment
    code = _DEPOSIT_CODE.match(flow.name)
    return f"C{code[0][1:]}" if code else NAMELESS_ACKNOWLEDGMENT


def refusal_code(flow: Flow) -> str:
    """The status code of a refused flow: 501 for AFNOR interfaces, else Chorus Pro's 93."""
    return CDAR_NOT_ADMISSIBLE if _afnor(flow) else CPP_RECEPTION_ERROR


def refused_answer(
    flow: Flow, refusal: FlowRefused, sequence: int, produced_at: datetime
) -> tuple[EnvelopeName, bytes]:
    """The name and the bytes of the acknowledgment that tells why a flow is not admissible.

    Shape    one error line of nature FLUX under the refusal's motive; sentences in French and English with the place,
             the value found and what to do, which the comment says too.
    """
    name = EnvelopeName(acknowledgment_interface(flow), flow.partner_code, RELAIS_CODE, sequence)
    motive, do = MOTIVES[refusal.motive], both("acknowledgment-do", value=refusal.to_do)
    message_fr, message_en = _sentences(flow, refusal, do)
    answer = FlowAnswer(
        header=Header(name, produced_at),
        flow_name=flow.name,
        flow_id=_flow_id(flow.name),
        received_at=flow.received_at,
        code=refusal_code(flow),
        motive=refusal.motive,
        comment_fr=f"{motive.sentence_fr} {do.fr}",
        comment_en=f"{motive.sentence_en} {do.en}",
        lines=(ErrorLine(FLOW_NATURE, refusal.motive, quoted(flow.name), message_fr, message_en),),
    )
    return name, (cdar_flow_status if _afnor(flow) else cpp_flow_status)(answer)


def _deposited(flow: Flow) -> Interface | None:
    """The catalogue row of the deposited code, if it is one that a partner may send."""
    row = CATALOGUE.get(flow.interface_code or flow.name[:8])
    return row if row is not None and row.direction is Direction.IN else None


def _afnor(flow: Flow) -> bool:
    known = _deposited(flow)
    return known is not None and known.circuit is Circuit.AFNOR


def _flow_id(name: str) -> str:
    try:
        return parsed(name).flow_id
    except FlowRefused:
        return name[:FLOW_ID_CHARACTERS_MAX]


def _sentences(flow: Flow, refusal: FlowRefused, do: Sentences) -> tuple[str, str]:
    subject = quoted(flow.name)
    said = [refusal.said]
    if refusal.where:
        said.append(both("acknowledgment-where", value=_PLACES.get(refusal.where, quoted(refusal.where))))
    if refusal.value:
        said.append(both("acknowledgment-found", value=quoted(refusal.value)))
    fr, en = (" ; ".join(one.fr for one in said), "; ".join(one.en for one in said))
    return f"{subject} : {fr}. {do.fr}", f"{subject}: {en}. {do.en}"
