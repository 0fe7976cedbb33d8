"""The acknowledgment of a flow that its partner named as its envelope asks, before it is written in a syntax."""

from __future__ import annotations

from collections.abc import Sequence

from data_contracts.answers import ErrorLine, FlowAnswer, Header
from data_contracts.envelope import parsed
from data_contracts.ledger import Flow
from data_contracts.messages import Sentences


def flow_answer(
    flow: Flow, header: Header, code: str, comment: Sentences, lines: Sequence[ErrorLine], motive: str = ""
) -> FlowAnswer:
    """The answer on a flow as a whole, under `header`, with one line for each error."""
    return FlowAnswer(
        header=header,
        flow_name=flow.name,
        flow_id=parsed(flow.name).flow_id,
        received_at=flow.received_at,
        code=code,
        motive=motive,
        comment_fr=comment.fr,
        comment_en=comment.en,
        lines=lines,
    )
