"""What is wrong with the attachments of invoices, as findings: each with its place, its motive and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data_contracts.answers import FindingRow
from data_contracts.messages import both
from data_contracts.tables import Flag
from pipelines.parsing.attachments import LookedThrough, Problem, looked_through
from pipelines.parsing.documents import Document
from pipelines.parsing.path_tables import Batch
from pipelines.parsing.sent_attachments import Sent
from pipelines.validation.places import NOWHERE, Place
from pipelines.validation.table_places import places_of

ATTACHMENT_RULES = "relais.attachments:1"
ABSENT_RULE, OTHERS_RULE = "RLS-PJ-03", "RLS-PJ-04"
ATTACHED = "BT-125"
FINDINGS_MAX = 50
"""Defects of attachments told of one document; those beyond are counted."""


def attachment_findings(
    document: Document, sent: Sequence[Sent], batch: Batch, *, named: bool, mixed: bool
) -> list[FindingRow]:
    """The findings of one document's attachments, in document order.

    Shape    `named` says that names must bear their extension; `mixed` that the flow is one of data with a file, where
             an invoice without any is worth a warning: all official samples have one.
    Cost     each attachment is decoded and unpacked once, within the limits of a document.
    """
    found: list[FindingRow] = []
    others: list[Problem] = []
    for one in looked_through(sent, named=named):
        for problem in one.problems:
            if len(found) < FINDINGS_MAX:
                found.append(_told(document, batch, one, problem))
            else:
                others.append(problem)
    if others:
        flag = max((problem.flag for problem in others), key=lambda flag: flag is Flag.FATAL)
        found.append(
            _row(document, NOWHERE, Problem(OTHERS_RULE, "attachment-others", {"count": str(len(others))}, flag))
        )
    if mixed and not sent:
        found.append(_row(document, NOWHERE, Problem(ABSENT_RULE, "attachment-absent", {}, Flag.WARNING)))
    return found


def _told(document: Document, batch: Batch, one: LookedThrough, problem: Problem) -> FindingRow:
    if one.sent.node is None:
        return _row(document, NOWHERE, problem)
    path, row = one.sent.node
    (place,) = places_of(batch, path, [row])
    return _row(document, Place(place.location, place.line), problem)


def _row(document: Document, place: Place, problem: Problem) -> FindingRow:
    sentences = both(problem.message, **_bounded(problem.values))
    return FindingRow(
        flow_key=document.flow_key,
        position=document.position,
        rule_set=ATTACHMENT_RULES,
        rule=problem.rule,
        flag=problem.flag.value,
        terms=[ATTACHED],
        location=place.location,
        line=place.line,
        found=problem.values.get("found") or problem.values.get("name") or None,
        expected=problem.expected,
        message_fr=sentences.fr,
        message_en=sentences.en,
    )


def _bounded(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:100] for name, value in values.items()}
