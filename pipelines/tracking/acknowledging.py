"""The acknowledgment of a status flow: what was taken on, and one line for each finding that kept something out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from data_contracts.answers import ErrorLine, FlowAnswer, Header
from data_contracts.interfaces import CATALOGUE, Circuit, Interface, Syntax
from data_contracts.ledger import Flow
from data_contracts.messages import Language, Sentences, both, told
from data_contracts.statuses import status
from pipelines.acknowledgment.cdar_flow_status import cdar_flow_status
from pipelines.acknowledgment.cpp_flow_status import cpp_flow_status
from pipelines.acknowledgment.elements import quoted
from pipelines.acknowledgment.flow_answer import flow_answer
from pipelines.acknowledgment.flow_code import flow_code
from pipelines.acknowledgment.lines import FILE_NATURE, INVOICE_NATURE
from pipelines.acknowledgment.refusal import CDAR_NOT_ADMISSIBLE
from pipelines.acknowledgment.told import told_finding
from pipelines.owed import Draft
from pipelines.tracking.taking import Refused, Taken

UNREADABLE_MOTIVE = "IRR_SYNTAX"

_WRITERS: dict[Syntax, Callable[[FlowAnswer], bytes]] = {
    Syntax.CPP_STATUS: cpp_flow_status,
    Syntax.CDAR: cdar_flow_status,
}


def status_acknowledgment(flow: Flow, interface: Interface, taken: Taken, known: int) -> tuple[str, Draft]:
    """The status flow's code and the draft of its acknowledgment. `known` statuses had been told before.

    Shape    90 when all statuses were recorded, 96 some, 93 none; AFNOR: 500, or 501 when no document could be read.
    """
    count = len(taken.events) + len(taken.receipts)
    all_told = taken.told + taken.unreadable
    motive = ""
    if interface.circuit is Circuit.AFNOR and taken.unreadable == len(taken.documents):
        code, motive = CDAR_NOT_ADMISSIBLE, UNREADABLE_MOTIVE
    else:
        code = flow_code(interface, max(all_told, 1), count)
    comment = _comment(taken, count, known)

    def written(header: Header) -> list[bytes]:
        lines = tuple(_line(one) for one in taken.refused)
        answer = flow_answer(flow, header, code, comment, lines, motive)
        return [_WRITERS[CATALOGUE[interface.acknowledgment].syntax](answer)]

    return code, Draft((interface.acknowledgment, flow.partner_code, 0), written)


def _comment(taken: Taken, count: int, known: int) -> Sentences:
    counted = both(
        "history-comment",
        told=str(taken.told),
        taken=str(count),
        known=str(known),
        refused=str(taken.told - count),
        unread=str(taken.unreadable),
    )
    named = _named(taken)
    return Sentences(" ".join(filter(None, (counted.fr, named.fr))), " ".join(filter(None, (counted.en, named.en))))


def _named(taken: Taken) -> Sentences:
    """The statuses recorded, each counted by the name that suppliers read; nothing where none is known."""
    counts = Counter((one.event.format, one.event.code) for one in taken.events)
    rows = [(known, count) for key, count in sorted(counts.items()) if (known := status(*key)) is not None]
    if not rows:
        return Sentences("", "")
    fr = ", ".join(f"{known.label_fr} ({known.code}) : {count}" for known, count in rows)
    en = ", ".join(f"{known.label_en} ({known.code}): {count}" for known, count in rows)
    return Sentences(
        told("history-comment-named", Language.FR, named=fr), told("history-comment-named", Language.EN, named=en)
    )


def _line(refused: Refused) -> ErrorLine:
    member, finding = quoted(refused.document), refused.finding
    subject, of_fr, of_en = member, "", ""
    if refused.subject:
        subject, of_fr, of_en = quoted(refused.subject), f" (document {member})", f" (document {member})"
    said = told_finding(finding)
    return ErrorLine(
        nature=INVOICE_NATURE if refused.subject else FILE_NATURE,
        code=finding["rule"],
        subject=subject,
        message_fr=f"{subject}{of_fr} : [{finding['rule']}] {said.fr}",
        message_en=f"{subject}{of_en}: [{finding['rule']}] {said.en}",
    )
