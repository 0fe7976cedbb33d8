"""The official rules of life-cycle messages (BR-FR-CDV) judge the CDARs of a slice at once.

The file in force on the day that a flow landed judges: the installed one, or one that an operator added
(`relais rules add`). A message on which it throws is left undetermined: its statuses stand, and a warning says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data_contracts.answers import FindingRow
from data_contracts.history import MESSAGE, StatusMessage
from data_contracts.limits import JUDGED_BYTES_MAX
from data_contracts.rule_sets import BR_FR_CDAR, RuleRegister, RuleSet
from pipelines.parsing.documents import Document
from pipelines.parsing.xml_gate import gated
from pipelines.tracking.cdar_reading import references
from pipelines.tracking.cdar_schema import on_status, ordinals_by_path
from pipelines.tracking.findings import RULES_THREW, Place, finding
from pipelines.validation.check import Demand, Due, Engine, checked, in_parts
from pipelines.validation.places import Places

log = logging.getLogger("relais.tracking")
_UNDETERMINED = "undetermined"

Read = tuple[Document, StatusMessage]
Judgement = Callable[[Sequence[Read]], list[StatusMessage]]


@dataclass(frozen=True)
class StatusRules:
    """Which file judges, and what runs it. `engine` is made when the first CDAR is judged."""

    register: RuleRegister
    engine: Callable[[], Engine]

    def judgement_on(self, on: date) -> Judgement:
        """What judges the CDARs of a day."""
        rule_set = self.register.in_force(BR_FR_CDAR, on)
        return lambda read: judged(read, rule_set, self.engine()) if read else []


def judged(read: Sequence[Read], rule_set: RuleSet, engine: Engine) -> list[StatusMessage]:
    """The messages of CDARs that were read, each with the findings of the official rules besides its own.

    Errors   ConfigurationError when the file is missing or does not compile.
    Cost     one run of the compiled rules over each part of `JUDGED_BYTES_MAX`; a document that breaks a rule is parsed
             once more.
    """
    demand = Demand(None, lambda kind: Due(None, (rule_set,)), statuses=True)
    messages = iter(message for _, message in read)
    told: list[StatusMessage] = []
    for part in in_parts(((document, demand) for document, _ in read), JUDGED_BYTES_MAX):
        said = checked(part, engine, _unwatched)
        for (document, _), findings, verdict in zip(part, said.findings, said.verdicts, strict=True):
            message = next(messages)
            if verdict["verdict"] == _UNDETERMINED:
                log.warning("status.undetermined document=%s rule_set=%s", document.member_name, rule_set.coordinate)
                message = _with(message, [finding(RULES_THREW, Place(MESSAGE))])
            told.append(_with(message, _by_status(document, findings)) if findings else message)
    return told


def _unwatched(step: str) -> None:
    """A status flow has no lease to keep."""


def _by_status(document: Document, findings: Sequence[FindingRow]) -> list[tuple[int, FindingRow]]:
    root = gated(document.data).getroot()
    ordinals = ordinals_by_path(Places(root), [reference for _, reference in references(root)])
    return [on_status(row, ordinals) for row in findings]


def _with(message: StatusMessage, found: Sequence[tuple[int, FindingRow]]) -> StatusMessage:
    """The message with what the rules found before what else was found, by status."""
    return replace(message, findings=tuple(sorted((*found, *message.findings), key=lambda one: one[0])))
